"""Boxes on which f is convex, shrunk to the one critical point they hold.

Krawczyk's operator for ∇f = 0 on a box X with midpoint c, and Y any matrix near the inverse of ∇²f(c):

    K(X) = c − Y ∇f(c) + (I − Y ∇²f(X)) (X − c).

Every critical point of X lies in K(X) ∩ X; K(X) ⊂ int X proves that there is exactly one.

References: R. Krawczyk, Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken (1969); A. Neumaier,
Interval Methods for Systems of Equations (1990), ch. 5; S. M. Rump, Verification methods (2010), §10 (eigenvalues).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calcopt.certify.cells import Cells, join, take

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.certify.cells import Flags, Floats
    from calcopt.numeric.intervals import IntervalFunction
    from calcopt.records import Vector

ROUNDS = 12
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """``found``/``gone``: which boxes hold exactly one critical point, a minimum / hold none. ``points`` encloses the
    former, with the proved lower bound of f on the whole box."""

    found: Flags
    gone: Flags
    points: Cells


def settle(f: IntervalFunction, cells: Cells, low: Vector, high: Vector) -> Settled:
    """Tries every box. Sides of width zero are faces of the region [low, high], on which they stay fixed.

    A box that touches the region's boundary otherwise is left alone: its minimum need not be a critical point.
    """
    count = len(cells)
    found, gone = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    points = take(cells, found)
    fixed = cells.lo == cells.hi
    inside = (fixed | ((cells.lo > low) & (cells.hi < high))).all(axis=1) & ~fixed.all(axis=1)
    for pattern in np.unique(fixed[inside], axis=0):
        rows = np.flatnonzero(inside & (fixed == pattern).all(axis=1))
        free = np.flatnonzero(~pattern)
        shrunk, held, lost = _shrink(f, take(cells, rows), free)
        found[rows[held]] = True
        gone[rows[lost]] = True
        points = join(points, take(shrunk, held))
    if len(points):
        points.bound = np.maximum(points.bound, f.value(points.lo, points.hi).lo)
    return Settled(found, gone, points)


def _shrink(f: IntervalFunction, cells: Cells, free: NDArray[np.intp]) -> tuple[Cells, Flags, Flags]:
    """K applied until it shrinks no more: the boxes, which hold one critical point, which hold none."""
    cells = Cells(cells.lo.copy(), cells.hi.copy(), cells.bound.copy())
    whole = f.hessian(cells.lo, cells.hi)
    block = np.ix_(np.arange(len(cells)), free, free)
    convex = whole.smooth & _positive_definite(whole.hessian_lo[block], whole.hessian_hi[block])
    held, lost = np.zeros(len(cells), dtype=bool), np.zeros(len(cells), dtype=bool)
    active = convex.copy()
    for _ in range(ROUNDS):
        rows = np.flatnonzero(active)
        if not rows.size:
            break
        lo, hi, inner, empty, better = _krawczyk(f, take(cells, rows), free)
        held[rows] |= inner
        lost[rows[empty]] = True
        kept = rows[~empty]
        cells.lo[np.ix_(kept, free)], cells.hi[np.ix_(kept, free)] = lo[~empty], hi[~empty]
        active[rows] = better & ~empty
    return cells, held & ~lost, lost & ~held


def _krawczyk(f: IntervalFunction, cells: Cells, free: NDArray[np.intp]) -> tuple[Floats, Floats, Flags, Flags, Flags]:
    """X ∩ K(X) in the free variables; whether K(X) ⊂ int X; whether empty; whether it became clearly smaller."""
    centre = cells.centre()
    lo, hi, c = cells.lo[:, free], cells.hi[:, free], centre[:, free]
    at = f.gradient(centre, centre)
    over = f.hessian(cells.lo, cells.hi)
    block = np.ix_(np.arange(len(cells)), free, free)
    h_lo, h_hi = over.hessian_lo[block], over.hessian_hi[block]
    with np.errstate(all="ignore"):
        y = _inverses(0.5 * h_lo + 0.5 * h_hi)
        step_lo, step_hi = _times(y, at.gradient_lo[:, free], at.gradient_hi[:, free])
        spread = _residual_magnitude(y, h_lo, h_hi)
        radius = np.nextafter(np.maximum(hi - c, c - lo), np.inf)
        reach = (spread @ radius[:, :, None])[:, :, 0] * (1 + 4 * free.size * EPS)
        k_lo = _down(c - step_hi - reach, c, step_hi, reach)
        k_hi = _up(c - step_lo + reach, c, step_lo, reach)
    usable = np.isfinite(k_lo) & np.isfinite(k_hi)
    k_lo, k_hi = np.where(usable, k_lo, -np.inf), np.where(usable, k_hi, np.inf)
    inner = ((k_lo > lo) & (k_hi < hi)).all(axis=1)
    new_lo, new_hi = np.maximum(lo, k_lo), np.minimum(hi, k_hi)
    empty = (new_lo > new_hi).any(axis=1)
    better = ((new_hi - new_lo) < 0.9 * (hi - lo)).any(axis=1)
    return new_lo, new_hi, np.asarray(inner), np.asarray(empty), np.asarray(better)


def _inverses(h: Floats) -> Floats:
    """An approximate inverse of each matrix; nan where there is none, which the caller takes for 'no statement'."""
    good = np.isfinite(h).all(axis=(1, 2))
    y = np.full_like(h, np.nan)
    for index in np.flatnonzero(good):
        try:
            y[index] = np.linalg.inv(h[index])
        except np.linalg.LinAlgError:
            continue
    return y


def _times(y: Floats, lo: Floats, hi: Floats) -> tuple[Floats, Floats]:
    """An enclosure of Y·[lo, hi] for each row, (m, k): sums of k products err by at most (k + 1) ε Σ|y||g|."""
    a, b = y * lo[:, None, :], y * hi[:, None, :]
    error = (y.shape[1] + 2) * EPS * np.maximum(np.abs(a), np.abs(b)).sum(axis=2) + 1e-300
    return np.minimum(a, b).sum(axis=2) - error, np.maximum(a, b).sum(axis=2) + error


def _residual_magnitude(y: Floats, lo: Floats, hi: Floats) -> Floats:
    """max |I − Y H| over all H in [lo, hi], entry by entry, rounded up."""
    mid, rad = 0.5 * lo + 0.5 * hi, np.nextafter(np.maximum(0.5 * (hi - lo), 0.0), np.inf)
    rad = rad + 2 * EPS * np.maximum(np.abs(lo), np.abs(hi))
    size = y.shape[1]
    centre = np.abs(np.eye(size) - y @ mid)
    error = (size + 3) * EPS * (np.abs(y) @ np.abs(mid) + np.eye(size)) + 1e-300
    return np.asarray((centre + error + np.abs(y) @ rad) * (1 + (size + 3) * EPS))


def _down(value: Floats, *parts: Floats) -> Floats:
    return np.asarray(value - 4 * EPS * sum(np.abs(part) for part in parts) - 1e-300)


def _up(value: Floats, *parts: Floats) -> Floats:
    return np.asarray(value + 4 * EPS * sum(np.abs(part) for part in parts) + 1e-300)


def _positive_definite(lo: Floats, hi: Floats) -> Flags:
    """Whether every symmetric matrix in [lo, hi] is: λ_min(mid) > ‖radius‖ + the error of the eigenvalues."""
    with np.errstate(all="ignore"):
        mid = 0.5 * lo + 0.5 * hi
        mid = 0.5 * mid + 0.5 * np.swapaxes(mid, 1, 2)
        rad = np.maximum(np.maximum(hi - mid, mid - lo), 0.0)
        rad = np.maximum(rad, np.swapaxes(rad, 1, 2))
        size = mid.shape[1]
        scale = np.abs(mid).sum(axis=2).max(axis=1)
        slack = rad.sum(axis=2).max(axis=1) * (1 + (size + 3) * EPS) + 16 * size * EPS * scale
    good = np.isfinite(mid).all(axis=(1, 2)) & np.isfinite(slack)
    least = np.full(len(mid), -np.inf)
    if good.any():
        least[good] = np.linalg.eigvalsh(mid[good])[:, 0]
    return np.asarray(good & (least > slack))
