"""What the residuals say about the parameters: standard errors, t, p, 95 % intervals, R².

With ν = n − q degrees of freedom: s² = Σ w r² / ν, Var(slopes) = s² (SᵀS)⁻¹, and for the intercept ȳ − x̄·slopes:
Var = s² (1/W + ‖S⁻ᵀ x̄‖²). Reference: Draper & Smith 1998, Applied Regression Analysis, ch. 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calcopt.learn.student import quantile, two_sided
from calcopt.learn.triangular import solve_triangular

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.line_triangle import Triangle

    Array = NDArray[np.float64]

Interval = tuple[float, float]


@dataclass(frozen=True)
class Sums:
    """Σ w r² of a fit, and Σ w (y − ȳ)² (without intercept Σ w y²), which R² compares."""

    residual: float
    total: float


@dataclass(frozen=True)
class Inference:
    """One entry per parameter, the intercept last; None where the data cannot say."""

    degrees_of_freedom: int
    residual_standard_deviation: float | None
    r_squared: float | None
    standard_errors: list[float | None]
    t_values: list[float | None]
    p_values: list[float | None]
    confidence_intervals: list[Interval | None]


def infer(triangle: Triangle, parameters: Array, sums: Sums, *, exact: bool) -> Inference:
    """Statistics of ``parameters`` (q,); with ``exact`` (residuals are rounding error) t and p say nothing: None."""
    count = len(parameters)
    freedom = triangle.rows - count
    r_squared = 1.0 - sums.residual / sums.total if sums.total > 0 else None
    if r_squared is not None and abs(r_squared) < 1e-14:
        r_squared = 0.0
    if freedom <= 0:
        nothing: list[None] = [None] * count
        return Inference(0, None, r_squared, [*nothing], [*nothing], [*nothing], [*nothing])
    deviation = float(np.sqrt(sums.residual / freedom))
    errors = deviation * _unit_errors(triangle)
    half = quantile(0.05, freedom) * errors
    t_values: list[float | None] = [None] * count
    p_values: list[float | None] = [None] * count
    if not exact:
        t = parameters / errors
        t_values = [float(value) for value in t]
        p_values = [two_sided(value, freedom) for value in t_values if value is not None]
    intervals: list[Interval | None] = [(float(b - h), float(b + h)) for b, h in zip(parameters, half, strict=True)]
    return Inference(freedom, deviation, r_squared, [float(error) for error in errors], t_values, p_values, intervals)


def covariance_factor(triangle: Triangle, deviation: float) -> Array:
    """F (q, q) with F Fᵀ the covariance of the parameters, the intercept last; ``deviation`` is s.

    The slopes have s S⁻¹, the intercept ȳ − x̄·slopes has s (−x̄ᵀ S⁻¹, 1/√W).
    """
    lengths = triangle.lengths
    inverse = solve_triangular(triangle.spread / lengths, np.eye(len(lengths)))
    slopes = inverse / lengths[:, None]
    if not triangle.intercept:
        return deviation * slopes
    lever = -((triangle.shift + triangle.mean) / lengths) @ inverse
    last = np.append(lever, 1 / np.sqrt(triangle.weight))
    return deviation * np.vstack([np.column_stack([slopes, np.zeros(len(slopes))]), last])


def _unit_errors(triangle: Triangle) -> Array:
    """The standard errors for s = 1, the intercept last."""
    lengths = triangle.lengths
    inverse = solve_triangular(triangle.spread / lengths, np.eye(len(lengths)))
    errors: Array = np.linalg.norm(inverse, axis=1) / lengths
    if not triangle.intercept:
        return errors
    lever = math.hypot(*((triangle.shift + triangle.mean) / lengths @ inverse))
    return np.append(errors, np.hypot(1 / np.sqrt(triangle.weight), lever))
