"""Enclosures of exp, log, sin … : monotone pieces evaluated at the ends and widened.

The functions of NumPy and of the C library are off by less than four units in the last place; eight are added here.
Where the argument leaves the domain the enclosure is that of the part inside. Angles beyond 1000 are not reduced.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from calcopt.numeric.intervals.arithmetic import (
    TINY,
    WHOLE,
    Interval,
    general_power,
    multiply,
    square_root,
    underflown,
    widened,
)

ULPS = 8.0
LARGEST_ANGLE = 1000.0
_SLACK = 1e-11  # in turns: far more than the rounding of (x − c)/2π for |x| ≤ 1000
_HALF_PI = np.array([[math.pi / 2], [np.nextafter(math.pi / 2, 2.0)]])
PI = np.array([[math.pi], [np.nextafter(math.pi, 4.0)]])  # math.pi is below π


def _increasing(
    function: Callable[[Any], Any], *, least: float = -np.inf, most: float = np.inf, ulps: float = ULPS
) -> Callable[[Interval], Interval]:
    """The enclosure of an increasing function whose values lie in [least, most]."""
    return lambda a: np.clip(widened(function(a), ulps), least, most)


def _underflowing(
    function: Callable[[Any], Any], *, most: float = np.inf, ulps: float = ULPS
) -> Callable[[Interval], Interval]:
    """An increasing positive function, which comes out as 0 where it is too small for a double."""
    above = np.array([[0.0], [TINY]])
    return lambda a: np.clip(widened(function(a), ulps) + above, 0.0, most)


def _even_inside(a: Interval) -> Interval:
    """[mig, mag] of |a|."""
    size = np.abs(a)
    low = np.where((a[0] <= 0.0) & (a[1] >= 0.0), 0.0, size.min(axis=0))
    return np.stack([low, size.max(axis=0)])


def _inside(a: Interval, least: float, most: float = np.inf) -> Interval:
    """The part of the argument in the domain; its nearest end where there is none."""
    return np.clip(a, least, most)


def logarithm(a: Interval) -> Interval:
    return widened(np.log(_inside(a, 0.0)), ULPS)


def _holds_turn(a: Interval, phase: float) -> Any:
    """Whether phase + 2πk is in a for an integer k (or may be, to rounding)."""
    turns = (a - phase) / (2 * math.pi)
    return np.floor(turns[1] + _SLACK) >= np.ceil(turns[0] - _SLACK)


def _wave(function: Callable[[Any], Any], top: float) -> Callable[[Interval], Interval]:
    """sin and cos: 1 at top + 2πk, −1 half a turn away, monotone between."""

    def enclosure(a: Interval) -> Interval:
        far = np.abs(a).max(axis=0) > LARGEST_ANGLE
        near = np.where(far, 0.0, a)
        values = function(near)
        ends = widened(np.stack([values.min(axis=0), values.max(axis=0)]), ULPS)
        # beyond the first turn the argument's reduction may cost absolute, not relative, accuracy
        ends += np.where(np.abs(near).max(axis=0) > 3.0, 2.0**-50, 0.0) * np.array([[-1.0], [1.0]])
        ends[0] = np.where(far | _holds_turn(near, top + math.pi), -1.0, np.maximum(ends[0], -1.0))
        ends[1] = np.where(far | _holds_turn(near, top), 1.0, np.minimum(ends[1], 1.0))
        return ends

    return enclosure


def has_pole_of_tan(a: Interval) -> Any:
    """Whether π/2 + πk is in a, or may be."""
    far = np.abs(a).max(axis=0) > LARGEST_ANGLE
    turns = (np.where(far, 0.0, a) - math.pi / 2) / math.pi
    return far | (np.floor(turns[1] + _SLACK) >= np.ceil(turns[0] - _SLACK))


def _tangent(a: Interval) -> Interval:
    pole = has_pole_of_tan(a)
    values = np.tan(np.where(pole, 0.0, a))
    # tan' = 1 + tan²: what the reduction of the argument may cost
    ends = widened(values, ULPS) + np.array([[-1.0], [1.0]]) * 2.0**-50 * (1.0 + values * values)
    return np.where(pole, WHOLE, ends)


def _arc_cosine(a: Interval) -> Interval:
    ends = widened(np.arccos(_inside(a[::-1], -1.0, 1.0)), ULPS)
    return np.clip(ends, 0.0, PI[1, 0])


def _arc_cotangent(a: Interval) -> Interval:
    """atan(1/x), π/2 at 0: a jump from −π/2 to π/2 there."""
    inverse = np.where(a == 0.0, np.array([[np.inf], [-np.inf]]), 1.0 / a)
    ends = widened(np.arctan(inverse[::-1]), 2 * ULPS)
    across = (a[0] <= 0.0) & (a[1] >= 0.0)
    whole = np.stack([np.where(a[0] < 0.0, -_HALF_PI[1, 0], ends[0]), np.full(a.shape[1], _HALF_PI[1, 0])])
    return np.where(across, whole, ends)


def _sigmoid(x: Any) -> Any:
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, decay) / (1.0 + decay)


def _log_of_sum(a: Interval, b: Interval) -> Interval:
    """log(eᵃ + eᵇ), increasing in both; the cancelling of the larger argument is an absolute error."""
    ends = np.logaddexp(a, b)
    size = np.maximum(np.abs(np.maximum(a, b)), 1.0)
    error = np.where(np.isfinite(size), size, 0.0) * 2.0**-48
    return widened(ends, ULPS) + np.array([[-1.0], [1.0]]) * error


_positive_softplus = _underflowing(lambda a: np.logaddexp(0.0, a), ulps=2 * ULPS)


def _softplus(a: Interval) -> Interval:
    return np.maximum(_positive_softplus(a), a)


def on_cut_of_atan2(y: Interval, x: Interval) -> Any:
    """Whether the half-line y = 0, x ≤ 0, where the angle jumps, meets the box."""
    return (y[0] <= 0.0) & (y[1] >= 0.0) & (x[0] <= 0.0)


def _angle(y: Interval, x: Interval) -> Interval:
    """atan2: a box off the cut sees its least and greatest angle at corners."""
    corners = np.stack([np.arctan2(y[i] + 0.0, x[j]) for i in (0, 1) for j in (0, 1)])
    ends = underflown(widened(np.stack([corners.min(axis=0), corners.max(axis=0)]), ULPS), y, x)
    return np.where(on_cut_of_atan2(y, x), np.array([[-PI[1, 0]], [PI[1, 0]]]), ends)


def _power(a: Interval, b: Interval) -> Interval:
    exponent = multiply(b, logarithm(a))
    return general_power(a, b, ELEMENTARY["exp"](exponent), a[0] <= 0.0)


_each_erf = np.frompyfunc(math.erf, 1, 1)


def _erf(a: Interval) -> Interval:
    return np.clip(widened(np.asarray(_each_erf(a), dtype=np.float64), ULPS), -1.0, 1.0)


ELEMENTARY: dict[str, Callable[..., Interval]] = {
    "exp": _underflowing(np.exp),
    "log": logarithm,
    "log10": lambda a: widened(np.log10(_inside(a, 0.0)), ULPS),
    "log2": lambda a: widened(np.log2(_inside(a, 0.0)), ULPS),
    "sqrt": square_root,
    "sin": _wave(np.sin, math.pi / 2),
    "cos": _wave(np.cos, 0.0),
    "tan": _tangent,
    "asin": lambda a: np.clip(widened(np.arcsin(_inside(a, -1.0, 1.0)), ULPS), -_HALF_PI[1, 0], _HALF_PI[1, 0]),
    "acos": _arc_cosine,
    "atan": _increasing(np.arctan, least=-_HALF_PI[1, 0], most=_HALF_PI[1, 0]),
    "acot": _arc_cotangent,
    "sinh": _increasing(np.sinh),
    "cosh": lambda a: np.maximum(widened(np.cosh(_even_inside(a)), ULPS), 1.0),
    "tanh": _increasing(np.tanh, least=-1.0, most=1.0),
    "asinh": _increasing(np.arcsinh),
    "acosh": lambda a: np.maximum(widened(np.arccosh(_inside(a, 1.0)), ULPS), 0.0),
    "atanh": lambda a: widened(np.arctanh(_inside(a, -1.0, 1.0)), ULPS),
    "erf": _erf,
    "sigmoid": _underflowing(_sigmoid, most=1.0, ulps=2 * ULPS),
    "softplus": _softplus,
    "logaddexp": _log_of_sum,
    "atan2": _angle,
    "pow": _power,
    "abs": _even_inside,
}
"""Operation → enclosure of its arguments' enclosures."""
