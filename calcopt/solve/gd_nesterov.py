"""Nesterov's accelerated gradient, with restarts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.rate import suggest

if TYPE_CHECKING:
    from calcopt.records import Status, Vector
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class Pace:
    """The step before (x_k − x_{k−1}) and the momentum counter t_k."""

    last: Vector
    t: float


@dataclass(frozen=True, slots=True)
class Nesterov(Plain):
    """y = x_k + (t_k − 1)/t_{k+1} (x_k − x_{k−1}),  x_{k+1} = y − α ∇f(y),  t_{k+1} = (1 + √(1 + 4 t_k²))/2.

    The momentum is dropped (t = 1) whenever the step would go against −∇f(y): O'Donoghue & Candès's gradient
    restart. Needs two gradients a step (at y and at x_{k+1}), so that the row of the table belongs to x_{k+1}.
    Reference: Nesterov 1983; O'Donoghue & Candès 2015, Adaptive restart for accelerated gradient schemes.
    """

    rate: float = 0.01
    name: ClassVar[str] = "nesterov"

    def init(self, task: Task, point: Point) -> Pace:
        return Pace(0.0 * point.x, 1.0)

    def step(self, task: Task, point: Point, state: Pace) -> Move | Halt:
        t = (1 + math.sqrt(1 + 4 * state.t * state.t)) / 2
        beta = (state.t - 1) / t
        ahead = point if beta == 0 else task.evaluate(task.project(point.x + beta * state.last), 1)
        trial = task.evaluate(task.project(ahead.x - self.rate * ahead.gradient), 1)
        last = trial.x - point.x
        against = float(ahead.gradient @ last) > 0
        detail = {"alpha": self.rate, "beta": beta}
        return Move(trial, Pace(0.0 * last, 1.0) if against else Pace(last, t), "M", detail)

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return suggest(task, best, self.rate, status, largest_curvature)
