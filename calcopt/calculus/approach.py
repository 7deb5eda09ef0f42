"""Values of a formula on the way to a place, and whether they bear a limit out that somebody claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal

from mpmath import mp, mpf, workdps

from calcopt.calculus.precise import evaluate
from calcopt.expression.tree import Expr

Target = Expr | Literal["inf", "-inf"]
FAR = (30, 100, 300)
NEAR = (5, 6, 7)
"""Distances from the target as powers of ten; the near ones where far ones overflow, as (1 + 1/n)^n does."""
DIGITS = 700
SETTLED = mpf(10) ** -18


def place(target: Target, side: int, power: int) -> Any:
    """target ± 10^−power, or ± 10^power on the way to infinity."""
    if isinstance(target, str):
        return mpf(10) ** power * (-1 if target == "-inf" else 1)
    at = evaluate(target, {}, digits=DIGITS)
    return None if at is None else at + side * mpf(10) ** -power


def value_at(function: Expr, variable: str, target: Target, side: int, power: int, others: Mapping[str, Any]) -> Any:
    """(place, value) so far from the target; None for a value that does not exist."""
    with workdps(DIGITS):
        at = place(target, side, power)
        return at, None if at is None else evaluate(function, {**others, variable: at}, digits=DIGITS)


def borne_out(
    function: Expr,
    variable: str,
    target: Target,
    side: int,
    claimed: Target,
    others: Mapping[str, Fraction],
) -> bool:
    """Whether the values come nearer and nearer to ``claimed`` (at least twice as near from first to last)."""
    for powers in (FAR, NEAR):
        values = [value_at(function, variable, target, side, power, others)[1] for power in powers]
        if any(value is None for value in values):
            continue
        with workdps(DIGITS):
            if isinstance(claimed, str):
                return _grows([-value for value in values] if claimed == "-inf" else values)
            wanted = evaluate(claimed, others, digits=DIGITS)
            return wanted is not None and _shrinks([abs(value - wanted) for value in values], abs(wanted))
    return False


def settled(function: Expr, variable: str, target: Target, side: int) -> Any | None:
    """The number at which the values come to rest to 18 digits, None where they do not."""
    values = [value_at(function, variable, target, side, power, {})[1] for power in FAR]
    if any(value is None for value in values):
        return None
    with workdps(DIGITS):
        last, scale = values[2], SETTLED * (1 + abs(values[2]))
        if abs(last - values[1]) > scale or abs(values[1] - values[0]) > scale:
            return None
        return mpf(0) if abs(last) < SETTLED else last


def _shrinks(errors: Sequence[Any], size: Any) -> bool:
    if max(errors) <= SETTLED * (1 + size):
        return True
    return bool(errors[0] > errors[1] > errors[2] and 2 * errors[2] <= errors[0])


def _grows(values: Sequence[Any]) -> bool:
    return bool(0 < values[0] < values[1] < values[2] and values[2] >= 2 * values[0])


def as_float(value: Any) -> float | None:
    """The nearest double; None for no value and beyond the range."""
    if value is None:
        return None
    number = float(value)
    return number if mp.isfinite(number) else None
