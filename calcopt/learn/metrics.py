"""How well a model does on some rows: accuracy, confusion, log loss and AUC, or R² and the root mean square error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.network import Network, forward
from calcopt.learn.network_functions import Array, losses, predicted_classes
from calcopt.learn.perceptron_scaling import Moments, block_moments
from calcopt.learn.shares import Block
from calcopt.learn.training_problem import TrainingProblem, as_targets
from calcopt.records import Metrics


@dataclass(frozen=True, slots=True)
class Tally:
    """What the metrics of some rows are made of.

    ``confusion`` (K, K) and, of two classes, the ``scores`` of all rows, with ``positive`` telling the second class;
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

    def __call__(self, blocks: Iterator[Block]) -> Tally:
        tally: Tally | None = None
        shift = np.zeros(1)
        parts = []
        with np.errstate(all="ignore"):
            for block in blocks:
                shift = block.targets[:1].copy() if tally is None else shift
                part = self._of_block(block, shift)
                parts.append((part.scores, part.positive))
                tally = part if tally is None else _merged(tally, part, scores=False)
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
        if output == "softmax":
            return Tally(loss, counts, none, none > 0.0, None)
        return Tally(loss, counts, z[:, 0], truth == 1, None)


def _merged(left: Tally, right: Tally, *, scores: bool = True) -> Tally:
    return Tally(
        left.loss + right.loss,
        None if left.confusion is None or right.confusion is None else left.confusion + right.confusion,
        np.concatenate([left.scores, right.scores]) if scores else left.scores,
        np.concatenate([left.positive, right.positive]) if scores else left.positive,
        None if left.targets is None or right.targets is None else left.targets + right.targets,
    )


def measure(problem: TrainingProblem, theta: Array) -> Metrics:
    """The metrics of the model θ on the rows of ``problem``, every row counting once (class weights left aside).

    The area under the curve needs the scores of all rows in order: 9 bytes a row, the only figure that is not a sum.
    """
    tally = problem.shares.total(Tallying(problem.network, theta), _merged)
    mean = tally.loss / problem.size
    if tally.confusion is None:
        error = float(np.sqrt(2.0 * problem.unit * mean))
        return Metrics(problem.size, r_squared=_r_squared(tally), root_mean_squared_error=error)
    area = None
    if problem.network.output == "sigmoid":
        noise = 4.0 * (problem.features + 2) * float(np.finfo(float).eps)
        area = area_under_curve(tally.scores, tally.positive, noise=noise)
    return Metrics(
        problem.size,
        accuracy=int(np.trace(tally.confusion)) / problem.size,
        log_loss=mean,
        area_under_curve=area,
        confusion_matrix=_as_tuples(tally.confusion),
    )


def confusion_matrix(truth: NDArray[np.int64], taken: NDArray[np.int64], classes: int) -> tuple[tuple[int, ...], ...]:
    """Entry (i, j) counts the rows of class i that were taken for class j."""
    return _as_tuples(_counts(truth, taken, classes))


def _counts(truth: NDArray[np.int64], taken: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    return np.bincount(truth * classes + taken, minlength=classes * classes).reshape(classes, classes)


def _as_tuples(counts: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in counts.tolist())


def area_under_curve(scores: Array, positive: NDArray[np.bool_], *, noise: float = 0.0) -> float | None:
    """P(s⁺ > s⁻) + ½ P(s⁺ = s⁻) over all pairs of a positive and a negative row; None without such a pair.

    U/(n⁺n⁻) with Mann & Whitney's U (1947, *Ann. Math. Statist.* 18). Scores closer than ``noise``
    times the largest are equal: that is what rounding leaves of rows with the same features.
    """
    positives = int(positive.sum())
    pairs = positives * (len(scores) - positives)
    if pairs == 0 or not np.isfinite(scores).all():
        return None
    plus, minus = np.sort(scores[positive]), np.sort(scores[~positive])
    same = noise * max(-plus[0], plus[-1], -minus[0], minus[-1])
    below = np.searchsorted(minus, plus - same, side="left")
    not_above = np.searchsorted(minus, plus + same, side="right")
    return (int(below.sum()) + int(not_above.sum())) / (2.0 * pairs)


def _r_squared(tally: Tally) -> float | None:
    """1 − Σ residual² / Σ (y − mean y)², the mean being that of these rows; None where y is constant."""
    moments = tally.targets
    if moments is None or moments.smallest[0] == moments.largest[0]:
        return None
    total = float(moments.squares[0])
    return 1.0 - 2.0 * tally.loss / total if total > 0.0 else None
