"""The global minimum over a box, by branch and prune: bounds on f*, and boxes that hold every minimizer.

Every box of the region is dropped by a proof or kept:

- its lower bound (from the formula, or from f(c) + ∇f(X)·(X − c)) exceeds a value that f takes somewhere;
- ∂f/∂xᵢ has one sign on it: only a face on the region's own boundary may hold a minimizer;
- f is convex on it and Krawczyk's operator finds the one critical point: it shrinks to that point.

References: E. Hansen, G. W. Walster, Global Optimization Using Interval Analysis (2nd ed., 2004), ch. 12;
R. B. Kearfott, Rigorous Global Search: Continuous Problems (1996), ch. 5.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from calcopt.certify.cells import Cells, join, split, take
from calcopt.certify.contract import settle
from calcopt.certify.descend import descend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.numeric.intervals import IntervalFunction
    from calcopt.records import Vector

BATCH = 1024
"""Boxes split in a round: enough for NumPy to be fast, few enough that good bounds come before many boxes."""
SETTLE = 64
"""Boxes that are tried for convexity in a round."""
LOCATED = 1e-8
"""Minimizers are told apart down to this part of the region's sides …"""
MOST_TO_LOCATE, MOST_LEFT = 30_000, 2_000
"""… as long as so many boxes are enough for it: a curve of minimizers would take any number."""


@dataclass(slots=True, eq=False)
class Progress:
    """State after a round: f* is in [lower, upper], ``upper`` is taken at ``x``."""

    x: Vector
    lower: float
    upper: float
    boxes: int
    left: int


@dataclass(slots=True, eq=False)
class GlobalSearch:
    """Branch and prune of ``f`` over [low, high], arrays of shape (n,). Call :meth:`rounds` to its end.

    ``tolerance`` is relative to max(|f*|, min(1, s)), s being the spread of f over the region, so that 1e-10·f is
    solved as f is.
    """

    f: IntervalFunction
    low: Vector
    high: Vector
    tolerance: float
    max_boxes: int
    time_limit: float | None = None
    start: Vector | None = None

    x: Vector = field(init=False)
    upper: float = field(default=math.inf, init=False)
    spread: float = field(default=0.0, init=False)
    boxes: int = field(default=0, init=False)
    ended: str = field(default="", init=False)
    closed: bool = field(default=False, init=False)
    _at_close: int = field(default=0, init=False)
    work: Cells = field(init=False)
    settled: Cells = field(init=False)

    def __post_init__(self) -> None:
        whole = Cells.of(self.low[None], self.high[None])
        self.settled = take(whole, np.zeros(1, dtype=bool))
        self.work = whole
        self.x = 0.5 * (self.low + self.high)

    @property
    def gap_allowed(self) -> float:
        return self.tolerance * max(abs(self.upper), min(1.0, self.spread)) if math.isfinite(self.upper) else 0.0

    @property
    def lower(self) -> float:
        """A proved lower bound of f over the region."""
        return float(min(self.work.bound.min(initial=math.inf), self.settled.bound.min(initial=math.inf)))

    def rounds(self) -> Iterator[Progress]:
        """Runs the search; ``ended`` says why it stopped: proved, stuck, max_boxes, time_limit, undefined.

        First the bounds are brought together; once they are (``closed``), what is left is split to tell where the
        minimizers are.
        """
        began = time.monotonic()
        whole, self.work = self.work, take(self.work, np.zeros(1, dtype=bool))
        self._look_at(whole)
        if self.start is not None:
            self._improve(self.start)
        while True:
            self._drop_beaten()
            if not self.ended:
                self.ended = self._end(began)
            yield Progress(self.x, self.lower, self.upper, self.boxes, len(self.work) + len(self.settled))
            if self.ended:
                return
            self._round()

    # -- a round -------------------------------------------------------------------------------------------------

    def _end(self, began: float) -> str:
        if not len(self.work) and not len(self.settled):
            return "undefined"
        if not self.closed and self.upper - self.lower <= self.gap_allowed:
            self.closed, self._at_close = True, self.boxes
        done = "proved" if self.closed else ""
        if not self._open().size:
            return done or "stuck"
        if self.boxes >= self.max_boxes:
            return done or "max_boxes"
        if self.time_limit is not None and time.monotonic() - began >= self.time_limit:
            return done or "time_limit"
        crowded = len(self.work) > MOST_LEFT or self.boxes - self._at_close > MOST_TO_LOCATE
        return done if crowded else ""

    def _open(self) -> NDArray[np.intp]:
        """The boxes worth splitting: those with a bound below the tolerance; later those that are not small yet."""
        if self.closed:
            size = LOCATED * np.maximum(self.high - self.low, np.spacing(np.abs(self.high)))
            return np.flatnonzero(self.work.divisible() & ((self.work.hi - self.work.lo) > size).any(axis=1))
        wanted = self.work.bound < self.upper - self.gap_allowed
        return np.flatnonzero(self.work.divisible() & (wanted | math.isinf(self.upper)))

    def _first(self, chosen: NDArray[np.intp], most: int) -> NDArray[np.intp]:
        """The ones to look at first: with the lowest bounds; when those are good enough, the largest."""
        if chosen.size <= most:
            return chosen
        cells = self.work
        order = -(cells.hi - cells.lo)[chosen].max(axis=1) if self.closed else cells.bound[chosen]
        return chosen[np.argsort(order, kind="stable")[:most]]

    def _round(self) -> None:
        self._settle(self._first(self._open(), SETTLE))
        chosen = self._first(self._open(), BATCH)
        if not chosen.size:
            return
        keep = np.ones(len(self.work), dtype=bool)
        keep[chosen] = False
        children = split(take(self.work, chosen))
        self.work = take(self.work, keep)
        self._look_at(children)

    def _look_at(self, cells: Cells) -> None:
        """Bounds, prunes and keeps ``cells``."""
        self.boxes += len(cells)
        natural = self.f.value(cells.lo, cells.hi)
        cells.bound = np.maximum(cells.bound, natural.lo)
        cells = take(cells, ~natural.nowhere)
        self._sample(cells)
        cells = take(cells, cells.bound <= self.upper)
        if len(cells):
            cells = self._slopes(cells)
        self.work = join(self.work, cells)

    def _sample(self, cells: Cells) -> None:
        """f at the midpoints: the best is an upper bound of f*, and the start of a descent."""
        if not len(cells):
            return
        centre = cells.centre()
        at = self.f.value(centre, centre)
        taken = np.where(at.everywhere, at.hi, math.inf)
        best = int(np.argmin(taken))
        finite = taken[np.isfinite(taken)]
        if finite.size and self.spread == 0.0:
            self.spread = float(np.ptp(finite)) if finite.size > 1 else 0.0
        if taken[best] < self.upper:
            self._improve(centre[best])

    def _improve(self, x: Vector) -> None:
        for candidate in (x, descend(self.f, x, self.low, self.high)):
            at = self.f.value(candidate[None], candidate[None])
            if at.everywhere[0] and at.hi[0] < self.upper:
                self.upper, self.x = float(at.hi[0]), candidate

    def _slopes(self, cells: Cells) -> Cells:
        """The mean-value bound, and what the signs of ∇f leave of each box."""
        slope = self.f.gradient(cells.lo, cells.hi)
        centre = cells.centre()
        at = self.f.value(centre, centre)
        usable = slope.lipschitz & at.everywhere
        with np.errstate(all="ignore"):
            below = np.nextafter(centre - cells.lo, math.inf)
            above = np.nextafter(cells.hi - centre, math.inf)
            drop = np.minimum(0.0, np.minimum(-slope.gradient_hi * below, slope.gradient_lo * above))
            drop = np.nextafter(drop, -math.inf).sum(axis=1)
            bound = np.nextafter(at.lo + drop * (1 + 1e-14), -math.inf)
        better = usable & (bound > cells.bound)
        cells.bound = np.where(better, bound, cells.bound)
        return take(self._faces(cells, slope.gradient_lo, slope.gradient_hi, usable), cells.bound <= self.upper)

    def _faces(
        self, cells: Cells, slope_lo: NDArray[np.float64], slope_hi: NDArray[np.float64], usable: NDArray[np.bool_]
    ) -> Cells:
        """Where f rises (falls) in xᵢ only the lower (upper) face matters, and only where it is the region's own."""
        wide = cells.hi > cells.lo
        rising = usable[:, None] & wide & (slope_lo > 0)
        falling = usable[:, None] & wide & (slope_hi < 0)
        cells.hi = np.where(rising, cells.lo, cells.hi)
        cells.lo = np.where(falling, cells.hi, cells.lo)
        smaller = np.flatnonzero((rising | falling).any(axis=1))
        if smaller.size:
            again = self.f.value(cells.lo[smaller], cells.hi[smaller])
            cells.bound[smaller] = np.maximum(cells.bound[smaller], again.lo)
            self._sample(take(cells, smaller))
        inner = (rising & (cells.lo > self.low)) | (falling & (cells.hi < self.high))
        cells.bound = np.where(inner.any(axis=1), math.inf, cells.bound)
        return cells

    def _settle(self, chosen: NDArray[np.intp]) -> None:
        """Boxes on which f is convex shrink to their critical point, or are dropped where they have none."""
        if not chosen.size:
            return
        outcome = settle(self.f, take(self.work, chosen), self.low, self.high)
        keep = np.ones(len(self.work), dtype=bool)
        keep[chosen[outcome.gone | outcome.found]] = False
        self.work = take(self.work, keep)
        if len(outcome.points):
            self.boxes += len(outcome.points)
            self.settled = join(self.settled, outcome.points)
            for x in outcome.points.centre():
                self._improve(x)

    def _drop_beaten(self) -> None:
        self.work = take(self.work, self.work.bound <= self.upper)
        self.settled = take(self.settled, self.settled.bound <= self.upper)
