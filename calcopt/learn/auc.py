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
CHUNK = 1 << 20
"""Scores that are sorted at once, 8 MiB."""


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
        # a block's arrays hold until the next one is taken: what is put by are new ones
        scored = ((_scores(self.network, self.theta, block.rows), block.targets > 0.5) for block in blocks)
        for scores, positive in _chunks(scored):
            finite = np.isfinite(scores)
            for number, chosen in enumerate((finite & ~positive, finite & positive)):
                counts[number] += self._counts(np.sort(scores[chosen]))
        return counts

    def _counts(self, scores: Array) -> NDArray[np.int64]:
        """How many of the sorted ``scores`` there are in each place: edges are looked up in them, in order."""
        below = np.searchsorted(scores, self.edges, side="left")
        upto = np.searchsorted(scores, self.edges, side="right")
        ends = np.empty(2 * len(self.edges) + 1, dtype=np.int64)
        ends[0:-1:2], ends[1::2], ends[-1] = below, upto, len(scores)
        return np.diff(ends, prepend=0)


Scored = tuple[Array, NDArray[np.bool_]]
"""Scores, and which of the rows are positive."""


def _chunks(scored: Iterator[Scored]) -> Iterator[Scored]:
    """The scores of many blocks at once: sorting them takes less time then."""
    waiting: list[Scored] = []
    held = 0
    for scores, positive in scored:
        waiting.append((scores, positive))
        held += len(scores)
        if held >= CHUNK:
            yield _joined(waiting)
            waiting, held = [], 0
    if waiting:
        yield _joined(waiting)


def _joined(waiting: list[Scored]) -> Scored:
    scores, positive = zip(*waiting, strict=True)
    return np.concatenate(scores), np.concatenate(positive)


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
