"""What becomes of f far away: the ray along which it falls without end, or towards a value that it never takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from calcopt.solve.vectors import norm, place, short

if TYPE_CHECKING:
    from calcopt.records import Vector
    from calcopt.solve.method import Halt
    from calcopt.solve.tasks import Minimize, Point, Task

FAR = 1e6
"""From this distance on a point is said to be on its way to infinity."""
NAMED = 4
"""A direction is written out for up to so many variables."""


def ray(variables: Sequence[str], direction: Vector) -> str:
    """``x → −∞``, or ``(x, y) = t·(0.71, -0.71), t → ∞``; empty for many variables."""
    length = norm(direction)
    if not (length > 0 and math.isfinite(length)) or len(variables) > NAMED:
        return ""
    if len(variables) == 1:
        return f"{variables[0]} → {'' if direction[0] > 0 else '−'}∞"
    unit = ", ".join(f"{value + 0.0:.2g}" for value in (direction / length).round(4).tolist())
    return f"({', '.join(variables)}) = t·({unit}), t → ∞"


def along(task: Task, point: Point) -> str:
    """``along x → −∞`` for a point far away; empty for one that is not."""
    if norm(point.x) < FAR or not (said := ray(task.variables, point.x)):
        return ""
    return f" along {said}"


def falling(task: Task, point: Point, direction: Vector) -> str | None:
    """Values of f farther and farther on the way: evidence that it keeps falling; None where it does not.

    The way goes from ``point`` along ``direction``, 10, 100 and 1000 times as far as the point is from the origin. A
    value of exactly 0 counts for nothing: it may be an underflow.
    """
    length = norm(direction)
    if not (length > 0 and math.isfinite(length)):
        return None
    sign = -1.0 if task.goal == "maximize" else 1.0
    size, last, seen = max(1.0, norm(point.x)), point.value, []
    for far in (10.0, 100.0, 1000.0):
        x = task.project(point.x + far * size * (direction / length))
        with np.errstate(all="ignore"):
            value = task.value(x)
        if not (math.isfinite(value) and 0 != value < last) or task.pole_between(point.x, x) is not None:
            break
        seen.append(f"{sign * value:.9g} at {place(task.variables, x)}")
        last = value
    if not seen:
        return None
    verb = "falls" if sign > 0 else "rises"
    here = f"f = {sign * point.value:.9g} at {place(task.variables, point.x)}"
    towards = ray(task.variables, direction) or "infinity"
    return f"f still {verb} on the way to {towards}: {here}, {', '.join(seen)}"


def keeps_falling(task: Task, point: Point) -> str | None:
    """Evidence that no critical point is near ``point``, whose Hessian is singular: the Newton step (of least squares)
    is long, and down the slope f falls, near and far, without a rise between."""
    length, hessian = norm(point.gradient), point.hessian
    if not (length > 0 and math.isfinite(length)) or not isinstance(hessian, np.ndarray) or task.bounded:
        return None
    from calcopt.solve.curvature import quadratic_model

    step = quadratic_model(hessian).newton(point.gradient)
    if step is not None and norm(step.p) <= 1e-3 * max(1.0, norm(point.x)):
        return None
    size, last = max(1.0, norm(point.x)), point.value
    for far in (0.01, 0.1, 1.0, 10.0):
        x = task.project(point.x - far * size * (point.gradient / length))
        with np.errstate(all="ignore"):
            value = task.value(x)
        if not value < last:
            return None
        last = value
    return falling(task, point, -point.gradient)


def beside_a_pole(task: Minimize, point: Point, start: Vector) -> Halt | None:
    """The Halt of a run that fell down beside a pole, seen by f at the pole's edge; None where there is none."""
    way = point.x - start
    if task.poles is None or not way.any():
        return None
    pole = task.pole_between(start, point.x + 1e-9 * way)
    if pole is None or norm(pole - point.x) > 1e-6 * norm(way):
        return None
    with np.errstate(all="ignore"):
        beside, first = task.value(pole), task.value(start)
    if not point.value < first - 1e6 * max(1.0, abs(first)):
        return None
    from calcopt.solve.method import Halt

    word, verb, what = ("above", "rises", "maximum") if task.sign < 0 else ("below", "falls", "minimum")
    here = f"{short(task.sign * point.value)} at {place(task.variables, point.x)}"
    nearer = f", and to {short(task.sign * beside)} nearer to it" if beside < point.value else ""
    return Halt(
        "unbounded",
        f"f is unbounded {word} beside a pole near {place(task.variables, pole)}: it {verb} to {here}{nearer}",
        f"there is no {what} on this side of the pole: start on the other side, or bound the variables (--box)",
    )
