"""Gradient descent with a line search for the strong Wolfe conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from calcopt.solve.linesearch import exhausted
from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.vectors import norm
from calcopt.solve.wolfe import EXACTING, StrongWolfe

if TYPE_CHECKING:
    from calcopt.records import Status
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class WolfeDescent(Plain):
    """x_k = x_{k−1} − α ∇f with α by strong Wolfe, c₂ = 0.1: nearly the lowest point of the line.

    The first trial is ``rate`` at the start; later the α at which the first-order change of f would be the last one.
    Reference: Nocedal & Wright 2006, Numerical Optimization, §3.5 (first trials), algorithms 3.5 and 3.6.
    """

    rate: float = 1.0
    search: StrongWolfe = EXACTING
    lowest: float = -1e100
    name: ClassVar[str] = "strong-wolfe"

    def init(self, task: Task, point: Point) -> float:
        return self.rate

    def step(self, task: Task, point: Point, state: float) -> Move | Halt:
        if point.value < self.lowest:
            from calcopt.solve.newton_safeguarded import unbounded

            return unbounded(task, point)
        found = self.search.along(task, point, -point.gradient, state)
        if found is None:
            return exhausted(task, point)
        before, after = norm(point.gradient), norm(found.point.gradient)
        growth = min((before / after) ** 2, 100.0) if after > 0 else 1.0
        return Move(found.point, max(found.alpha * growth, 1e-300), found.tag, {"alpha": found.alpha})

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        if status in ("max_iterations", "time_limit"):
            return "steepest descent is slow where curvatures differ much: try --method barzilai-borwein, or newton"
        return None
