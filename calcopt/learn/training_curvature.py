"""The curvature of a perceptron's objective: its Hessian, and the bounds that a safe rate comes from.

For one layer, with x̄ = (x, 1) and z = θ·x̄, the Hessian of the mean loss is (1/n) Σᵢ C(zᵢ) ⊗ x̄ᵢ x̄ᵢᵀ, where C is

- identity: 1
- sigmoid: σ'(z) = σ(1−σ) ≤ 1/4
- softmax: diag(p) − p pᵀ, with eigenvalues ≤ 1/2 (Böhning 1992)

Where classes have weights, row i counts cᵢ times, and n is Σᵢ cᵢ.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from calcopt.learn.network import Network
from calcopt.learn.network_functions import Array, sigmoid, softmax
from calcopt.learn.shares import Block
from calcopt.learn.training_problem import TrainingProblem, row_weights

CURVATURE_OF_LOSS = {"identity": 1.0, "sigmoid": 0.25, "softmax": 0.5}
SMALL_GRAM = 100
"""Features up to which X̄ᵀX̄ is summed once, instead of passing over the rows in every step of the power iteration."""


@dataclass(frozen=True, slots=True)
class Curvature:
    """Σᵢ cᵢ C(zᵢ) ⊗ x̄ᵢ x̄ᵢᵀ of a share at one θ, shape (outputs, p+1, outputs, p+1); lower blocks only."""

    network: Network
    theta: Array
    class_weights: Array | None

    def __call__(self, blocks: Iterator[Block]) -> Array:
        inputs, outputs = self.network.sizes
        total = np.zeros((outputs, inputs + 1, outputs, inputs + 1))
        layer = self.network.layers(self.theta)[0]
        work = _Weighted(inputs)
        for rows, targets in blocks:
            z, weights = rows @ layer.weights + layer.bias, row_weights(self.class_weights, targets)
            for k in range(outputs):
                for j in range(k + 1):
                    curvature = _cross_curvature(self.network, z, k, j)
                    work.add(total[k, :, j, :], rows, curvature if weights is None else weights * curvature)
        return total


@dataclass(frozen=True, slots=True)
class Gram:
    """Σᵢ cᵢ x̄ᵢ x̄ᵢᵀ of a share, shape (p+1, p+1)."""

    features: int
    class_weights: Array | None

    def __call__(self, blocks: Iterator[Block]) -> Array:
        total, work = np.zeros((self.features + 1,) * 2), _Weighted(self.features)
        for rows, targets in blocks:
            weights = row_weights(self.class_weights, targets)
            work.add(total, rows, np.ones(len(rows)) if weights is None else weights)
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


class _Weighted:
    """Adds Σᵢ cᵢ x̄ᵢ x̄ᵢᵀ for blocks of rows, in buffers that are used again: x̄ = (x, 1) is never formed."""

    def __init__(self, features: int) -> None:
        self._features = features
        self._products = np.empty((0, features))
        self._matrix = np.empty((features, features))

    def add(self, total: Array, rows: Array, weights: Array) -> None:
        if len(self._products) < len(rows):
            self._products = np.empty(rows.shape)
        products = np.multiply(rows, weights[:, None], out=self._products[: len(rows)])
        total[:-1, :-1] += np.matmul(rows.T, products, out=self._matrix)
        last = weights @ rows
        total[-1, :-1] += last
        total[:-1, -1] += last
        total[-1, -1] += weights.sum()


def hessian(problem: TrainingProblem, theta: Array) -> Array:
    """∇²F of a perceptron (no hidden layers), in the order of θ: shape (θ, θ)."""
    total = problem.shares.total(Curvature(problem.network, theta, problem.class_weights), operator.add)
    outputs = problem.network.sizes[-1]
    for k in range(outputs):
        for j in range(k):
            total[j, :, k, :] = total[k, :, j, :].T
    # From (output, input) to the order of θ: the weights input by input, then the biases.
    ordered = total.transpose(1, 0, 3, 2).reshape(problem.network.parameters, problem.network.parameters)
    result: Array = ordered / problem.total + np.diag(problem.decay)
    return result


def _cross_curvature(network: Network, z: Array, k: int, j: int) -> Array:
    if network.output == "identity":
        return np.ones(len(z))
    if network.output == "sigmoid":
        return sigmoid(z[:, 0]) * sigmoid(-z[:, 0])
    probability = softmax(z)
    result: Array = probability[:, k] * ((k == j) - probability[:, j])
    return result


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
    return problem.shares.total(_largest_square, max)


def gram(problem: TrainingProblem) -> Array:
    """(1/n) X̄ᵀX̄, shape (p+1, p+1)."""
    total: Array = problem.shares.total(Gram(problem.features, problem.class_weights), operator.add)
    return total / problem.total


def _gram_image(problem: TrainingProblem, vector: Array) -> Array:
    total: Array = problem.shares.total(GramImage(vector, problem.class_weights), operator.add)
    return total / problem.total


def _largest_square(blocks: Iterator[Block]) -> float:
    return max(float((rows**2).sum(axis=1).max()) for rows, _ in blocks)
