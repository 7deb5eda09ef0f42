"""Random compositions: what expansions say of a switch, against plain numbers close to it on both sides."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf, workdps

from calcopt.calculus.precise import evaluate, evaluate_sure
from calcopt.calculus.singular.kinds import Decision, decide
from calcopt.calculus.singular.places import find
from calcopt.expression.tree import Add, Call, Compare, Div, Expr, Mul, Neg, Number, Piecewise, Pow, Symbol

X = Symbol("x")
NEAR = (mpf(10) ** -25, mpf(10) ** -30)
KINKED = ("abs", "sign", "relu", "step", "sqrt", "cbrt", "floor", "ceil", "log", "atan", "sin", "exp", "tanh", "acot")


def compositions() -> st.SearchStrategy[Expr]:
    """Trees of one variable with switches at 0 among others."""
    leaves = st.one_of(st.just(X), st.just(X), st.integers(1, 3).map(Number))
    powers = st.sampled_from([Number(2), Number(3), Div(Number(2), Number(3)), Div(Number(4), Number(3))])

    def extend(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        return st.one_of(
            st.builds(lambda name, u: Call(name, u), st.sampled_from(KINKED), inner),
            st.builds(lambda u, v: Add(u, v), inner, inner),
            st.builds(lambda u, v: Mul(u, v), inner, inner),
            st.builds(lambda u, v: Div(u, v), inner, inner),
            st.builds(lambda u, p: Pow(u, p), inner, powers),
            st.builds(lambda name, u, v: Call(name, u, v), st.sampled_from(["min", "max"]), inner, inner),
            st.builds(lambda u, v: Piecewise(Compare("<", X, Number(0)), u, v), inner, inner),
            inner.map(Neg),
        )

    return st.recursive(leaves, extend, max_leaves=8)


def near(tree: Expr, at: Any, side: int, h: Any) -> Any | None:
    with workdps(120):
        return evaluate(tree, {"x": mpf(at.numerator) / at.denominator + side * h}, digits=120)


def quotient(tree: Expr, at: Any, side: int, level: Any, h: Any) -> Any | None:
    """(f(a ± h) − f(a±)) / ±h."""
    value = near(tree, at, side, h)
    with workdps(120):
        return None if value is None else (value - level) / (side * h)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(compositions(), st.sampled_from([Fraction(0), Fraction(0), Fraction(1)]))
def test_one_sided_limits_are_approached(tree: Expr, at: Fraction) -> None:
    decision = decide(tree, {"x": mpf(at.numerator)}, {"x": 1})
    for sign, side in ((-1, decision.left), (1, decision.right)):
        values = [near(tree, at, sign, h) for h in NEAR]
        if side.approach == "no values":
            assert values == [None, None]
        if side.approach != "values" or side.limit is None or None in values:
            continue
        if not mp.isfinite(side.limit):
            assert abs(values[1]) >= abs(values[0]) > 3  # as slowly as a logarithm of a logarithm
            assert values[1] * mp.sign(side.limit) > 0
            continue
        assert abs(values[1] - side.limit) <= mpf(10) ** -3 * (1 + abs(side.limit))
        _slope_is_approached(tree, at, sign, side)


def _slope_is_approached(tree: Expr, at: Fraction, sign: int, side: Any) -> None:
    if side.slope is None:
        return
    first, second = (quotient(tree, at, sign, side.limit, h) for h in NEAR)
    if first is None or second is None:
        return
    if mp.isfinite(side.slope):
        assert abs(second - side.slope) <= mpf(10) ** -3 * (1 + abs(side.slope))
    else:
        assert abs(second) > abs(first) > 3
        assert mp.sign(second) == mp.sign(side.slope)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(compositions())
def test_kinds_agree_with_difference_quotients(tree: Expr) -> None:
    at = Fraction(0)
    decision = decide(tree, {"x": mpf(0)}, {"x": 1})
    value = evaluate_sure(tree, {"x": at})
    assume(decision.kind in ("corner", "smooth", "jump", "cusp", "vertical tangent"))
    low, high = (near(tree, at, sign, NEAR[1]) for sign in (-1, 1))
    assume(low is not None and high is not None)
    if decision.kind == "jump":
        assert max(abs(high - low), abs(high - (value or 0)), abs(low - (value or 0))) > mpf(10) ** -6 or value is None
        return
    assert value is not None
    left, right = (quotient(tree, at, sign, value, NEAR[1]) for sign in (-1, 1))
    assert _kind_of(left, right, decision) == decision.kind


def _kind_of(left: Any, right: Any, decision: Decision) -> str:
    """The kind as difference quotients at 10^-30 show it."""
    steep = [not mp.isfinite(side.slope) for side in (decision.left, decision.right)]
    if all(steep):
        return "vertical tangent" if left * right > 0 else "cusp"
    if any(steep):
        return "corner"
    return "smooth" if abs(left - right) <= mpf(10) ** -3 else "corner"


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(compositions())
def test_no_place_is_missing(tree: Expr) -> None:
    """Where the list is said to be complete, f' and its numbers are continuous at points that are not on it."""
    found = find(tree, "x")
    assume(found.complete and not any(place.root.period for place in found.places))
    for at in (Fraction(0), Fraction(1), Fraction(-1), Fraction(2)):
        if any(abs(place.root.number - mpf(at.numerator)) < mpf(10) ** -40 for place in found.places):
            continue
        decision = decide(tree, {"x": mpf(at.numerator)}, {"x": 1})
        assert decision.kind in (None, "smooth", "undetermined")
