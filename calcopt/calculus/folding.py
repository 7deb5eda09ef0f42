"""Arithmetic on the constants of a graph: exact as long as it is rational, of bounded size, never raising."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

Value: TypeAlias = "int | Fraction | float"
Payload: TypeAlias = "int | Fraction | float | None"

_EXACT_BITS = 512  # beyond that many bits a rational becomes the nearest double

FOLDABLE: dict[str, Callable[[float], float]] = {
    name: getattr(math, name)
    for name in (
        *("exp", "log", "log10", "log2", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan"),
        *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf"),
    )
}
FOLDABLE |= {
    "abs": abs,
    "sign": lambda x: float((x > 0) - (x < 0)),
    "step": lambda x: float(x >= 0),
    "relu": lambda x: max(x, 0.0),
    "floor": math.floor,
    "ceil": math.ceil,
    "acot": lambda x: math.atan(1 / x) if x else math.pi / 2,
}
"""Functions of one constant that are folded; what is outside their domain is left to the kernels (nan or inf)."""


def to_float(value: Value) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def normal(value: Value) -> Value:
    """One form for each number: integral values as int, one nan, no rationals of enormous size, no -0.0."""
    if isinstance(value, Fraction):
        if value.denominator == 1:
            value = value.numerator
        elif max(value.denominator.bit_length(), value.numerator.bit_length()) > _EXACT_BITS:
            value = to_float(value)
    if isinstance(value, int):
        return value if value.bit_length() <= _EXACT_BITS else to_float(value)
    if isinstance(value, float):
        if value != value:
            return math.nan
        if abs(value) < 2**53 and value == int(value):
            return int(value)
    return value


def quotient(x: Value, y: Value) -> Value:
    """x / y, exact for rationals; y is not zero."""
    if isinstance(x, float) or isinstance(y, float):
        return to_float(x) / to_float(y)
    return Fraction(x) / Fraction(y)


def rational_power(value: Payload, n: int) -> Value | None:
    """value^n, or None where that is not a number (0^-1) and stays for the kernel."""
    if value is None or (value == 0 and n < 0):
        return None
    if isinstance(value, float) or abs(n) * max(Fraction(value).numerator.bit_length(), 1) > 4 * _EXACT_BITS:
        try:
            return math.pow(value, n)
        except OverflowError:
            return None
    return Fraction(value) ** n


def fold(op: str, value: Payload) -> Value | None:
    function = FOLDABLE.get(op)
    if function is None or value is None:
        return None
    try:
        return function(value)  # type: ignore[arg-type]
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
