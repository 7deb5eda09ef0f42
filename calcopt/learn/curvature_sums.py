"""The curvature of a perceptron's losses, summed over rows.

For one layer, with x̄ = (x, 1) and z = θ·x̄, the Hessian of Σᵢ cᵢ Lᵢ is Σᵢ cᵢ C(zᵢ) ⊗ x̄ᵢ x̄ᵢᵀ, where C is

- identity: 1
- sigmoid: σ'(z) = σ(1−σ) ≤ 1/4
- softmax: diag(p) − p pᵀ, with eigenvalues ≤ 1/2 (Böhning 1992)

Every entry of C has one sign for all rows, so each sum is ±Qᵀ Q with rows √|cᵢ Cᵢ| x̄ᵢ: half the work of a product of
two matrices, and symmetric to the last bit.
"""

from __future__ import annotations

import numpy as np

from calcopt.learn.network import Network
from calcopt.learn.network_functions import Array, softmax


class CurvatureSums:
    """Adds up blocks; ``total`` has shape (outputs, p+1, outputs, p+1), of which only j ≤ k is filled."""

    def __init__(self, network: Network) -> None:
        self._network = network
        inputs, outputs = network.sizes
        self.total = np.zeros((outputs, inputs + 1, outputs, inputs + 1))
        self._rows = WeightedRows(inputs)

    def add(self, rows: Array, z: Array, weights: Array | None) -> None:
        """A block of ``rows`` (k, p) with logits ``z`` (k, outputs) and the rows' ``weights`` (k,)."""
        outputs, root = self._network.sizes[-1], None if weights is None else np.sqrt(weights)
        probability = np.sqrt(softmax(z)) if self._network.output == "softmax" else None
        for k in range(outputs):
            for j in range(k + 1):
                if probability is None:
                    factor = self._single(z[:, 0])
                elif k == j:
                    factor = probability[:, k] * np.sqrt((1.0 - probability[:, k]) * (1.0 + probability[:, k]))
                else:
                    factor = probability[:, k] * probability[:, j]
                sign = 1.0 if k == j else -1.0
                self._rows.add(self.total[k, :, j, :], rows, factor if root is None else factor * root, sign)

    def _single(self, z: Array) -> Array:
        """√σ'(z) = e^{−|z|/2} / (1 + e^{−|z|}), or 1."""
        if self._network.output == "identity":
            return np.ones(len(z))
        small = np.exp(-0.5 * np.abs(z))
        result: Array = small / (1.0 + small * small)
        return result


class WeightedRows:
    """Adds ± Σᵢ rᵢ² x̄ᵢ x̄ᵢᵀ for blocks of rows, in a buffer that is used again."""

    def __init__(self, features: int) -> None:
        self._products = np.empty((features + 1, 0))

    def add(self, total: Array, rows: Array, roots: Array, sign: float = 1.0) -> None:
        """To ``total`` (p+1, p+1), with ``roots`` r (k,)."""
        if self._products.shape[1] != len(rows):
            self._products = np.empty((rows.shape[1] + 1, len(rows)))
        np.multiply(rows.T, roots, out=self._products[:-1])
        self._products[-1] = roots
        square = self._products @ self._products.T
        total += square if sign > 0.0 else -square


def in_order_of_theta(network: Network, total: Array) -> Array:
    """The sums of :class:`CurvatureSums` as a matrix (θ, θ): the weights input by input, then the biases."""
    outputs, full = network.sizes[-1], total.copy()
    for k in range(outputs):
        for j in range(k):
            full[j, :, k, :] = full[k, :, j, :].T
    return full.transpose(1, 0, 3, 2).reshape(network.parameters, network.parameters)
