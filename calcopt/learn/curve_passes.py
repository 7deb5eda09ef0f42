"""What passes over the rows compute of some of them: cost, triangle, curvature. Pure functions that can be pickled.

With weights w and a loss ρ every row gives u = √w (y − f) and √w ∂f/∂θ; for a robust loss both are scaled so that the
product of triangle and residual is the exact gradient (Triggs et al. 2000).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from calcopt.data.pairwise import PairwiseTree
from calcopt.learn.curve_loss import Loss
from calcopt.learn.curve_triangle import stacked, triangular

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_kernel import CurveKernel, Theta, Values

    Array = NDArray[np.float64]

_LEAST_CURVATURE = 1e-3
"""Where ψ′ is less (or negative), a row counts with this much curvature: steps stay descent steps."""


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


def both(a: bool, b: bool) -> bool:  # noqa: FBT001
    return a and b


def together(a: Factor, b: Factor) -> Factor:
    """The factor of the rows of both."""
    with np.errstate(all="ignore"):
        return Factor(stacked(a.triangle, b.triangle), a.cost + b.cost, a.finite and b.finite)


def is_cut(found: Factor) -> bool:
    """Whether the rest of the rows need not be looked at."""
    return not found.finite
