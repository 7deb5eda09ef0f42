"""Arithmetic of intervals: an interval of m boxes is an array (2, m), lower ends above upper ends.

IEEE + − · / and √ are correctly rounded, so one unit in the last place outwards encloses them. Lower ends are
never +inf, upper ends never −inf, and nothing is nan: where an overflow would make one, 0·∞ = 0 as for bounds.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Interval: TypeAlias = "NDArray[np.float64]"

LARGEST = float(np.finfo(np.float64).max)
TINY = 2.0**-1000
"""What underflow may have lost, and more: subnormal numbers are slow."""
_SMALL = 2.0**-960  # a result below may have lost digits to underflow
_SAFE = 2.0**-450  # the product or quotient of factors within [_SAFE, 1/_SAFE] has not
_OUT = np.array([[-np.inf], [np.inf]])
_SIGNS = np.array([[-1.0], [1.0]])
WHOLE: Interval = _OUT


def outward(ends: Interval) -> Interval:
    """At least one unit in the last place outwards: what a correctly rounded operation may be off; 0 stays 0."""
    return widened(ends, 1.0)


def widened(ends: Interval, ulps: float) -> Interval:
    """Outwards by at least ``ulps`` units in the last place, for functions that are not correctly rounded.

    Several times faster than ``np.nextafter``, and as safe: the added |x|·2⁻⁵² is never less than one unit of x. An end
    that is 0 is taken for exact: so it is in sums, and in functions that vanish only at 0.
    """
    size = np.abs(ends)
    if not size.max(initial=0.0) < np.inf:
        ends = finite_side(ends)
        size = np.abs(ends)
    error = size * (ulps * 2.0**-52)
    if size.min(initial=1.0) < _SMALL:
        error += np.where((size > 0.0) & (size < _SMALL), TINY, 0.0)
    return ends + _SIGNS * error


def underflown(ends: Interval, *factors: Interval) -> Interval:
    """Widened where a product or quotient of ``factors`` may have underflown, to 0 or to few digits.

    A product that is 0 because a factor is 0 stays exact: 1/x on [0, 1] must not reach the negative numbers.
    """
    if np.abs(ends).min(initial=1.0) >= _SMALL:
        return ends
    extreme: Any = False
    for factor in factors:
        size = np.abs(factor)
        extreme = extreme | (((size > 0.0) & (size < _SAFE)) | ((size > 1.0 / _SAFE) & (size < np.inf))).any(axis=0)
    return np.asarray(ends + np.where((np.abs(ends) < _SMALL) & extreme, TINY, 0.0) * _SIGNS)


def finite_side(ends: Interval) -> Interval:
    """A lower end of +inf is an overflow of something above the largest double; and so below."""
    result: Interval = np.empty_like(ends)
    np.minimum(ends[0], LARGEST, out=result[0])
    np.maximum(ends[1], -LARGEST, out=result[1])
    return result


def rational(value: int | Fraction) -> Interval:
    """The tightest doubles around a rational, shape (2, 1); a double itself is a point."""
    try:
        near = value.numerator / value.denominator  # correctly rounded, whatever the sizes
    except OverflowError:
        return np.array([[LARGEST], [np.inf]]) if value > 0 else np.array([[-np.inf], [-LARGEST]])
    if Fraction(near) == value:
        return np.array([[near], [near]])
    below = near if Fraction(near) < value else np.nextafter(near, -np.inf)
    return np.array([[below], [np.nextafter(below, np.inf)]])


def add(a: Interval, b: Interval) -> Interval:
    return outward(a + b)


def subtract(a: Interval, b: Interval) -> Interval:
    return outward(a - b[::-1])


def negate(a: Interval) -> Interval:
    return -a[::-1]


def multiply(a: Interval, b: Interval) -> Interval:
    for constant, other in ((a, b), (b, a)):
        if constant.shape[1] == 1 and _is_sharp(constant):
            return _scaled(constant, other)
    return underflown(outward(_hull(a[:, None] * b[None])), a, b)


def _is_sharp(constant: Interval) -> bool:
    """Whether the two ends are neighbouring doubles, or one."""
    low, high = constant[:, 0]
    return bool(abs(high - low) <= 2.0**-52 * abs(low)) and bool(abs(low) < np.inf)


def _scaled(constant: Interval, a: Interval) -> Interval:
    """c·a for a sharp constant: its own width is at most one unit in the last place more."""
    factor = float(constant[0, 0])
    if factor == 0.0:
        return np.zeros((2, 1))
    exact = factor == constant[1, 0]
    if exact and factor in (1.0, -1.0):
        return a if factor > 0 else negate(a)
    return underflown(widened(factor * (a if factor > 0 else a[::-1]), 1.0 if exact else 3.0), a, constant[:, :1])


def _hull(corners: NDArray[np.float64]) -> Interval:
    """Least and greatest of the four corners, (2, 2, m); nan came from 0·∞ or ∞/∞, where other corners are bounds."""
    corners = corners.reshape(4, -1)
    low = corners.min(axis=0)
    if np.isnan(low).any():
        corners = np.where(np.isnan(corners), 0.0, corners)
        low = corners.min(axis=0)
    return np.stack([low, corners.max(axis=0)])


def divide(a: Interval, b: Interval) -> Interval:
    """a/b over the part of b without 0; the whole line where 0 is inside b."""
    if b.shape[1] == 1 and b[0, 0] == b[1, 0] and b[0, 0] != 0.0 and abs(b[0, 0]) < np.inf:
        return underflown(outward((a if b[0, 0] > 0 else a[::-1]) / b[0, 0]), a, b)
    zero = (b[0] <= 0.0) & (b[1] >= 0.0)
    if not zero.any():
        return underflown(outward(_hull(a[:, None] / b[None])), a, b)
    inverse = np.stack([np.where(b[1] == 0.0, -np.inf, 1.0 / b[1]), np.where(b[0] == 0.0, np.inf, 1.0 / b[0])])
    inside = ((b[0] < 0.0) & (b[1] > 0.0)) | ((b[0] == 0.0) & (b[1] == 0.0))
    return multiply(a, underflown(outward(np.where(inside, WHOLE, inverse)), b))


def integer_power(a: Interval, n: int) -> Interval:
    """aⁿ with its true range: an even power is never negative; n < 0 is 1/aⁿ."""
    if n < 0:
        return divide(np.ones((2, 1)), integer_power(a, -n))
    powers = _repeated_squares(a, n)
    if n % 2:
        return _exact_zero(widened(powers, n), a)
    ends = _exact_zero(widened(np.stack([powers.min(axis=0), powers.max(axis=0)]), n), np.abs(a).max(axis=0))
    ends[0] = np.where((a[0] <= 0.0) & (a[1] >= 0.0), 0.0, np.maximum(ends[0], 0.0))
    return ends


def _exact_zero(ends: Interval, a: NDArray[np.float64]) -> Interval:
    """A power is 0 where its base is, and nowhere else, whatever underflow says."""
    if np.abs(ends).min(initial=1.0) >= _SMALL:
        return ends
    return np.asarray(ends + np.where((np.abs(ends) < _SMALL) & (a != 0.0), TINY, 0.0) * _SIGNS)


def _repeated_squares(x: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """xⁿ with a relative error below n·2⁻⁵³·(1 + n·2⁻⁵³)."""
    result = None
    while True:
        if n & 1:
            result = x if result is None else result * x
        n >>= 1
        if not n:
            assert result is not None
            return result
        x = x * x


def square_root(a: Interval) -> Interval:
    """√ of the part of a that is not negative."""
    ends = outward(np.sqrt(np.maximum(a, 0.0)))
    ends[0] = np.maximum(ends[0], 0.0)
    return ends


def rational_root(a: Interval, exponent: Fraction) -> Interval:
    """The real x^(p/q), q odd: sign(x)^p · |x|^(p/q)."""
    p, q = exponent.numerator, exponent.denominator
    if q == 1:
        return integer_power(a, p)
    if q == 3:
        return integer_power(widened(np.cbrt(a), 8), p)
    # |x|^(1/q) with 1/q rounded: the relative error is at most |ln x|/q · 2⁻⁵³ < 2⁻⁴⁵ more
    base = np.copysign(np.power(np.abs(a), 1.0 / q), a)
    return integer_power(widened(base, 256), p)


def general_power(a: Interval, b: Interval, exp: Interval, zero: NDArray[np.bool_]) -> Interval:
    """a^b for a ≥ 0 from ``exp`` = exp(b·log a): 0^b is 0 for b > 0, and 1 for b = 0."""
    low = np.where(zero, 0.0, exp[0])
    high = np.where(zero & (b[0] <= 0.0), np.maximum(exp[1], 1.0), exp[1])
    return np.stack(np.broadcast_arrays(low, high))
