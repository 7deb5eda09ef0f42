"""Filling in missing numbers with the mean of their column (``--missing mean``)."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from calcopt.errors import DataError
from calcopt.learn.network_functions import Array
from calcopt.learn.shares import Block, Shares


@dataclass(frozen=True, slots=True)
class Imputation:
    """The mean of each of the numeric ``columns`` (over the rows learned from), and the cells filled in."""

    columns: tuple[str, ...]
    means: Array
    cells: int = 0

    def fill(self, numbers: Array) -> int:
        """Replaces every NaN of ``numbers`` (rows, columns) in place; returns how many there were."""
        rows, places = np.nonzero(np.isnan(numbers))
        numbers[rows, places] = self.means[places]
        return len(rows)


@dataclass(frozen=True, slots=True)
class Filling:
    """Fills the missing numbers of rows in; can be sent to where the rows are."""

    imputation: Imputation

    def __call__(self, rows: Array) -> None:
        self.imputation.fill(rows[:, : len(self.imputation.columns)])


@dataclass(frozen=True, slots=True)
class Present:
    """What there is in some numeric columns: ``counts`` of cells, ``missing`` in all, and the ``means``, (columns,)."""

    counts: Array
    means: Array
    missing: int

    def __add__(self, other: Present) -> Present:
        counts = self.counts + other.counts
        part = np.divide(other.counts, counts, out=np.zeros_like(counts), where=counts > 0)
        # a column that is empty so far has no mean to move
        means = np.where(self.counts > 0, self.means + (other.means - self.means) * part, other.means)
        return Present(counts, means, self.missing + other.missing)


@dataclass(frozen=True, slots=True)
class Presence:
    """The :class:`Present` cells of the first ``columns`` features of a share."""

    columns: int

    def __call__(self, blocks: Iterator[Block]) -> Present:
        return functools.reduce(operator.add, (self._of_block(block.rows[:, : self.columns]) for block in blocks))

    def _of_block(self, numbers: Array) -> Present:
        there = ~np.isnan(numbers)
        counts = there.sum(axis=0)
        # shifted by the first cell of each column: a large offset costs no digits
        shift = np.where(counts > 0, numbers[there.argmax(axis=0), np.arange(self.columns)], 0.0)
        sums = np.where(there, numbers - shift, 0.0).sum(axis=0)
        means = shift + np.divide(sums, counts, out=np.zeros(self.columns), where=counts > 0)
        return Present(counts.astype(np.float64), means, int(numbers.size - counts.sum()))


def column_means(columns: Sequence[str], learning: Shares, place: str) -> tuple[Imputation, int]:
    """The means over the rows learned from of what is there, and the number of cells missing there.

    ``DataError`` for a column with nothing in it.
    """
    present = learning.total(Presence(len(columns)), operator.add)
    empty = np.flatnonzero(present.counts == 0)
    if len(empty):
        message = f"column '{columns[empty[0]]}' is empty in every row"
        raise DataError(message, place, hint="leave it out of --features")
    return Imputation(tuple(columns), present.means), present.missing
