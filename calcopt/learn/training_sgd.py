"""Stochastic gradient descent, per sample or in mini-batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.training_problem import Point, TrainingProblem


@dataclass(frozen=True, slots=True)
class StochasticDescent:
    """θ ← θ − αₜ ∇F_B(θ) for each batch B of ``batch`` rows; the rows are shuffled anew every epoch.

    α is constant where ``half_life`` is None; otherwise αₜ = α / (1 + t/half_life) in epoch t = 0, 1, …, which
    lets the iterates settle (Robbins & Monro 1951; Bottou, Curtis & Nocedal 2018, §4).
    """

    rate: float
    batch: int
    seed: np.random.SeedSequence
    half_life: float | None = None
    name: str = "sgd"

    def start(self, problem: TrainingProblem) -> tuple[int, np.random.Generator]:
        return 0, np.random.default_rng(self.seed)

    def step(
        self, problem: TrainingProblem, point: Point, memory: tuple[int, np.random.Generator]
    ) -> tuple[Point, tuple[int, np.random.Generator]]:
        epoch, generator = memory
        rate = self.rate if self.half_life is None else self.rate / (1.0 + epoch / self.half_life)
        theta = point.theta.copy()
        for chosen in shuffled_batches(problem.size, self.batch, generator):
            theta -= rate * problem.batch_gradient(theta, chosen)
        return problem.evaluate(theta), (epoch + 1, generator)


def shuffled_batches(rows: int, batch: int, generator: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """The row numbers in random order, ``batch`` at a time; the last batch may be smaller."""
    order = generator.permutation(rows)
    for start in range(0, rows, batch):
        yield order[start : start + batch]
