"""How large the parts of a value are: what it has to be compared with before it is called zero.

The magnitude of a sum is the sum of the magnitudes of its terms, that of a product their product; a function's is its
value and how far it moves when its argument does. A value far below its magnitude is what is left of parts that cancel.
Multiplying f by 10^±60 multiplies both, so that nothing depends on the scale of f.

Reference: N. J. Higham, Accuracy and Stability of Numerical Algorithms (2nd ed., 2002), §3 (running error analysis).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mpmath import mp, mpf, workdps

from calcopt.calculus.precise import evaluate
from calcopt.expression.tree import Add, Call, Div, Expr, Mul, Neg, Pow, Symbol, postorder

DIGITS = 60
NUDGE = mpf(10) ** -25
"""The relative change of an argument by which a function's slope is measured."""


def magnitude(expr: Expr, values: Mapping[str, Any]) -> Any:
    """The magnitude of ``expr`` at ``values`` as an mpf; infinite where a part has no value."""
    found: dict[Expr, Any] = {}
    with workdps(DIGITS):
        for node in postorder(expr):
            found[node] = _of(node, values, found)
        return found[expr]


def _of(node: Expr, values: Mapping[str, Any], found: Mapping[Expr, Any]) -> Any:
    match node:
        case Add(args):
            return mp.fsum(found[arg] for arg in args)
        case Mul(args):
            return mp.fprod(found[arg] for arg in args)
        case Neg(operand):
            return found[operand]
        case Div(numerator, denominator):
            below = evaluate(denominator, values, digits=DIGITS)
            return found[numerator] * _inverse(below) * (found[denominator] * _inverse(below))
        case Pow(base, exponent) if evaluate(exponent, {}, digits=DIGITS) is not None:
            return _power(
                node, found[base], evaluate(base, values, digits=DIGITS), evaluate(exponent, {}, digits=DIGITS)
            )
        case Call(name, args):
            return _function(node, name, args, values, found)
    value = evaluate(node, values, digits=DIGITS)
    return mp.inf if value is None else abs(value)


def _inverse(value: Any | None) -> Any:
    return mp.inf if not value else 1 / abs(value)


def _power(node: Expr, size: Any, base: Any | None, exponent: Any) -> Any:
    """|u|ⁿ for n > 0 in magnitudes; for n < 0 what cancels in u makes 1/u uncertain as often as it makes u small."""
    if base is None:
        return mp.inf
    if exponent >= 0:
        return size**exponent
    return abs(base) ** exponent * (size * _inverse(base)) if base else mp.inf


def _function(
    node: Expr, name: str, args: tuple[Expr, ...], values: Mapping[str, Any], found: Mapping[Expr, Any]
) -> Any:
    """|f(u)| + Σ |∂f/∂uᵢ| · magnitude of uᵢ, the slopes by difference quotients."""
    here = evaluate(node, values, digits=DIGITS)
    inner: list[Any] = [evaluate(arg, values, digits=DIGITS) for arg in args]
    if here is None or None in inner:
        return mp.inf
    total = abs(here)
    slots = [f"u{index}" for index in range(len(args))]
    shape = Call(name, *(Symbol(slot) for slot in slots))
    for index, value in enumerate(inner):
        step = NUDGE * max(abs(value), mpf(1) if not value else abs(value))
        moved = [u + step if place == index else u for place, u in enumerate(inner)]
        there = evaluate(shape, dict(zip(slots, moved, strict=True)), digits=DIGITS)
        slope = mpf(0) if there is None else abs(there - here) / step
        total += slope * found[args[index]]
    return total
