"""Gradient descent with momentum: Polyak's heavy ball."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.rate import suggest

if TYPE_CHECKING:
    from calcopt.records import Status, Vector
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class Momentum(Plain):
    """v_k = β v_{k−1} − α ∇f(x_{k−1}),  x_k = x_{k−1} + v_k,  v₀ = 0.

    Stable on a function of curvature up to L when α < 2(1+β)/L. With bounds the velocity kept is the step that was
    left of it after projection, so it does not push against a wall.
    Reference: Polyak 1964, Some methods of speeding up the convergence of iteration methods.
    """

    rate: float = 0.01
    beta: float = 0.9
    name: ClassVar[str] = "momentum"

    def init(self, task: Task, point: Point) -> Vector:
        return np.zeros_like(point.x)

    def step(self, task: Task, point: Point, state: Vector) -> Move | Halt:
        velocity = self.beta * state - self.rate * point.gradient
        trial = task.evaluate(task.project(point.x + velocity), 1)
        return Move(trial, trial.x - point.x, "M", {"alpha": self.rate, "beta": self.beta})

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return suggest(task, best, self.rate, status, largest_curvature)
