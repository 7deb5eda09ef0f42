"""Boxes on which f is convex, shrunk by Krawczyk's operator to the one critical point they hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from calcopt.certify.cells import Cells, join, take
from calcopt.certify.inertia import balanced, eigenvalue_bounds
from calcopt.certify.krawczyk import krawczyk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.certify.cells import Flags, Floats
    from calcopt.numeric.intervals import IntervalFunction
    from calcopt.records import Vector

ROUNDS = 12


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
    convex = whole.smooth & _convex(whole.hessian_lo[block], whole.hessian_hi[block])
    held, lost = np.zeros(len(cells), dtype=bool), np.zeros(len(cells), dtype=bool)
    active = convex.copy()
    for _ in range(ROUNDS):
        rows = np.flatnonzero(active)
        if not rows.size:
            break
        lo, hi, inner, empty, better = _contract(f, take(cells, rows), free)
        held[rows] |= inner
        lost[rows[empty]] = True
        kept = rows[~empty]
        cells.lo[np.ix_(kept, free)], cells.hi[np.ix_(kept, free)] = lo[~empty], hi[~empty]
        active[rows] = better & ~empty
    return cells, held & ~lost, lost & ~held


def _contract(f: IntervalFunction, cells: Cells, free: NDArray[np.intp]) -> tuple[Floats, Floats, Flags, Flags, Flags]:
    """X ∩ K(X) in the free variables; whether K(X) ⊂ int X; whether empty; whether it became clearly smaller."""
    centre = cells.centre()
    lo, hi = cells.lo[:, free], cells.hi[:, free]
    at, over = f.gradient(centre, centre), f.hessian(cells.lo, cells.hi)
    block = np.ix_(np.arange(len(cells)), free, free)
    at = replace(at, gradient_lo=at.gradient_lo[:, free], gradient_hi=at.gradient_hi[:, free])
    over = replace(over, hessian_lo=over.hessian_lo[block], hessian_hi=over.hessian_hi[block])
    image = krawczyk(lo, hi, centre[:, free], at, over)
    new_lo, new_hi = np.maximum(lo, image.lo), np.minimum(hi, image.hi)
    empty = image.empty | (new_lo > new_hi).any(axis=1)
    better = ((new_hi - new_lo) < 0.9 * (hi - lo)).any(axis=1)
    return new_lo, new_hi, image.inside(lo, hi), empty, np.asarray(better)


def _convex(lo: Floats, hi: Floats) -> Flags:
    """Whether every symmetric matrix in [lo, hi], (m, n, n), is positive definite."""
    with np.errstate(all="ignore"):
        found = [eigenvalue_bounds(*balanced(low, high)) for low, high in zip(lo, hi, strict=True)]
    return np.array([bounds is not None and bounds[0].min() > 0 for bounds in found], dtype=bool)
