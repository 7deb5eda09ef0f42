"""The gradient on mini-batches, many times an epoch."""

from __future__ import annotations

import numpy as np

from calcopt.learn.network_functions import Array, residuals_in_place
from calcopt.learn.network_pass import NetworkPass
from calcopt.learn.shares import Block
from calcopt.learn.training_problem import TrainingProblem, row_weights


class BatchGradient:
    """∇F at ``theta`` estimated from a batch: its rows' mean gradient plus the penalty's.

    ``theta`` may be changed in place between two batches; the gradient that is returned is valid until the next.
    Call it within ``np.errstate(all="ignore")``.
    """

    def __init__(self, problem: TrainingProblem, theta: Array) -> None:
        self._problem, self._theta = problem, theta
        self._pass = NetworkPass(problem.network, theta)
        self._decays = bool(problem.decay.any())
        self._numbers = np.arange(0)

    def __call__(self, batch: Block) -> Array:
        size, problem = len(batch.targets), self._problem
        if size != len(self._numbers):
            self._numbers = np.arange(size)
        z = self._pass.forward(batch.rows)
        residuals_in_place(problem.network.output, z, batch.targets, self._numbers)
        weights = row_weights(problem.class_weights, batch.targets)
        if weights is not None:
            z *= (problem.size / problem.total * weights)[:, None]
        gradient = self._pass.backward(batch.rows, z)
        gradient /= size
        if self._decays:
            gradient += problem.decay * self._theta
        return gradient
