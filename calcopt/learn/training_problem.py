"""What the training methods minimize: mean loss over the rows plus ½λ‖w‖².

    F(θ) = Σᵢ cᵢ L(xᵢ, yᵢ; θ) / Σᵢ cᵢ + ½ λ Σ w²        (biases are not penalized)

cᵢ is 1, or the weight of row i's class.
Sums run over blocks of 2,048 rows, which fit the cache, always in the same order: the same bits at every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.network import Network, backward, forward
from calcopt.learn.network_functions import Array, losses, margins, predicted_classes, residuals

BLOCK = 2048


@dataclass(frozen=True, slots=True)
class Point:
    """F at one θ: ``loss`` is the mean loss alone, ``objective`` adds the penalty, ``gradient`` is ∇F."""

    theta: Array
    loss: float
    objective: float
    gradient: Array
    accuracy: float | None
    smallest_margin: float | None

    @property
    def gradient_norm(self) -> float:
        with np.errstate(over="ignore"):
            return float(np.linalg.norm(self.gradient))

    @property
    def finite(self) -> bool:
        return bool(np.isfinite(self.objective) and np.isfinite(self.gradient).all() and np.isfinite(self.theta).all())


@dataclass(frozen=True, slots=True)
class TrainingProblem:
    """Rows (n, p) and targets (n,) standing in memory, the network and λ.

    ``targets``: floats (regression), 0.0 and 1.0 (two classes), numbers of classes (more). ``unit`` turns a loss
    into the units of the data (the target may be standardized). ``noise`` (p,) bounds the rounding error that
    standardizing left in each column. ``class_weights`` (classes,) weigh the rows; ``total`` is Σᵢ cᵢ, n without.
    ``redundant`` features are exact sums of others and of the constant 1 (one level of each category).
    """

    network: Network
    rows: Array
    targets: NDArray[Any]
    l2: float = 0.0
    unit: float = 1.0
    noise: Array | None = None
    class_weights: Array | None = None
    redundant: tuple[int, ...] = ()
    decay: Array = field(init=False)
    total: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decay", self.l2 * self.network.is_weight())
        weights = self.row_weights(self.targets)
        object.__setattr__(self, "total", float(self.size if weights is None else weights.sum()))

    @property
    def size(self) -> int:
        return len(self.rows)

    @property
    def classifies(self) -> bool:
        return self.network.output != "identity"

    def row_weights(self, targets: NDArray[Any]) -> Array | None:
        """cᵢ for rows with these ``targets``; None where all are 1."""
        if self.class_weights is None:
            return None
        weights: Array = self.class_weights[targets.astype(np.int64)]
        return weights

    def blocks(self) -> Iterator[tuple[Array, NDArray[Any]]]:
        """The rows and targets, block by block, in order."""
        for start in range(0, self.size, BLOCK):
            yield self.rows[start : start + BLOCK], self.targets[start : start + BLOCK]

    def evaluate(self, theta: Array) -> Point:
        """F, ∇F, accuracy and the smallest margin over all rows; non-finite values come back quietly."""
        loss, right, margin = 0.0, 0, np.inf
        gradient = np.zeros_like(theta)
        with np.errstate(all="ignore"):
            for rows, targets in self.blocks():
                values = forward(self.network, theta, rows)
                z = values[-1]
                each, delta = losses(self.network.output, z, targets), residuals(self.network.output, z, targets)
                weights = self.row_weights(targets)
                if weights is not None:
                    each, delta = weights * each, weights[:, None] * delta
                loss += float(each.sum())
                gradient += backward(self.network, theta, values, delta)
                if self.classifies:
                    right += int((predicted_classes(z) == targets).sum())
                    margin = min(margin, float(margins(z, targets).min()))
            mean = loss / self.total
            return Point(
                theta=theta,
                loss=mean,
                objective=mean + 0.5 * float(self.decay @ theta**2),
                gradient=gradient / self.total + self.decay * theta,
                accuracy=right / self.size if self.classifies else None,
                smallest_margin=margin if self.classifies else None,
            )

    def batch_gradient(self, theta: Array, chosen: NDArray[np.int64]) -> Array:
        """∇F estimated from the rows ``chosen``: their mean gradient plus the penalty's."""
        rows, targets = self.rows[chosen], self.targets[chosen]
        with np.errstate(all="ignore"):
            values = forward(self.network, theta, rows)
            delta = residuals(self.network.output, values[-1], targets)
            weights = self.row_weights(targets)
            if weights is not None:
                delta *= (self.size / self.total * weights)[:, None]
            return backward(self.network, theta, values, delta) / len(chosen) + self.decay * theta
