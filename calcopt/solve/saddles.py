"""Gradient methods at a point of zero slope: is it a minimum, and if not, the way down from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from calcopt.solve.curvature import quadratic_model
from calcopt.solve.escape import leave
from calcopt.solve.vectors import hessian_is_finite

if TYPE_CHECKING:
    from calcopt.solve.tasks import Point, Task

MOST_DENSE = 2000
"""Up to so many variables a dense Hessian is made and taken apart to look for negative curvature."""


def lower_beside(task: Task, point: Point) -> Point | None:
    """A lower point beside a critical point that is no minimum (:func:`calcopt.solve.escape.leave`); None where it may
    be one, where the Hessian does not exist, or where it is too large to look at."""
    if task.goal == "root":
        return None
    if point.hessian is None:
        if point.x.size > MOST_DENSE:
            return None
        point = task.evaluate(point.x, 2)
    hessian = point.hessian
    if hessian is None or not hessian_is_finite(hessian):
        return None
    held = task.held(point)
    free = None if held is None else np.flatnonzero(~held)
    if free is not None and free.size == 0:
        return None
    return leave(task, point, quadratic_model(hessian if free is None else hessian[free][:, free]), free)
