"""The rows that a curve is fitted to: read once, kept, and summed over again and again.

A pass is a *total*: a pure function summarizes the blocks of one partition of the table, and the summaries are merged
in a tree of fixed shape by the number of the partition. Blocks of a fixed size begin anew with each partition, so a
total has the same bits whether this process, its threads or the workers of a cluster summarize, each keeping as numbers
what it has read (``calcopt.data.kept``).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

import numpy as np

from calcopt.data.blocks import ROWS
from calcopt.data.kept import forget, fresh_blocks, kept_blocks, new_owner
from calcopt.data.pairwise import PairwiseTree
from calcopt.data.part import CutInsideCell
from calcopt.data.threads import Threads
from calcopt.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.data.passes import Share
    from calcopt.data.table import Table

    Array = NDArray[np.float64]

S = TypeVar("S")
Summarize = Callable[[Iterator["Array"]], S]
"""A function of at least one block (columns, rows); it can be pickled, and changes no block."""


class Source(Protocol):
    """Rows that can be summed over."""

    def total(
        self, summarize: Summarize[S], merge: Callable[[S, S], S], *, ends: Callable[[S], bool] | None = None
    ) -> S:
        """The merged summaries; a summary that ``ends`` the pass may be given alone."""
        ...


@dataclass(frozen=True, slots=True)
class Sample:
    """A few rows (columns, n) in memory, as one block."""

    block: Array

    def total(
        self, summarize: Summarize[S], merge: Callable[[S, S], S], *, ends: Callable[[S], bool] | None = None
    ) -> S:
        return summarize(iter((self.block,)))


@dataclass(frozen=True, slots=True)
class Reader:
    """What is read of any partition, in blocks of ``size`` rows; it can be pickled."""

    wanted: tuple[str, ...]
    owner: str
    size: int

    def blocks(self, partition: Table) -> Iterator[Array]:
        return kept_blocks(partition, self.wanted, owner=self.owner, by_column=True, size=self.size)

    def fresh(self, partition: Table) -> Iterator[Array]:
        """The same blocks, not kept to be read again."""
        return fresh_blocks(partition, self.wanted, by_column=True, size=self.size)


@dataclass(frozen=True, slots=True)
class OfPartition(Generic[S]):
    """``summarize`` of the blocks of a partition; None without rows."""

    reader: Reader
    summarize: Summarize[S]

    def __call__(self, partition: Table) -> S | None:
        blocks = self.reader.blocks(partition)
        first = next(blocks, None)
        return None if first is None else self.summarize(chain([first], blocks))


@dataclass(frozen=True, slots=True)
class PickedOf:
    """Those of at most ``most`` rows, spread evenly over all, that a partition has: (columns, rows).

    ``starts`` are the rows before each partition, and all rows last.
    """

    reader: Reader
    starts: NDArray[np.int64]
    most: int

    def __call__(self, partition: Table) -> Array | None:
        assert partition.number is not None
        chosen, parts, start = self._chosen(), [], int(self.starts[partition.number])
        for block in self.reader.blocks(partition):
            size = block.shape[1]
            parts.append(block[:, chosen[(chosen >= start) & (chosen < start + size)] - start])
            start += size
        return np.concatenate(parts, axis=1) if parts else None

    def _chosen(self) -> NDArray[np.int64]:
        count = int(self.starts[-1])
        if count <= self.most:
            return np.arange(count)
        return np.linspace(0, count - 1, self.most).round().astype(np.int64)


class Rows:
    """The columns of a table in blocks of shape (columns, rows ≤ ``size``), with weights, if any, last.

    ``first`` is the first row, (columns, 1). Raises ``DataError`` for a bad cell, a weight that is not positive, and a
    table without rows.
    """

    def __init__(self, table: Table, columns: Sequence[str], weights: str | None, *, size: int = ROWS) -> None:
        self.table, self.columns, self.weights, self._size = table, tuple(columns), weights, size
        self._wanted = (*self.columns, *([weights] if weights is not None else []))
        table.require(*self._wanted)
        try:
            self._read(table.partitions())
        except CutInsideCell:
            self._read(table.partitions(whole_files=True))
        self.count = table.rows
        self.skipped = table.skipped

    def total(
        self, summarize: Summarize[S], merge: Callable[[S, S], S], *, ends: Callable[[S], bool] | None = None
    ) -> S:
        """The summaries of all partitions that have rows, merged in a tree."""
        tree = PairwiseTree(merge)
        for share in self._shares(self._partitions, OfPartition(self._reader, summarize)):
            if share.summary is None:
                continue
            if ends is not None and ends(share.summary):
                return share.summary
            tree.add(share.summary)
        found = tree.total()
        assert found is not None
        return found

    def blocks(self) -> Iterator[Array]:
        """All rows, in order, read by this process."""
        here = self.table.crew is None or isinstance(self.table.crew, Threads)
        for partition in self._partitions:
            if here:
                yield from self._reader.blocks(partition)
            else:
                yield from self._reader.fresh(partition)

    def sample(self, most: int) -> Array:
        """At most ``most`` rows spread evenly over all of them, in order: (columns, rows)."""
        starts = np.cumsum([0, *self._counts])
        shares = self._shares(self._partitions, PickedOf(self._reader, starts, most))
        return np.concatenate([share.summary for share in shares if share.summary is not None], axis=1)

    def values(self, row: int) -> dict[str, float]:
        """The cells of one row, from 0, by the names of the columns."""
        for block in self.blocks():
            if row < block.shape[1]:
                return dict(zip(self._wanted, block[:, row].tolist(), strict=True))
            row -= block.shape[1]
        raise IndexError(row)

    def texts(self) -> Iterator[list[str]]:
        """The columns' cells as they are written in the file, row by row."""
        return ([*cells] for batch in self.table.batches((), self._wanted) for cells in zip(*batch.text, strict=True))

    def _shares(self, partitions: Sequence[Table], summarize: Callable[[Table], S | None]) -> Iterator[Share[S]]:
        return (self.table.crew or Threads()).shares(partitions, summarize)

    def _read(self, partitions: list[Table]) -> None:
        owner = new_owner()
        weakref.finalize(self, forget, owner)
        self._reader, self._partitions = Reader(self._wanted, owner, self._size), partitions
        self._counts: list[int] = []
        skipped, positive = 0, True
        first: Array | None = None
        checked = OfPartition(self._reader, CheckedOf(weighted=self.weights is not None))
        for share in self._shares(partitions, checked):
            if share.summary is not None:
                positive = share.summary.positive
                first = share.summary.first if first is None else first
            if not positive:
                break
            self._counts.append(share.rows)
            skipped += share.skipped
        if not positive:
            raise self._bad_weight()
        self.table.rows, self.table.skipped = sum(self._counts), skipped
        if first is None:
            raise self.table.nothing_left(self._wanted)
        self.first = first

    def _bad_weight(self) -> DataError:
        before = 0
        for block in self.blocks():
            weights = block[-1]
            if not (weights > 0).all():
                first = int(np.argmin(weights > 0))
                return DataError(
                    f"the weight in row {before + first + 1} of those used is {weights[first]:g}, and a weight must be "
                    f"above 0 (column '{self.weights}')",
                    self.table.name,
                    hint="leave such rows out of the file",
                )
            before += len(weights)
        raise AssertionError("the weights are positive")


class Checked(NamedTuple):
    """The first of some rows (columns, 1), and whether all weights, if there are any, are positive."""

    first: Array
    positive: bool


@dataclass(frozen=True, slots=True)
class CheckedOf:
    """Reads some rows to their end."""

    weighted: bool

    def __call__(self, blocks: Iterator[Array]) -> Checked:
        first: Array | None = None
        positive = True
        for block in blocks:
            first = block[:, :1].copy() if first is None else first
            positive = positive and (not self.weighted or bool((block[-1] > 0).all()))
        assert first is not None
        return Checked(first, positive)
