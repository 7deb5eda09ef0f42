"""What moving x by p does to a formula, read off its form: f(x + p) = s·f(x) + c with s = ±1, or nothing known.

Poles of tan repeat with π, steps of floor with 1; so do their kinds where the whole formula repeats in this sense.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from calcopt.calculus.precise import literal_fraction
from calcopt.expression.tree import Add, Call, Constant, Div, Expr, Mul, Neg, Number, Piecewise, Pow, Symbol, free_names

ODD = frozenset(("sin", "tan", "cot", "csc", "sinh", "tanh", "asin", "atan", "asinh", "cbrt", "sign", "erf"))
PERIOD = {"sin": 2, "cos": 2, "sec": 2, "csc": 2, "tan": 1, "cot": 1}
"""In units of π."""


class Measure(NamedTuple):
    """q + r·π."""

    q: Fraction = Fraction(0)
    r: Fraction = Fraction(0)

    @property
    def is_zero(self) -> bool:
        return not self.q and not self.r


class Shift(NamedTuple):
    """f(x + p) = sign · f(x) + constant."""

    sign: int = 1
    constant: Measure = Measure()


STILL = Shift()


def shift(tree: Expr, name: str, period: Measure) -> Shift | None:
    """The effect of x → x + p on ``tree``; None where the form does not show one."""
    if name not in free_names(tree):
        return STILL
    match tree:
        case Symbol():
            return Shift(1, period)
        case Neg(inner):
            found = shift(inner, name, period)
            return None if found is None else Shift(found.sign, Measure(-found.constant.q, -found.constant.r))
        case Add(args):
            return _sum(
                [shift(arg, name, period) for arg in args if name in free_names(arg)], alone=_all_move(args, name)
            )
        case Mul(args):
            return _product(args, name, period)
        case Div(numerator, denominator):
            if name not in free_names(denominator):
                return _times(shift(numerator, name, period), denominator, inverse=True)
            return _signs([shift(arg, name, period) for arg in tree.args])
        case Pow(base, exponent):
            return _power(shift(base, name, period), shift(exponent, name, period), literal_fraction(exponent))
        case Call(function, args):
            return _call(function, [shift(arg, name, period) for arg in args])
        case Piecewise():
            return STILL if all(_still(part, name, period) for part in tree.args) else None
        case _:
            return None


def _all_move(args: tuple[Expr, ...], name: str) -> bool:
    return all(name in free_names(arg) for arg in args)


def _still(tree: Expr, name: str, period: Measure) -> bool:
    if name not in free_names(tree):
        return True
    if tree.args and not isinstance(tree, (Add, Mul, Neg, Div, Pow, Call, Piecewise)):
        return all(_still(arg, name, period) for arg in tree.args)  # comparisons and their connectives
    return shift(tree, name, period) == STILL


def _sum(parts: list[Shift | None], *, alone: bool) -> Shift | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or len({part.sign for part in known}) > 1:
        return None
    if known[0].sign < 0 and not alone:
        return None
    total = Measure(sum((p.constant.q for p in known), Fraction(0)), sum((p.constant.r for p in known), Fraction(0)))
    return Shift(known[0].sign, total)


def _product(args: tuple[Expr, ...], name: str, period: Measure) -> Shift | None:
    moving = [arg for arg in args if name in free_names(arg)]
    found = [shift(arg, name, period) for arg in moving]
    if len(moving) > 1:
        return _signs(found)
    result = found[0]
    for arg in args:
        if arg is not moving[0]:
            result = _times(result, arg, inverse=False)
    return result


def _times(found: Shift | None, factor: Expr, *, inverse: bool) -> Shift | None:
    if found is None or found.constant.is_zero:
        return found
    size = measure(factor)
    if size is None or (size.q and size.r):
        return None
    a = found.constant
    if size.q:
        scale = 1 / size.q if inverse else size.q
        return Shift(found.sign, Measure(a.q * scale, a.r * scale))
    if inverse and not a.q and size.r:
        return Shift(found.sign, Measure(a.r / size.r))
    return Shift(found.sign, Measure(r=a.q * size.r)) if not inverse and not a.r else None


def _signs(parts: list[Shift | None]) -> Shift | None:
    sign = 1
    for part in parts:
        if part is None or not part.constant.is_zero:
            return None
        sign *= part.sign
    return Shift(sign)


def _power(base: Shift | None, exponent: Shift | None, literal: Fraction | None) -> Shift | None:
    if base is None or not base.constant.is_zero or exponent != STILL:
        return None
    if base.sign > 0:
        return STILL
    if literal is None or literal.denominator % 2 == 0:
        return None
    return Shift(-1 if literal.numerator % 2 else 1)


def _call(function: str, parts: list[Shift | None]) -> Shift | None:
    if None in parts:
        return None
    if all(part == STILL for part in parts):
        return STILL
    found = parts[0]
    if len(parts) > 1 or found is None:
        return None
    if not found.constant.is_zero and found.sign > 0:
        return _moved(function, found.constant)
    if found.sign < 0 and found.constant.is_zero:
        if function in ODD:
            return Shift(-1)
        return STILL if function in ("abs", "cos", "cosh", "sec", "sech") else None
    return None


def _moved(function: str, by: Measure) -> Shift | None:
    """Waves moved by multiples of π, steps by integers."""
    if function in ("floor", "ceil"):
        return Shift(1, by) if not by.r and by.q.denominator == 1 else None
    if function not in PERIOD or by.q or by.r.denominator != 1:
        return None
    return Shift(1 if by.r.numerator % PERIOD[function] == 0 else -1)


def measure(tree: Expr) -> Measure | None:
    """A closed tree as q + r·π, or None where it is of no such form."""
    match tree:
        case Number(value):
            return Measure(value)
        case Constant("pi"):
            return Measure(r=Fraction(1))
        case Neg(inner):
            found = measure(inner)
            return None if found is None else Measure(-found.q, -found.r)
        case Add(args):
            parts = [measure(arg) for arg in args]
            if None in parts:
                return None
            q = sum((p.q for p in parts if p is not None), Fraction(0))
            return Measure(q, sum((p.r for p in parts if p is not None), Fraction(0)))
        case Mul(args):
            return _measured_product([measure(arg) for arg in args])
        case Div(numerator, denominator):
            above, below = measure(numerator), measure(denominator)
            if above is None or below is None or below.r or not below.q:
                return None
            return Measure(above.q / below.q, above.r / below.q)
        case _:
            return None


def _measured_product(parts: list[Measure | None]) -> Measure | None:
    total = Measure(Fraction(1))
    for part in parts:
        if part is None or (total.r and part.r):
            return None
        total = Measure(total.q * part.q, total.q * part.r + total.r * part.q)
    return total
