"""The curvature of a perceptron's objective: its Hessian, and the bounds that a safe rate comes from.

For one layer, with x̄ = (x, 1) and z = θ·x̄, the Hessian of the mean loss is (1/n) Σᵢ C(zᵢ) ⊗ x̄ᵢ x̄ᵢᵀ, where C is

- identity: 1
- sigmoid: σ'(z) = σ(1−σ) ≤ 1/4
- softmax: diag(p) − p pᵀ, with eigenvalues ≤ 1/2 (Böhning 1992)

Where classes have weights, row i counts cᵢ times, and n is Σᵢ cᵢ.
"""

from __future__ import annotations

import numpy as np

from calcopt.learn.network_functions import Array, sigmoid, softmax
from calcopt.learn.training_problem import TrainingProblem

CURVATURE_OF_LOSS = {"identity": 1.0, "sigmoid": 0.25, "softmax": 0.5}


def hessian(problem: TrainingProblem, theta: Array) -> Array:
    """∇²F of a perceptron (no hidden layers), in the order of θ: shape (θ, θ)."""
    inputs, outputs = problem.network.sizes
    total = np.zeros((outputs, inputs + 1, outputs, inputs + 1))
    layer = problem.network.layers(theta)[0]
    for rows, targets in problem.blocks():
        extended = _with_one(rows)
        z, weights = rows @ layer.weights + layer.bias, problem.row_weights(targets)
        for k in range(outputs):
            for j in range(k + 1):
                curvature = _cross_curvature(problem, z, k, j)
                curvature = curvature if weights is None else weights * curvature
                total[k, :, j, :] += extended.T @ (curvature[:, None] * extended)
    for k in range(outputs):
        for j in range(k):
            total[j, :, k, :] = total[k, :, j, :].T
    # From (output, input) to the order of θ: the weights input by input, then the biases.
    ordered = total.transpose(1, 0, 3, 2).reshape(problem.network.parameters, problem.network.parameters)
    result: Array = ordered / problem.total + np.diag(problem.decay)
    return result


def _cross_curvature(problem: TrainingProblem, z: Array, k: int, j: int) -> Array:
    if problem.network.output == "identity":
        return np.ones(len(z))
    if problem.network.output == "sigmoid":
        return sigmoid(z[:, 0]) * sigmoid(-z[:, 0])
    probability = softmax(z)
    result: Array = probability[:, k] * ((k == j) - probability[:, j])
    return result


def curvature_bound(problem: TrainingProblem, *, iterations: int = 40) -> float:
    """An upper bound of the curvature of F, up to the error of the power iteration: c·λ_max((1/n) X̄ᵀX̄) + λ.

    The power iteration approaches λ_max from below and is within a factor of two after a few steps from a random
    start (Kuczyński & Woźniakowski 1992); descent with rate 1/L decreases F as long as L is at least half of it.
    """
    vector = np.random.default_rng(0).normal(size=problem.rows.shape[1] + 1)
    eigenvalue = 0.0
    for _ in range(iterations):
        vector /= np.linalg.norm(vector)
        image = np.zeros_like(vector)
        for rows, targets in problem.blocks():
            products, weights = rows @ vector[:-1] + vector[-1], problem.row_weights(targets)
            products = products if weights is None else weights * products
            image[:-1] += products @ rows
            image[-1] += products.sum()
        vector = image / problem.total
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
    return max(float((rows**2).sum(axis=1).max()) for rows, _ in problem.blocks())


def gram(problem: TrainingProblem) -> Array:
    """(1/n) X̄ᵀX̄, shape (p+1, p+1)."""
    total = np.zeros((problem.rows.shape[1] + 1,) * 2)
    for rows, targets in problem.blocks():
        extended, weights = _with_one(rows), problem.row_weights(targets)
        total += extended.T @ (extended if weights is None else weights[:, None] * extended)
    return total / problem.total


def _with_one(rows: Array) -> Array:
    return np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
