"""Gradient descent with the Barzilai–Borwein rate, made safe by a non-monotone line search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from calcopt.solve.linesearch import ARMIJO, Armijo, exhausted
from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.vectors import norm

if TYPE_CHECKING:
    from calcopt.records import Status
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class Memory:
    """The next trial rate, and the last values of f (the newest last)."""

    alpha: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BarzilaiBorwein(Plain):
    """α_k = s·s / s·y with s = x_k − x_{k−1}, y = ∇f(x_k) − ∇f(x_{k−1}): the secant's estimate of 1/curvature.

    f may rise, yet stays below the largest of its last ``memory`` values (Armijo against that maximum); where the
    secant shows no positive curvature the rate is ten times the last.
    Reference: Barzilai & Borwein 1988; Raydan 1997, The Barzilai and Borwein gradient method for large scale
    unconstrained minimization; Birgin, Martínez & Raydan 2000 (with bounds).
    """

    rate: float | None = None
    memory: int = 10
    search: Armijo = ARMIJO
    name: ClassVar[str] = "barzilai-borwein"

    def init(self, task: Task, point: Point) -> Memory:
        length = norm(point.gradient)
        first = self.rate if self.rate is not None else min(1.0, 1.0 / length if length > 0 else 1.0)
        return Memory(first, (point.value,))

    def step(self, task: Task, point: Point, state: Memory) -> Move | Halt:
        found = self.search.along(task, point, -point.gradient, state.alpha, max(state.values))
        if found is None:
            return exhausted(task, point)
        s, y = found.point.x - point.x, found.point.gradient - point.gradient
        curvature = float(s @ y)
        alpha = float(s @ s) / curvature if curvature > 0 else 10 * found.alpha
        values = (*state.values, found.point.value)[-self.memory :]
        return Move(found.point, Memory(min(max(alpha, 1e-30), 1e30), values), found.tag, {"alpha": found.alpha})

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return "more --max-iterations, or newton" if status in ("max_iterations", "time_limit") else None
