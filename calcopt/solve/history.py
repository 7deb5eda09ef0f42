"""The history of a run in bounded memory: the first rows, the last ones, and a middle that thins out evenly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from calcopt.records import Iteration

BYTES = 64_000_000
"""What points and gradients of a history may take."""
FEWEST, MOST = 24, 20_000
"""Rows that are kept whatever they take; rows that are kept at most."""
ENDS = 8
"""Rows at the beginning and at the end that are never thinned while they are there."""


class History(Sequence[Iteration]):
    """The rows of a run as they come; ``added`` of them came, and those that were kept are the sequence.

    When there are too many, every second row of the middle goes, so that those left are 2, 4, 8 … iterations apart.
    ``whole`` keeps all of them, whatever they take.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self.added = 0
        self.whole = whole
        self._head: list[Iteration] = []
        self._middle: list[Iteration] = []
        self._tail: list[Iteration] = []
        self._stride = 1
        self._most = MOST

    def append(self, row: Iteration) -> None:
        """Add the next row, and let others go if need be."""
        if not self.added:
            self._most = min(MOST, max(FEWEST, BYTES // (2 * row.x.nbytes + 600)))
        self.added += 1
        if len(self._head) < ENDS or self.whole:
            self._head.append(row)
            return
        self._tail.append(row)
        if len(self._tail) > ENDS:
            self._settle(self._tail.pop(0))

    def _settle(self, row: Iteration) -> None:
        """The row leaves the end: into the middle if it is in step, else away."""
        if row.iteration % self._stride:
            return
        self._middle.append(row)
        if len(self._middle) > self._most - 2 * ENDS:
            self._stride *= 2
            self._middle = [kept for kept in self._middle if kept.iteration % self._stride == 0]

    def __len__(self) -> int:
        return len(self._head) + len(self._middle) + len(self._tail)

    @overload
    def __getitem__(self, place: int) -> Iteration: ...
    @overload
    def __getitem__(self, place: slice) -> list[Iteration]: ...
    def __getitem__(self, place: int | slice) -> Iteration | list[Iteration]:
        if isinstance(place, int):
            if place == 0 and self._head:
                return self._head[0]
            if place == -1 and self._tail:
                return self._tail[-1]
        return [*self][place]

    def __iter__(self) -> Iterator[Iteration]:
        yield from self._head
        yield from self._middle
        yield from self._tail
