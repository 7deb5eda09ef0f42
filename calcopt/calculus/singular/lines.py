"""Linear formulas of one variable, and closed trees of rationals."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from calcopt.expression.tree import Add, Div, Expr, Mul, Neg, Number, Symbol, free_names


def fraction(value: Fraction) -> Expr:
    """A rational as a tree: −7/3 is Neg(Div(7, 3))."""
    size = abs(value)
    node = Number(size) if size.denominator == 1 else Div(Number(size.numerator), Number(size.denominator))
    return Neg(node) if value < 0 else node  # type: ignore[no-any-return]


def linear(tree: Expr, name: str) -> tuple[Fraction, Fraction] | None:
    """(a, b) of a·x + b with rational a ≠ 0 and b, else None."""
    found = _line(tree, name)
    return found if found is not None and found[0] != 0 else None


def _line(tree: Expr, name: str) -> tuple[Fraction, Fraction] | None:
    zero = Fraction(0)
    match tree:
        case Number(value):
            return zero, value
        case Symbol(other):
            return (Fraction(1), zero) if other == name else None
        case Neg(inner):
            line = _line(inner, name)
            return None if line is None else (-line[0], -line[1])
        case Add(args):
            lines = [_line(arg, name) for arg in args]
            if None in lines:
                return None
            return sum((a for a, _ in lines if a), zero), sum((b for _, b in lines if b), zero)  # type: ignore[misc]
        case Mul(args):
            return _product([_line(arg, name) for arg in args])
        case Div(numerator, denominator):
            above, below = _line(numerator, name), _line(denominator, name)
            if above is None or below is None or below[0] != 0 or below[1] == 0:
                return None
            return above[0] / below[1], above[1] / below[1]
        case _:
            return None


def _product(lines: Sequence[tuple[Fraction, Fraction] | None]) -> tuple[Fraction, Fraction] | None:
    a, b = Fraction(0), Fraction(1)
    for line in lines:
        if line is None or (a and line[0]):
            return None
        a, b = a * line[1] + b * line[0], b * line[1]
    return a, b


def closed_line(tree: Expr, name: str) -> tuple[Expr, Expr] | None:
    """(a, b) of a·x + b with closed a and b, such as π and 1/2 of πx + 1/2; None where it is not linear."""
    plain = linear(tree, name)
    if plain is not None:
        return fraction(plain[0]), fraction(plain[1])
    moving = [arg for arg in tree.args if name in free_names(arg)]
    if len(moving) != 1:
        return None
    inner = closed_line(moving[0], name)
    if inner is None or free_names(tree) != (name,):
        return None
    a, b = inner
    rest = [arg for arg in tree.args if arg is not moving[0]]
    match tree:
        case Neg():
            return Neg(a), Neg(b)
        case Add():
            return a, Add(b, *rest)
        case Mul():
            return Mul(a, *rest), Mul(b, *rest)
        case Div(numerator, denominator) if moving[0] is numerator:
            return Div(a, denominator), Div(b, denominator)
        case _:
            return None
