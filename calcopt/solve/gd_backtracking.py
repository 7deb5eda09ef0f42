"""Gradient descent with a backtracking line search (Armijo)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from calcopt.solve.linesearch import ARMIJO, Armijo, exhausted
from calcopt.solve.method import Halt, Move, Plain

if TYPE_CHECKING:
    from calcopt.records import Status
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class Backtracking(Plain):
    """x_k = P(x_{k−1} − α ∇f),  α the first of α₀, α₀/2, α₀/4 … with f(x_k) ≤ f(x_{k−1}) − c ∇f·(x_{k−1} − x_k).

    The first trial is ``rate`` at the start, later twice the α that was taken last.
    Reference: Armijo 1966; Bertsekas 1999, Nonlinear Programming, §2.3.1 (along the projection arc).
    """

    rate: float = 1.0
    search: Armijo = ARMIJO
    name: ClassVar[str] = "backtracking"

    def init(self, task: Task, point: Point) -> float:
        return self.rate

    def step(self, task: Task, point: Point, state: float) -> Move | Halt:
        found = self.search.along(task, point, -point.gradient, state, point.value)
        if found is None:
            return exhausted(task, point)
        # a full step is tagged G, a shortened one by what shortened it
        return Move(found.point, 2 * found.alpha, found.tag, {"alpha": found.alpha})

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        if status in ("max_iterations", "time_limit"):
            return "steepest descent is slow where curvatures differ much: try --method barzilai-borwein, or newton"
        return None
