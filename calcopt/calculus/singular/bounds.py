"""Bounds that the form of a formula shows on the whole space: |u| ≥ 0, u² + 1 ≥ 1, −cosh u ≤ −1.

A point where f takes such a bound is a global minimum (or maximum), with or without a gradient there.
"""

from __future__ import annotations

from fractions import Fraction

from calcopt.calculus.precise import literal_fraction
from calcopt.expression.tree import Add, Call, Div, Expr, Mul, Neg, Number, Pow
from calcopt.expression.values import exact_value

Bounds = tuple[Fraction | None, Fraction | None]
"""The least and the greatest value that the form allows; None where it shows no bound."""
ZERO, ONE = Fraction(0), Fraction(1)
RANGES: dict[str, Bounds] = {
    **dict.fromkeys(("abs", "sqrt", "relu", "exp", "softplus", "acosh"), (ZERO, None)),
    **dict.fromkeys(("sin", "cos", "tanh", "erf", "sign"), (-ONE, ONE)),
    **dict.fromkeys(("sigmoid", "step", "sech"), (ZERO, ONE)),
    "cosh": (ONE, None),
}


def bounds(tree: Expr) -> Bounds:
    """(lower, upper), each a rational or None."""
    value = exact_value(tree)
    if value is not None:
        return value, value
    match tree:
        case Neg(inner):
            return _times(bounds(inner), -ONE)
        case Add(args):
            parts = [bounds(arg) for arg in args]
            return _sum([low for low, _ in parts]), _sum([high for _, high in parts])
        case Mul(args):
            return _product(args)
        case Div(numerator, denominator):
            below = exact_value(denominator)
            return _times(bounds(numerator), 1 / below) if below else (None, None)
        case Pow(base, exponent):
            return _power(bounds(base), literal_fraction(exponent))
        case Call("abs", (inner,)):
            return _power(bounds(inner), Fraction(2), size=True)
        case Call("max" | "min" as name, args):
            return _extreme(name, [bounds(arg) for arg in args])
        case Call(name, _):
            return RANGES.get(name, (None, None))
        case Number():
            return None, None
        case _:
            return None, None


def _sum(parts: list[Fraction | None]) -> Fraction | None:
    known = [part for part in parts if part is not None]
    return sum(known, ZERO) if len(known) == len(parts) else None


def _times(inner: Bounds, factor: Fraction) -> Bounds:
    low, high = (None if end is None else end * factor for end in inner)
    return (low, high) if factor >= 0 else (high, low)


def _product(args: tuple[Expr, ...]) -> Bounds:
    """A number times one formula, or factors that are never negative."""
    factor, rest = ONE, []
    for arg in args:
        value = exact_value(arg)
        if value is None:
            rest.append(arg)
        else:
            factor *= value
    if len(rest) == 1:
        return _times(bounds(rest[0]), factor)
    if all((low := bounds(arg)[0]) is not None and low >= 0 for arg in rest):
        return _times((ZERO, None), factor)
    return None, None


def _power(base: Bounds, exponent: Fraction | None, *, size: bool = False) -> Bounds:
    """u^p with an even numerator, or a root of even degree: never negative, and more where u keeps away from 0."""
    if exponent is None or exponent <= 0:
        return None, None
    if exponent.numerator % 2 and exponent.denominator % 2:
        return None, None
    low, high = base
    away = max(low or ZERO, -high if high is not None else ZERO, ZERO)
    if size:
        return away, None
    return (away**exponent.numerator if exponent.denominator == 1 else ZERO), None


def _extreme(name: str, parts: list[Bounds]) -> Bounds:
    lows, highs = [low for low, _ in parts], [high for _, high in parts]
    if name == "max":
        known = [low for low in lows if low is not None]
        tops = [high for high in highs if high is not None]
        return (max(known) if known else None), (max(tops) if len(tops) == len(highs) else None)
    least = [low for low in lows if low is not None]
    known = [high for high in highs if high is not None]
    return (min(least) if len(least) == len(lows) else None), (min(known) if known else None)
