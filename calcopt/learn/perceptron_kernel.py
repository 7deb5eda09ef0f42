"""One pass over the rows for a perceptron with one output, in buffers that are used again.

The same sums as the general code of :mod:`calcopt.learn.training_problem`, which serves layers and several classes:
there every block costs twice as much, in arrays made anew and in functions called.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.curvature_sums import WeightedRows
from calcopt.learn.network_functions import Array
from calcopt.learn.shares import Block


class SingleSums(NamedTuple):
    """Σ cᵢLᵢ, its gradient (p+1,), the rows classified rightly, the least margin, the curvature (p+1, p+1) or None."""

    loss: float
    gradient: Array
    right: int
    margin: float
    curvature: Array | None


def single_output(
    blocks: Iterator[Block], theta: Array, class_weights: Array | None, *, classifies: bool, with_curvature: bool
) -> SingleSums:
    """The sums over ``blocks`` at ``theta`` = (w, b), for the identity or (``classifies``) for σ."""
    total = np.zeros((len(theta), len(theta))) if with_curvature else None
    gradient, loss, right, margin = np.zeros_like(theta), 0.0, 0, np.inf
    weigh, work = WeightedRows(len(theta) - 1), _Work(0)
    for rows, targets in blocks:
        if len(work.z) != len(rows):
            work = _Work(len(rows))
        weights = None if class_weights is None else class_weights[targets.astype(np.int64)]
        np.dot(rows, theta[:-1], out=work.z)
        work.z += theta[-1]
        if classifies:
            count, least = work.log_loss(targets)
            right, margin = right + count, min(margin, least)
        else:
            work.half_square(targets)
        if weights is not None:
            work.each *= weights
            work.delta *= weights
            work.root *= np.sqrt(weights)
        loss += float(work.each.sum())
        gradient[:-1] += work.delta @ rows
        gradient[-1] += work.delta.sum()
        if total is not None:
            weigh.add(total, rows, work.root)
    return SingleSums(loss, gradient, right, margin, total)


class _Work:
    """Of the rows of a block: z, the losses ``each``, ``delta`` = ŷ − y, and the ``root`` of the curvature √L''."""

    def __init__(self, rows: int) -> None:
        self.z, self.each, self.delta, self.root, self._sign, self._small = (np.empty(rows) for _ in range(6))
        self._marks: NDArray[np.bool_] = np.empty(rows, dtype=np.bool_)

    def half_square(self, targets: Array) -> None:
        """L = ½(y−ŷ)², L'' = 1."""
        np.subtract(self.z, targets, out=self.delta)
        np.multiply(self.delta, self.delta, out=self.each)
        self.each *= 0.5
        self.root.fill(1.0)

    def log_loss(self, targets: Array) -> tuple[int, float]:
        """With s = ±1, m = sz and ε = e^{−|m|}: L = max(−m, 0) + ln(1 + ε), ŷ − y = −s σ(−m), L'' = ε/(1 + ε)².

        Returns how many rows are classified rightly (z = 0 being the first class), and the least m.
        """
        sign, margin, small, wrong = self._sign, self.z, self._small, self.delta
        np.multiply(targets, 2.0, out=sign)
        sign -= 1.0
        margin *= sign
        np.abs(margin, out=small)
        np.negative(small, out=small)
        np.exp(small, out=small)
        np.log1p(small, out=self.each)
        np.minimum(margin, 0.0, out=wrong)
        self.each -= wrong
        np.sqrt(small, out=self.root)
        np.greater_equal(margin, 0.0, out=self._marks)
        larger = np.where(self._marks, small, 1.0)  # a masked copy in place would take four times as long
        small += 1.0
        self.root /= small
        np.divide(larger, small, out=wrong)
        least = float(margin.min())
        right = int(np.count_nonzero(self._marks))
        if right and (margin == 0.0).any():  # on the plane: rightly only for the first class
            right -= int(np.count_nonzero((margin == 0.0) & (targets > 0.5)))
        wrong *= sign
        np.negative(wrong, out=wrong)
        return right, least
