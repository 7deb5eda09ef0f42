"""The area under the ROC curve: from all scores at once, or of very many rows from two passes that keep no score.

A(s) = P(s⁺ > s⁻) + ½ P(s⁺ = s⁻) over all pairs of a positive and a negative row: U/(n⁺n⁻) with Mann & Whitney's U
(1947, *Ann. Math. Statist.* 18).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.network import Network, forward
from calcopt.learn.network_functions import Array
from calcopt.learn.shares import Block

BINS = 1 << 18
CLOSE_ENOUGH = 1e-5


def area_under_curve(scores: Array, positive: NDArray[np.bool_], *, noise: float = 0.0) -> float | None:
    """The area from the scores of all rows; None without a pair.

    Scores closer than ``noise`` times the largest are equal: that is what rounding leaves of rows with the same
    features.
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


@dataclass(frozen=True, slots=True)
class Sampled:
    """The scores of every ``stride``-th row of a share."""

    network: Network
    theta: Array
    stride: int

    def __call__(self, blocks: Iterator[Block]) -> Array:
        start, parts = 0, []
        for rows, _ in blocks:
            parts.append(_scores(self.network, self.theta, rows[start :: self.stride]))
            start = (start - len(rows)) % self.stride
        return np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many negative and positive rows of a share lie between the sorted ``edges`` and on them, (2, 2 edges + 1).

    Even places are between, odd ones on an edge. Rows with a score that is not finite are not counted.
    """

    network: Network
    theta: Array
    edges: Array

    def __call__(self, blocks: Iterator[Block]) -> NDArray[np.int64]:
        counts = np.zeros((2, 2 * len(self.edges) + 1), dtype=np.int64)
        for rows, targets in blocks:
            scores = _scores(self.network, self.theta, rows)
            finite, positive = np.isfinite(scores), targets > 0.5
            for number, chosen in enumerate((finite & ~positive, finite & positive)):
                some = np.sort(scores[chosen])  # neighbours are then found near each other, in the cache
                places = np.searchsorted(self.edges, some, side="left")
                places += np.searchsorted(self.edges, some, side="right")
                np.add.at(counts[number], places, 1)
        return counts


def area_of_histogram(counts: NDArray[np.int64], rows: int) -> tuple[float, float] | None:
    """The area, pairs in one place counting ½, and how far it may be off at most; None where there is none.

    On an edge they are equal, so ½ is right; between two edges each could be 0 or 1.
    """
    minus, plus = counts.astype(np.float64)
    pairs = float(minus.sum()) * float(plus.sum())
    if pairs == 0.0 or int(counts.sum()) != rows:
        return None
    below = np.cumsum(minus) - minus
    return float(plus @ (below + 0.5 * minus)) / pairs, 0.5 * float(plus[::2] @ minus[::2]) / pairs


def _scores(network: Network, theta: Array, rows: Array) -> Array:
    with np.errstate(all="ignore"):
        return forward(network, theta, rows)[-1][:, 0]
