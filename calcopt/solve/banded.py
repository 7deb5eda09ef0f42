"""Banded Cholesky factorization: time and memory linear in n."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from calcopt.solve.vectors import is_finite

if TYPE_CHECKING:
    from calcopt.records import Vector


def bandwidth(matrix: Any) -> int:
    """max |i − j| over the stored entries of a CSR matrix, whose columns are in order in every row."""
    if not matrix.has_sorted_indices:
        matrix = matrix.sorted_indices()
    pointers, columns = matrix.indptr, matrix.indices
    rows = np.flatnonzero(np.diff(pointers) > 0)
    if rows.size == 0:
        return 0
    first, last = columns[pointers[rows]], columns[pointers[rows + 1] - 1]
    return int(max(np.max(rows - first), np.max(last - rows), 0))


class BandedCholesky:
    """A = L Lᵀ of a symmetric positive definite band matrix; ``solve`` as SuperLU's object has it."""

    def __init__(self, factor: Vector) -> None:
        self._factor = factor

    def solve(self, b: Vector) -> Vector:
        """A⁻¹ b, shape (n,)."""
        from scipy.linalg import cho_solve_banded

        x: Vector = cho_solve_banded((self._factor, True), b, check_finite=False)
        return x


def banded_cholesky(matrix: Any, width: int, shift: float = 0.0) -> BandedCholesky | None:
    """The factorization of A + shift·I (LAPACK's pbtrf), or None when that is not positive definite.

    Reference: Golub & Van Loan 2013, Matrix Computations, §4.3.5.
    """
    from scipy.linalg import LinAlgError, cholesky_banded

    n = matrix.shape[0]
    bands = np.zeros((width + 1, n))
    for k in range(width + 1):
        bands[k, : n - k] = matrix.diagonal(-k)
    bands[0] += shift
    if not is_finite(bands):
        return None
    try:
        factor = cholesky_banded(bands, overwrite_ab=True, lower=True, check_finite=False)
    except LinAlgError:
        return None
    return BandedCholesky(factor) if is_finite(factor[0]) else None
