"""Quadratic models and spectra of sparse Hessians, by sparse factorization.

SciPy has no sparse Cholesky; SuperLU in symmetric mode, with pivots kept on the diagonal, gives L D Lᵀ in effect, and
the signs of its pivots are the inertia of the matrix (Sylvester).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from calcopt.solve.banded import banded_cholesky, bandwidth
from calcopt.solve.curvature import Step, scaling
from calcopt.solve.vectors import EPS, is_finite, norm, row_sum_norm

if TYPE_CHECKING:
    from calcopt.records import Matrix, Vector

NARROW = 30
"""Up to so many diagonals on either side the band is factorized as it stands."""


def factor(matrix: Any, shift: float = 0.0) -> Any | None:
    """A solver for matrix + shift·I if that is positive definite, else None."""
    width = bandwidth(matrix)
    if width <= NARROW:
        return banded_cholesky(matrix, width, shift)
    from scipy.sparse import eye_array
    from scipy.sparse.linalg import splu

    shifted = (matrix + shift * eye_array(matrix.shape[0]) if shift else matrix).tocsc()
    try:
        lu = splu(shifted, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    except RuntimeError:  # exactly singular
        return None
    pivots = lu.U.diagonal()
    on_the_diagonal = np.array_equal(lu.perm_r, lu.perm_c)
    return lu if on_the_diagonal and is_finite(pivots) and float(pivots.min()) > 0 else None


def solve_sparse(matrix: Matrix, b: Vector) -> Vector | None:
    """The solution of matrix·x = b with pivoting for stability, or None when the matrix is singular."""
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import splu

    try:
        lu = splu(csc_array(matrix))
    except RuntimeError:
        return None
    pivots = np.abs(lu.U.diagonal())
    if float(pivots.min()) <= EPS * float(pivots.max()) * EPS:
        return None
    x: Vector = lu.solve(b)
    return x if is_finite(x) else None


def lowest_eigenpair(matrix: Any) -> tuple[float, Vector]:
    """The lowest eigenvalue (its Rayleigh quotient, an upper bound) and vector of a symmetric sparse matrix.

    A shift that makes the matrix barely positive definite is found by bisection on its logarithm, then inverse
    iteration with that factorization converges fast.
    """
    size = max(row_sum_norm(matrix), 1e-300)
    low, high = math.log(1e-15), math.log(1.01)
    lu = factor(matrix)
    if lu is None:
        lu = factor(matrix, 1.01 * size)
        for _ in range(12):
            middle = 0.5 * (low + high)
            attempt = factor(matrix, size * math.exp(middle))
            if attempt is None:
                low = middle
            else:
                high, lu = middle, attempt
    assert lu is not None
    n = matrix.shape[0]
    v = np.cos(np.arange(1, n + 1, dtype=np.float64))  # fixed, and orthogonal to nothing that is likely
    value = math.inf
    for _ in range(60):
        v = lu.solve(v / norm(v))
        v = v / norm(v)
        newer = float(v @ (matrix @ v))
        if abs(newer - value) <= 1e-10 * abs(newer):
            break
        value = newer
    return newer, v


def extreme_eigenvalues(matrix: Any) -> tuple[float, float, float]:
    """(lowest, highest, error) of the spectrum of a sparse symmetric matrix.

    A positive lowest value is backed by a factorization: matrix − lowest·I was found positive definite.
    """
    size = row_sum_norm(matrix)
    error = 100 * EPS * size
    lowest, _ = lowest_eigenpair(matrix)
    if lowest > 0:
        proven = next(
            (c * lowest for c in (0.999, 0.99, 0.9, 0.5, 0.1) if factor(matrix, -c * lowest) is not None), 0.0
        )
        lowest = proven
    if lowest > error:
        return lowest, max(_power(matrix), lowest), error
    highest = -lowest_eigenpair(-matrix)[0]
    return lowest, highest, error


def _power(matrix: Any) -> float:
    """A lower bound of the highest eigenvalue by thirty power steps."""
    v = np.cos(np.arange(1, matrix.shape[0] + 1, dtype=np.float64))
    for _ in range(30):
        v = v / norm(v)
        v = matrix @ v
    unit = v / norm(v)
    return float(unit @ (matrix @ unit))


def _scaled(matrix: Any, inverse: Vector) -> Any:
    """D⁻¹ A D⁻¹ of a symmetric CSR matrix; exactly symmetric, for every entry is multiplied by one product."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    scaled = matrix.copy()
    scaled.data = matrix.data * (inverse[rows] * inverse[matrix.indices])
    return scaled


class SparseModel:
    """The model g·p + ½ p·Hp of a CSR Hessian; the same interface as :class:`calcopt.solve.curvature.DenseModel`.

    Reference: Conn, Gould & Toint 2000, Trust-Region Methods, §7.3 (the secular equation by factorizations).
    """

    def __init__(self, hessian: Any) -> None:
        largest = abs(hessian).max(axis=1).toarray().ravel()
        self.scale: Vector = scaling(hessian.diagonal(), largest)
        self.matrix = _scaled(hessian, 1.0 / self.scale)
        self.cutoff = 100 * EPS * row_sum_norm(self.matrix)
        self._lu = factor(self.matrix)
        self._lowest: tuple[float, Vector] | None = None

    @property
    def positive(self) -> bool:
        return self._lu is not None or factor(self.matrix, self.cutoff) is not None

    def most_negative(self) -> tuple[float, Vector]:
        if self._lowest is None:
            value, v = lowest_eigenpair(self.matrix)
            self._lowest = value, v / self.scale
        return self._lowest

    def newton(self, g: Vector) -> Step | None:
        if self._lu is None:
            return None
        q = self._lu.solve(-g / self.scale)
        return Step(q / self.scale, 0.0, norm(q), False) if is_finite(q) else None

    def bounded(self, g: Vector, radius: float) -> Step:
        free = self.newton(g)
        if free is not None and free.length <= radius:
            return free
        scaled = g / self.scale
        low, high = 0.0, row_sum_norm(self.matrix) + norm(scaled) / radius
        mu, q = high, -scaled / high
        for _ in range(30):
            lu = factor(self.matrix, mu)
            if lu is None:
                low = mu
            else:
                q = lu.solve(-scaled)
                size = norm(q)
                if 0.9 * radius <= size <= 1.1 * radius or high - low <= 1e-12 * high:
                    break
                low, high = (mu, high) if size > radius else (low, mu)
                slope = float(q @ lu.solve(q)) / size**2 if size > 0 else 0.0
                newer = mu + (size / radius - 1) / slope if slope > 0 else math.nan
                if low < newer < high:
                    mu = newer
                    continue
            mu = max(math.sqrt(low * high), low + 1e-3 * (high - low)) if low > 0 else 1e-2 * high
        length = norm(q)
        if length < 0.5 * radius and not self.positive:  # the hard case: go on along the lowest eigenvector
            value, v = self.most_negative()
            unit = v * self.scale
            along = float(q @ unit)
            rest = -along + math.copysign(math.sqrt(max(along**2 + radius**2 - length**2, 0.0)), -float(scaled @ unit))
            q, mu, length = q + rest * unit, max(mu, -value), radius
        return Step(q / self.scale, mu, length, True)
