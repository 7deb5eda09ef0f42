"""The curvature of a perceptron's objective: its Hessian, and the bounds that a safe rate comes from.

The Hessian of the mean loss is (1/n) Σᵢ C(zᵢ) ⊗ x̄ᵢ x̄ᵢᵀ (see :mod:`calcopt.learn.curvature_sums`).
Where classes have weights, row i counts cᵢ times, and n is Σᵢ cᵢ.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.curvature_sums import WeightedRows
from calcopt.learn.network_functions import Array
from calcopt.learn.shares import Block
from calcopt.learn.training_problem import Point, TrainingProblem, row_weights

CURVATURE_OF_LOSS = {"identity": 1.0, "sigmoid": 0.25, "softmax": 0.5}
SMALL_GRAM = 100
"""Features up to which X̄ᵀX̄ is summed once, instead of passing over the rows in every step of the power iteration."""


@dataclass(frozen=True, slots=True)
class Gram:
    """Σᵢ cᵢ x̄ᵢ x̄ᵢᵀ of a share, shape (p+1, p+1)."""

    features: int
    class_weights: Array | None

    def __call__(self, blocks: Iterator[Block]) -> Array:
        total, work = np.zeros((self.features + 1,) * 2), WeightedRows(self.features)
        for rows, targets in blocks:
            weights = row_weights(self.class_weights, targets)
            work.add(total, rows, np.ones(len(rows)) if weights is None else np.sqrt(weights))
        return total


@dataclass(frozen=True, slots=True)
class GramImage:
    """Σᵢ cᵢ x̄ᵢ (x̄ᵢ·v) of a share, shape (p+1,)."""

    vector: Array
    class_weights: Array | None

    def __call__(self, blocks: Iterator[Block]) -> Array:
        image = np.zeros_like(self.vector)
        for rows, targets in blocks:
            products, weights = rows @ self.vector[:-1] + self.vector[-1], row_weights(self.class_weights, targets)
            products = products if weights is None else weights * products
            image[:-1] += products @ rows
            image[-1] += products.sum()
        return image


@dataclass(frozen=True, slots=True)
class Extent:
    """max ‖xᵢ‖² over some rows, and which features are not 0 in all of them, (p,)."""

    largest_square: float
    varying: NDArray[np.bool_]

    def __add__(self, other: Extent) -> Extent:
        return Extent(max(self.largest_square, other.largest_square), self.varying | other.varying)


def extent_of_rows(blocks: Iterator[Block]) -> Extent:
    """The :class:`Extent` of a share."""
    largest, varying = 0.0, np.zeros(0, dtype=np.bool_)
    for rows, _ in blocks:
        squares = np.einsum("ij,ij->i", rows, rows)
        # NaN where squares overflow: then it is the largest
        largest = float(np.maximum(largest, squares.max()))
        if not len(varying):
            varying = np.zeros(rows.shape[1], dtype=np.bool_)
        if not varying.all():
            varying |= rows.any(axis=0)
    return Extent(largest, varying)


def hessian(problem: TrainingProblem, point: Point) -> Array:
    """∇²F of a perceptron (no hidden layers) in the order of θ, shape (θ, θ): a pass, unless the point has it."""
    if point.hessian is not None:
        return point.hessian
    found = problem.evaluate(point.theta, curvature=True).hessian
    assert found is not None
    return found


def curvature_bound(problem: TrainingProblem, *, iterations: int = 40) -> float:
    """An upper bound of the curvature of F, up to the error of the power iteration: c·λ_max((1/n) X̄ᵀX̄) + λ.

    The power iteration approaches λ_max from below and is within a factor of two after a few steps from a random
    start (Kuczyński & Woźniakowski 1992); descent with rate 1/L decreases F as long as L is at least half of it.
    """
    matrix = gram(problem) if problem.features <= SMALL_GRAM else None
    vector = np.random.default_rng(0).normal(size=problem.features + 1)
    eigenvalue = 0.0
    for _ in range(iterations):
        vector /= np.linalg.norm(vector)
        vector = matrix @ vector if matrix is not None else _gram_image(problem, vector)
        previous, eigenvalue = eigenvalue, float(np.linalg.norm(vector))
        if abs(eigenvalue - previous) <= 1e-3 * eigenvalue:
            break
    return CURVATURE_OF_LOSS[problem.network.output] * eigenvalue + problem.l2


def batch_curvature_bound(problem: TrainingProblem, batch: int) -> float:
    """The expected smoothness of batches of B out of n rows, the bound that a stochastic rate comes from.

    L_B = n(B−1)/(B(n−1)) L + (n−B)/(B(n−1)) L_max, with L_max = c·max ‖x̄ᵢ‖² + λ (Gower et al. 2019, prop. 3.8).
    """
    size = problem.size
    heaviest = 1.0 if problem.class_weights is None else float(problem.class_weights.max()) * size / problem.total
    largest = heaviest * CURVATURE_OF_LOSS[problem.network.output] * (1.0 + largest_square(problem)) + problem.l2
    if size == 1:
        return largest
    whole = size * (batch - 1) / (batch * (size - 1)) * curvature_bound(problem)
    return whole + (size - batch) / (batch * (size - 1)) * largest


def largest_square(problem: TrainingProblem) -> float:
    """max ‖xᵢ‖² over the rows."""
    extent: Extent = problem.shares.total(extent_of_rows, operator.add)
    return extent.largest_square


def gram(problem: TrainingProblem) -> Array:
    """(1/n) X̄ᵀX̄, shape (p+1, p+1)."""
    total: Array = problem.shares.total(Gram(problem.features, problem.class_weights), operator.add)
    return total / problem.total


def _gram_image(problem: TrainingProblem, vector: Array) -> Array:
    total: Array = problem.shares.total(GramImage(vector, problem.class_weights), operator.add)
    return total / problem.total
