"""Passes over the rows: the cost of θ, and the small triangle that Gauss–Newton steps are computed from.

With weights w and a loss ρ every row gives u = √w (y − f) and √w ∂f/∂θ; for a robust loss both are scaled so that the
product of triangle and residual is the exact gradient (Triggs et al. 2000). Rows are factored block by block and the
triangles merged two by two (TSQR): JᵀJ is never formed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from calcopt.data.pairwise import PairwiseTree
from calcopt.learn.curve_identify import column_lengths
from calcopt.learn.curve_loss import Loss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_kernel import CurveKernel, Theta, Values
    from calcopt.learn.curve_rows import Source

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


@dataclass(frozen=True, slots=True)
class Weighing:
    """What every pass needs of the fit: the compiled model, whether the last column holds weights, the loss."""

    kernel: CurveKernel
    weighted: bool
    loss: Loss

    def split(self, block: Any) -> tuple[Any, Any]:
        """The data columns and √w, or None."""
        return (block[:-1], np.sqrt(block[-1])) if self.weighted else (block, None)

    def values(self, block: Any, theta: Theta, order: int, kind: Any = np.float64) -> Values:
        """Residuals and derivatives of a block, times √w; computed in ``kind``."""
        columns, root = self.split(block if kind is np.float64 else block.astype(kind))
        values = self.kernel.evaluate(columns, theta, order)
        if root is not None:
            values.residual *= root
            if values.jacobian is not None:
                values.jacobian *= root[:, None]
            if values.second is not None:
                values.second = {pair: entry * root for pair, entry in values.second.items()}
        return values


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
        found = self.source.total(TangentOf(self.weighing, theta), _together, ends=_is_cut)
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
        return self.source.total(FiniteOf(self.weighing, theta), _both, ends=lambda finite: not finite)

    def squares(self, theta: Array) -> float:
        """Σ u², whatever the loss."""
        return self.source.total(SquaresOf(replace(self.weighing, loss=Loss()), theta), plus)


@dataclass(frozen=True, slots=True)
class CostOf:
    """The cost of some rows, inf where f is not finite."""

    weighing: Weighing
    theta: Array

    def __call__(self, blocks: Iterator[Array]) -> float:
        total = 0.0
        with np.errstate(all="ignore"):
            for block in blocks:
                total += float(self.weighing.loss.cost(self.weighing.values(block, self.theta, 0).residual))
                if not math.isfinite(total):
                    return math.inf
        return total


@dataclass(frozen=True, slots=True)
class SquaresOf:
    """Σ u² of some rows, NaN or inf where they are so."""

    weighing: Weighing
    theta: Array

    def __call__(self, blocks: Iterator[Array]) -> float:
        with np.errstate(all="ignore"):
            return float(sum(float((self.weighing.values(b, self.theta, 0).residual ** 2).sum()) for b in blocks))


@dataclass(frozen=True, slots=True)
class FiniteOf:
    """Whether all values and derivatives of some rows are finite."""

    weighing: Weighing
    theta: Array

    def __call__(self, blocks: Iterator[Array]) -> bool:
        for block in blocks:
            values = self.weighing.values(block, self.theta, 1)
            if not (np.isfinite(values.residual).all() and np.isfinite(values.jacobian).all()):  # type: ignore[arg-type]
                return False
        return True


class Factor(NamedTuple):
    """R of [J u] for some rows (at most p + 1 of its own), their cost, and whether all was finite."""

    triangle: Array
    cost: float
    finite: bool


@dataclass(frozen=True, slots=True)
class TangentOf:
    """The triangle of some rows at θ."""

    weighing: Weighing
    theta: Array

    def __call__(self, blocks: Iterator[Array]) -> Factor:
        tree = PairwiseTree(stacked)
        cost, loss = 0.0, self.weighing.loss
        with np.errstate(all="ignore"):
            for block in blocks:
                values = self.weighing.values(block, self.theta, 1)
                u, jacobian = values.residual, values.jacobian
                assert jacobian is not None
                if not (np.isfinite(u).all() and np.isfinite(jacobian).all()):
                    return Factor(np.zeros((0, len(self.theta) + 1)), math.nan, finite=False)
                cost += float(loss.cost(u))
                if not loss.linear:
                    first, second = loss.slopes(u)
                    root = np.sqrt(np.maximum(second, _LEAST_CURVATURE * first))
                    jacobian, u = jacobian * root[:, None], u * (first / root)
                tree.add(triangular(jacobian, u))
        found = tree.total()
        assert found is not None
        return Factor(found, cost, finite=True)


@dataclass(frozen=True, slots=True)
class CurvatureOf:
    """Jᵀ f_vv of some rows."""

    weighing: Weighing
    theta: Array
    v: Array

    def __call__(self, blocks: Iterator[Array]) -> Array:
        v, loss = self.v, self.weighing.loss
        total = np.zeros(len(v))
        with np.errstate(all="ignore"):
            for block in blocks:
                values = self.weighing.values(block, self.theta, 2)
                assert values.jacobian is not None
                assert values.second is not None
                along = np.zeros(len(values.residual))
                for (i, j), entry in values.second.items():
                    along += entry * ((1 + (i != j)) * v[i] * v[j])
                if not loss.linear:
                    along *= loss.slopes(values.residual)[1]
                total += values.jacobian.T @ along
        return total


def plus(a: float, b: float) -> float:
    return a + b


def _both(a: bool, b: bool) -> bool:  # noqa: FBT001
    return a and b


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


def _together(a: Factor, b: Factor) -> Factor:
    with np.errstate(all="ignore"):
        return Factor(stacked(a.triangle, b.triangle), a.cost + b.cost, a.finite and b.finite)


def _is_cut(found: Factor) -> bool:
    return not found.finite
