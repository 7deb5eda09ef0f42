"""One feature: shifted, centred moments of blocks, merged pairwise; one pass over the partitions.

Reference: Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance", The American Statistician 37.
The shift by the first row removes a common offset exactly, so that 10⁹ + small numbers keep their digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from calcopt.data.pairwise import PairwiseTree
from calcopt.learn.line_triangle import Triangle

if TYPE_CHECKING:
    from calcopt.data.table import Table
    from calcopt.learn.line_columns import Block, Columns, LineRows

BLOCK = 8192
"""Rows at a time: three columns of it, and what is made of them, fit the L2 cache, and calls cost little."""


class Moments(NamedTuple):
    """Rows, Σw, the weighted means of x′ and y′, and the centred sums Sxx, Sxy, Syy."""

    rows: int
    weight: float
    mean_x: float
    mean_y: float
    sxx: float
    sxy: float
    syy: float


@dataclass(frozen=True)
class MomentsOf:
    """The moments of a partition, shifted by (``shift_x``, ``shift_y``); None without rows."""

    rows: LineRows
    shift_x: float
    shift_y: float
    intercept: bool

    def __call__(self, partition: Table) -> Moments | None:
        tree = PairwiseTree(merged)
        with np.errstate(over="ignore", invalid="ignore"):
            for block in self.rows.blocks(partition, BLOCK):
                tree.add(_moments(block, self.shift_x, self.shift_y, intercept=self.intercept))
        return tree.total()


def one_feature(columns: Columns) -> Triangle | None:
    """The triangle of a regression on one feature; None without rows. Raises as ``columns.total``."""
    intercept = columns.intercept
    first, shift_y = columns.first()
    shift_x, shift_y = (float(first[0]), shift_y) if intercept else (0.0, 0.0)
    total = columns.total(MomentsOf(columns.rows, shift_x, shift_y, intercept), merged)
    if total is None:
        return None
    sxx, sxy, syy = total.sxx, total.sxy, total.syy
    root = sxx**0.5
    slope = sxy / root if root > 0 else 0.0
    r = np.array([[root, slope], [0.0, max(syy - slope * slope, 0.0) ** 0.5]])
    if intercept:
        top = total.weight**0.5
        r = np.vstack([[top, top * total.mean_x, top * total.mean_y], np.column_stack([np.zeros(2), r])])
    return Triangle(r, total.rows, total.weight, np.array([shift_x]), shift_y, intercept)


def _moments(block: Block, shift_x: float, shift_y: float, *, intercept: bool) -> Moments:
    x, y, w = block.x[:, 0] - shift_x, block.y - shift_y, block.w
    rows = len(y)
    weight = float(rows) if w is None else float(w.sum())
    mean_x = mean_y = 0.0
    if intercept:
        mean_x = float(x.sum() if w is None else w @ x) / weight
        mean_y = float(y.sum() if w is None else w @ y) / weight
        x, y = x - mean_x, y - mean_y
    wx, wy = (x, y) if w is None else (w * x, w * y)
    return Moments(rows, weight, mean_x, mean_y, float(wx @ x), float(wx @ y), float(wy @ y))


def merged(a: Moments, b: Moments) -> Moments:
    weight = a.weight + b.weight
    dx, dy = b.mean_x - a.mean_x, b.mean_y - a.mean_y
    part = b.weight / weight
    between = a.weight * part
    return Moments(
        a.rows + b.rows,
        weight,
        a.mean_x + dx * part,
        a.mean_y + dy * part,
        a.sxx + b.sxx + dx * dx * between,
        a.sxy + b.sxy + dx * dy * between,
        a.syy + b.syy + dy * dy * between,
    )
