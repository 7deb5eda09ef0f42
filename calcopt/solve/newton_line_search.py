"""Newton's method with a line search, where negative curvature is flipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from calcopt.solve.curvature import DenseModel, Step
from calcopt.solve.newton_safeguarded import Region, SafeguardedNewton, free_gradient
from calcopt.solve.vectors import norm

if TYPE_CHECKING:
    from calcopt.records import Vector
    from calcopt.solve.curvature import Model
    from calcopt.solve.tasks import Point

SMALLEST = 1e-8
"""Eigenvalues below this fraction of the largest are raised to it: steps along flat directions stay within reason."""


@dataclass(frozen=True, slots=True)
class LineSearchNewton(SafeguardedNewton):
    """x_{k+1} = P(x_k − α |H|⁻¹∇f),  |H| = V |Λ| Vᵀ in scaled variables: always a direction of descent.

    For a sparse H a multiple of D² is added instead until it has a Cholesky factorization. α = 1 at first, then shorter
    by parabolas until f falls enough (Armijo). Saddles and maxima are left along negative curvature.
    Reference: Gill, Murray & Wright 1981, Practical Optimization, §4.4.2 (flipping); Nocedal & Wright 2006, §3.4
    (algorithm 3.3).
    """

    name: ClassVar[str] = "line-search"

    def _propose(self, point: Point, state: Region, size: float) -> Step | None:
        g = free_gradient(point, state)
        if g.size == 0:
            return None
        newton = state.model.newton(g)
        if newton is not None:
            return newton
        return flipped(state.model, g) if isinstance(state.model, DenseModel) else _shifted(state.model, g)


def flipped(model: DenseModel, g: Vector) -> Step:
    """−|H|⁻¹ g, the eigenvalues of the scaled Hessian replaced by their absolute values."""
    size = float(np.max(np.abs(model.eigenvalues), initial=0.0))
    raised = np.maximum(np.abs(model.eigenvalues), SMALLEST * size if size > 0 else 1.0)
    q = -(model.vectors @ ((model.vectors.T @ (g / model.scale)) / raised))
    return Step(q / model.scale, 0.0, norm(q), bounded=False)


def _shifted(model: Model, g: Vector) -> Step:
    """−(H + μD²)⁻¹ g with the first μ = β, 2β, 4β … (β = 1e-3) that makes it positive definite; else −D⁻²g."""
    from calcopt.solve.sparse import SparseModel, factor

    assert isinstance(model, SparseModel)
    mu = 1e-3
    for _ in range(40):
        solver = factor(model.matrix, mu)
        if solver is not None:
            q = solver.solve(-g / model.scale)
            return Step(q / model.scale, mu, norm(q), bounded=False)
        mu *= 2
    q = -g / model.scale
    return Step(q / model.scale, 1.0, norm(q), bounded=False)
