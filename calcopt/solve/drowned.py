"""A small gradient that is nothing but rounding error: far out, where x + 1 = x, any slope can be computed as zero."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from calcopt.solve.method import Halt
from calcopt.solve.vectors import norm, short

if TYPE_CHECKING:
    from calcopt.records import Vector
    from calcopt.solve.tasks import Point, Task

GREW, SHARE = 1e3, 1e-3


def drowned(task: Task, start: Vector, steepest: float, point: Point, tolerance: float) -> Halt | None:
    """Why ``point`` cannot be said to have zero slope: the rounding error of ∇f there is as large as slopes were.

    ``steepest`` is the largest ‖∇f‖ met on the way. It counts as drowned where the error is above the tolerance and
    above a thousandth of ``steepest``, and has grown a thousandfold since the start: near a critical point it does not.
    """
    here = norm(task.noise(point.x).gradient)
    if here <= max(tolerance, SHARE * steepest) and math.isfinite(here):
        return None
    before = norm(task.noise(start).gradient)
    if here <= GREW * before:
        return None
    return Halt(
        "stalled",
        f"{task.measure_name} is computed as {short(task.measure(point))}, but with a rounding error of up to "
        f"{short(here)}, and no slope on the way was above {short(steepest)}: nothing can be said this far out",
        "bound the variables (--box), start elsewhere, or write f so that less cancels",
    )
