"""Passes over a table: every partition is summarized by itself, and the summaries are merged in a tree of fixed shape.

The partitions are those of the data and the tree is that of their number, so a sum has the same bits whether its
partitions were read one after another, by threads, or by the workers of a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from calcopt.data.pairwise import PairwiseTree
from calcopt.data.part import CutInsideCell
from calcopt.data.table import Table

Summary = TypeVar("Summary")
Summarize = Callable[[Table], Summary | None]
"""A pure function of a partition that can be pickled; it gives None for a partition without rows."""


class Countable(Protocol):
    """A partition, or what stands for one: its counts are right when it has been summarized."""

    rows: int
    skipped: int


Partition = TypeVar("Partition", bound=Countable)


@dataclass(frozen=True, slots=True)
class Share(Generic[Summary]):
    """What a partition adds: its summary, and how many of its rows were used and left out."""

    summary: Summary | None
    rows: int
    skipped: int


class Crew(Protocol):
    """Those who read partitions."""

    def shares(
        self, partitions: Sequence[Partition], summarize: Callable[[Partition], Summary | None]
    ) -> Iterator[Share[Summary]]:
        """The share of every partition, in their order."""
        ...


def total(
    table: Table,
    summarize: Summarize[Summary],
    merge: Callable[[Summary, Summary], Summary],
) -> Summary | None:
    """The merged summaries of all partitions; None where no partition has one. Counts ``table.rows`` and ``skipped``.

    Raises what ``summarize`` raises: the error of the first partition that has one. The numbers of rows in its message
    are those within the partition.
    """
    from calcopt.data.threads import Threads

    crew = table.crew or Threads()
    try:
        return _merged(table, crew.shares(table.partitions(), summarize), merge)
    except CutInsideCell:
        return _merged(table, crew.shares(table.partitions(whole_files=True), summarize), merge)


def _merged(
    table: Table, shares: Iterator[Share[Summary]], merge: Callable[[Summary, Summary], Summary]
) -> Summary | None:
    tree = PairwiseTree(merge)
    rows = skipped = 0
    for share in shares:
        rows, skipped = rows + share.rows, skipped + share.skipped
        if share.summary is not None:
            tree.add(share.summary)
    table.rows, table.skipped = rows, skipped
    return tree.total()


def share_of(partition: Partition, summarize: Callable[[Partition], Summary | None]) -> Share[Summary]:
    """Read one partition."""
    summary = summarize(partition)
    return Share(summary, partition.rows, partition.skipped)
