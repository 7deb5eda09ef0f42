"""RMSProp: a rate for each variable from the running mean square of its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from calcopt.solve.method import Halt, Move, Plain

if TYPE_CHECKING:
    from calcopt.records import Status, Vector
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class RMSProp(Plain):
    """v ← ρv + (1−ρ)g²,  x ← x − α g/(√v + ε),  v₀ = 0.

    Every variable moves by about the rate however long the gradient, so a constant rate ends in a small to and fro:
    a schedule that lowers it settles.
    Reference: Tieleman & Hinton 2012, Lecture 6.5 of Neural Networks for Machine Learning.
    """

    rate: float = 0.01
    decay: float = 0.9
    epsilon: float = 1e-8
    name: ClassVar[str] = "rmsprop"

    def init(self, task: Task, point: Point) -> Vector:
        return np.zeros_like(point.x)

    def step(self, task: Task, point: Point, state: Vector) -> Move | Halt:
        g = point.gradient
        v = self.decay * state + (1 - self.decay) * g * g
        trial = task.evaluate(task.project(point.x - self.rate * g / (np.sqrt(v) + self.epsilon)), 1)
        return Move(trial, v, "G", {"alpha": self.rate})

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        if status in ("max_iterations", "time_limit"):
            return (
                f"rmsprop moves each variable by about the rate, {self.rate:.3g}, a step: try --schedule 1/t or cosine "
                "to settle; --method barzilai-borwein or newton converge to the tolerance"
            )
        return "try a smaller --rate, --method backtracking, or newton" if status != "interrupted" else None
