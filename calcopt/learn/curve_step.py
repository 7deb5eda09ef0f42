"""One Levenberg–Marquardt step inside a trust region ‖D δ‖ ≤ Δ, from the triangle of the tangent problem.

With A = R D⁻¹ = U S Vᵀ the step is δ = D⁻¹ V (S b)/(S² + λ), b = Uᵀ q, where λ = 0 if that is short enough, else the
root of ‖D δ(λ)‖ = Δ. D holds the lengths of the columns of J, so the step does not depend on the parameters' units.
Directions that J cannot see (S below rounding) get no step.

References: Moré 1978, "The Levenberg–Marquardt algorithm: implementation and theory"; Transtrum & Sethna 2012,
"Improvements to the Levenberg–Marquardt algorithm for nonlinear least-squares minimization", arXiv:1201.5885.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calcopt.learn.line_rank import EPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_sums import Tangent

    Array = NDArray[np.float64]

_ITERATIONS = 60


@dataclass(frozen=True, slots=True)
class LocalProblem:
    """The tangent problem over the free parameters, scaled and decomposed: A = U S Vᵀ, ``b`` = Uᵀ q."""

    free: NDArray[np.bool_]
    scales: Array
    u: Array
    s: Array
    vt: Array
    b: Array
    seen: NDArray[np.bool_]

    @property
    def projection(self) -> float:
        """‖projection of u onto the directions that J sees‖: 0 at a stationary point."""
        return float(np.linalg.norm(self.b[self.seen]))

    @property
    def rank(self) -> int:
        return int(self.seen.sum())

    def step(self, radius: float) -> tuple[Array, float]:
        """δ (p,) with zeros for parameters that are held, and λ."""
        s, b = self.s[self.seen], self.b[self.seen]
        full = b / s
        if float(np.linalg.norm(full)) <= 1.1 * radius:
            return self._back(full), 0.0
        damping = _root(s, b, radius)
        return self._back(s * b / (s * s + damping)), damping

    def solve(self, right: Array, damping: float) -> Array:
        """(JᵀJ + λ D²)⁻¹ applied to ``right`` (p,)."""
        s = self.s[self.seen]
        scaled = self.vt[self.seen] @ (right[self.free] / self.scales[self.free])
        return self._back(scaled / (s * s + damping))

    def length(self, delta: Array) -> float:
        """‖D δ‖."""
        return float(np.linalg.norm(self.scales * delta))

    def _back(self, coordinates: Array) -> Array:
        delta = np.zeros(len(self.free))
        delta[self.free] = (coordinates @ self.vt[self.seen]) / self.scales[self.free]
        return delta


def local_problem(tangent: Tangent, scales: Array, free: NDArray[np.bool_]) -> LocalProblem:
    """Decompose the tangent problem; ``scales`` (p,) are D's entries, all positive."""
    a = tangent.r[:, free] / scales[free]
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    largest = float(s[0]) if len(s) else 0.0
    seen = s > 4 * EPS * max(1, len(s)) * largest
    return LocalProblem(free, scales, u, s, vt, u.T @ tangent.q, seen)


def _root(s: Array, b: Array, radius: float) -> float:
    """λ ≥ 0 with ‖S b/(S² + λ)‖ = Δ, by Newton on 1/‖·‖ inside a bracket (Moré 1978)."""
    low, high = 0.0, float(np.linalg.norm(s * b)) / radius
    damping = max(1e-3 * high, 1e-300)
    for _ in range(_ITERATIONS):
        below = s * s + damping
        size = float(np.linalg.norm(s * b / below))
        if abs(size - radius) <= 0.1 * radius:
            break
        if size > radius:
            low = max(low, damping)
        else:
            high = min(high, damping)
        slope = -float(((s * b) ** 2 / below**3).sum()) / size if size > 0 else 0.0
        damping = damping + (radius - size) / slope * size / radius if slope < 0 else math.nan  # 0: it has underflowed
        if not low < damping < high:
            damping = max(1e-3 * high, (low * high) ** 0.5)
    return damping
