"""Rows in random order, in mini-batches, out of a buffer of bounded size.

Rows that fit the buffer are shuffled wholly. Of more rows, runs of neighbouring rows (1/64 of the buffer each) are
visited in random order; a full buffer is shuffled and given out, then filled with the next runs. Every row comes
exactly once an epoch, and which rows meet in a batch changes from epoch to epoch. That is tf.data's shuffled
interleaving of shards before a shuffle buffer; Meng, Chen, Wang, Ma & Liu 2019 (*Neurocomputing* 337, "Convergence
analysis of distributed stochastic gradient descent with shuffling") show that such local shuffling converges as
whole shuffling does, as long as the buffer is not small beside the rows.

The order depends on the seed, the rows and the size of the buffer only; the generator's state between two epochs is
all that an interrupted run needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.network_functions import Array
from calcopt.learn.shares import Block

BUFFER = 256 << 20
"""Bytes of the buffer."""
RUNS = 64
"""Runs of neighbouring rows in a full buffer."""
GATHERED = 2048
"""Rows that are gathered at once, where batches are smaller: a batch then costs two views."""


class Readable(Protocol):
    """Examples that can be read at any place: rows with the target last, (k, p+1)."""

    @property
    def size(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def whole(self) -> Array | None:
        """All rows where they are in memory, else None."""
        ...

    def read(self, start: int, end: int, into: Array) -> None:
        """Rows ``start`` … ``end`` to the C-contiguous array ``into``."""
        ...


def shuffled_batches(
    examples: Readable, batch: int, generator: np.random.Generator, *, buffer: int = BUFFER
) -> Iterator[Block]:
    """All rows once, ``batch`` at a time, the last batch may be smaller; each is valid until the next is taken."""
    size, width = examples.size, examples.width + 1
    room = max(2 * batch, buffer // (8 * width), 2)
    gather = _Gathering(width, batch)
    if size <= room:
        rows = examples.whole
        if rows is None:
            rows = np.empty((size, width))
            examples.read(0, size, rows)
        yield from gather.batches(rows, generator.permutation(size))
        return
    rows, filled = np.empty((room, width)), 0
    run = max(1, min(room // RUNS, room - batch))
    for number in generator.permutation(-(-size // run)).tolist():
        start, end = number * run, min(size, (number + 1) * run)
        if filled + end - start > room:
            order = generator.permutation(filled)
            given = filled // batch * batch
            yield from gather.batches(rows, order[:given])
            left = rows[order[given:]]  # less than a batch: it goes on with the next runs
            filled = len(left)
            rows[:filled] = left
        examples.read(start, end, rows[filled : filled + end - start])
        filled += end - start
    yield from gather.batches(rows, generator.permutation(filled))


class _Gathering:
    """Rows picked from an array, some batches at once, in a buffer that is used again."""

    def __init__(self, width: int, batch: int) -> None:
        self._batch = batch
        self._size = max(batch, GATHERED // batch * batch)
        self._rows = np.empty((0, width))

    def batches(self, rows: Array, order: NDArray[np.int64]) -> Iterator[Block]:
        if len(self._rows) < min(self._size, len(order)):
            self._rows = np.empty((min(self._size, len(order)), rows.shape[1]))
        for first in range(0, len(order), self._size):
            chosen = order[first : first + self._size]
            some = self._rows[: len(chosen)]
            np.take(rows, chosen, axis=0, out=some, mode="clip")  # "raise" would copy once more
            features, targets = some[:, :-1], np.ascontiguousarray(some[:, -1])
            for start in range(0, len(chosen), self._batch):
                end = start + self._batch
                yield Block(features[start:end], targets[start:end])
