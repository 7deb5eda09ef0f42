"""Exact rational values, one node at a time; nothing is computed that is predicted to be too large."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from calcopt.expression.limits import MAX_BITS, bits
from calcopt.expression.tree import (
    Add,
    And,
    Call,
    Compare,
    Div,
    Expr,
    Mul,
    Neg,
    Not,
    Number,
    Or,
    Piecewise,
    Pow,
)

SUM_SLACK = 4
"""A literal sum of fractions may grow to this many times the limit (its denominators multiply) before it is refused."""
MAX_WORK = 5e11
"""Arithmetic with b-bit rationals costs about b² steps (Euclid's algorithm); this many take a fraction of a second."""


class TooLarge(ArithmeticError):
    """An exact result would have more digits than the language allows."""


def to_float(value: Fraction) -> float:
    """The nearest double; ±inf beyond the range."""
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf


_Exact = Fraction | bool | None


def exact_step(node: Expr, args: Sequence[_Exact]) -> _Exact:
    """The exact value of ``node`` from those of its children; None when it has none.

    :class:`TooLarge` by prediction, before anything large is computed.
    """
    if isinstance(node, Number):
        return node.value
    if not args:
        return None
    if isinstance(node, Piecewise):
        return exact_branch(args)
    if any(arg is None for arg in args):
        return None
    if isinstance(node, (Compare, And, Or, Not)):
        return truth(node, args)
    numbers = [arg for arg in args if isinstance(arg, Fraction)]
    if isinstance(node, Add):
        return _exact_sum(numbers)
    if isinstance(node, Mul):
        _check(sum(map(bits, numbers)))
        return math.prod(numbers, start=Fraction(1))
    if isinstance(node, Neg):
        return -numbers[0]
    if isinstance(node, Div):
        _check(bits(numbers[0]) + bits(numbers[1]))
        return numbers[0] / numbers[1] if numbers[1] else None
    if isinstance(node, Pow):
        return exact_power(numbers[0], numbers[1])
    if isinstance(node, Call):
        return _exact_call(node.name, numbers)
    return None


def _check(predicted: float, slack: int = 1) -> None:
    if predicted > MAX_BITS * slack:
        raise TooLarge


def _exact_sum(numbers: list[Fraction]) -> Fraction:
    total, work = Fraction(0), 0.0
    for number in numbers:
        size = bits(total)
        work += (size + bits(number)) ** 2
        _check(size, SUM_SLACK)
        if work > MAX_WORK:
            raise TooLarge
        total += number
    return total


def exact_power(base: Fraction, exponent: Fraction) -> Fraction | None:
    """base^exponent as a rational, the real root for an odd denominator; None where it is none."""
    if base in (0, 1):
        return base if exponent > 0 or base == 1 else (Fraction(1) if exponent == 0 else None)
    _check(bits(base) * abs(to_float(exponent)))
    degree = exponent.denominator
    if degree == 1:
        return base**exponent.numerator
    if (base < 0 and degree % 2 == 0) or degree > MAX_BITS:
        return None
    numerator, denominator = _root(abs(base.numerator), degree), _root(base.denominator, degree)
    if numerator is None or denominator is None:
        return None
    sign = -1 if base < 0 else 1
    power: Fraction = Fraction(sign * numerator, denominator) ** exponent.numerator
    return power


def _root(value: int, degree: int) -> int | None:
    """The integer r with r^degree = value, or None: Newton's iteration from above, with integers."""
    if value <= 1 or degree == 1:
        return value
    if degree >= value.bit_length():
        return None
    guess = 1 << -(-value.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + value // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess if guess**degree == value else None
        guess = better


def exact_branch(args: Sequence[_Exact]) -> _Exact:
    """The value of a piecewise node; None when a condition before it is undecided."""
    for condition, value in zip(args[0:-1:2], args[1:-1:2], strict=True):
        if condition is None:
            return None
        if condition:
            return value
    return args[-1]


def truth(node: Expr, args: Sequence[Fraction | float | bool | None]) -> bool:
    if isinstance(node, Compare):
        left, right = args[0], args[1]
        assert left is not None
        assert right is not None
        answers = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
        return answers[node.operator]
    if isinstance(node, Not):
        return not args[0]
    return all(args) if isinstance(node, And) else any(args)


_ZERO_AT_ZERO = frozenset(["sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf"])


def _exact_call(name: str, args: list[Fraction]) -> Fraction | None:
    x = args[0]
    if name in ("sqrt", "cbrt"):
        return exact_power(x, Fraction(1, 2 if name == "sqrt" else 3))
    if name in ("floor", "ceil"):
        return Fraction(math.floor(x) if name == "floor" else math.ceil(x))
    if name in ("min", "max"):
        return min(args) if name == "min" else max(args)
    if name == "abs":
        return abs(x)
    if name == "sign":
        return Fraction((x > 0) - (x < 0))
    if name in ("relu", "step"):
        return max(x, Fraction(0)) if name == "relu" else Fraction(x >= 0)
    if x == 0 and len(args) == 1:
        at_zero = {"exp": Fraction(1), "cos": Fraction(1), "cosh": Fraction(1), "sech": Fraction(1)}
        return Fraction(0) if name in _ZERO_AT_ZERO else at_zero.get(name)
    return Fraction(0) if x == 1 and name in ("log", "log10", "log2") and len(args) == 1 else None
