"""What the training methods minimize: mean loss over the rows plus ½λ‖w‖².

    F(θ) = Σᵢ cᵢ L(xᵢ, yᵢ; θ) / Σᵢ cᵢ + ½ λ Σ w²        (biases are not penalized)

cᵢ is 1, or the weight of row i's class.
Sums run over blocks of 2,048 rows, which fit the cache, always in the same order: the same bits at every run (see
:mod:`calcopt.learn.shares`).
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.curvature_sums import CurvatureSums, in_order_of_theta
from calcopt.learn.network import Network
from calcopt.learn.network_functions import Array, losses_and_residuals, margins, predicted_classes
from calcopt.learn.network_pass import NetworkPass
from calcopt.learn.perceptron_kernel import single_output
from calcopt.learn.shares import Block, Shares

PIECE = 512
"""Rows of a block that go through a network at once: larger arrays are given back to the system after every pass."""


@dataclass(frozen=True, slots=True)
class Point:
    """F at one θ: ``loss`` is the mean loss alone, ``objective`` adds the penalty, ``gradient`` is ∇F."""

    theta: Array
    loss: float
    objective: float
    gradient: Array
    accuracy: float | None
    smallest_margin: float | None
    hessian: Array | None = None

    @property
    def gradient_norm(self) -> float:
        with np.errstate(over="ignore"):
            return float(np.linalg.norm(self.gradient))

    @property
    def finite(self) -> bool:
        return bool(np.isfinite(self.objective) and np.isfinite(self.gradient).all() and np.isfinite(self.theta).all())


@dataclass(frozen=True, slots=True)
class Sums:
    """What one pass leaves of some rows: Σ cᵢLᵢ, its gradient, how many are classified rightly, the least margin.

    ``curvature``: the sums of :class:`CurvatureSums`, where they were asked for.
    """

    loss: float
    gradient: Array
    right: int
    margin: float
    curvature: Array | None

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.loss + other.loss,
            self.gradient + other.gradient,
            self.right + other.right,
            min(self.margin, other.margin),
            None if self.curvature is None or other.curvature is None else self.curvature + other.curvature,
        )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The :class:`Sums` of a share at one θ; the curvature (no hidden layers) while the rows are in the cache."""

    network: Network
    theta: Array
    class_weights: Array | None
    with_curvature: bool = False

    def __call__(self, blocks: Iterator[Block]) -> Sums:
        if self.network.sizes[1:] == (1,):
            return self._of_perceptron(blocks)
        curvature = CurvatureSums(self.network) if self.with_curvature else None
        loss, right, margin = 0.0, 0, np.inf
        gradient, output = np.zeros_like(self.theta), self.network.output
        work = NetworkPass(self.network, self.theta)
        with np.errstate(all="ignore"):
            for rows, numbers in _in_pieces(blocks):
                targets = as_targets(self.network, numbers)
                z = work.forward(rows)
                each, delta = losses_and_residuals(output, z, targets)
                weights = row_weights(self.class_weights, targets)
                if weights is not None:
                    each, delta = weights * each, weights[:, None] * delta
                loss += float(each.sum())
                gradient += work.backward(rows, delta)
                if output != "identity":
                    right += int((predicted_classes(z) == targets).sum())
                    margin = min(margin, float(margins(z, targets).min()))
                if curvature is not None:
                    curvature.add(rows, z, weights)
        return Sums(loss, gradient, right, margin, None if curvature is None else curvature.total)

    def _of_perceptron(self, blocks: Iterator[Block]) -> Sums:
        with np.errstate(all="ignore"):
            sums = single_output(
                blocks,
                self.theta,
                self.class_weights,
                classifies=self.network.output != "identity",
                with_curvature=self.with_curvature,
            )
        curvature = None if sums.curvature is None else sums.curvature[None, :, None, :]
        return Sums(sums.loss, sums.gradient, sums.right, sums.margin, curvature)


@dataclass(frozen=True, slots=True)
class ClassCounts:
    """How many rows of a share each class has, (classes,)."""

    classes: int

    def __call__(self, blocks: Iterator[Block]) -> NDArray[np.int64]:
        counts = np.zeros(self.classes, dtype=np.int64)
        for _, targets in blocks:
            counts += np.bincount(targets.astype(np.int64), minlength=self.classes)
        return counts


@dataclass(frozen=True, slots=True)
class TrainingProblem:
    """The examples in shares, the network and λ.

    Targets are floats (regression), 0.0 and 1.0 (two classes), numbers of classes (more). ``unit`` turns a loss
    into the units of the data (the target may be standardized). ``noise`` (p,) bounds the rounding error that
    standardizing left in each column. ``class_weights`` (classes,) weigh the rows; ``total`` is Σᵢ cᵢ, n without.
    ``redundant`` features are exact sums of others and of the constant 1 (one level of each category).
    """

    network: Network
    shares: Shares
    l2: float = 0.0
    unit: float = 1.0
    noise: Array | None = None
    class_weights: Array | None = None
    redundant: tuple[int, ...] = ()
    decay: Array = field(init=False)
    total: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decay", self.l2 * self.network.is_weight())
        total = float(self.size)
        if self.class_weights is not None:
            counts = self.shares.total(ClassCounts(len(self.class_weights)), operator.add)
            total = float(counts @ self.class_weights)
        object.__setattr__(self, "total", total)

    @property
    def size(self) -> int:
        return self.shares.size

    @property
    def features(self) -> int:
        """p, the number of columns of the rows."""
        return self.network.sizes[0]

    @property
    def classifies(self) -> bool:
        return self.network.output != "identity"

    def evaluate(self, theta: Array, *, curvature: bool = False) -> Point:
        """F, ∇F, accuracy and the smallest margin over all rows, and ∇²F of a perceptron where ``curvature`` is asked.

        Non-finite values come back quietly.
        """
        with np.errstate(all="ignore"):
            evaluation = Evaluation(self.network, theta, self.class_weights, curvature)
            sums = self.shares.total(evaluation, operator.add)
            matrix = None
            if sums.curvature is not None:
                matrix = in_order_of_theta(self.network, sums.curvature) / self.total + np.diag(self.decay)
            mean = sums.loss / self.total
            return Point(
                theta=theta,
                loss=mean,
                objective=mean + 0.5 * float(self.decay @ theta**2),
                gradient=sums.gradient / self.total + self.decay * theta,
                accuracy=sums.right / self.size if self.classifies else None,
                smallest_margin=sums.margin if self.classifies else None,
                hessian=matrix,
            )


def _in_pieces(blocks: Iterator[Block]) -> Iterator[Block]:
    for rows, targets in blocks:
        for start in range(0, len(targets), PIECE):
            yield Block(rows[start : start + PIECE], targets[start : start + PIECE])


def as_targets(network: Network, numbers: Array) -> NDArray[Any]:
    """The targets as the losses take them: whole numbers for a softmax, else as they are kept."""
    return numbers.astype(np.int64) if network.output == "softmax" else numbers


def row_weights(class_weights: Array | None, targets: NDArray[Any]) -> Array | None:
    """cᵢ for rows with these ``targets``; None where all are 1."""
    if class_weights is None:
        return None
    weights: Array = class_weights[targets.astype(np.int64)]
    return weights
