"""Piecewise primitives: where a box lies on a switch, both sides count.

A condition over m boxes is a boolean array (4, m): certain, possible; and the same two for the box with a neighbourhood
(where sides only touch, a condition may be certain on the box, and is open next to it).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from calcopt.numeric.intervals.arithmetic import WHOLE, Interval, rational_root

Condition: TypeAlias = "NDArray[np.bool_]"


def less(a: Interval, b: Interval) -> Condition:
    return _rows(a[1] < b[0], a[0] < b[1], a[1] < b[0], a[0] <= b[1])


def less_or_equal(a: Interval, b: Interval) -> Condition:
    return _rows(a[1] <= b[0], a[0] <= b[1], a[1] < b[0], a[0] <= b[1])


def equal(a: Interval, b: Interval) -> Condition:
    same = (a[0] == a[1]) & (b[0] == b[1]) & (a[0] == b[0])
    overlap = (a[0] <= b[1]) & (a[1] >= b[0])
    return _rows(same, overlap, same, overlap)


def _rows(*rows: Any) -> Condition:
    return np.stack(np.broadcast_arrays(*rows))


def negation(a: Condition) -> Condition:
    return ~a[[1, 0, 3, 2]]


def choose(condition: Condition, a: Interval, b: Interval) -> Interval:
    """a where the condition is certain, b where it is impossible, else what holds both."""
    certain, possible = condition[0], condition[1]
    return np.stack(
        [
            np.where(certain, a[0], np.where(possible, np.minimum(a[0], b[0]), b[0])),
            np.where(certain, a[1], np.where(possible, np.maximum(a[1], b[1]), b[1])),
        ]
    )


def choose_near(condition: Condition, a: Interval, b: Interval) -> Interval:
    """As :func:`choose`, for derivatives: at a switch that only touches the box both sides count."""
    return choose(condition[2:], a, b)


def sign_near(a: Interval) -> Interval:
    """|x|' on the box and next to it: [−1, 1] where 0 is an end, too."""
    return np.stack([np.where(a[0] > 0.0, 1.0, -1.0), np.where(a[1] < 0.0, -1.0, 1.0)])


def step_near(a: Interval) -> Interval:
    return np.stack([np.where(a[0] > 0.0, 1.0, 0.0), np.where(a[1] < 0.0, 0.0, 1.0)])


PIECEWISE: dict[str, Callable[..., Any]] = {
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "step": lambda a: np.where(a >= 0.0, 1.0, 0.0),
    "relu": lambda a: np.maximum(a, 0.0),
    "min": np.minimum,
    "max": np.maximum,
    "lt": less,
    "le": less_or_equal,
    "eq": equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": negation,
    "true": lambda: np.ones((4, 1), dtype=np.bool_),
    "false": lambda: np.zeros((4, 1), dtype=np.bool_),
    "select": choose,
}


def root_near(a: Interval, exponent: Fraction) -> Interval:
    """The slope of a root on the box and next to it: that of x^(2/3) changes its sign at 0, infinitely steep."""
    ends = rational_root(a, exponent)
    if exponent < 0 and exponent.numerator % 2:
        ends = np.where((a[0] <= 0.0) & (a[1] >= 0.0), WHOLE, ends)
    return ends


NEAR: dict[str, Callable[..., Any]] = {"root": root_near, "sign": sign_near, "step": step_near, "select": choose_near}
"""What takes their place in nodes that belong to derivatives only."""
