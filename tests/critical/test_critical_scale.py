"""What is zero does not depend on the scale of f, nor on how near to each other the points are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf, workdps

import calcopt
from calcopt.calculus.magnitude import magnitude
from calcopt.calculus.precise import evaluate
from calcopt.expression import parse

SHAPES = {
    "one variable": ("x^5/5 - x^2/2 - x", ["local maximum", "local minimum"]),
    "two variables": ("x^4 + y^4 - x*y + x", ["local minimum"]),
    "degenerate": ("x^4 + x^6", ["local minimum"]),
    "inflection": ("x^3", ["degenerate"]),
    "saddle": ("x^2 - y^2 + x*y^3", ["saddle point"]),
}


@pytest.mark.parametrize("scale", ["1e-200", "1e-40", "1", "1e40", "1e200"])
@pytest.mark.parametrize("name", SHAPES)
def test_the_scale_of_f_changes_nothing(name: str, scale: str) -> None:
    body, kinds = SHAPES[name]
    plain = calcopt.classify_critical(body)
    scaled = calcopt.classify_critical(f"{scale}*({body})")
    assert scaled.complete == plain.complete
    assert [point.classification for point in scaled.points] == kinds
    assert [point.x for point in scaled.points] == [point.x for point in plain.points]


def test_points_that_lie_close_together_are_two() -> None:
    found = calcopt.classify_critical("x^3/3 - 1e-80*x")
    assert [point.x for point in found.points] == [{"x": -1e-40}, {"x": 1e-40}]
    assert [point.classification for point in found.points] == ["local maximum", "local minimum"]
    assert found.complete


@pytest.mark.parametrize(
    ("text", "x", "size"),
    [
        ("x - 1", "1", 2),
        ("x^2 - 2*x + 1", "1", 4),
        ("1e-40*(x - 1)", "1", 2e-40),
        ("sin(x)", "3.14159265358979323846", 3.14159),
        ("exp(x)", "-100", 3.7e-42),
        ("(x - 1)/(x + 1)", "1", 1),
        ("log(x)", "1", 1),
    ],
)
def test_magnitudes(text: str, x: str, size: float) -> None:
    found = magnitude(parse(text).body, {"x": mpf(x)})
    assert mpf("0.2") <= found / mpf(size) <= mpf(5)


@given(st.integers(-300, 300), st.sampled_from(["x^3 - x", "sin(x)*exp(x)", "(x - 2)/(x^2 + 1)", "log(x^2 + 2) - x"]))
def test_a_factor_scales_the_magnitude_and_nothing_else(exponent: int, text: str) -> None:
    at = {"x": mpf("1.3")}
    plain = magnitude(parse(text).body, at)
    scaled = magnitude(parse(f"1e{exponent}*({text})").body, at)
    with workdps(60):
        assert abs(scaled / (plain * mpf(10) ** exponent) - 1) < mpf(10) ** -20
    value = evaluate(parse(text).body, at)
    assert value is not None
    assert plain >= abs(value) * (1 - mpf(10) ** -20)
