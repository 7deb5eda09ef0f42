"""The objective of a fit: the cost of θ, and the small triangle that Gauss–Newton steps are computed from.

All are sums over the rows, wherever these are (``curve_rows``), of what ``curve_passes`` says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from calcopt.learn.curve_identify import column_lengths
from calcopt.learn.curve_loss import Loss
from calcopt.learn.curve_passes import (
    CostOf,
    CurvatureOf,
    FiniteOf,
    SquaresOf,
    TangentOf,
    Weighing,
    both,
    is_cut,
    plus,
    together,
)
from calcopt.learn.curve_triangle import squared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_kernel import CurveKernel
    from calcopt.learn.curve_rows import Source

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tangent:
    """R (p, p) and q (p,): JᵀJ = RᵀR, Jᵀu = Rᵀq; ‖u − projection‖ = ``rest``, the loss at θ, norms of columns."""

    r: Array
    q: Array
    rest: float
    cost: float
    lengths: Array

    @property
    def gradient(self) -> Array:
        """∇ of the cost, −2 Jᵀu."""
        found: Array = -2 * self.r.T @ self.q
        return found


class CurveSums:
    """The objective of a fit: rows, the compiled model, weights and loss."""

    def __init__(self, kernel: CurveKernel, source: Source, *, weighted: bool, loss: Loss | None = None) -> None:
        self.kernel, self.source = kernel, source
        self.weighing = Weighing(kernel, weighted, loss or Loss())

    @property
    def weighted(self) -> bool:
        return self.weighing.weighted

    @property
    def loss(self) -> Loss:
        return self.weighing.loss

    def with_loss(self, loss: Loss) -> CurveSums:
        return CurveSums(self.kernel, self.source, weighted=self.weighted, loss=loss)

    def cost(self, theta: Array) -> float:
        """Σ C² ρ(u²/C²); inf where f is not finite at some row."""
        return self.source.total(CostOf(self.weighing, theta), plus, ends=math.isinf)

    def tangent(self, theta: Array) -> Tangent | None:
        """The triangle at θ; None where a value or derivative is not finite."""
        found = self.source.total(TangentOf(self.weighing, theta), together, ends=is_cut)
        with np.errstate(all="ignore"):
            triangle = squared(found.triangle)
        if not found.finite or not np.isfinite(triangle).all():
            return None
        p = self.kernel.parameters
        r = triangle[:p, :p]
        return Tangent(r, triangle[:p, p], float(triangle[p, p]), found.cost, column_lengths(r))

    def curvature_along(self, theta: Array, v: Array) -> Array | None:
        """Jᵀ f_vv (p,) with f_vv the second derivative of f along v; None where it is not finite."""
        total = self.source.total(CurvatureOf(self.weighing, theta, v), np.add)
        return total if np.isfinite(total).all() else None

    def finite(self, theta: Array) -> bool:
        """Whether f and all derivatives are finite at every row."""
        return self.source.total(FiniteOf(self.weighing, theta), both, ends=lambda finite: not finite)

    def squares(self, theta: Array) -> float:
        """Σ u², whatever the loss."""
        return self.source.total(SquaresOf(replace(self.weighing, loss=Loss()), theta), plus)
