"""Adam: a rate for each variable from running moments of its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from calcopt.solve.method import Halt, Move, Plain

if TYPE_CHECKING:
    from calcopt.records import Status, Vector
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class Moments:
    """Running mean m and mean square v of the gradient, and the number of steps k."""

    m: Vector
    v: Vector
    k: int


@dataclass(frozen=True, slots=True)
class Adam(Plain):
    """m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  x ← x − α m̂/(√v̂ + ε),  m̂ = m/(1−β₁ᵏ),  v̂ = v/(1−β₂ᵏ).

    Reference: Kingma & Ba 2015, Adam: a method for stochastic optimization, algorithm 1.
    """

    rate: float = 0.01
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    name: ClassVar[str] = "adam"

    def init(self, task: Task, point: Point) -> Moments:
        return Moments(np.zeros_like(point.x), np.zeros_like(point.x), 0)

    def step(self, task: Task, point: Point, state: Moments) -> Move | Halt:
        g, k = point.gradient, state.k + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * g * g
        scaled = (m / (1 - self.beta1**k)) / (np.sqrt(v / (1 - self.beta2**k)) + self.epsilon)
        trial = task.evaluate(task.project(point.x - self.rate * scaled), 1)
        return Move(trial, Moments(m, v, k), "M", {"alpha": self.rate})

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        if status in ("max_iterations", "time_limit"):
            return (
                f"adam moves each variable by up to the rate, {self.rate:g}, a step: a larger --rate travels faster, "
                "a smaller one settles closer; --method barzilai-borwein or newton converge to the tolerance"
            )
        return "try a smaller --rate, --method backtracking, or newton" if status != "interrupted" else None
