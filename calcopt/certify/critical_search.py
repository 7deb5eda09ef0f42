"""Every critical point of f in a box, by branch and prune: each found one exists and is alone in its enclosure.

A cell is dropped when its gradient cannot be zero, decided when Krawczyk's operator finds exactly one zero in it or
next to it, and cut otherwise. What is open when cells are tiny, or when the budget is spent, is kept as undecided.

Reference: R. B. Kearfott, Rigorous Global Search: Continuous Problems (1996), ch. 4-5.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from calcopt.certify.cells import CUT, halves
from calcopt.certify.krawczyk import Contracted, krawczyk, midpoints

if TYPE_CHECKING:
    from calcopt.certify.cells import Flags, Floats
    from calcopt.numeric.intervals import IntervalFunction

INFLATION = 0.05
"""Of a cell's width, on each side: a zero on a cut lies inside the neighbour's inflated cell, and is found there."""
CHUNK = 4096
MOST_AT_ONCE = 128
SMALLEST = 1e-8
"""Cells smaller than this part of the box are not cut further."""
CONTINUUM_WIDTH = {1: 2.0**-16, 2: 2.0**-10}
CONTINUUM_CELLS = 400
"""Where cells below that width (2⁻⁷ of the box in more variables) do not become fewer, points are not isolated."""


@dataclass(frozen=True, slots=True, eq=False)
class Budget:
    """How many boxes may be looked at, and for how long."""

    max_boxes: int = 200_000
    time_limit: float = math.inf


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Critical points, arrays of shape (k, n): each alone in [region_lo, region_hi], and in [lo, hi] there."""

    lo: Floats
    hi: Floats
    region_lo: Floats
    region_hi: Floats

    def __len__(self) -> int:
        return len(self.lo)

    def take(self, which: Any) -> Found:
        return Found(self.lo[which], self.hi[which], self.region_lo[which], self.region_hi[which])

    def joined(self, other: Found) -> Found:
        names = ("lo", "hi", "region_lo", "region_hi")
        return Found(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in names))

    def meets(self, one: Found) -> Flags:
        """Which of the points may be that one point: their enclosures meet."""
        return np.asarray(((self.lo <= one.hi) & (self.hi >= one.lo)).all(axis=1))

    def same(self, one: Found) -> Flags:
        """Which of the points are that one point for sure: one's enclosure is where the other is alone."""
        inside = (one.lo >= self.region_lo) & (one.hi <= self.region_hi)
        around = (self.lo >= one.region_lo) & (self.hi <= one.region_hi)
        return self.meets(one) & np.asarray(inside.all(axis=1) | around.all(axis=1))


class CriticalSearch:
    """State of one search; what was proved so far is there at any time, also after Ctrl-C.

    ``found``: points in the box or, within their enclosure, on its edge. ``open_lo``/``open_hi``: cells not decided.
    ``flat``: cells on which f is constant. ``exhausted``: the budget ended the search, not the size of cells.
    ``boxes``: how many were looked at. ``finished``: neither the budget nor Ctrl-C ended it.
    """

    def __init__(self, f: IntervalFunction, low: Floats, high: Floats, budget: Budget) -> None:
        self.f, self.low, self.high, self.budget = f, low, high, budget
        nothing = np.empty((0, len(low)))
        self._found = self._fresh = Found(nothing, nothing, nothing, nothing)
        self.flat: list[tuple[Floats, Floats]] = []
        self.exhausted = ""
        self.finished = False
        self.boxes = 0
        self._tiny: list[tuple[Floats, Floats]] = []
        self._lo, self._hi = low[None].copy(), high[None].copy()
        self._smallest = np.maximum(SMALLEST * (high - low), 64 * np.spacing(np.maximum(np.abs(low), np.abs(high))))
        self._history: list[int] = []
        self._end = time.monotonic() + budget.time_limit

    @property
    def found(self) -> Found:
        """The points, each enclosed as tightly as doubles allow, and once."""
        if len(self._fresh):
            fresh, self._fresh = self._fresh, self._fresh.take(slice(0))
            self._settle(fresh)
        return self._found

    @property
    def open(self) -> tuple[Floats, Floats]:
        """The undecided cells."""
        _ = self.found  # what cannot be told apart stays open
        parts = [*self._tiny, (self._lo, self._hi)]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    @property
    def complete(self) -> bool:
        return not len(self.open[0])

    def run(self) -> None:
        """Until every cell is decided, tiny, or the budget is spent."""
        self._split_evenly()
        self._rounds()
        self.finished = not self.exhausted

    def _rounds(self) -> None:
        while len(self._lo):
            if self.boxes + len(self._lo) > self.budget.max_boxes:
                self.exhausted = f"after {self.boxes} boxes (--max-boxes {self.budget.max_boxes})"
                return
            if time.monotonic() > self._end:
                self.exhausted = f"after {self.budget.time_limit:g} seconds (--time-limit)"
                return
            if self._stays_open():
                self._set_aside(np.ones(len(self._lo), dtype=bool))
                return
            self._round()

    # -- one round -----------------------------------------------------------------------------------------------

    def _round(self) -> None:
        """Every open cell is looked at once; the cells are replaced only when the round is over."""
        count = len(self._lo)
        parts = [self._examine(self._lo[k : k + CHUNK], self._hi[k : k + CHUNK]) for k in range(0, count, CHUNK)]
        self.boxes += count
        self._history.append(count)
        self._lo, self._hi = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def _examine(self, lo: Floats, hi: Floats) -> tuple[Floats, Floats]:
        """What is left of the cells, cut in two."""
        slopes = self.f.gradient(lo, hi)
        zero = ((slopes.gradient_lo <= 0) & (slopes.gradient_hi >= 0)).all(axis=1)
        # without a jump, what is not smooth has no extremum where no generalized gradient is zero
        kept = ~slopes.nowhere & (zero | ~slopes.unbroken)
        flat = slopes.lipschitz & ((slopes.gradient_lo == 0) & (slopes.gradient_hi == 0)).all(axis=1)
        if flat.any():
            self.flat.append((lo[flat], hi[flat]))
            kept &= ~flat
        lo, hi = lo[kept], hi[kept]
        if not len(lo):
            return lo, hi
        margin = INFLATION * (hi - lo)
        wide_lo, wide_hi = lo - margin, hi + margin
        over = self.f.hessian(wide_lo, wide_hi)
        middle = midpoints(lo, hi)
        result = krawczyk(wide_lo, wide_hi, middle, self.f.gradient(middle, middle), over)
        smooth = over.smooth
        unique = smooth & result.inside(wide_lo, wide_hi)
        rows = np.flatnonzero(unique & ~result.empty)
        if rows.size:
            lo_in, hi_in = np.maximum(result.lo, wide_lo)[rows], np.minimum(result.hi, wide_hi)[rows]
            self._fresh = self._fresh.joined(Found(lo_in, hi_in, wide_lo[rows], wide_hi[rows]))
        beside = ((result.lo > hi) | (result.hi < lo)).any(axis=1)
        undecided = ~(smooth & (result.empty | beside | unique))
        tiny = undecided & (hi - lo <= self._smallest).all(axis=1)
        if tiny.any():
            self._tiny.append((lo[tiny], hi[tiny]))
            undecided &= ~tiny
        return self._cut(*_contracted(lo, hi, smooth, result, undecided), ~smooth[undecided])

    def _settle(self, fresh: Found) -> None:
        """The only zeros of their regions, made sharp all at once, and kept once each."""
        lo, hi = tightened(self.f, fresh.lo, fresh.hi)
        fresh = Found(lo, hi, fresh.region_lo, fresh.region_hi)
        fresh = fresh.take(((lo <= self.high) & (hi >= self.low)).all(axis=1))
        for row in range(len(fresh)):
            one = fresh.take(slice(row, row + 1))
            meets = self._found.meets(one)
            if not meets.any():
                self._found = self._found.joined(one)
            elif not self._found.same(one).any() and not self._one_alone(one.joined(self._found.take(meets))):
                self._tiny.append((one.lo, one.hi))  # perhaps a point that is known: not counted twice, not dropped

    def _one_alone(self, points: Found) -> bool:
        """Whether there is just one zero around these enclosures, which are then all of the same point."""
        lo, hi = points.lo.min(axis=0, keepdims=True), points.hi.max(axis=0, keepdims=True)
        middle = midpoints(lo, hi)
        at = self.f.gradient(middle, middle)
        for factor in (2.0, 1e2, 1e4):
            margin = factor * (hi - lo) + 4 * np.spacing(np.abs(middle))
            over = self.f.hessian(lo - margin, hi + margin)
            result = krawczyk(lo - margin, hi + margin, middle, at, over)
            if over.smooth[0] and result.inside(lo - margin, hi + margin)[0]:
                return True
        return False

    def _cut(self, lo: Floats, hi: Floats, rough: Flags) -> tuple[Floats, Floats]:
        """Halves of the cells along their longest side, relative to the box."""
        relative = (hi - lo) / (self.high - self.low)
        rows, side = np.arange(len(lo)), np.argmax(relative, axis=1)
        left, right = lo[rows, side], hi[rows, side]
        cut = left + CUT * (right - left)
        cut = np.where(rough, _round_number(left, right, cut), cut)
        return halves(lo, hi, side, cut)

    # -- beginning and end ---------------------------------------------------------------------------------------

    def _split_evenly(self) -> None:
        """A few rounds' worth of cuts at once, where nothing can be decided yet."""
        n = len(self.low)
        for side in range(n):
            times = 3 if n == 1 else 2 if n <= 3 else 1
            for _ in range(times if len(self._lo) < MOST_AT_ONCE else 0):
                cut = self._lo[:, side] + CUT * (self._hi[:, side] - self._lo[:, side])
                self._lo, self._hi = halves(self._lo, self._hi, side, cut)

    def _stays_open(self) -> bool:
        """Whether small cells have not become fewer while each side was halved: no point is isolated there."""
        n = len(self.low)
        if len(self._lo) < CONTINUUM_CELLS or len(self._history) <= n:
            return False
        widest = ((self._hi - self._lo) / (self.high - self.low)).max()
        return bool(widest < CONTINUUM_WIDTH.get(n, 2.0**-7)) and len(self._lo) > 1.5 * self._history[-n]

    def _set_aside(self, which: Flags) -> None:
        self._tiny.append((self._lo[which], self._hi[which]))
        self._lo, self._hi = self._lo[~which], self._hi[~which]


def tightened(f: IntervalFunction, lo: Floats, hi: Floats) -> tuple[Floats, Floats]:
    """K applied until it shrinks no enclosure any more."""
    lo, hi = lo.copy(), hi.copy()
    active = np.arange(len(lo))
    for _ in range(100):
        box_lo, box_hi = lo[active], hi[active]
        middle = midpoints(box_lo, box_hi)
        result = krawczyk(box_lo, box_hi, middle, f.gradient(middle, middle), f.hessian(box_lo, box_hi))
        lo[active] = np.maximum(box_lo, np.minimum(result.lo, box_hi))
        hi[active] = np.minimum(box_hi, np.maximum(result.hi, box_lo))
        active = active[(hi[active] - lo[active] < 0.99 * (box_hi - box_lo)).any(axis=1)]
        if not active.size:
            break
    return lo, hi


def _contracted(lo: Floats, hi: Floats, smooth: Flags, result: Contracted, undecided: Flags) -> tuple[Floats, Floats]:
    """The undecided cells, cut down to K where K holds."""
    usable = smooth[:, None]
    smaller_lo = np.where(usable, np.maximum(lo, result.lo), lo)
    smaller_hi = np.where(usable, np.minimum(hi, result.hi), hi)
    return smaller_lo[undecided], smaller_hi[undecided]


def _round_number(left: Floats, right: Floats, otherwise: Floats) -> Floats:
    """A short decimal between 10 % and 90 %, where poles and corners like to be: cut there, they end a cell."""
    width = right - left
    least, most = left + 0.1 * width, right - 0.1 * width
    unit = 10.0 ** np.floor(np.log10(np.maximum(most - least, 1e-300)))
    best = otherwise
    for factor in (0.1, 1.0, 10.0, 100.0, 1000.0):
        step = unit * factor
        candidate = np.round((left + right) / 2 / step) * step
        best = np.where((candidate >= least) & (candidate <= most), candidate, best)
    return np.where((least <= 0.0) & (most >= 0.0), 0.0, best)
