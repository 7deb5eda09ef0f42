"""How well a model does on some rows: accuracy, confusion, log loss and AUC, or R² and the root mean square error."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.auc import BINS, CLOSE_ENOUGH, Histogram, Sampled, area_of_histogram, area_under_curve
from calcopt.learn.network import Network, forward
from calcopt.learn.network_functions import Array, losses, predicted_classes
from calcopt.learn.perceptron_scaling import Moments, block_moments
from calcopt.learn.shares import Block
from calcopt.learn.training_problem import TrainingProblem, as_targets
from calcopt.records import Metrics

FEW = 1 << 21
"""Rows whose scores are kept for the area under the curve: some 30 bytes each, while it is computed."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What the metrics of some rows are made of.

    ``confusion`` (K, K) and, where they were asked for, the ``scores`` of all rows, ``positive`` telling their class;
    ``targets``: the moments of a regression's target.
    """

    loss: float
    confusion: NDArray[np.int64] | None
    scores: Array
    positive: NDArray[np.bool_]
    targets: Moments | None


@dataclass(frozen=True, slots=True)
class Tallying:
    """The :class:`Tally` of a share at one θ."""

    network: Network
    theta: Array
    with_scores: bool

    def __call__(self, blocks: Iterator[Block]) -> Tally:
        tally: Tally | None = None
        shift = np.zeros(1)
        parts = []
        with np.errstate(all="ignore"):
            for block in blocks:
                shift = block.targets[:1].copy() if tally is None else shift
                part = self._of_block(block, shift)
                parts.append((part.scores, part.positive))
                tally = part if tally is None else merged(tally, part, scores=False)
        assert tally is not None
        scores, positive = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Tally(tally.loss, tally.confusion, scores, positive, tally.targets)

    def _of_block(self, block: Block, shift: Array) -> Tally:
        output, targets = self.network.output, as_targets(self.network, block.targets)
        z = forward(self.network, self.theta, block.rows)[-1]
        loss, none = float(losses(output, z, targets).sum()), np.empty(0)
        if output == "identity":
            return Tally(loss, None, none, none > 0.0, block_moments(targets[None], shift))
        truth = targets.astype(np.int64)
        counts = _counts(truth, predicted_classes(z), max(2, z.shape[1]))
        if not self.with_scores:
            return Tally(loss, counts, none, none > 0.0, None)
        return Tally(loss, counts, z[:, 0], truth == 1, None)


def merged(left: Tally, right: Tally, *, scores: bool = True) -> Tally:
    return Tally(
        left.loss + right.loss,
        None if left.confusion is None or right.confusion is None else left.confusion + right.confusion,
        np.concatenate([left.scores, right.scores]) if scores else left.scores,
        np.concatenate([left.positive, right.positive]) if scores else left.positive,
        None if left.targets is None or right.targets is None else left.targets + right.targets,
    )


def measure(problem: TrainingProblem, theta: Array) -> Metrics:
    """The metrics of the model θ on the rows of ``problem``, every row counting once (class weights left aside).

    The area under the curve is no sum over rows: of up to ``FEW`` rows it is taken from their scores, of more from a
    histogram (see :mod:`calcopt.learn.auc`), where that is off by 1e-5 at most.
    """
    few = problem.network.output == "sigmoid" and problem.size <= FEW
    tally = problem.shares.total(Tallying(problem.network, theta, few), merged)
    mean = tally.loss / problem.size
    if tally.confusion is None:
        error = float(np.sqrt(2.0 * problem.unit * mean))
        return Metrics(problem.size, r_squared=_r_squared(tally), root_mean_squared_error=error)
    area = None
    if problem.network.output == "sigmoid":
        noise = 4.0 * (problem.features + 2) * float(np.finfo(float).eps)
        area = area_of_many(problem, theta) if not few else None
        if area is None:
            area = _area_of_all(problem, theta, tally if few else None, noise)
    return Metrics(
        problem.size,
        accuracy=int(np.trace(tally.confusion)) / problem.size,
        log_loss=mean,
        area_under_curve=area,
        confusion_matrix=_as_tuples(tally.confusion),
    )


def area_of_many(problem: TrainingProblem, theta: Array, *, bins: int = BINS) -> float | None:
    """The area in memory that does not grow with the rows: the edges are a sample's scores, so bins hold equally many.

    None where that is not close enough, as with rare classes or scores that rounding has made nearly equal.
    """
    stride = -(-problem.size // bins)
    sample = problem.shares.total(Sampled(problem.network, theta, stride), _one_behind_the_other)
    edges = np.unique(sample[np.isfinite(sample)])
    counts = problem.shares.total(Histogram(problem.network, theta, edges), operator.add)
    found = area_of_histogram(counts, problem.size)
    return found[0] if found is not None and found[1] <= CLOSE_ENOUGH else None


def _area_of_all(problem: TrainingProblem, theta: Array, tally: Tally | None, noise: float) -> float | None:
    if tally is None:
        tally = problem.shares.total(Tallying(problem.network, theta, with_scores=True), merged)
    return area_under_curve(tally.scores, tally.positive, noise=noise)


def _one_behind_the_other(left: Array, right: Array) -> Array:
    return np.concatenate([left, right])


def confusion_matrix(truth: NDArray[np.int64], taken: NDArray[np.int64], classes: int) -> tuple[tuple[int, ...], ...]:
    """Entry (i, j) counts the rows of class i that were taken for class j."""
    return _as_tuples(_counts(truth, taken, classes))


def _counts(truth: NDArray[np.int64], taken: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    return np.bincount(truth * classes + taken, minlength=classes * classes).reshape(classes, classes)


def _as_tuples(counts: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in counts.tolist())


def _r_squared(tally: Tally) -> float | None:
    """1 − Σ residual² / Σ (y − mean y)², the mean being that of these rows; None where y is constant."""
    moments = tally.targets
    if moments is None or moments.smallest[0] == moments.largest[0]:
        return None
    total = float(moments.squares[0])
    return 1.0 - 2.0 * tally.loss / total if total > 0.0 else None
