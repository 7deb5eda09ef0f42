"""Stochastic gradient descent, per sample or in mini-batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calcopt.learn.batch_gradient import BatchGradient
from calcopt.learn.shuffling import BUFFER, shuffled_batches
from calcopt.learn.training_problem import Point, TrainingProblem
from calcopt.learn.training_schedule import CONSTANT, Pace


@dataclass(frozen=True, slots=True)
class StochasticDescent:
    """θ ← θ − αₜ ∇F_B(θ) for each batch B of ``batch`` rows; the rows are shuffled anew every epoch, within
    ``buffer`` bytes (see :mod:`calcopt.learn.shuffling`).

    αₜ is α in every epoch t, or falls as ``pace`` says, which lets the iterates settle (Bottou, Curtis & Nocedal
    2018, *SIAM Rev.* 60, §4).
    """

    rate: float
    batch: int
    seed: np.random.SeedSequence
    pace: Pace = CONSTANT
    buffer: int = BUFFER
    name: str = "sgd"
    uses_curvature: bool = False

    def start(self, problem: TrainingProblem) -> tuple[int, np.random.Generator]:
        return 0, np.random.default_rng(self.seed)

    def step(
        self, problem: TrainingProblem, point: Point, memory: tuple[int, np.random.Generator]
    ) -> tuple[Point, tuple[int, np.random.Generator]]:
        epoch, generator = memory
        rate = self.rate * self.pace.factor(epoch)
        theta = point.theta.copy()
        gradient = BatchGradient(problem, theta)
        with np.errstate(all="ignore"):
            for batch in shuffled_batches(problem.shares, self.batch, generator, buffer=self.buffer):
                theta -= rate * gradient(batch)
        return problem.evaluate(theta), (epoch + 1, generator)
