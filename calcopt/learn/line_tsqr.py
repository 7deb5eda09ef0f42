"""Several features: QR of blocks, their triangles stacked two by two and factored again (TSQR); one pass.

Reference: Demmel, Grigori, Hoemmen & Langou 2012, "Communication-optimal parallel and sequential QR and LU
factorizations", SIAM J. Sci. Comput. 34. Householder QR is column-wise backward stable, so the scale of a column
does not matter; the normal equations, which would lose half of the digits, are never formed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

import numpy as np

from calcopt.learn.line_triangle import PairwiseTree, Triangle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.line_columns import Block

    Array = NDArray[np.float64]


def several_features(blocks: Iterable[Block], *, intercept: bool) -> Triangle | None:
    """The triangle of a regression on any number of features; None without rows."""
    tree = PairwiseTree(_merged)
    shift: Array | None = None
    shift_y, rows, weight = 0.0, 0, 0.0
    for block in blocks:
        if shift is None:
            shift = block.x[0].copy() if intercept else np.zeros(block.x.shape[1])
            shift_y = float(block.y[0]) if intercept else 0.0
        tree.add(_factored(_augmented(block, shift, shift_y, intercept=intercept)))
        rows += len(block.y)
        weight += float(len(block.y)) if block.w is None else float(block.w.sum())
    r = tree.total()
    if r is None or shift is None:
        return None
    square = np.zeros((r.shape[1], r.shape[1]))
    square[: len(r)] = r
    signs = np.where(np.diagonal(square) < 0, -1.0, 1.0)
    return Triangle(square * signs[:, None], rows, weight, shift, shift_y, intercept)


def _augmented(block: Block, shift: Array, shift_y: float, *, intercept: bool) -> Array:
    """√w [1 X′ y′], of shape (rows, q+1)."""
    columns = [np.ones((len(block.y), 1))] if intercept else []
    rows = np.hstack([*columns, block.x - shift, (block.y - shift_y)[:, None]])
    return rows if block.w is None else rows * np.sqrt(block.w)[:, None]


def _factored(rows: Array) -> Array:
    return cast("Array", np.linalg.qr(rows, mode="r"))


def _merged(a: Array, b: Array) -> Array:
    return _factored(np.vstack([a, b]))
