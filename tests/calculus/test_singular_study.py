"""Domain, monotonicity and concavity of functions of one variable (course, A11), with known answers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mpf

from calcopt.calculus.algebra.partials import Partials
from calcopt.calculus.precise import evaluate, evaluate_sure
from calcopt.calculus.singular.places import find
from calcopt.calculus.singular.study import study
from calcopt.errors import MathError
from calcopt.expression import parse
from calcopt.expression.tree import Expr
from calcopt.records import Span, Study
from tests.strategies import smooth_expressions


def studied(text: str, box: tuple[str, str] | None = None, *, search: bool = True) -> Study:
    body = parse(text).body
    ends = None if box is None else (parse(box[0]).body, parse(box[1]).body)
    return study(Partials(body, ["x"]), find(body, "x", ends), ends, search=search)


def texts(spans: tuple[Span, ...] | None) -> list[str] | None:
    return None if spans is None else [span.text for span in spans]


LINE = "(-inf, inf)"

# function → domain, increasing, decreasing, concave up, concave down
KNOWN: dict[str, tuple[str, list[str], list[str], list[str], list[str]]] = {
    "x*exp(x)": ("all x", ["(-1, inf)"], ["(-inf, -1)"], ["(-2, inf)"], ["(-inf, -2)"]),
    "x^4": ("all x", ["(0, inf)"], ["(-inf, 0)"], [LINE], []),
    "x^3": ("all x", [LINE], [], ["(0, inf)"], ["(-inf, 0)"]),
    "x^3 - 3x": ("all x", ["(-inf, -1)", "(1, inf)"], ["(-1, 1)"], ["(0, inf)"], ["(-inf, 0)"]),
    "2x + 1": ("all x", [LINE], [], [], []),
    "|x|": ("all x", ["(0, inf)"], ["(-inf, 0)"], [], []),
    "1/x": ("all x except 0", [], ["(-inf, 0)", "(0, inf)"], ["(0, inf)"], ["(-inf, 0)"]),
    "x/(x^2-1)": (
        "all x except -1, 1",
        [],
        ["(-inf, -1)", "(-1, 1)", "(1, inf)"],
        ["(-1, 0)", "(1, inf)"],
        ["(-inf, -1)", "(0, 1)"],
    ),
    "log(x)": ("(0, inf)", ["(0, inf)"], [], [], ["(0, inf)"]),
    "x*log(x)": ("(0, inf)", ["(1/e, inf)"], ["(0, 1/e)"], ["(0, inf)"], []),
    "sqrt(x)": ("[0, inf)", ["(0, inf)"], [], [], ["(0, inf)"]),
    "sqrt(1-x^2)": ("[-1, 1]", ["(-1, 0)"], ["(0, 1)"], [], ["(-1, 1)"]),
    "sqrt(x^2-1)": ("(-inf, -1], [1, inf)", ["(1, inf)"], ["(-inf, -1)"], [], ["(-inf, -1)", "(1, inf)"]),
    "log(x^2-3)": (
        "(-inf, -sqrt(3)), (sqrt(3), inf)",
        ["(sqrt(3), inf)"],
        ["(-inf, -sqrt(3))"],
        [],
        ["(-inf, -sqrt(3))", "(sqrt(3), inf)"],
    ),
    "cbrt(x)": ("all x", [LINE], [], ["(-inf, 0)"], ["(0, inf)"]),
    "max(x,0)^2": ("all x", ["(0, inf)"], [], ["(0, inf)"], []),
    "|x^2-1|": (
        "all x",
        ["(-1, 0)", "(1, inf)"],
        ["(-inf, -1)", "(0, 1)"],
        ["(-inf, -1)", "(1, inf)"],
        ["(-1, 1)"],
    ),
    "exp(-x^2)": (
        "all x",
        ["(-inf, 0)"],
        ["(0, inf)"],
        ["(-inf, -sqrt(2)/2)", "(sqrt(2)/2, inf)"],
        ["(-sqrt(2)/2, sqrt(2)/2)"],
    ),
    "atan(x)": ("all x", [LINE], [], ["(-inf, 0)"], ["(0, inf)"]),
    "sigmoid(x)": ("all x", [LINE], [], ["(-inf, 0)"], ["(0, inf)"]),
    "asin(x)": ("[-1, 1]", ["(-1, 1)"], [], ["(0, 1)"], ["(-1, 0)"]),
    "exp(x) - log(x)": ("(0, inf)", ["(0.5671432904097838, inf)"], ["(0, 0.5671432904097838)"], ["(0, inf)"], []),
    "5": ("all x", [], [], [], []),
}


@pytest.mark.parametrize("function", KNOWN)
def test_on_the_whole_line(function: str) -> None:
    found = studied(function)
    lists = (found.increasing, found.decreasing, found.concave_up, found.concave_down)
    assert (found.domain, *map(texts, lists)) == KNOWN[function]
    assert (found.window, found.omitted) == (None, "")


@pytest.mark.parametrize(
    ("function", "window", "increasing", "points"),
    [
        ("sin(x)", "0..2*pi, one period", ["(0, pi/2)", "(3*pi/2, 2*pi)"], ["0", "pi"]),
        ("x + sin(x)", "0..2*pi, one period", ["(0, 2*pi)"], ["0", "pi"]),
        ("cos(x)^2", "0..pi, one period", ["(pi/2, pi)"], ["pi/4", "3*pi/4"]),
        ("tan(x)", "0..pi, one period", ["(0, pi/2)", "(pi/2, pi)"], ["0"]),
        ("|sin(x)|", "0..pi, one period", ["(0, pi/2)"], []),
    ],
)
def test_one_period(function: str, window: str, increasing: list[str], points: list[str]) -> None:
    found = studied(function)
    assert (found.window, texts(found.increasing)) == (window, increasing)
    assert [item.exact["x"] for item in found.inflections if item.exact] == points


def test_in_a_box() -> None:
    found = studied("x + 2*sin(x)", ("0", "10"))
    assert texts(found.increasing) == ["(0, 2*pi/3)", "(4*pi/3, 8*pi/3)"]
    assert texts(found.concave_up) == ["(pi, 2*pi)", "(3*pi, 10)"]
    assert found.window == "0..10"
    assert studied("log(x)", ("-1", "1")).domain == "(0, 1]"


def test_a_constant_is_constant() -> None:
    assert texts(studied("5").constant) == [LINE]
    assert texts(studied("max(x, 0)^2").constant) == ["(-inf, 0)"]


def test_the_cubic_turns_at_its_inflection() -> None:
    (point,) = studied("x*exp(x)").inflections
    assert (point.x, point.exact, point.exact_value) == ({"x": -2.0}, {"x": "-2"}, "-2/e^2")


@pytest.mark.parametrize("function", ["x*floor(x)", "if(x<0, 0, x^pi)"])
def test_what_is_not_known_is_omitted_with_a_reason(function: str) -> None:
    found = studied(function)
    assert found.increasing is None
    assert found.omitted


def test_without_a_search_numbers_are_not_looked_for() -> None:
    found = studied("exp(x) - log(x)", search=False)
    assert found.increasing is None
    assert "no exact solution" in found.omitted


@settings(max_examples=60, deadline=None)
@given(smooth_expressions(("x",), max_leaves=5), st.integers(-40, 40), st.integers(-40, 40))
def test_values_rise_where_f_is_said_to_rise(body: Expr, first: int, second: int) -> None:
    assume(first != second)
    try:
        found = study(Partials(body, ["x"]), find(body, "x"), None, search=False)
    except MathError:
        assume(False)
    a, b = sorted((Fraction(first, 7), Fraction(second, 7)))
    for spans, sign in ((found.increasing, 1), (found.decreasing, -1)):
        for span in spans or ():
            if span.low < a and b < span.high:
                low, high = (evaluate_sure(body, {"x": at}) for at in (a, b))
                assert low is not None
                assert high is not None
                assert sign * (high - low) > 0
    if found.domain is not None and found.window is None and found.pieces is not None:
        inside = any(span.low < a < span.high for span in found.pieces)
        assert inside == (evaluate(body, {"x": mpf(a.numerator) / a.denominator}) is not None) or _is_an_end(found, a)


def _is_an_end(found: Study, at: Fraction) -> bool:
    return any(float(at) in (span.low, span.high) for span in found.pieces or ())
