"""A start that cannot be used is refused before the first iteration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from calcopt.errors import MathError
from calcopt.solve.vectors import hessian_is_finite, is_finite, place, short

if TYPE_CHECKING:
    from calcopt.solve.tasks import Point, Task


def require_finite(task: Task, point: Point) -> None:
    """Refuse a start where the question makes no sense.

    Raises:
        MathError: f is undefined, overflows, or has no gradient at the start.
    """
    where = f"at the start {place(task.variables, point.x)}"
    undefined = math.isnan(point.value) or (point.residual is not None and bool(np.isnan(point.residual).any()))
    if undefined:
        raise MathError(f"f is not defined {where}: its value is nan", hint="start inside the domain")
    if math.isinf(point.value):
        sign = -1.0 if task.goal == "maximize" else 1.0
        raise MathError(
            f"f is not finite {where}: its value is {short(sign * point.value)} (a pole, the edge of the domain, or "
            "an overflow of double precision)",
            hint="start elsewhere, or minimize log(f) if f overflows",
        )
    if not is_finite(point.gradient):
        raise MathError(
            f"f has no finite derivative {where}, though its value there is {short(point.value)}",
            hint="start a little beside that point",
        )
    if point.hessian is not None and not hessian_is_finite(point.hessian):
        raise MathError(
            f"f has no finite second derivative {where}, which Newton's method needs",
            hint="start a little beside that point, or use gd",
        )
