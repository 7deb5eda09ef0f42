"""Several features: QR of blocks, their triangles stacked two by two and factored again (TSQR); one pass.

Reference: Demmel, Grigori, Hoemmen & Langou 2012, "Communication-optimal parallel and sequential QR and LU
factorizations", SIAM J. Sci. Comput. 34. Householder QR is column-wise backward stable, so the scale of a column
does not matter; the normal equations, which would lose half of the digits, are never formed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from calcopt.data.pairwise import PairwiseTree
from calcopt.learn.line_triangle import Triangle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.data.table import Table
    from calcopt.learn.line_columns import Block, Columns, LineRows

    Array = NDArray[np.float64]


class Factor(NamedTuple):
    """R of some rows (at most q+1 of its own), how many they are, and Σw."""

    r: Array
    rows: int
    weight: float


@dataclass(frozen=True)
class FactorOf:
    """The factor of a partition, shifted; None without rows."""

    rows: LineRows
    shift: Array
    shift_y: float
    intercept: bool

    def __call__(self, partition: Table) -> Factor | None:
        return factor(self.rows.blocks(partition), self.shift, self.shift_y, intercept=self.intercept)


def several_features(columns: Columns) -> Triangle | None:
    """The triangle of a regression on any number of features; None without rows. Raises as ``columns.total``."""
    shift, shift_y = columns.first()
    if not columns.intercept:
        shift, shift_y = np.zeros(len(shift)), 0.0
    found = columns.total(FactorOf(columns.rows, shift, shift_y, columns.intercept), merged)
    return None if found is None else _triangle(found, shift, shift_y, intercept=columns.intercept)


def triangle_of(blocks: Iterable[Block]) -> Triangle | None:
    """The triangle of rows that are at hand, without intercept and shift; None without rows."""
    blocks = iter(blocks)
    first = next(blocks, None)
    if first is None:
        return None
    shift = np.zeros(first.x.shape[1])
    found = factor(chain([first], blocks), shift, 0.0, intercept=False)
    return None if found is None else _triangle(found, shift, 0.0, intercept=False)


def factor(blocks: Iterable[Block], shift: Array, shift_y: float, *, intercept: bool) -> Factor | None:
    """QR of every block, merged pairwise."""
    tree = PairwiseTree(merged)
    for block in blocks:
        weight = float(len(block.y)) if block.w is None else float(block.w.sum())
        tree.add(Factor(_factored(_augmented(block, shift, shift_y, intercept=intercept)), len(block.y), weight))
    return tree.total()


def _triangle(found: Factor, shift: Array, shift_y: float, *, intercept: bool) -> Triangle:
    r = found.r
    square = np.zeros((r.shape[1], r.shape[1]))
    square[: len(r)] = r
    signs = np.where(np.diagonal(square) < 0, -1.0, 1.0)
    return Triangle(square * signs[:, None], found.rows, found.weight, shift, shift_y, intercept)


def _augmented(block: Block, shift: Array, shift_y: float, *, intercept: bool) -> Array:
    """√w [1 X′ y′], of shape (rows, q+1)."""
    columns = [np.ones((len(block.y), 1))] if intercept else []
    rows = np.hstack([*columns, block.x - shift, (block.y - shift_y)[:, None]])
    if block.w is None:
        return rows
    with np.errstate(over="ignore"):  # told of as numbers that are too large
        return rows * np.sqrt(block.w)[:, None]


def _factored(rows: Array) -> Array:
    return cast("Array", np.linalg.qr(rows, mode="r"))


def merged(a: Factor, b: Factor) -> Factor:
    return Factor(_factored(np.vstack([a.r, b.r])), a.rows + b.rows, a.weight + b.weight)
