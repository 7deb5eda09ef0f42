"""Adam: gradient descent with a step of its own for every parameter."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from calcopt.learn.batch_gradient import BatchGradient
from calcopt.learn.network_functions import Array
from calcopt.learn.shuffling import BUFFER, shuffled_batches
from calcopt.learn.training_problem import Point, TrainingProblem
from calcopt.learn.training_schedule import CONSTANT, Pace


@dataclass(slots=True)
class Moments:
    """Adam's memory: the numbers of steps and epochs, the running means of g and g², the shuffling generator."""

    steps: int
    epochs: int
    mean: Array
    square: Array
    generator: np.random.Generator


@dataclass(frozen=True, slots=True)
class Adam:
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − α m̂/(√v̂ + ε), with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).

    g is the gradient on a batch of ``batch`` rows, shuffled anew every epoch within ``buffer`` bytes (see
    :mod:`calcopt.learn.shuffling`). α falls from epoch to epoch as ``pace`` says. Reference: Kingma & Ba 2015,
    algorithm 1.
    """

    rate: float
    batch: int
    seed: np.random.SeedSequence
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    pace: Pace = CONSTANT
    buffer: int = BUFFER
    name: str = "adam"
    uses_curvature: bool = False

    def start(self, problem: TrainingProblem) -> Moments:
        size = problem.network.parameters
        return Moments(0, 0, np.zeros(size), np.zeros(size), np.random.default_rng(self.seed))

    def step(self, problem: TrainingProblem, point: Point, memory: Moments) -> tuple[Point, Moments]:
        theta, rate = point.theta.copy(), self.rate * self.pace.factor(memory.epochs)
        gradient, mean, square, work = BatchGradient(problem, theta), memory.mean, memory.square, np.empty_like(theta)
        with np.errstate(all="ignore"):
            for batch in shuffled_batches(problem.shares, self.batch, memory.generator, buffer=self.buffer):
                g = gradient(batch)
                memory.steps += 1
                np.subtract(g, mean, out=work)
                work *= 1.0 - self.beta1
                mean += work
                np.multiply(g, g, out=work)
                work -= square
                work *= 1.0 - self.beta2
                square += work
                # √v̂ = √v/c and m̂ = m/(1−β₁ᵗ): the two scalars save two divisions of vectors
                c = math.sqrt(1.0 - self.beta2**memory.steps)
                np.sqrt(square, out=work)
                work += c * self.epsilon
                np.divide(mean, work, out=work)
                work *= rate * c / (1.0 - self.beta1**memory.steps)
                theta -= work
        memory.epochs += 1
        return problem.evaluate(theta), memory
