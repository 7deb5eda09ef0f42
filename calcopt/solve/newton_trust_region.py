"""Newton's method with a trust region: nearly exact steps for dense Hessians, conjugate gradients for sparse ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from calcopt.solve.curvature import DenseModel, Model, Step
from calcopt.solve.newton_safeguarded import Region, SafeguardedNewton, free_gradient, within_radius

if TYPE_CHECKING:
    from calcopt.records import Matrix
    from calcopt.solve.tasks import Point


@dataclass(frozen=True, slots=True)
class TrustRegionNewton(SafeguardedNewton):
    """x_{k+1} = P(x_k + p), p minimizes ∇f·p + ½ p·Hp over ‖Dp‖ ≤ Δ, whatever the signs of H's eigenvalues.

    Dense H: the secular equation in the eigenbasis, the hard case included (Moré & Sorensen 1983). Sparse H: Steihaug
    and Toint's truncated conjugate gradients. Δ follows how well the model foretold f; a full Newton step inside Δ
    that is refused is shortened on its line (Nocedal & Yuan 1998).
    Reference: Nocedal & Wright 2006, Numerical Optimization, algorithms 4.1, 4.3 and 7.2.
    """

    name: ClassVar[str] = "trust-region"

    def _model(self, hessian: Matrix) -> Model:
        if isinstance(hessian, np.ndarray):
            return DenseModel(hessian)
        from calcopt.solve.conjugate import ConjugateModel

        return ConjugateModel(hessian)

    def _propose(self, point: Point, state: Region, size: float) -> Step | None:
        g = free_gradient(point, state)
        return within_radius(state, g, size) if g.size else None

    def _unbounded_radius(self, state: Region, step: Step) -> float | None:
        return None if state.radius is None else max(state.radius, 2 * step.length)
