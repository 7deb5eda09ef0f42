"""Float values, one node at a time: nan where undefined, inf where too large, never an exception."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from calcopt.expression.exact import to_float, truth
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
)


def float_step(node: Expr, args: Sequence[float], exact_exponent: Fraction | None = None) -> float:
    """The float value of ``node`` from those of its children; nan or inf, never an exception.

    ``exact_exponent`` of a power decides whether a negative base has a real root.
    """
    try:
        return _float_step(node, args, exact_exponent)
    except ZeroDivisionError:
        return math.nan
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _float_step(node: Expr, args: Sequence[float], exact: Fraction | None) -> float:
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
        return _float_power(args[0], args[1], exact)
    if isinstance(node, (Compare, And, Or, Not)):
        return float(truth(node, args))
    if isinstance(node, Piecewise):
        chosen = (value for condition, value in zip(args[0:-1:2], args[1:-1:2], strict=True) if condition)
        return next(chosen, args[-1])
    if isinstance(node, Call):
        return float(_FLOAT_FUNCTIONS[node.name](*args))
    return math.nan


def _float_power(base: float, exponent: float, exact: Fraction | None) -> float:
    odd_root = base < 0 and exact is not None and exact.denominator % 2 == 1
    try:
        size = math.pow(abs(base) if odd_root else base, exponent)
    except OverflowError:
        size = math.inf
    return -size if odd_root and exact is not None and exact.numerator % 2 else size


def _sinh(x: float) -> float:
    return math.sinh(x) if abs(x) < 700 else math.copysign(math.inf, x)


def _cosh(x: float) -> float:
    return math.cosh(x) if abs(x) < 700 else math.inf


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
            *("tanh", "asinh", "acosh", "atanh", "erf"),
        )
    },
    "log": _log,
    "cbrt": _cbrt,
    "abs": abs,
    "sign": lambda x: float((x > 0) - (x < 0)),
    "min": lambda *args: min(args),
    "max": lambda *args: max(args),
    "sinh": _sinh,
    "cosh": _cosh,
    "cot": lambda x: 1 / math.tan(x),
    "sec": lambda x: 1 / math.cos(x),
    "csc": lambda x: 1 / math.sin(x),
    "acot": lambda x: math.atan(1 / x) if x else math.pi / 2,
    "asec": lambda x: math.acos(1 / x),
    "acsc": lambda x: math.asin(1 / x),
    "coth": lambda x: 1 / math.tanh(x),
    "sech": lambda x: 1 / _cosh(x),
    "csch": lambda x: 1 / _sinh(x),
    "acoth": lambda x: math.atanh(1 / x),
    "asech": lambda x: math.acosh(1 / x),
    "acsch": lambda x: math.asinh(1 / x),
    "sigmoid": _sigmoid,
    "relu": lambda x: max(x, 0.0),
    "softplus": lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z))),
    "step": lambda x: float(x >= 0),
}
