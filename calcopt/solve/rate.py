"""What a fixed rate does: divergence recognised at once, and the rate that would have worked.

For gradient descent with a fixed rate α on a function of curvature up to L, a step shortens the distance to the
minimum only while α < 2/L (Nesterov 2018, Lectures on Convex Optimization, §2.1.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calcopt.solve.method import Halt
from calcopt.solve.vectors import norm, short

if TYPE_CHECKING:
    from calcopt.records import Status, Vector
    from calcopt.solve.tasks import Point, Task

RISES = 8
"""Consecutive rises of f and of the gradient, each with α·curvature > 2, that are called divergence."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a fixed rate has met so far: consecutive rises, the value before them, the largest curvature in them, and
    the last three iterates."""

    rises: int = 0
    before: float = math.inf
    curvature: float = 0.0
    recent: tuple[Vector, ...] = ()

    def after(self, task: Task, rate: float, old: Point, new: Point) -> Watch:
        """The watch after a step from ``old`` to ``new``.

        The curvature met on the step is ‖∇f(new) − ∇f(old)‖/‖new − old‖, a lower bound of L there.
        """
        step = norm(new.x - old.x)
        curvature = norm(new.gradient - old.gradient) / step if step > 0 else 0.0
        recent = (*self.recent[-2:-1], old.x, new.x)
        growing = new.value > old.value and task.measure(new) > task.measure(old)
        if not (growing and rate * curvature > 2):
            return Watch(recent=recent)
        before = self.before if self.rises else old.value
        return Watch(self.rises + 1, before, max(self.curvature, curvature), recent)

    def repeats(self) -> bool:
        """True when the last iterate is the one two steps before it: what is left of two steps is 1e-9 of one."""
        if len(self.recent) < 3:
            return False
        before, between, last = self.recent
        step = norm(last - between)
        return step > 1e-9 * norm(last) and norm(last - before) <= 1e-9 * step

    def halt(self, task: Task, rate: float, new: Point) -> Halt | None:
        """Divergence, once f and its gradient have risen ``RISES`` times running with a rate beyond 2/curvature."""
        if self.rises < RISES:
            return None
        sign = -1.0 if task.goal == "maximize" else 1.0
        verb = "fell" if sign < 0 else "rose"
        return Halt(
            "diverged",
            f"f {verb} in {self.rises} steps running, from {short(sign * self.before)} to {short(sign * new.value)}, "
            f"while {task.measure_name} grew: the rate {short(rate)} exceeds 2/L = {short(2 / self.curvature)} for the "
            f"curvature met, L ≈ {short(self.curvature)}",
        )


def round_down(value: float) -> float:
    """``value`` cut to two significant digits."""
    if not (math.isfinite(value) and value > 0):
        return value
    scale = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.floor(value / scale * (1 + 1e-12)) * scale:.2g}")


def rehearsed(task: Task, point: Point, rate: float) -> float | None:
    """``rate`` halved until a rehearsal of fixed-rate steps from ``point`` does not raise f; None if none serves.

    The curvature at one point promises nothing about the way ahead, so a rate is tried before it is recommended.
    """
    steps = 300 if point.x.size <= 1000 else 20
    for _ in range(6):
        here, lowest = point, point.value
        for _ in range(steps):
            here = task.evaluate(task.project(here.x - rate * here.gradient), 1)
            if not here.finite or here.value > lowest + 1e-3 * abs(point.value - lowest) + 1e-12 * abs(lowest):
                break
            lowest = min(lowest, here.value)
        else:
            return rate
        rate = round_down(rate / 2)
    return None


def suggest(task: Task, best: Point, rate: float, status: Status, curvature: float | None) -> str | None:
    """The cure for a run with the fixed rate ``rate``: the curvature at the best point is L = max |λ(H)|, and
    0.9 · 2/L is offered if a rehearsal bears it out, else less."""
    if status == "unbounded":
        return "for a minimum near the start try a smaller --rate, or bound the variables (--box)"
    if status not in ("diverged", "left_domain", "max_iterations", "time_limit"):
        return None
    if curvature is None or not (math.isfinite(curvature) and curvature > 0):
        return "try another start, --method backtracking, or newton"
    limit = 2 / curvature
    # a rate that failed though the curvature here would bear it met a larger one on its way: half of it, then
    failed = status in ("diverged", "left_domain")
    first = round_down(0.9 * limit)
    better = rehearsed(task, best, round_down(rate / 2) if failed and rate < 1.5 * limit else first)
    if better is None:
        return "try --method backtracking, which finds a rate at every step, or newton"
    if failed or rate > limit:
        short_of = "" if better == first else "; on the way ahead it is larger, or the edge of the domain near"
        return (
            f"try --rate {better:g}: the curvature seen was L ≈ {short(curvature)}, and a fixed rate must stay below "
            f"2/L = {short(limit)}{short_of}; --method backtracking finds a rate by itself"
        )
    if better > 2 * rate:
        return (
            f"the rate {short(rate)} crawls: try --rate {better:g} (the curvature here is L ≈ {short(curvature)}, and "
            f"rates below 2/L = {short(limit)} are stable), or newton"
        )
    return "more --max-iterations, --method barzilai-borwein, or newton"
