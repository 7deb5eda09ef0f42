"""How well a model does on some rows: accuracy, confusion, log loss and AUC, or R² and the root mean square error."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.network import forward
from calcopt.learn.network_functions import Array, losses, predicted_classes
from calcopt.learn.training_problem import TrainingProblem
from calcopt.records import Metrics


def measure(problem: TrainingProblem, theta: Array) -> Metrics:
    """The metrics of the model θ on the rows of ``problem``, every row counting once (class weights left aside)."""
    with np.errstate(all="ignore"):
        blocks = [
            (z, losses(problem.network.output, z, targets))
            for z, targets in (
                (forward(problem.network, theta, rows)[-1], targets) for rows, targets in problem.blocks()
            )
        ]
        z, loss = np.concatenate([z for z, _ in blocks]), np.concatenate([loss for _, loss in blocks])
        mean = float(loss.mean())
        if not problem.classifies:
            error = float(np.sqrt(2.0 * problem.unit * mean))
            return Metrics(problem.size, r_squared=_r_squared(loss, problem.targets), root_mean_squared_error=error)
        truth = problem.targets.astype(np.int64)
        confusion = confusion_matrix(truth, predicted_classes(z), max(2, z.shape[1]))
        noise = 4.0 * (problem.rows.shape[1] + 2) * float(np.finfo(float).eps)
        area = area_under_curve(z[:, 0], truth == 1, noise=noise) if z.shape[1] == 1 else None
    return Metrics(
        problem.size,
        accuracy=sum(row[place] for place, row in enumerate(confusion)) / problem.size,
        log_loss=mean,
        area_under_curve=area,
        confusion_matrix=confusion,
    )


def confusion_matrix(truth: NDArray[np.int64], taken: NDArray[np.int64], classes: int) -> tuple[tuple[int, ...], ...]:
    """Entry (i, j) counts the rows of class i that were taken for class j."""
    counts = np.bincount(truth * classes + taken, minlength=classes * classes).reshape(classes, classes)
    return tuple(tuple(row) for row in counts.tolist())


def area_under_curve(scores: Array, positive: NDArray[np.bool_], *, noise: float = 0.0) -> float | None:
    """P(s⁺ > s⁻) + ½ P(s⁺ = s⁻) over all pairs of a positive and a negative row; None without such a pair.

    U/(n⁺n⁻) with Mann & Whitney's U from mid-ranks (1947, *Ann. Math. Statist.* 18). Scores closer than ``noise``
    times the largest are equal: that is what rounding leaves of rows with the same features.
    """
    positives = int(positive.sum())
    pairs = positives * (len(scores) - positives)
    if pairs == 0 or not np.isfinite(scores).all():
        return None
    order = np.argsort(scores, kind="stable")
    apart = np.diff(scores[order]) > noise * np.abs(scores).max()
    group = np.concatenate([[0], np.cumsum(apart)])
    of_group, plus = np.bincount(group), np.bincount(group, weights=positive[order])
    below = np.cumsum(of_group) - of_group
    twice_ranks = float((plus * (2.0 * below + of_group + 1.0)).sum())
    return (twice_ranks - positives * (positives + 1)) / (2.0 * pairs)


def _r_squared(loss: Array, targets: NDArray[Any]) -> float | None:
    """1 − Σ residual² / Σ (y − mean y)², the mean being that of these rows; None where y is constant."""
    if targets.min() == targets.max():
        return None
    total = float(((targets - targets.mean()) ** 2).sum())
    return 1.0 - 2.0 * float(loss.sum()) / total if total > 0.0 else None
