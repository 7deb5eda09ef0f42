"""What a fit says about its parameters: standard errors, t, p, 95 % intervals, correlations, R², AIC and BIC.

With V = (JᵀJ)⁻¹ = W Wᵀ and ν = n − p: s² = RSS/ν, Var θ = s² V. For a robust loss (Huber & Ronchetti 2009, §7.6)

    Var θ = K² [Σψ²/ν] / [Σψ′/n]² V,    K = 1 + (p/n) var(ψ′)/(mean ψ′)².

AIC and BIC count the p parameters and the variance, with the full normal log-likelihood.
References: Seber & Wild 1989, Nonlinear Regression, ch. 5; Burnham & Anderson 2002, ch. 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calcopt.learn.curve_identify import column_lengths
from calcopt.learn.student import quantile, two_sided

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_polish import Sums

    Array = NDArray[np.float64]

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class CurveInference:
    """One entry per parameter; None where the data cannot say. The covariance of the parameters is F Fᵀ, F ``factor``
    (p, f), with rows of 0 for those at a bound.
    """

    degrees_of_freedom: int
    deviation: float | None
    standard_errors: list[float | None]
    t_values: list[float | None]
    p_values: list[float | None]
    intervals: list[Interval | None]
    correlations: list[list[float | None]] | None
    factor: Array | None = None


def infer(theta: Array, free: NDArray[np.bool_], factor: Array, sums: Sums, *, exact: bool) -> CurveInference:
    """Statistics of ``theta`` (p,), of which ``factor`` (f, f) covers those that are ``free`` of their bounds.

    With ``exact`` the residuals are rounding error: errors, t and p say nothing.
    """
    p, n = len(theta), sums.rows
    freedom = n - int(free.sum())
    nothing: list[None] = [None] * p
    if freedom <= 0:
        return CurveInference(0, None, [*nothing], [*nothing], [*nothing], [*nothing], None)
    deviation = math.sqrt(float(sums.squares) / freedom)
    widths = column_lengths(factor.T)
    scale = _scale(sums, freedom, int(free.sum()))
    errors = scale * widths
    reach = quantile(0.05, freedom)
    standard: list[float | None] = [*nothing]
    t_values: list[float | None] = [*nothing]
    p_values: list[float | None] = [*nothing]
    intervals: list[Interval | None] = [*nothing]
    for place, error in zip(np.flatnonzero(free), errors.tolist(), strict=True):
        value = float(theta[place])
        standard[place] = error
        intervals[place] = (value - reach * error, value + reach * error)
        if not exact and error > 0:
            t_values[place] = value / error
            p_values[place] = two_sided(value / error, freedom)
    full = np.zeros((p, factor.shape[1]))
    full[free] = scale * factor
    return CurveInference(
        freedom,
        deviation,
        standard,
        t_values,
        p_values,
        intervals,
        _correlations(p, free, factor, widths),
        full if np.isfinite(full).all() else None,
    )


def _scale(sums: Sums, freedom: int, parameters: int) -> float:
    """s for least squares, where ψ = u; the robust one else."""
    n, slope = sums.rows, sums.psi_slopes / sums.rows
    if slope <= 0:
        return math.nan
    spread = max(sums.psi_slope_squares / n - slope * slope, 0.0)
    correction = 1 + parameters / n * spread / (slope * slope)
    return correction * math.sqrt(sums.psi_squares / freedom) / slope


def _correlations(p: int, free: NDArray[np.bool_], factor: Array, widths: Array) -> list[list[float | None]]:
    inside = (factor / widths[:, None]) @ (factor / widths[:, None]).T
    np.fill_diagonal(inside, 1.0)
    full: list[list[float | None]] = [[None] * p for _ in range(p)]
    places = [int(place) for place in np.flatnonzero(free)]
    for i, row in zip(places, np.clip(inside, -1.0, 1.0).tolist(), strict=True):
        for j, value in zip(places, row, strict=True):
            full[i][j] = value
    return full


def information(
    residual_sum: float, rows: int, parameters: int, log_weights: float
) -> tuple[float | None, float | None]:
    """AIC and BIC of least squares; None for a perfect fit. ``log_weights`` is Σ log w."""
    if residual_sum <= 0:
        return None, None
    likelihood = -0.5 * rows * (math.log(2 * math.pi * residual_sum / rows) + 1) + 0.5 * log_weights
    return 2 * (parameters + 1) - 2 * likelihood, (parameters + 1) * math.log(rows) - 2 * likelihood
