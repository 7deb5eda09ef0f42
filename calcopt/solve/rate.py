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
    from calcopt.records import Status
    from calcopt.solve.tasks import Point, Task

RISES = 8
"""Consecutive rises of f and of the gradient, each with α·curvature > 2, that are called divergence."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a fixed rate has met so far: consecutive rises, the value before them, the largest curvature in them."""

    rises: int = 0
    before: float = math.inf
    curvature: float = 0.0

    def after(self, task: Task, rate: float, old: Point, new: Point) -> Watch:
        """The watch after a step from ``old`` to ``new``.

        The curvature met on the step is ‖∇f(new) − ∇f(old)‖/‖new − old‖, a lower bound of L there.
        """
        step = norm(new.x - old.x)
        curvature = norm(new.gradient - old.gradient) / step if step > 0 else 0.0
        growing = new.value > old.value and task.measure(new) > task.measure(old)
        if not (growing and rate * curvature > 2):
            return Watch()
        before = self.before if self.rises else old.value
        return Watch(self.rises + 1, before, max(self.curvature, curvature))

    def halt(self, task: Task, rate: float, new: Point) -> Halt | None:
        """Divergence, once f and its gradient have risen ``RISES`` times running with a rate beyond 2/curvature."""
        if self.rises < RISES:
            return None
        sign = -1.0 if task.goal == "maximize" else 1.0
        verb = "fell" if sign < 0 else "rose"
        return Halt(
            "diverged",
            f"f {verb} in {self.rises} steps running, from {short(sign * self.before)} to {short(sign * new.value)}, "
            f"and so did {task.measure_name}: the rate {short(rate)} exceeds 2/L = {short(2 / self.curvature)} "
            f"for the curvature met, L ≈ {short(self.curvature)}".replace(
                "and so did", "while the gradient grew:" if sign < 0 else "and so did"
            ),
        )


def round_down(value: float) -> float:
    """``value`` cut to two significant digits."""
    if not (math.isfinite(value) and value > 0):
        return value
    scale = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.floor(value / scale * (1 + 1e-12)) * scale:.2g}")


def suggest(rate: float, status: Status, curvature: float | None, method: str) -> str | None:
    """The cure for a run with the fixed rate ``rate``, from the curvature L = max |λ(H)| at the best point.

    The rate offered is 0.9 · 2/L for divergence and for crawling alike.
    """
    if curvature is None or not (math.isfinite(curvature) and curvature > 0):
        return "try another start, --method backtracking, or newton" if status != "time_limit" else None
    better = round_down(1.8 / curvature)
    because = (
        f"the curvature seen was L ≈ {short(curvature)}, and a fixed rate must stay below 2/L = {short(2 / curvature)}"
    )
    if status in ("diverged", "left_domain"):
        offered = min(better, round_down(rate / 4)) if better >= rate else better
        why = because if better < rate else "the step was too long"
        return f"try --rate {offered:g}: {why}; --method backtracking finds a rate by itself"
    if status in ("max_iterations", "time_limit"):
        if better > 2 * rate:
            return (
                f"the rate {short(rate)} crawls: try --rate {better:g} (the curvature here is L ≈ {short(curvature)}, "
                f"and rates up to 2/L = {short(2 / curvature)} are stable), or newton"
            )
        if rate * curvature > 2:
            return f"try --rate {better:g}: {because}"
        if method == "adam":
            return "adam with a fixed rate keeps circling a minimum: try --method backtracking, or newton"
        return "more --max-iterations, --method barzilai-borwein, or newton"
    return None
