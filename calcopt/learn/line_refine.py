"""The parameters, and one more look at the data where rounding would show.

From R alone the slopes are S⁻¹c. Where that would leave fewer than about 12 digits (ill-conditioned features, or
residuals that are tiny beside the target), and wherever the rows are few, the residuals are summed again over the
data in extended precision, and the slopes corrected by the corrected semi-normal equations, SᵀS δ = Σ w (x − x̄) r:
a Newton step from the solution. Reference: Björck 1996, Numerical Methods for Least Squares Problems, §6.6.5.
(Where the platform's long double is a double the correction is done in double precision.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from calcopt.learn.line_rank import EPS, condition
from calcopt.learn.line_triangle import Triangle
from calcopt.learn.triangular import solve_triangular

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.data.table import Table
    from calcopt.learn.line_columns import Columns, LineRows

    Array = NDArray[np.float64]
    Long = NDArray[np.longdouble]

_ENOUGH = 1e-12
_PASSES = 4
_CHEAP = 1 << 16
"""Rows that are read again in a few milliseconds: for these the last digit is sought always."""


@dataclass(frozen=True)
class Solution:
    """Slopes (p,) and intercept, Σ w r² of the fit, Σ w (y − ȳ)², how many passes it took, κ of the features."""

    slopes: Array
    intercept: float
    residual_sum: float
    total_sum: float
    passes: int
    condition: float


@dataclass(frozen=True)
class _State:
    """Slopes and the fitted value at the mean of the features, in extended precision, with their sums of squares."""

    slopes: Long
    level: np.longdouble
    residual_sum: float
    total_sum: float
    passes: int


def solve_line(triangle: Triangle, columns: Columns) -> Solution:
    """The least-squares solution; the rows of ``columns`` are read again only where another pass is worth it."""
    slopes = solve_triangular(triangle.spread, triangle.target).astype(np.longdouble)
    rho, total = triangle.residual_norm, triangle.total_norm
    state = _State(slopes, np.longdouble(triangle.mean_y), rho * rho, total * total, 1)
    kappa = condition(triangle)
    if EPS * kappa * kappa < 1e-3 and (triangle.rows <= _CHEAP or _error(triangle, kappa) > _ENOUGH):
        state = _refined(triangle, columns, state)
    means = triangle.shift.astype(np.longdouble) + triangle.mean.astype(np.longdouble)
    intercept = state.level + np.longdouble(triangle.shift_y) - (state.slopes * means).sum()
    return Solution(
        state.slopes.astype(np.float64),
        float(intercept) if triangle.intercept else 0.0,
        state.residual_sum,
        state.total_sum,
        state.passes,
        kappa,
    )


def _error(triangle: Triangle, kappa: float) -> float:
    """A bound of the relative error of what R gives, slopes and Σ w r² (Björck 1996, §1.4 and §2.4)."""
    fit, rho, total = float(np.linalg.norm(triangle.target)), triangle.residual_norm, triangle.total_norm
    if rho == 0:
        return 1.0
    slopes = kappa * (1 + kappa * rho / fit) if fit > 0 else 0.0
    residual = (total / rho) ** 2 if triangle.features == 1 else total / rho
    return 8 * EPS * max(slopes, residual)


def _refined(triangle: Triangle, columns: Columns, state: _State) -> _State:
    spread = triangle.spread
    widths = triangle.lengths
    slopes, level, passes, settled = state.slopes, state.level, state.passes, False
    while not settled and passes < _PASSES:
        passes += 1
        sums = columns.total(ResidualsOf(columns.rows, triangle, slopes, level), merged)
        assert sums is not None
        residual, total, gradient, rest = sums
        half = solve_triangular(spread, gradient.astype(np.float64), transposed=True)
        change = solve_triangular(spread, half)
        slopes = slopes + change
        moved = np.longdouble(half @ half)
        if triangle.intercept:
            level = level + rest / np.longdouble(triangle.weight)
            moved += rest * rest / np.longdouble(triangle.weight)
        size = np.abs(slopes).astype(np.float64)
        small = (
            EPS * size if triangle.rows <= _CHEAP else np.maximum(1e-13 * size, EPS * (size * widths).max() / widths)
        )
        settled = bool((np.abs(change) <= small).all())
    return _State(slopes, level, float(max(residual - moved, np.longdouble(0))), float(total), passes)


class Residuals(NamedTuple):
    """Σ w r², Σ w (y − ȳ)², Σ w (x − x̄) r and Σ w r with r = y′ − level − (x′ − m)·slopes, in extended precision."""

    squares: np.longdouble
    total: np.longdouble
    gradient: Long
    rest: np.longdouble


@dataclass(frozen=True)
class ResidualsOf:
    """The residual sums of a partition."""

    rows: LineRows
    triangle: Triangle
    slopes: Long
    level: np.longdouble

    def __call__(self, partition: Table) -> Residuals:
        triangle = self.triangle
        mean, mean_y = triangle.mean.astype(np.longdouble), np.longdouble(triangle.mean_y)
        squares, total, rest = np.longdouble(0), np.longdouble(0), np.longdouble(0)
        gradient: Long = np.zeros(triangle.features, dtype=np.longdouble)
        for block in self.rows.blocks(partition):
            x = block.x.astype(np.longdouble) - triangle.shift - mean
            y = block.y.astype(np.longdouble) - triangle.shift_y
            r, centred = y - self.level - x @ self.slopes, y - mean_y
            wr, wy = (r, centred) if block.w is None else (r * block.w, centred * block.w)
            squares += cast("np.longdouble", wr @ r)
            total += cast("np.longdouble", wy @ centred)
            rest += wr.sum()
            gradient = gradient + cast("Long", wr @ x)
        return Residuals(squares, total, gradient, rest)


def merged(a: Residuals, b: Residuals) -> Residuals:
    return Residuals(a.squares + b.squares, a.total + b.total, a.gradient + b.gradient, a.rest + b.rest)
