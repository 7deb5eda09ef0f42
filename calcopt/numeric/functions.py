"""What the primitives of the graph mean in floating point: for Python floats, and for NumPy arrays.

Generated code calls these by name; the same source runs with either table. The scalar table is fast and raises where
``math`` raises (log of a negative number, overflow); the caller then repeats the call with the array table, whose
answers are nan and inf as NumPy gives them, so both agree.

A condition is the number 1 (it holds), 0 (it does not) or nan (a side of it has no value): a choice by a condition that
is nan is nan, as is the value of what was compared. ``and`` is 0 where one part is 0, ``or`` 1 where one part is 1,
whatever the other (Kleene's strong three-valued logic).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

Table = dict[str, Callable[..., Any]]


def _scalar_root(x: float, p: int, q: int) -> float:
    """The real x^(p/q), q odd."""
    if q == 3 and abs(p) == 1:
        return math.cbrt(x) if p == 1 else 1.0 / math.cbrt(x)
    size = math.pow(abs(x), p / q)
    return math.copysign(size, x) if p % 2 else size


def _scalar_softplus(x: float) -> float:
    return (x if x > 0.0 else 0.0) + math.log1p(math.exp(-abs(x)))


def _scalar_logaddexp(a: float, b: float) -> float:
    return a + math.log(2.0) if a == b else _scalar_max(a, b) + math.log1p(math.exp(-abs(a - b)))


def _scalar_min(a: float, b: float) -> float:
    return a if a <= b or a != a else b


def _scalar_max(a: float, b: float) -> float:
    return a if a >= b or a != a else b


def _scalar_sign(x: float) -> float:
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x


SCALAR: Table = {
    name: getattr(math, name)
    for name in (
        *("exp", "log", "log10", "log2", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
        *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "pow"),
    )
}
SCALAR |= {
    "powi": math.pow,
    "root": _scalar_root,
    "abs": abs,
    "sign": _scalar_sign,
    "floor": lambda x: float(math.floor(x)),
    "ceil": lambda x: float(math.ceil(x)),
    "step": lambda x: 1.0 if x >= 0.0 else 0.0 if x < 0.0 else x,
    "relu": lambda x: 0.0 if x < 0.0 else x,
    "min": _scalar_min,
    "max": _scalar_max,
    "acot": lambda x: math.atan(1.0 / x) if x else math.pi / 2,
    "sigmoid": lambda x: 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else math.exp(x),
    "softplus": _scalar_softplus,
    "logaddexp": _scalar_logaddexp,
    "lt": lambda a, b: 1.0 if a < b else 0.0 if a >= b else math.nan,
    "le": lambda a, b: 1.0 if a <= b else 0.0 if a > b else math.nan,
    "eq": lambda a, b: 1.0 if a == b else 0.0 if a < b or a > b else math.nan,
    "and": lambda a, b: 0.0 if a == 0.0 or b == 0.0 else a * b,
    "or": lambda a, b: 1.0 if a == 1.0 or b == 1.0 else a + b,
    "not": lambda a: 1.0 - a,
    "select": lambda condition, a, b: a if condition == 1.0 else b if condition == 0.0 else math.nan,
}


def _array_powi(x: Any, n: int) -> Any:
    """x^n by repeated squaring for moderate n: several times faster than ``pow``."""
    if n < 0:
        return 1.0 / _array_powi(x, -n)
    if n > 64:
        return np.power(x, float(n))
    result = None
    while True:
        if n & 1:
            result = x if result is None else result * x
        n >>= 1
        if not n:
            return result
        x = x * x


def _array_root(x: Any, p: int, q: int) -> Any:
    if q == 3 and abs(p) <= 2:
        root = np.cbrt(x)
        power = root if abs(p) == 1 else root * root
        return power if p > 0 else 1.0 / power
    size = np.power(np.abs(x), p / q)
    return np.copysign(size, x) if p % 2 else size


def _array_comparison(holds: Any, fails: Any) -> Callable[[Any, Any], Any]:
    """1 where ``holds``, 0 where its opposite ``fails``, nan where neither does: a side is nan."""

    def compare(a: Any, b: Any) -> Any:
        known = holds(a, b)
        return np.where(known | fails(a, b), known, math.nan)

    return compare


def _array_acot(x: Any) -> Any:
    return np.where(np.equal(x, 0.0), math.pi / 2, np.arctan(np.divide(1.0, x)))


def _array_erf(x: Any) -> Any:
    from scipy.special import erf  # imported late: few formulas need it

    return erf(x)


ARRAY: Table = {
    name: getattr(np, name)
    for name in (
        *("exp", "log", "log10", "log2", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
        *("abs", "sign", "floor", "ceil", "logaddexp"),
    )
}
ARRAY |= {f"a{name}": getattr(np, f"arc{name}") for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "tan2")}
ARRAY |= {
    "pow": np.power,
    "powi": _array_powi,
    "root": _array_root,
    "acot": _array_acot,
    "erf": _array_erf,
    "step": lambda x: np.heaviside(x, 1.0),
    "relu": lambda x: np.maximum(x, 0.0),
    "min": np.minimum,
    "max": np.maximum,
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(np.negative(x))),
    "softplus": lambda x: np.logaddexp(0.0, x),
    "lt": _array_comparison(np.less, np.greater_equal),
    "le": _array_comparison(np.less_equal, np.greater),
    "eq": _array_comparison(np.equal, lambda a, b: np.less(a, b) | np.greater(a, b)),
    "and": lambda a, b: np.where(np.equal(a, 0.0) | np.equal(b, 0.0), 0.0, np.multiply(a, b)),
    "or": lambda a, b: np.where(np.equal(a, 1.0) | np.equal(b, 1.0), 1.0, np.add(a, b)),
    "not": lambda a: np.subtract(1.0, a),
    "select": lambda condition, a, b: np.where(condition, a, b) + np.multiply(0.0, condition),
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
}


def parameters(op: str, payload: Any) -> tuple[int, ...]:
    """What the function of an operation takes after its operands."""
    if op == "powi":
        return (payload,)
    if op == "root":
        exponent = Fraction(payload)
        return (exponent.numerator, exponent.denominator)
    return ()
