"""Extrema of several variables without a gradient, proved by the bound that the terms of f show."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings

from calcopt import classify_critical
from calcopt.calculus.precise import evaluate
from calcopt.calculus.singular.bounds import bounds
from calcopt.expression import parse
from calcopt.expression.tree import Expr
from tests.strategies import expressions

# function → (exact point, kind)
KNOWN = {
    "|x| + |y|": ({"x": "0", "y": "0"}, "local minimum"),
    "sqrt(x^2 + y^2)": ({"x": "0", "y": "0"}, "local minimum"),
    "|x + y| + |x - y|": ({"x": "0", "y": "0"}, "local minimum"),
    "max(|x|, |y|)": ({"x": "0", "y": "0"}, "local minimum"),
    "|x - 1| + y^2": ({"x": "1", "y": "0"}, "local minimum"),
    "|x - 1| + |2y + 3| + 4": ({"x": "1", "y": "-3/2"}, "local minimum"),
    "1 - |x| - |y|": ({"x": "0", "y": "0"}, "local maximum"),
    "|x| + |y| + |z - x|": ({"x": "0", "y": "0", "z": "0"}, "local minimum"),
    "exp(-y^2)*0 + relu(x) + relu(-x) + |y|": ({"x": "0", "y": "0"}, "local minimum"),
}


@pytest.mark.parametrize("function", KNOWN)
def test_a_corner_of_several_variables(function: str) -> None:
    (point,) = classify_critical(function).points
    assert (point.exact, point.classification) == KNOWN[function]
    assert "not differentiable" in point.classification_detail


@pytest.mark.parametrize(("function", "equation"), [("|x + y|", "x + y = 0"), ("|x|*exp(y) + 2", "x = 0")])
def test_a_whole_line_of_minima(function: str, equation: str) -> None:
    (line,) = classify_critical(function).continua
    assert line.description == equation
    assert "local minima" in line.classification_detail


@pytest.mark.parametrize(("function", "complete"), [("|x| - |y|", False), ("|x| + y", True), ("x*|y|", False)])
def test_what_is_no_extremum_is_not_claimed(function: str, complete: bool) -> None:
    """Of |x| + y intervals prove that the slope by y is nowhere 0; the saddles of the others stay undecided."""
    found = classify_critical(function, box="-1..1")
    assert not found.points
    assert found.complete == complete


def test_at_a_given_point() -> None:
    (point,) = classify_critical("|x| + |y|", at="0,0").points
    assert point.classification == "local minimum"
    (point,) = classify_critical("|x| + |y|", at="0,1").points
    assert point.classification is None


@pytest.mark.parametrize(
    ("function", "low", "high"),
    [
        ("|x| + y^2 + 1", 1, None),
        ("-cosh(x)", None, -1),
        ("sin(x) + 2cos(y)", -3, 3),
        ("(x^2 + 3)^2", 9, None),
        ("max(x, 2)", 2, None),
        ("min(x^2, 3)", 0, 3),
        ("x^3", None, None),
        ("x^2*|y|", 0, None),
    ],
)
def test_bounds(function: str, low: int | None, high: int | None) -> None:
    assert bounds(parse(function).body) == (low, high)


@settings(max_examples=200, deadline=None)
@given(expressions(("x", "y"), max_leaves=6, with_choices=False))
def test_bounds_hold(body: Expr) -> None:
    low, high = bounds(body)
    for x, y in ((Fraction(-7, 3), Fraction(1, 5)), (Fraction(0), Fraction(2)), (Fraction(5, 2), Fraction(-3))):
        value = evaluate(body, {"x": x, "y": y})
        if value is None:
            continue
        slack = 1e-30 * (1 + abs(value))
        assert low is None or value >= low.numerator / low.denominator - slack - abs(float(low)) * 1e-15
        assert high is None or value <= high.numerator / high.denominator + slack + abs(float(high)) * 1e-15
