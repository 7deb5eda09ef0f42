"""Slopes of secants through a point, with exact steps and enough digits that no rounding shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from mpmath import mpf, workdps

from calcopt.calculus.precise import evaluate
from calcopt.expression.tree import Expr

STEPS: tuple[Fraction, ...] = tuple(Fraction(1, 10**k) for k in range(7))
"""1, 0.1, 0.01, … 10⁻⁶."""
DIGITS = 100


def secant_slopes(function: Expr, variable: str, point: Mapping[str, Expr]) -> list[tuple[Any | None, Any | None]]:
    """(left, right) for each of the steps: (f(a) − f(a − h))/h and (f(a + h) − f(a))/h, None where f has no value."""
    with workdps(DIGITS):
        here = evaluate(function, point, digits=DIGITS)
        start = evaluate(point[variable], {}, digits=DIGITS)
        if here is None or start is None:
            return [(None, None)] * len(STEPS)
        return [tuple(_slope(function, variable, point, start, here, sign * h) for sign in (-1, 1)) for h in STEPS]  # type: ignore[misc]


def _slope(
    function: Expr, variable: str, point: Mapping[str, Expr], start: Any, here: Any, step: Fraction
) -> Any | None:
    move = mpf(step.numerator) / step.denominator
    there = evaluate(function, {**point, variable: start + move}, digits=DIGITS)
    return None if there is None else (there - here) / move


def tends_to(slopes: Sequence[Any | None], limit: Any) -> bool:
    """Whether the last slopes are nearer to ``limit`` than those before, or as near as can be told."""
    known = [slope for slope in slopes if slope is not None]
    if len(known) < 3:
        return False
    with workdps(DIGITS):
        first, last = abs(known[-3] - limit), abs(known[-1] - limit)
        return bool(last <= mpf(10) ** -40 * (1 + abs(limit)) or 2 * last <= first)
