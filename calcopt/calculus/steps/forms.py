"""Sums, products, quotients and powers as a student writes them down: no + 0, no · 1, signs in front.

Nothing else is simplified: what was typed stays as it was, and 3·(2x) stays 3·2·x.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from calcopt.expression.tree import Add, Call, Constant, Div, Expr, Mul, Neg, Number, Pow

ZERO: Expr = Number(0)
ONE: Expr = Number(1)
TWO: Expr = Number(2)


def plus(terms: Iterable[Expr]) -> Expr:
    """The sum of ``terms``; a term that is a sum is written into it."""
    kept: list[Expr] = []
    for term in terms:
        if isinstance(term, Add):
            kept.extend(term.args)
        elif term is not ZERO:
            kept.append(term)
    return ZERO if not kept else kept[0] if len(kept) == 1 else Add(*kept)


def minus(term: Expr) -> Expr:
    """−term."""
    if isinstance(term, Neg):
        return term.operand
    return ZERO if term is ZERO else Neg(term)


def times(*factors: Expr) -> Expr:
    """The product: its sign in front, everything over one bar; only literal fractions stay in their place."""
    above: list[Expr] = []
    below: list[Expr] = []
    negative = False
    for given in factors:
        factor = given
        if isinstance(factor, Neg):
            negative, factor = not negative, factor.operand
        if factor is ZERO:
            return ZERO
        if isinstance(factor, Div) and literal_of(factor) is None:
            _spread(factor.denominator, below)
            factor = factor.numerator
        _spread(factor, above)
    product = _joined(above)
    whole = over(product, _joined(below)) if below else product
    return minus(whole) if negative else whole


def _spread(factor: Expr, into: list[Expr]) -> None:
    if factor is not ONE:
        into.extend(factor.args if isinstance(factor, Mul) else (factor,))


def _joined(factors: list[Expr]) -> Expr:
    return ONE if not factors else factors[0] if len(factors) == 1 else Mul(*factors)


def over(above: Expr, below: Expr) -> Expr:
    """above / below."""
    if isinstance(above, Neg):
        return minus(over(above.operand, below))
    if isinstance(below, Neg):
        return minus(over(above, below.operand))
    if above is ZERO or below is ONE:
        return above
    return Div(above, below)  # type: ignore[no-any-return]


def literal_of(expr: Expr) -> Fraction | None:
    """The value of a literal such as 3, −1/2 or 0.5; None for anything else."""
    match expr:
        case Number():
            return expr.value
        case Neg(operand):
            inner = literal_of(operand)
            return None if inner is None else -inner
        case Div(Number(above), Number(below)) if below:
            return Fraction(above) / below
    return None


def literal(value: Fraction, *, decimal: bool = False) -> Expr:
    """A rational as it is typed: 7, −7, 7/3, or 0.5 where decimals were used."""
    size = abs(value)
    whole = size.denominator == 1 or decimal
    node: Expr = Number(size) if whole else Div(Number(size.numerator), Number(size.denominator))
    return Neg(node) if value < 0 else node


def one_less(exponent: Expr) -> Expr:
    """exponent − 1, computed where it is a literal."""
    value = literal_of(exponent)
    if value is not None:
        typed = exponent.operand if isinstance(exponent, Neg) else exponent
        return literal(value - 1, decimal=isinstance(typed, Number))
    if isinstance(exponent, Add) and exponent.args[-1] is ONE:  # n + 1
        return plus(exponent.args[:-1])
    return plus([exponent, Neg(ONE)])


def power(base: Expr, exponent: Expr) -> Expr:
    """base^exponent."""
    return base if exponent is ONE else ONE if exponent is ZERO else Pow(base, exponent)


def square(base: Expr) -> Expr:
    return Pow(base, TWO)  # type: ignore[no-any-return]


def call(name: str, *args: Expr) -> Expr:
    """A function of the language."""
    return Call(name, *args)  # type: ignore[no-any-return]


def log(argument: Expr) -> Expr:
    """The natural logarithm; log(e) is 1."""
    return ONE if argument is Constant("e") else call("log", argument)
