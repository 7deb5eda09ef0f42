"""Quadratic models solved by conjugate gradients: products with H, never a factorization."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from calcopt.solve.curvature import Step, quadratic_model, scaling
from calcopt.solve.vectors import EPS, norm

if TYPE_CHECKING:
    from calcopt.records import Matrix, Vector
    from calcopt.solve.curvature import Model


class Gradients(NamedTuple):
    """Where conjugate gradients ended: the step, and whether the radius or negative curvature ended them."""

    p: Vector
    at_radius: bool
    negative: bool
    iterations: int


def truncated_gradients(matrix: Any, g: Vector, radius: float, forcing: float, most: int) -> Gradients:
    """Approximate minimizer of g·p + ½ p·Ap over ‖p‖ ≤ radius by conjugate gradients.

    Ends when ‖Ap + g‖ ≤ forcing·‖g‖, at the radius, or on negative curvature, which is followed to the radius (with an
    infinite one: the iterate so far is returned, or −g if there is none).
    Reference: Steihaug 1983; Toint 1981; Nocedal & Wright 2006, algorithms 7.1 and 7.2.
    """
    p, r = np.zeros_like(g), g.copy()
    d, square = -r, float(r @ r)
    limit = forcing * math.sqrt(square)
    for k in range(most):
        product = matrix @ d
        curvature = float(d @ product)
        if not curvature > EPS * float(d @ d) * 1e-4:
            if math.isinf(radius):
                return Gradients(p if k else d, False, True, k)
            return Gradients(_to_radius(p, d, radius), True, True, k)
        alpha = square / curvature
        longer = p + alpha * d
        if not math.isinf(radius) and norm(longer) >= radius:
            return Gradients(_to_radius(p, d, radius), True, False, k + 1)
        p, r = longer, r + alpha * product
        newer = float(r @ r)
        if math.sqrt(newer) <= limit or newer == 0.0:
            return Gradients(p, False, False, k + 1)
        d = -r + (newer / square) * d
        square = newer
    return Gradients(p, False, False, most)


def _to_radius(p: Vector, d: Vector, radius: float) -> Vector:
    """p + τd on the sphere, τ > 0."""
    a, b, c = float(d @ d), 2 * float(p @ d), float(p @ p) - radius * radius
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    tau = (-b + root) / (2 * a) if b <= 0 else -2 * c / (b + root)
    return p + tau * d


class ConjugateModel:
    """The interface of :class:`calcopt.solve.curvature.Model` with steps by conjugate gradients in scaled variables.

    Only a question about the sign of H (asked where the gradient is zero) factorizes it.
    """

    def __init__(self, hessian: Matrix) -> None:
        self._hessian = hessian
        magnitude: Any = abs(hessian)
        largest = magnitude.max(axis=1)
        if not isinstance(hessian, np.ndarray):
            largest = largest.toarray()
        self.scale: Vector = scaling(hessian.diagonal(), np.asarray(largest, dtype=np.float64).ravel())
        self._exact: Model | None = None

    @property
    def exact(self) -> Model:
        """The model by factorization."""
        if self._exact is None:
            self._exact = quadratic_model(self._hessian)
        return self._exact

    @property
    def positive(self) -> bool:
        return self.exact.positive

    def most_negative(self) -> tuple[float, Vector]:
        return self.exact.most_negative()

    def newton(self, g: Vector) -> Step | None:
        """−H⁻¹g, of a sparse H to eight digits; None on negative curvature, or if that accuracy is out of reach."""
        if isinstance(self._hessian, np.ndarray):
            return self.exact.newton(g)
        found = self._solve(g, math.inf, 1e-8)
        q = found.p
        if found.negative or not norm(self.scaled_product(q) + g / self.scale) <= 1e-6 * norm(g / self.scale):
            return None
        return Step(q / self.scale, 0.0, norm(q), bounded=False)

    def bounded(self, g: Vector, radius: float) -> Step:
        found = self._solve(g, radius, _forcing(g))
        return Step(found.p / self.scale, 0.0, norm(found.p), bounded=found.at_radius)

    def truncated(self, g: Vector) -> Step:
        """A direction of descent: conjugate gradients until accurate enough, or until negative curvature."""
        found = self._solve(g, math.inf, _forcing(g))
        return Step(found.p / self.scale, 0.0, norm(found.p), bounded=False)

    def scaled_product(self, q: Vector) -> Vector:
        """D⁻¹ H D⁻¹ q."""
        product: Vector = (self._hessian @ (q / self.scale)) / self.scale
        return product

    def __matmul__(self, q: Vector) -> Vector:
        return self.scaled_product(q)

    def _solve(self, g: Vector, radius: float, forcing: float) -> Gradients:
        return truncated_gradients(self, g / self.scale, radius, forcing, min(2 * g.size + 10, 2000))


def _forcing(g: Vector) -> float:
    """min(½, √‖g‖), Nocedal & Wright's choice for superlinear convergence; far from a solution ½ is enough."""
    return min(0.5, math.sqrt(norm(g)))
