"""Values of closed expressions (no variables), without NumPy or SymPy: exact rationals and floats.

Points, boxes and ``--let`` hold such expressions: ``pi/2``, ``1/3``, ``-1e-3``. Exact arithmetic never starts an
operation whose result is predicted to be larger than the language allows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from calcopt.errors import MathError
from calcopt.expression.limits import MAX_BITS, bits
from calcopt.expression.tree import (
    Add,
    And,
    Call,
    Compare,
    Constant,
    Div,
    Expr,
    Mul,
    Neg,
    Not,
    Number,
    Or,
    Piecewise,
    Pow,
    Sum,
    free_names,
    postorder,
)

SUM_SLACK = 20
"""A literal sum of fractions may grow to this many times the limit (its denominators multiply) before it is refused."""


class TooLarge(ArithmeticError):
    """An exact result would have more digits than the language allows."""


def exact_value(expr: Expr) -> Fraction | None:
    """The rational value of ``expr``; None when it has variables, is irrational, undefined or beyond the limits."""
    values: dict[Expr, Fraction | bool | None] = {}
    expr = _without_sums(expr)
    for node in postorder(expr):
        try:
            values[node] = exact_step(node, [values[child] for child in node.args])
        except TooLarge:
            values[node] = None
    result = values[expr]
    return result if isinstance(result, Fraction) else None


def constant_value(expr: Expr) -> float:
    """The value of a closed expression as a float; nan where it is undefined, inf where it is too large for a float.

    :class:`MathError` when a variable is inside.
    """
    exact = exact_value(expr)
    if exact is not None:
        return to_float(exact)
    names = free_names(expr)
    if names:
        raise MathError(f"no value for '{names[0]}'", hint="a number is needed here")
    values: dict[Expr, float] = {}
    expr = _without_sums(expr)
    for node in postorder(expr):
        values[node] = float_step(node, [values[child] for child in node.args])
    return values[expr]


def _without_sums(expr: Expr) -> Expr:
    from calcopt.expression.expand import expand_sums

    return expand_sums(expr) if any(isinstance(node, Sum) for node in postorder(expr)) else expr


def to_float(value: Fraction) -> float:
    """The nearest double; ±inf beyond the range."""
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf


# ---------------------------------------------------------------------------------------------------------------
# Exact: one node from the exact values of its children
# ---------------------------------------------------------------------------------------------------------------

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
        return _exact_branch(args)
    if any(arg is None for arg in args):
        return None
    if isinstance(node, (Compare, And, Or, Not)):
        return _truth(node, args)
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
    total = Fraction(0)
    for number in numbers:
        _check(bits(total), SUM_SLACK)
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


def _exact_branch(args: Sequence[_Exact]) -> _Exact:
    for condition, value in zip(args[0:-1:2], args[1:-1:2], strict=True):
        if condition is None:
            return None
        if condition:
            return value
    return args[-1]


def _truth(node: Expr, args: Sequence[Fraction | float | bool | None]) -> bool:
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


# ---------------------------------------------------------------------------------------------------------------
# Floats: one node from the values of its children
# ---------------------------------------------------------------------------------------------------------------


def float_step(node: Expr, args: Sequence[float]) -> float:
    """The float value of ``node`` from those of its children; nan or inf, never an exception."""
    try:
        return _float_step(node, args)
    except ZeroDivisionError:
        return math.nan
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _float_step(node: Expr, args: Sequence[float]) -> float:
    if isinstance(node, Number):
        return to_float(node.value)
    if isinstance(node, Constant):
        return math.pi if node.name == "pi" else math.e
    if isinstance(node, Add):
        return math.fsum(args) if all(map(math.isfinite, args)) else sum(args)
    if isinstance(node, Mul):
        return math.prod(args)
    if isinstance(node, Neg):
        return -args[0]
    if isinstance(node, Div):
        return args[0] / args[1]
    if isinstance(node, Pow):
        return _float_power(args[0], args[1], exact_value(node.exponent))
    if isinstance(node, (Compare, And, Or, Not)):
        return float(_truth(node, args))
    if isinstance(node, Piecewise):
        chosen = (value for condition, value in zip(args[0:-1:2], args[1:-1:2], strict=True) if condition)
        return next(chosen, args[-1])
    if isinstance(node, Call):
        return _FLOAT_FUNCTIONS[node.name](*args)
    return math.nan


def _float_power(base: float, exponent: float, exact: Fraction | None) -> float:
    if base < 0 and exact is not None and exact.denominator % 2 == 1:
        root = math.pow(-base, exponent)
        return -root if exact.numerator % 2 else root
    return math.pow(base, exponent)


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def _cbrt(x: float) -> float:
    return math.copysign(math.cbrt(abs(x)), x)


def _log(x: float, base: float = math.e) -> float:
    return math.log(x) if base == math.e else math.log(x) / math.log(base)


_FLOAT_FUNCTIONS: dict[str, Callable[..., float]] = {
    **{
        name: getattr(math, name)
        for name in (
            *("exp", "log10", "log2", "sqrt", "floor", "ceil", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
            *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf"),
        )
    },
    "log": _log,
    "cbrt": _cbrt,
    "abs": abs,
    "sign": lambda x: float((x > 0) - (x < 0)),
    "min": min,
    "max": max,
    "cot": lambda x: 1 / math.tan(x),
    "sec": lambda x: 1 / math.cos(x),
    "csc": lambda x: 1 / math.sin(x),
    "acot": lambda x: math.atan(1 / x) if x else math.pi / 2,
    "asec": lambda x: math.acos(1 / x),
    "acsc": lambda x: math.asin(1 / x),
    "coth": lambda x: 1 / math.tanh(x),
    "sech": lambda x: 1 / math.cosh(x),
    "csch": lambda x: 1 / math.sinh(x),
    "acoth": lambda x: math.atanh(1 / x),
    "asech": lambda x: math.acosh(1 / x),
    "acsch": lambda x: math.asinh(1 / x),
    "sigmoid": _sigmoid,
    "relu": lambda x: max(x, 0.0),
    "softplus": lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z))),
    "step": lambda x: float(x >= 0),
}
