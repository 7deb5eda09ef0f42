"""Critical points of one variable on kinks, jumps and edges, with known answers."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from calcopt import classify_critical
from calcopt.expression.source import parse

MIN, MAX, FLAT = "local minimum", "local maximum", "degenerate"

# function → (exact x, kind) in order; complete on the whole line
KNOWN: dict[str, list[tuple[str, str]]] = {
    "|x|": [("0", MIN)],
    "-|x|": [("0", MAX)],
    "x^(2/3)": [("0", MIN)],
    "|x^2-1|": [("-1", MIN), ("0", MAX), ("1", MIN)],
    "|x|^3": [("0", MIN)],
    "x|x|": [("0", FLAT)],
    "x^(4/3)": [("0", MIN)],
    "x^2*|x-2|": [("0", MIN), ("4/3", MAX), ("2", MIN)],
    "|x|*exp(-x)": [("0", MIN), ("1", MAX)],
    "sqrt(|x|)": [("0", MIN)],
    "sqrt(x)": [("0", MIN)],
    "sqrt(1-x^2)": [("-1", MIN), ("0", MAX), ("1", MIN)],
    "x*sqrt(4-x^2)": [("-2", MAX), ("-sqrt(2)", MIN), ("sqrt(2)", MAX), ("2", MIN)],
    "x - 3*cbrt(x)": [("-1", MAX), ("1", MIN)],
    "x^(2/3)*(5-x)": [("0", MIN), ("2", MAX)],
    "max(x, 2x)": [],
    "cbrt(x)": [],
    "max(x^2, 1-x)": [("sqrt(5)/2 - 1/2", MIN)],
    "min(x^2, (x-2)^2)": [("0", MIN), ("1", MAX), ("2", MIN)],
    "if(x < 0, -x, x^2)": [("0", MIN)],
    "if(x < 1, x^2, 3 - x)": [("0", MIN), ("1", MAX)],
    "if(x <= 0, x + 1, x^2)": [("0", MAX)],  # the value 1 is attained, the infimum 0 beside it is not
    "if(x < 0, 1 + x, x^2 + 2)": [],  # the jump is upwards and f(0) = 2 lies above all of the left: no extremum
    "piecewise(x<0, x^2, x>0, x^2, -5)": [("0", MIN)],
    "piecewise(x<0, exp(-1/x^2), x>0, exp(-1/x^2), 0)": [("0", MIN)],
    "piecewise(x<0, -exp(-1/x^2), x>0, exp(-1/x^2), 0)": [("0", FLAT)],
    "|exp(x) - 2|": [("log(2)", MIN)],
    "acos(1-x^2)": [("-sqrt(2)", MAX), ("0", MIN), ("sqrt(2)", MAX)],
}


@pytest.mark.parametrize("function", KNOWN)
def test_extrema_on_the_line(function: str) -> None:
    found = classify_critical(function)
    assert [((point.exact or {}).get("x"), point.classification) for point in found.points] == KNOWN[function]
    assert found.complete, found.message
    assert not found.continua


@pytest.mark.parametrize(
    ("function", "pieces"),
    [
        ("max(x,0)^2", [("x <= 0", "0", "local minima")]),
        ("|x| + |x-1|", [("0 <= x <= 1", "1", "local minima")]),
        ("|x| - x", [("x >= 0", "0", "local minima")]),
        ("min(max(x, 0), 1)", [("x <= 0", "0", "local minima"), ("x >= 1", "1", "local maxima")]),
        ("sign(x)", [("x < 0", "-1", "local minima"), ("x > 0", "1", "local maxima")]),
    ],
)
def test_flat_pieces(function: str, pieces: list[tuple[str, str, str]]) -> None:
    found = classify_critical(function)
    seen = [(item.description, item.value, item.classification_detail.split(":")[0]) for item in found.continua]
    assert seen == pieces
    assert not found.points
    assert found.complete


def test_a_corner_says_what_it_is() -> None:
    (point,) = classify_critical("|x|").points
    assert point.classification_detail == (
        "f is not differentiable there (corner: slopes −1 and 1); f is larger on both sides"
    )
    assert (point.value, point.gradient_norm, point.certified) == (0.0, None, False)


def test_places_repeat() -> None:
    found = classify_critical("|sin(x)|")
    assert not found.complete
    assert "period pi" in found.message
    assert [(p.exact, p.classification) for p in found.points] == [({"x": "0"}, MIN), ({"x": "pi/2"}, MAX)]
    found = classify_critical("|sin(x)|", box="0..7")
    assert found.complete
    assert [p.classification for p in found.points] == [MIN, MAX, MIN, MAX, MIN]


def test_no_exact_form_is_needed() -> None:
    found = classify_critical("|cos(x) - x|", box="0..2")
    assert found.complete
    (point,) = found.points
    assert point.classification == MIN
    assert point.x is not None
    assert abs(point.x["x"] - 0.7390851332151607) < 1e-15


def test_what_is_not_decided_is_said() -> None:
    found = classify_critical("if(x < 0, 0, x^pi)")
    assert not found.complete
    assert "was not decided" in found.message


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-4, 4)), min_size=1, max_size=4, unique_by=lambda t: t[1]))
def test_sums_of_absolute_values(terms: list[tuple[int, int]]) -> None:
    """Σ c|x − a| is linear between the a: its extrema there follow from the slopes on both sides."""
    assume(all(c for c, _ in terms))
    function = " + ".join(f"({c})*|x - ({a})|" for c, a in terms)
    found = classify_critical(parse(function))
    expected = {}
    for _, at in terms:
        left = sum(c * (1 if at > a else -1) for c, a in terms)
        right = sum(c * (1 if at >= a else -1) for c, a in terms)
        if left * right < 0:
            expected[float(at)] = MIN if left < 0 else MAX
    assert {point.x["x"]: point.classification for point in found.points if point.x is not None} == expected
    assert found.complete
