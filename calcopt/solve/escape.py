"""Leaving a critical point that is no minimum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from calcopt.solve.vectors import EPS, hessian_is_finite, norm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.records import Vector
    from calcopt.solve.curvature import Model
    from calcopt.solve.tasks import Point, Task

LENGTHS = tuple(10.0 ** (-k / 2) for k in range(16))
"""Trial lengths, relative to the size of x: from 1 down to 3e-8."""


def leave(task: Task, point: Point, model: Model, free: NDArray[np.intp] | None) -> Point | None:
    """A lower point beside a critical point that is no minimum; None where it may be one.

    Along negative curvature any fall of f beyond rounding will do. Where the Hessian is degenerate the quadratic
    model says nothing, but values of f beside the point can still show that it is no minimum (x³ at 0, the monkey
    saddle): there f must fall ten times as far as a Newton step could explain, since near a flat minimum such as
    that of x⁴ a lower point is always at hand.
    """
    if not model.positive:  # asked first: eigenvectors of large matrices are dear
        lowest, v = model.most_negative()
        if lowest < 0:
            return _lower_along(task, point, v, free, 0.0)
    if task.verdict(point).classification != "degenerate":
        return None
    _, v = model.most_negative()
    step = model.newton(point.gradient if free is None else point.gradient[free])
    explained = 0.0
    if step is not None:
        explained = 10 * abs(float((point.gradient if free is None else point.gradient[free]) @ step.p))
    return _lower_along(task, point, v, free, explained)


def _lower_along(task: Task, point: Point, v: Vector, free: NDArray[np.intp] | None, explained: float) -> Point | None:
    """The first point along ±v, from far to near, at which f is lower by more than ``explained`` and rounding."""
    direction = v
    if free is not None:
        direction = np.zeros_like(point.x)
        direction[free] = v
    direction = direction / max(norm(direction), 1e-300)
    if direction[int(np.argmax(np.abs(direction)))] < 0:  # of two equally good ways, always the same
        direction = -direction
    size = max(1.0, norm(point.x))
    enough = explained + 10 * max(task.noise(point.x).value, EPS * abs(point.value))
    for length in LENGTHS:
        trials = [task.project(point.x + way * length * size * direction) for way in (1.0, -1.0)]
        values = [task.value(x) for x in trials]
        for value, x in sorted(
            zip(values, trials, strict=True), key=lambda pair: pair[0] if pair[0] == pair[0] else np.inf
        ):
            if value < point.value - enough:
                found = task.evaluate(x, 2)
                if found.finite and found.hessian is not None and hessian_is_finite(found.hessian):
                    return found
    return None
