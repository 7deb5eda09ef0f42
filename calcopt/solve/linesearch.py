"""Searches along a direction (bent along the bounds): how far to go."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calcopt.solve.kinks import kink_beside
from calcopt.solve.method import Halt
from calcopt.solve.vectors import compare, norm, short

if TYPE_CHECKING:
    from calcopt.records import Vector
    from calcopt.solve.tasks import Point, Task


class Found(NamedTuple):
    """A point that passed the test, the factor α that led to it, and the letter of the step."""

    point: Point
    alpha: float
    tag: str


class Armijo(NamedTuple):
    """The first α of α₀, α₀·shrink, … with f(P(x + αp)) ≤ reference + c ∇f·(P(x + αp) − x).

    ``reference`` is f(x), or more for a non-monotone search. Where f changes by less than its own rounding error
    the test on f says nothing; there a trial passes when it does not raise f beyond that error and its gradient is
    smaller (Hager & Zhang 2005, A new conjugate gradient method, §4: the approximate Wolfe test).
    """

    c: float = 1e-4
    shrink: float = 0.5
    trials: int = 120

    def along(self, task: Task, point: Point, p: Vector, alpha: float, reference: float) -> Found | None:
        """Search from ``point`` along p with first factor ``alpha``; None when no factor passes."""
        tag, noise = "G", None
        for _ in range(self.trials):
            x = task.project(point.x + alpha * p)
            step = x - point.x
            if not step.any():
                return None
            slope = float(point.gradient @ step)
            trial = task.evaluate(x, 1)
            fell = trial.finite and trial.value < reference
            if trial.finite and not (fell and task.pole_between(point.x, x) is not None):
                if trial.value <= reference + self.c * slope and trial.value < reference:
                    return Found(trial, alpha, tag)
                if abs(slope) <= 1e-9 * max(1.0, abs(point.value)):  # else the noise is not worth asking for
                    noise = task.noise(point.x).value if noise is None else noise
                    quiet = abs(slope) <= 10 * noise and trial.value <= point.value + 2 * noise
                    if quiet and task.measure(trial) < task.measure(point):
                        return Found(trial, alpha, tag)
                tag = "B" if tag == "G" else tag
            else:
                tag = "D"
            alpha *= self.shrink
        return None


ARMIJO = Armijo()
"""The search with its usual constants."""


def exhausted(task: Task, point: Point) -> Halt:
    """No step lowers f: either the gradient is zero to rounding, or this is a dead end."""
    noise = task.noise(point.x)
    measure, error = task.measure(point), norm(noise.gradient)
    if measure <= error:
        return Halt(
            "converged",
            compare(task.measure_name, measure, error, "its rounding error here; the tolerance is below that"),
        )
    kink = kink_beside(task, point)
    if kink is not None:
        return kink
    return Halt(
        "stalled",
        f"no step along the direction of descent lowers f = {short(point.value)} beyond its rounding error "
        f"{short(noise.value)}, and {task.measure_name} = {short(measure)} is above the tolerance",
        "try newton, or a larger --tolerance",
    )
