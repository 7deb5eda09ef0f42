"""What a search left open, as a few boxes with the reason why: thousands of tiny cells help nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calcopt.certify.cells import Cells, clusters

if TYPE_CHECKING:
    from calcopt.certify.cells import Floats
    from calcopt.numeric.intervals import IntervalFunction
    from calcopt.records import UndecidedKind

MOST_BOXES = 12
GRID = 48
LOOKED_AT = 400  # cells of a cluster
NEAR = 1e-6
"""Cells closer than this part of the box are one cluster: around a degenerate point some in between are settled."""
SMALL = 1e-3
"""A degenerate point leaves a cluster smaller than this part of the box, a curve a larger one."""


@dataclass(frozen=True, slots=True, eq=False)
class Open:
    """A box [lo, hi], (n,), that may hold critical points; ``reason`` is a sentence."""

    lo: Floats
    hi: Floats
    kind: UndecidedKind
    reason: str


def merged(lo: Floats, hi: Floats, low: Floats, high: Floats) -> list[tuple[Floats, Floats]]:
    """Hulls of cells that touch, at most ``MOST_BOXES``; the box is [low, high]."""
    if not len(lo):
        return []
    width = high - low
    lo, hi = _on_grid(lo, hi, low, width)
    reach = NEAR * width
    hulls = clusters(Cells.of(lo, hi), reach)
    while len(hulls) > MOST_BOXES:
        reach = 8 * reach
        hulls = clusters(Cells.of(np.array([h[0] for h in hulls]), np.array([h[1] for h in hulls])), reach)
    return sorted(hulls, key=lambda hull: tuple(hull[0]))


def _on_grid(lo: Floats, hi: Floats, low: Floats, width: Floats) -> tuple[Floats, Floats]:
    """Many cells: first the hull of those whose centres share a square of a coarse grid."""
    if len(lo) <= 500:
        return lo, hi
    per_side = max(2, int(GRID ** (2 / max(2, len(width)))))
    index = np.floor((0.5 * lo + 0.5 * hi - low) / width * per_side).astype(np.int64)
    _, square = np.unique(index, axis=0, return_inverse=True)
    square = square.ravel()
    count = int(square.max()) + 1
    least, most = np.full((count, lo.shape[1]), np.inf), np.full((count, lo.shape[1]), -np.inf)
    np.minimum.at(least, square, lo)
    np.maximum.at(most, square, hi)
    return least, most


def explained(
    f: IntervalFunction, lo: Floats, hi: Floats, low: Floats, high: Floats, *, exhausted: str = ""
) -> list[Open]:
    """The undecided cells [lo, hi], (m, n), of a search in the box [low, high] as a few boxes, each with its reason."""
    found = []
    for least, most in merged(lo, hi, low, high):
        inside = np.flatnonzero((lo >= least).all(axis=1) & (hi <= most).all(axis=1))
        some = inside[:: max(1, len(inside) // LOOKED_AT)]
        kind, reason = _why(f, lo[some], hi[some], (most - least) / (high - low), exhausted)
        found.append(Open(least, most, kind, reason))
    return found


def _why(f: IntervalFunction, lo: Floats, hi: Floats, size: Floats, exhausted: str) -> tuple[UndecidedKind, str]:
    values = f.value(lo, hi)
    small = bool((size <= SMALL).all())
    if exhausted and not small:
        return "budget", f"not searched to the end: stopped {exhausted}"
    if not values.unbroken.all():
        return "jump", "the function jumps there, or may"
    if not values.everywhere.all():
        return "domain edge", "the function is not defined at every point there"
    if not values.smooth.all():
        return "kink", "the function has a kink there, or may: it is not twice differentiable"
    if small:
        return "degenerate", "a critical point may be there whose Hessian is singular: interval arithmetic cannot tell"
    return "continuum", "the gradient is zero, or nearly, along a curve or on a whole region there"
