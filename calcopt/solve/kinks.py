"""Kinks and jumps: points at which ∇f or f itself jumps, so that a zero gradient says nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from calcopt.solve.method import Halt
from calcopt.solve.vectors import hessian_is_finite, norm, place, row_sum_norm, short, sideways

if TYPE_CHECKING:
    from calcopt.records import Vector
    from calcopt.solve.tasks import Point, Task

NEAR, FAR = 1e-12, 1e-9
"""Distances, relative to the size of x, at which the gradient is read beside a point."""

SMOOTHER = "methods that follow derivatives cannot judge a kink: smooth it, as sqrt(x^2 + 1e-9) for |x|"


def kink_beside(task: Task, point: Point) -> Halt | None:
    """A kink on the way down from a point where no step lowers f: within a hair's breadth ∇f turns."""
    length = norm(point.gradient)
    if not (length > 0 and math.isfinite(length)):
        return None
    jump = _jump(task, point, -point.gradient / length, 0.1 * length)
    if jump is None:
        return None
    seen = f"jumps by {short(jump)}" if math.isfinite(jump) else "does not exist"
    return Halt(
        "non_smooth",
        f"the derivative {seen} within {short(NEAR * max(1.0, norm(point.x)))} of this point, where "
        f"{task.measure_name} = {short(task.measure(point))}: a kink, at which no derivative vanishes",
        SMOOTHER,
    )


def kink_at(task: Task, point: Point) -> Halt | None:
    """A kink at a point whose gradient is said to be zero (as sign(0) = 0 makes it for |x| at 0).

    The gradient is read a hair's breadth away, both ways along a direction that no hyperplane of the axes contains;
    where f is smooth it changes there by curvature × distance only.
    """
    direction = sideways(point.x.size)
    known = point.hessian is not None and hessian_is_finite(point.hessian)
    curvature = row_sum_norm(point.hessian) if known else 0.0
    errors = task.noise(point.x)
    noise = norm(errors.gradient)
    gap = _gap(task, point, direction, curvature, errors.value)
    if gap is not None:
        return Halt(
            "non_smooth",
            f"f jumps by {short(gap)} beside {place(task.variables, point.x)}: a zero slope says nothing there",
            "methods that follow derivatives cannot judge a jump: compare the values on its sides",
        )
    for way in (direction, -direction):
        smooth = 100 * (curvature * FAR * max(1.0, norm(point.x)) + noise) + 10 * task.measure(point) + 1e-300
        jump = _jump(task, point, way, smooth)
        if jump is not None:
            where = place(task.variables, point.x)
            if math.isinf(jump):
                message = f"the derivative does not exist beside {where}: the edge of the domain, or a singular point"
                return Halt("non_smooth", message, "bound the variables (--box), or start elsewhere")
            seen = f"jumps by {short(jump)}"
            return Halt(
                "non_smooth", f"the derivative {seen} beside {where}: a kink, not a point of zero slope", SMOOTHER
            )
    return None


def _gap(task: Task, point: Point, direction: Vector, curvature: float, noise: float) -> float | None:
    """By how much f jumps near a point with a zero slope (as floor does); None if it does not.

    Read on both sides at FAR, and at the mirror image of the point in the critical point, x − 2 H⁻¹ ∇f, since the jump
    may lie between the two. A smooth f changes over a distance d by |∇f| d + ½ |H| d² only.
    """
    g = point.gradient
    reach = FAR * max(1.0, norm(point.x))
    moves = [reach * direction, -reach * direction]
    if curvature > 0:
        moves.append(-2.0 * g / curvature)
    for move in moves:
        x = task.project(point.x + move)
        other = task.evaluate(x, 0)
        if not math.isfinite(other.value):
            continue  # an edge of the domain: the gradient tells
        distance = norm(x - point.x)
        smooth = norm(g) * distance + curvature * distance**2 + noise + task.noise(x).value
        if abs(other.value - point.value) > 100 * smooth + 1e-300:
            gap = _discontinuity(task, point.x, x, point.value, other.value)
            at_kink = 1e-3 * abs(other.value - point.value)  # there the last digit of x is what is left
            if gap > max(100 * smooth, at_kink):
                return gap
    return None


def _discontinuity(task: Task, a: Vector, b: Vector, fa: float, fb: float) -> float:
    """|f(b) − f(a)| after halving the way from a to b fifty times, keeping the half over which f changes more.

    It goes to 0 where f is continuous, however steep, and to the height of the jump where f jumps.
    """
    for _ in range(50):
        middle = 0.5 * (a + b)
        fm = task.evaluate(middle, 0).value
        if not math.isfinite(fm):
            return 0.0
        if abs(fm - fa) >= abs(fb - fm):
            b, fb = middle, fm
        else:
            a, fa = middle, fm
    return abs(fb - fa)


def _jump(task: Task, point: Point, way: Vector, more_than: float) -> float | None:
    """By how much ∇f jumps on the way, if by more than ``more_than`` and whatever the distance; None if smooth."""
    size = max(1.0, norm(point.x))
    changes = []
    for distance in (FAR, NEAR):
        x = task.project(point.x + distance * size * way)
        if not (x != point.x).any():
            return None
        other = task.evaluate(x, 1)
        changes.append(norm(other.gradient - point.gradient) if other.finite else math.inf)
        if changes[0] <= more_than:
            return None
    far, near = changes
    return near if near > more_than and near >= 0.1 * far else None
