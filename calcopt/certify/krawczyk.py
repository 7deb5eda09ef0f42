"""Krawczyk's operator for ∇f = 0 on many boxes at once, rounded outwards.

    K(X) = m − Y ∇f(m) + (I − Y ∇²f(X)) (X − m),   m in X, Y near the inverse of ∇²f(X)

holds every critical point of X, and K(X) ⊂ int X proves that there is exactly one. Any Y is valid: it is computed in
floating point. A product of n terms is off by at most n ε Σ|a||b|, which is added wherever one is taken.

References: R. Krawczyk (1969), Computing 4; A. Neumaier, Interval Methods for Systems of Equations (1990), ch. 5;
S. M. Rump, Verification methods (Acta Numerica, 2010), §10, §13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from calcopt.certify.cells import Flags, Floats
    from calcopt.numeric.intervals import Curvatures, Slopes

EPS = 2.0**-52
TINY = 2.0**-1000


@dataclass(frozen=True, slots=True, eq=False)
class Contracted:
    """K(X) as [lo, hi], the whole space where nothing can be said; ``empty``: no critical point is in X."""

    lo: Floats
    hi: Floats
    empty: Flags

    def inside(self, lo: Floats, hi: Floats) -> Flags:
        """K ⊂ int X: exactly one critical point."""
        return np.asarray(((self.lo > lo) & (self.hi < hi)).all(axis=1))


def midpoints(lo: Floats, hi: Floats) -> Floats:
    return np.clip(0.5 * lo + 0.5 * hi, lo, hi)


def krawczyk(lo: Floats, hi: Floats, middle: Floats, at: Slopes, over: Curvatures) -> Contracted:
    """K of the boxes [lo, hi], (m, n), from ∇f at their points ``middle`` and ∇²f over the boxes."""
    n = lo.shape[1]
    with np.errstate(all="ignore"):
        g, g_radius = centred(at.gradient_lo, at.gradient_hi)
        h, h_radius = centred(over.hessian_lo, over.hessian_hi)
        reach = np.maximum(hi - middle, middle - lo) * (1 + EPS)
        # the mean-value form: |∇f| ≥ |∇f(m)| − |∇²f| |X − m|
        slack = (g_radius + ((np.abs(h) + h_radius) @ reach[:, :, None])[:, :, 0]) * (1 + (n + 4) * EPS) + TINY
        empty = (np.abs(g) > slack).any(axis=1)
        y = inverses(h)
        size = np.abs(y)
        step = (y @ g[:, :, None])[:, :, 0]
        spread = size @ h_radius + np.abs(np.eye(n) - y @ h) + (n + 3) * EPS * (size @ np.abs(h) + np.eye(n))
        radius = (spread @ reach[:, :, None])[:, :, 0]
        radius += (size @ (g_radius + (n + 3) * EPS * np.abs(g))[:, :, None])[:, :, 0]
        radius = radius * (1 + (2 * n + 8) * EPS) + 4 * EPS * (np.abs(middle) + np.abs(step)) + TINY
        k_lo, k_hi = middle - step - radius, middle - step + radius
    usable = (np.isfinite(k_lo) & np.isfinite(k_hi)).all(axis=1)
    k_lo, k_hi = np.where(usable[:, None], k_lo, -np.inf), np.where(usable[:, None], k_hi, np.inf)
    empty |= ((k_lo > hi) | (k_hi < lo)).any(axis=1)
    return Contracted(k_lo, k_hi, np.asarray(empty))


def centred(lo: Floats, hi: Floats) -> tuple[Floats, Floats]:
    """Midpoint and radius: [lo, hi] ⊂ mid ± radius."""
    middle = 0.5 * lo + 0.5 * hi
    radius = np.maximum(hi - middle, middle - lo)
    return middle, radius * (1 + EPS) + EPS * np.abs(middle) * 0.5 + TINY


def inverses(matrices: Floats) -> Floats:
    """Approximate inverses, (m, n, n); whatever comes out for a singular one is as good as anything."""
    n = matrices.shape[1]
    if n == 1:
        return np.asarray(1.0 / matrices)
    if n == 2:
        a, b, c, d = matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 1, 0], matrices[:, 1, 1]
        adjugate = np.stack([np.stack([d, -b], axis=1), np.stack([-c, a], axis=1)], axis=1)
        return np.asarray(adjugate / (a * d - b * c)[:, None, None])
    finite = np.isfinite(matrices).all(axis=(1, 2))
    result = np.full_like(matrices, np.nan)
    try:
        result[finite] = np.linalg.inv(matrices[finite])
    except np.linalg.LinAlgError:
        # at least one is exactly singular: shift all by something that cannot be
        scale = np.abs(matrices[finite]).max(axis=(1, 2), initial=1e-300)
        shift = np.sqrt(2.0) * 1e-11 * scale[:, None, None] * np.eye(n)
        try:
            result[finite] = np.linalg.inv(matrices[finite] + shift)
        except np.linalg.LinAlgError:
            return result
    return result
