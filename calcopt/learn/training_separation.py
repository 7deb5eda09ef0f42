"""Whether two classes can be separated by a plane, proved from the point that training has reached.

On separable classes the log loss has no minimum: its infimum 0 is approached as ‖θ‖ → ∞ (Albert & Anderson 1984,
*Biometrika* 71). Both directions have a proof in one pass over the rows:

- separable: some θ with every margin sᵢ(w·xᵢ + b) > 0;
- not separable: the loss has a minimum, which ∇F and ∇²F at one point can guarantee.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.network import Network
from calcopt.learn.network_functions import Array, margins
from calcopt.learn.shares import Block
from calcopt.learn.training_curvature import Extent, extent_of_rows, gram, hessian
from calcopt.learn.training_newton import LARGEST
from calcopt.learn.training_problem import Point, TrainingProblem, as_targets

SATURATED = 1e-6
"""Below this ratio of vᵀHv to vᵀGv (G: all σ' = 1) the loss is flat along v because its rows are saturated."""


def proven_margin(problem: TrainingProblem, theta: Array) -> float | None:
    """The smallest margin of a perceptron at ``theta`` if it is above 0 beyond all rounding, else None.

    The rounding error of zᵢ is at most Σⱼ |wⱼ| noiseⱼ (standardizing) + (p+2) ε (Σⱼ |xᵢⱼ wⱼ| + |b|) (the sum);
    between two classes of a softmax both logits carry it.
    """
    smallest = problem.shares.total(ProvenMargin(problem.network, theta, problem.noise), min)
    return smallest if smallest > 0.0 else None


@dataclass(frozen=True, slots=True)
class ProvenMargin:
    """The smallest margin of a share at θ, 0 unless each is above its rounding error."""

    network: Network
    theta: Array
    noise: Array | None

    def __call__(self, blocks: Iterator[Block]) -> float:
        layer = self.network.layers(self.theta)[0]
        size, bias = np.abs(layer.weights), np.abs(layer.bias)
        standardizing = self.noise @ size if self.noise is not None else np.zeros_like(bias)
        smallest = np.inf
        for rows, targets in blocks:
            margin = margins(rows @ layer.weights + layer.bias, as_targets(self.network, targets))
            rounding = (rows.shape[1] + 2) * np.finfo(float).eps * (np.abs(rows) @ size + bias) + standardizing
            if (margin <= 2.0 * rounding.max(axis=1)).any():
                return 0.0
            smallest = min(smallest, float(margin.min()))
        return smallest


def minimum_exists(problem: TrainingProblem, point: Point) -> bool:
    """True where a σ-perceptron's loss (λ = 0) certainly has a minimum, so that no plane separates the classes.

    The loss is self-concordant in the sense of Bach (2010, *Electronic Journal of Statistics* 4, prop. 2) with
    R = max ‖x̄ᵢ‖: if the Newton decrement ν = √(gᵀH⁻¹g) is at most √λ_min(H) / (2R), there is one minimizer.
    """
    if problem.network.parameters > LARGEST:
        return False
    extent = problem.shares.total(extent_of_rows, operator.add)
    varying = _varying(problem, extent)
    matrix, gradient = hessian(problem, point)[np.ix_(varying, varying)], point.gradient[varying]
    values, vectors = np.linalg.eigh(matrix)
    smallest = values[0] - len(values) * np.finfo(float).eps * values[-1]
    if smallest <= 0.0:
        return False
    decrement = float(np.linalg.norm((vectors.T @ gradient) / np.sqrt(values)))
    return bool(decrement <= np.sqrt(smallest) / (2.0 * np.sqrt(1.0 + extent.largest_square)))


def flat_direction(problem: TrainingProblem, point: Point) -> float | None:
    """The smallest eigenvalue of H if the loss is flat along its eigenvector v through saturation, else None.

    Then only rows with σ' ≈ 0 (p ≈ 0 or 1) vary along v, as with quasi-separated classes. Dependent features make H
    singular too, and so does adding one number to all logits of a softmax, but then no row varies along v at all:
    vᵀGv ≈ 0 with G = X̄ᵀX̄/n, for K logits G = X̄ᵀX̄/n ⊗ (I − 1 1ᵀ/K).
    """
    if problem.network.parameters > LARGEST:
        return None
    varying = _varying(problem, problem.shares.total(extent_of_rows, operator.add))
    outputs = problem.network.sizes[-1]
    logits = np.eye(outputs) - (np.full((outputs, outputs), 1.0 / outputs) if outputs > 1 else 0.0)
    values, vectors = np.linalg.eigh(hessian(problem, point)[np.ix_(varying, varying)])
    reference = np.kron(gram(problem), logits)[np.ix_(varying, varying)]
    spread = np.einsum("ji,jk,ki->i", vectors, reference, vectors)
    visible = spread > 1e-10 * spread.max()
    flat = visible & (values < SATURATED * spread)
    return max(0.0, float(values[flat][0])) if flat.any() else None


def _varying(problem: TrainingProblem, extent: Extent) -> NDArray[np.int64]:
    """The positions in θ that matter: a constant feature is standardized to zeros, and its weights stay 0.

    A redundant feature adds nothing that the others cannot say: without it the losses are the same functions.
    """
    varying = extent.varying.copy()
    varying[list(problem.redundant)] = False
    return np.flatnonzero(np.repeat(np.append(varying, True), problem.network.sizes[-1]))
