"""From a finished search to what is claimed: bounds on f*, and a few boxes that hold every minimizer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calcopt.certify.cells import Cells, clusters, join, take
from calcopt.certify.contract import settle
from calcopt.certify.global_search import GlobalSearch, Progress

if TYPE_CHECKING:
    from calcopt.certify.cells import Floats
    from calcopt.numeric.intervals import IntervalFunction
    from calcopt.records import Vector

REACH = 1e-6
"""Boxes nearer than this part of the region's sides are told as one."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A box that holds minimizers; ``unique``: f is convex on it and has exactly one critical point there."""

    lo: Floats
    hi: Floats
    unique: bool


@dataclass(frozen=True, slots=True, eq=False)
class GlobalMinimum:
    """f* is in [lower, upper], f(x) ≤ upper, and every minimizer is in one of ``places``.

    ``attained``: f is continuous where it may be lowest, so that f* is not just approached. ``ended`` says why the
    search stopped: ``proved`` (the gap is within ``allowed``), ``stuck`` (boxes at the limit of the floats),
    ``max_boxes``, ``time_limit``, ``interrupted``, ``undefined`` (f has no value in the region).
    """

    x: Vector
    lower: float
    upper: float
    allowed: float
    places: tuple[Place, ...]
    boxes: int
    ended: str
    attained: bool


def global_minimum(
    f: IntervalFunction,
    low: Vector,
    high: Vector,
    *,
    tolerance: float = 1e-8,
    max_boxes: int = 1_000_000,
    time_limit: float | None = None,
    start: Vector | None = None,
    on_round: Callable[[Progress], None] | None = None,
) -> GlobalMinimum:
    """The global minimum of ``f`` over the box [low, high] (n,), proved by interval arithmetic."""
    search = GlobalSearch(f, low, high, tolerance, max_boxes, time_limit, start)
    ended = "interrupted"
    try:
        for progress in search.rounds():
            if on_round is not None:
                on_round(progress)
        ended = search.ended
    except KeyboardInterrupt:
        pass
    places = _places(search) if ended != "interrupted" else _hull_of_all(search)
    return GlobalMinimum(
        search.x, search.lower, search.upper, search.gap_allowed, tuple(places), search.boxes, ended, _attained(search)
    )


def _places(search: GlobalSearch) -> list[Place]:
    """Clusters of what is left, each tried once more for a single critical point."""
    reach = REACH * (search.high - search.low)
    left = join(search.work, search.settled)
    if len(left) > 4000:
        return _hull_of_all(search)
    found = []
    for lo, hi in clusters(left, reach):
        found.append(_sharpened(search, lo, hi))
    return sorted(found, key=lambda place: tuple(place.lo))


def _sharpened(search: GlobalSearch, lo: Floats, hi: Floats) -> Place:
    """The cluster shrunk to its one critical point, where Krawczyk's test on a box around it succeeds."""
    size = np.maximum(hi - lo, 1e-12 * np.maximum(1.0, np.abs(lo)))
    for share in (0.5, 4.0):
        wide_lo = np.where(lo == hi, lo, np.maximum(lo - share * size, search.low))
        wide_hi = np.where(lo == hi, hi, np.minimum(hi + share * size, search.high))
        fixed = (lo == hi) & ((lo == search.low) | (lo == search.high))
        wide_lo = np.where(fixed | (lo < hi), wide_lo, np.maximum(lo - share * size, search.low))
        wide_hi = np.where(fixed | (lo < hi), wide_hi, np.minimum(hi + share * size, search.high))
        outcome = settle(search.f, Cells.of(wide_lo[None], wide_hi[None]), search.low, search.high)
        if outcome.found[0]:
            point = take(outcome.points, np.zeros(1, dtype=np.intp))
            if (point.lo[0] >= lo - size).all() and (point.hi[0] <= hi + size).all():
                return Place(point.lo[0], point.hi[0], True)
    return Place(lo, hi, False)


def _attained(search: GlobalSearch) -> bool:
    left = join(search.work, search.settled)
    return bool(search.f.value(left.lo, left.hi).continuous.all())


def _hull_of_all(search: GlobalSearch) -> list[Place]:
    """One box around everything that is left, where there are too many boxes to be told apart."""
    left = join(search.work, search.settled)
    if not len(left) or not math.isfinite(float(left.lo.min())):
        return []
    return [Place(left.lo.min(axis=0), left.hi.max(axis=0), False)]
