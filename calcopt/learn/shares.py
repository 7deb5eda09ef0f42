"""The examples of a training, cut in shares, and sums over them that have the same bits wherever they are computed.

A full pass of training is a *total*: a pure function summarizes the blocks of one share, and the summaries are merged
in a fixed binary tree, by the number of the share. Shares are the table's partitions, and blocks of 2,048 rows begin
anew with each, so a total depends on the data and its partitions alone: not on the memory, the threads, or where a
share is summarized. Functions and summaries can be pickled; another implementation may send them to other processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from calcopt.data.pairwise import PairwiseTree
from calcopt.learn.row_store import IN_MEMORY, Array, RowStore

S = TypeVar("S")


class Block(NamedTuple):
    """``rows`` (k, p) and ``targets`` (k,), k ≤ 2,048; valid until the next block is taken, and not to be changed."""

    rows: Array
    targets: Array


Change = Callable[[Array], None]
"""Works in place on rows with their target in the last column, (k, p+1), each row for itself. Can be pickled."""


class Shares(Protocol):
    """The examples, cut in shares of a fixed number and order."""

    @property
    def size(self) -> int:
        """The number of rows in all shares."""
        ...

    @property
    def width(self) -> int:
        """The number p of features."""
        ...

    @property
    def whole(self) -> Array | None:
        """All rows with their targets, (n, p+1), where they are in this process's memory, else None."""
        ...

    def read(self, start: int, end: int, into: Array) -> None:
        """Rows ``start`` … ``end`` with their targets to the C-contiguous array ``into``: for mini-batches."""
        ...

    def total(self, summarize: Callable[[Iterator[Block]], S], merge: Callable[[S, S], S]) -> S:
        """The summaries of all shares that have rows, merged in a tree; ``ValueError`` when there is no row."""
        ...

    def changed(self, change: Change) -> Shares:
        """The same shares after ``change``. The ones it was asked of are used up: it may work in place."""
        ...


class LocalShares:
    """Shares of this process, in memory or spooled (see :class:`RowStore`); the last column is the target."""

    def __init__(self, store: RowStore) -> None:
        self.store = store

    @property
    def size(self) -> int:
        return self.store.rows

    @property
    def width(self) -> int:
        return self.store.width - 1

    @property
    def whole(self) -> Array | None:
        return self.store.whole

    def read(self, start: int, end: int, into: Array) -> None:
        self.store.read(start, end, into)

    def total(self, summarize: Callable[[Iterator[Block]], S], merge: Callable[[S, S], S]) -> S:
        tree = PairwiseTree(merge)
        for share, (first, end) in enumerate(zip(self.store.bounds, self.store.bounds[1:], strict=False)):
            if end > first:
                tree.add(summarize(as_blocks(self.store.blocks(share))))
        result = tree.total()
        if result is None:
            raise ValueError("there is no row")
        return result

    def changed(self, change: Change) -> LocalShares:
        for share in range(len(self.store.bounds) - 1):
            self.store.change(share, change)
        return self


def as_blocks(matrices: Iterator[Array]) -> Iterator[Block]:
    """Matrices with the target in the last column as blocks."""
    return (Block(matrix[:, :-1], np.ascontiguousarray(matrix[:, -1])) for matrix in matrices)


def shares_of(
    rows: Array, targets: Array, *, shares: int = 1, in_memory: int = IN_MEMORY, by_column: bool = False
) -> LocalShares:
    """Arrays (n, p) and (n,) as local shares of nearly equal size."""
    store = RowStore(rows.shape[1] + 1, in_memory=in_memory, by_column=by_column)
    for part in np.array_split(np.column_stack([rows, targets]), shares):
        store.append(part)
        store.end_share()
    return LocalShares(store)
