"""Sums of element Hessians: the pattern is found once, then every evaluation is one ``bincount``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calcopt.numeric.columns import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_ALWAYS_DENSE = 100  # up to this many variables a dense matrix is faster than any sparse one
_DENSE_WHEN_FULL = 5000  # up to this many, a matrix that is mostly full is stored dense


class SymmetricPattern:
    """Where the entries of element Hessians go in an (n, n) symmetric matrix.

    Entry e of the list lies at (rows[e], columns[e]) and, off an element's own diagonal, at the mirrored place too;
    when two slots of one element are the same variable both fall on the diagonal.
    """

    def __init__(
        self, rows: NDArray[np.int64], columns: NDArray[np.int64], diagonal: NDArray[np.bool_], n: int
    ) -> None:
        self.n = n
        self.entries = rows.size
        high, low = np.maximum(rows, columns), np.minimum(rows, columns)
        unique, self._inverse = _distinct(high * n + low)
        self._twice = np.flatnonzero(~diagonal & (rows == columns))
        self._rows, self._columns = unique // n, unique % n
        self._size = unique.size
        off = int(np.count_nonzero(self._rows != self._columns))
        self.stored = self._size + off
        self.dense = n <= _ALWAYS_DENSE or (n <= _DENSE_WHEN_FULL and self.stored > 0.25 * n * n)
        self._structure: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]] | None = None

    def assemble(self, values: Floats) -> Any:
        """The matrix, dense (n, n) or CSR, of the entries' values."""
        sums = self._sums(values)
        if self.dense:
            matrix = np.zeros((self.n, self.n))
            matrix[self._rows, self._columns] = sums
            matrix[self._columns, self._rows] = sums
            return matrix
        return self._sparse(sums)

    def _sums(self, values: Floats) -> Floats:
        """The entries of the lower triangle."""
        if self._twice.size:
            values[self._twice] *= 2.0
        return np.bincount(self._inverse, weights=values, minlength=self._size).astype(np.float64, copy=False)

    def _sparse(self, sums: Floats) -> csr_array:
        from scipy.sparse import csr_array

        if self._structure is None:
            self._structure = self._full_structure()
        indptr, indices, source = self._structure
        matrix = csr_array((sums[source], indices, indptr), shape=(self.n, self.n))
        matrix.has_canonical_format = True
        return matrix

    def _full_structure(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
        """Row pointers and columns of both triangles, and for each entry its place in the lower triangle."""
        off = np.flatnonzero(self._rows != self._columns)
        rows = np.concatenate([self._rows, self._columns[off]])
        columns = np.concatenate([self._columns, self._rows[off]])
        source = np.concatenate([np.arange(self._size), off])
        order = np.argsort(rows * self.n + columns, kind="stable")
        indptr = np.zeros(self.n + 1, dtype=np.int32)
        np.cumsum(np.bincount(rows, minlength=self.n), out=indptr[1:])
        return indptr, columns[order].astype(np.int32), source[order]

    def row_sums(self, values: Floats) -> Floats:
        """Σ_j |entry_ij| bounds from non-negative ``values``: the largest bounds the 2-norm of a symmetric matrix."""
        sums = self._sums(values)
        off = self._rows != self._columns
        total = np.bincount(self._rows, weights=sums, minlength=self.n)
        total += np.bincount(self._columns[off], weights=sums[off], minlength=self.n)
        return np.asarray(total, dtype=np.float64)

    @property
    def largest_multiplicity(self) -> int:
        """How many element entries meet in one place, at most."""
        return int(np.bincount(self._inverse).max()) if self._size else 0


def _distinct(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The different keys in order, and the number of each key among them.

    As ``np.unique`` does it, but with a sort that is fast on what is mostly in order already: elements of a sum are.
    """
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.diff(ordered, prepend=-1) != 0
    inverse = np.empty_like(order)
    inverse[order] = np.cumsum(first) - 1
    return ordered[first], inverse


def symmetric_pattern(entries: Sequence[tuple[NDArray[np.int64], NDArray[np.int64], bool]], n: int) -> SymmetricPattern:
    """The pattern of blocks ``(rows, columns, on the elements' diagonal)`` laid one after the other."""
    if not entries:
        none = np.zeros(0, dtype=np.int64)
        return SymmetricPattern(none, none, none.astype(bool), n)
    rows = np.concatenate([block[0] for block in entries])
    columns = np.concatenate([block[1] for block in entries])
    diagonal = np.concatenate([np.full(block[0].size, block[2]) for block in entries])
    return SymmetricPattern(rows, columns, diagonal, n)
