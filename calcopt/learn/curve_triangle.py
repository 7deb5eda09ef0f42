"""Triangles of rows, factored block by block and merged two by two (TSQR): JᵀJ is never formed.

Reference: Demmel, Grigori, Hoemmen & Langou 2012, "Communication-optimal parallel and sequential QR and LU
factorizations", SIAM J. Sci. Comput. 34.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def triangular(jacobian: Array, u: Array) -> Array:
    """R of [J u]."""
    return cast("Array", np.linalg.qr(np.concatenate([jacobian, u[:, None]], axis=1), mode="r"))


def stacked(a: Array, b: Array) -> Array:
    """R of two triangles, one upon the other."""
    return cast("Array", np.linalg.qr(np.concatenate([a, b]), mode="r"))


def squared(triangle: Array) -> Array:
    """A triangle of rows that may be few as a square one with non-negative diagonal."""
    square = np.zeros((triangle.shape[1], triangle.shape[1]))
    square[: len(triangle)] = triangle
    return square * np.where(np.diagonal(square) < 0, -1.0, 1.0)[:, None]
