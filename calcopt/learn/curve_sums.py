"""Passes over the rows: the cost of θ, and the small triangle that Gauss–Newton steps are computed from.

With weights w and a loss ρ every row gives u = √w (y − f) and √w ∂f/∂θ; for a robust loss both are scaled so that the
product of triangle and residual is the exact gradient (Triggs et al. 2000). Rows are factored block by block and the
triangles merged two by two (TSQR): JᵀJ is never formed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from calcopt.learn.curve_identify import column_lengths
from calcopt.learn.curve_loss import Loss
from calcopt.learn.line_columns import Block
from calcopt.learn.line_tsqr import triangle_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_kernel import CurveKernel, Theta, Values

    Array = NDArray[np.float64]

_LEAST_CURVATURE = 1e-3
"""Where ψ′ is less (or negative), a row counts with this much curvature: steps stay descent steps."""


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
    """The objective of a fit: blocks of rows, the compiled model, weights and loss."""

    def __init__(
        self,
        kernel: CurveKernel,
        blocks: Callable[[], Iterable[Array]],
        *,
        weighted: bool,
        loss: Loss | None = None,
    ) -> None:
        self.kernel, self.blocks, self.weighted = kernel, blocks, weighted
        self.loss = loss or Loss()
        self.evaluations = 0

    def with_loss(self, loss: Loss) -> CurveSums:
        return CurveSums(self.kernel, self.blocks, weighted=self.weighted, loss=loss)

    def split(self, block: Any) -> tuple[Any, Any]:
        """The data columns and √w, or None."""
        return (block[:-1], np.sqrt(block[-1])) if self.weighted else (block, None)

    def rows(self, theta: Theta, order: int, *, kind: Any = np.float64) -> Iterator[Values]:
        """Residuals and derivatives block by block, times √w; computed in ``kind``."""
        self.evaluations += 1
        for block in self.blocks():
            columns, root = self.split(block if kind is np.float64 else block.astype(kind))
            values = self.kernel.evaluate(columns, theta, order)
            if root is not None:
                values.residual *= root
                if values.jacobian is not None:
                    values.jacobian *= root[:, None]
                if values.second is not None:
                    values.second = {pair: entry * root for pair, entry in values.second.items()}
            yield values

    def cost(self, theta: Array) -> float:
        """Σ C² ρ(u²/C²); inf where f is not finite at some row."""
        total = 0.0
        with np.errstate(all="ignore"):
            for values in self.rows(theta, 0):
                total += float(self.loss.cost(values.residual))
                if not math.isfinite(total):
                    return math.inf
        return total

    def tangent(self, theta: Array) -> Tangent | None:
        """The triangle at θ; None where a value or derivative is not finite."""
        cost = 0.0
        finite = True

        def factors() -> Iterator[Block]:
            nonlocal cost, finite
            for values in self.rows(theta, 1):
                u, jacobian = values.residual, values.jacobian
                assert jacobian is not None
                if not (np.isfinite(u).all() and np.isfinite(jacobian).all()):
                    finite = False
                    return
                cost += float(self.loss.cost(u))
                if not self.loss.linear:
                    first, second = self.loss.slopes(u)
                    root = np.sqrt(np.maximum(second, _LEAST_CURVATURE * first))
                    jacobian, u = jacobian * root[:, None], u * (first / root)
                yield Block(jacobian, u, None)

        with np.errstate(all="ignore"):
            triangle = triangle_of(factors())
        if not finite or triangle is None or not np.isfinite(triangle.r).all():
            return None
        p = self.kernel.parameters
        r = triangle.r[:p, :p]
        return Tangent(r, triangle.r[:p, p], float(triangle.r[p, p]), cost, column_lengths(r))

    def curvature_along(self, theta: Array, v: Array) -> Array | None:
        """Jᵀ f_vv (p,) with f_vv the second derivative of f along v; None where it is not finite."""
        total = np.zeros(len(v))
        with np.errstate(all="ignore"):
            for values in self.rows(theta, 2):
                assert values.jacobian is not None
                assert values.second is not None
                along = np.zeros(len(values.residual))
                for (i, j), entry in values.second.items():
                    along += entry * ((1 + (i != j)) * v[i] * v[j])
                if not self.loss.linear:
                    along *= self.loss.slopes(values.residual)[1]
                total += values.jacobian.T @ along
        return total if np.isfinite(total).all() else None
