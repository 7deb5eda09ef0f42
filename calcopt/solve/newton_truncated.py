"""Truncated Newton: Newton steps by conjugate gradients, as accurate as they need to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from calcopt.solve.conjugate import ConjugateModel
from calcopt.solve.curvature import Model, Step
from calcopt.solve.newton_safeguarded import Region, SafeguardedNewton, free_gradient

if TYPE_CHECKING:
    from calcopt.records import Matrix
    from calcopt.solve.tasks import Point


@dataclass(frozen=True, slots=True)
class TruncatedNewton(SafeguardedNewton):
    """x_{k+1} = P(x_k + αp), Hp ≈ −∇f by conjugate gradients, ended early or at negative curvature.

    H is only multiplied with (sparse products); memory and work per product are those of its entries. α by Armijo.
    Only at a point of zero slope is H factorized, to tell a minimum from a saddle.
    Reference: Dembo & Steihaug 1983, Truncated-Newton algorithms; Nocedal & Wright 2006, algorithm 7.1.
    """

    name: ClassVar[str] = "truncated-newton"

    def _model(self, hessian: Matrix) -> Model:
        return ConjugateModel(hessian)

    def _propose(self, point: Point, state: Region, size: float) -> Step | None:
        g = free_gradient(point, state)
        if g.size == 0:
            return None
        assert isinstance(state.model, ConjugateModel)
        return state.model.truncated(g)
