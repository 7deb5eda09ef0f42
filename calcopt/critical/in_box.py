"""The search in a box by interval arithmetic: every point proved, every undecided box named with its reason."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from calcopt.certify.critical_search import Budget, CriticalSearch
from calcopt.certify.undecided import Open, explained
from calcopt.critical.flat_points import isolated_zero
from calcopt.critical.point import Candidate, polish
from calcopt.critical.proved import certified_points, enclosure, interval_function, representative, with_certificates
from calcopt.expression.tree import Number
from calcopt.records import Continuum, CriticalPoint, Undecided

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.critical.search import Search
    from calcopt.numeric.intervals import IntervalFunction

    Floats = NDArray[np.float64]

MAX_BOXES = 1_000_000
MOST_POLISHED = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """What a search may cost."""

    max_boxes: int = MAX_BOXES
    time_limit: float | None = None


@dataclass(slots=True)
class Proof:
    """What interval arithmetic proved in the box."""

    function: IntervalFunction
    search: CriticalSearch
    undecided: tuple[Undecided, ...] = ()

    def points(self) -> list[CriticalPoint]:
        return certified_points(self.function, self.search.found)


def prove(search: Search, limits: Limits) -> bool:
    """Runs the search over ``search.box`` and fills in what it found; False where f cannot be enclosed.

    What was proved before Ctrl-C is kept.
    """
    names = search.partials.names
    function = interval_function(search.partials.body, names)
    if function is None or search.box is None:
        return False
    box = search.float_box() or {}
    low, high = (np.array([box[name][end] for name in names]) for end in (0, 1))
    budget = Budget(limits.max_boxes, math.inf if limits.time_limit is None else limits.time_limit)
    run = CriticalSearch(function, low, high, budget)
    search.proof = proof = Proof(function, run)
    search.answered = True
    search.method = "exact and intervals" if search.candidates or search.curves else "intervals"
    try:
        run.run()
    finally:
        _close(search, proof, low, high)
    return True


def _close(search: Search, proof: Proof, low: Floats, high: Floats) -> None:
    """What the record says, also when the search was cut short."""
    run = proof.search
    cells = run.open
    left = explained(proof.function, *cells, low, high, exhausted=run.exhausted or ("" if run.finished else "early"))
    left = [item for item in left if not _decided(search, item)]
    proof.undecided = tuple(_undecided(search, item) for item in left)
    search.complete = not left
    search.pieces += _flat_pieces(search, run)
    search.notes.append(f"interval arithmetic on {run.boxes} boxes")
    if left and search.kinks:
        search.notes.append(f"points where {search.kink_list()} has a kink or a jump are left undecided")
    if run.exhausted:
        search.notes.append(f"the search was not finished: it stopped {run.exhausted}")


def _undecided(search: Search, item: Open) -> Undecided:
    where = f": {search.kink_list()}" if item.kind in ("kink", "jump") and search.kinks else ""
    return Undecided(enclosure(search.partials.names, item.lo, item.hi), item.kind, item.reason + where)


def _decided(search: Search, item: Open) -> bool:
    """A degenerate point with short decimals is kept as an exact candidate; True when it is proved to be alone."""
    if item.kind != "degenerate":
        return False
    names = search.partials.names
    point = {
        name: Number(_short_fraction(float(a), float(b))) for name, a, b in zip(names, item.lo, item.hi, strict=True)
    }
    known = len(search.candidates)
    search._add(Candidate(point))
    if len(search.candidates) == known or len(names) > 1:
        return False
    return isolated_zero(search.partials, point[names[0]].value, float(item.lo[0]), float(item.hi[0]))


def _short_fraction(low: float, high: float) -> Fraction:
    return Fraction(repr(representative(low, high)))


def _flat_pieces(search: Search, run: CriticalSearch) -> list[Continuum]:
    """Cells on which the gradient is exactly zero, as boxes."""
    from calcopt.certify.undecided import merged

    if not run.flat:
        return []
    lo, hi = (np.concatenate([part[end] for part in run.flat]) for end in (0, 1))
    pieces = []
    for least, most in merged(lo, hi, run.low, run.high):
        sides = [f"{name} in [{a:.6g}, {b:.6g}]" for name, a, b in zip(run.f.names, least, most, strict=True)]
        pieces.append(
            Continuum(", ".join(sides), (), None, "f is constant on boxes there: proved by interval arithmetic")
        )
    return pieces


def all_points(search: Search, exact: list[CriticalPoint]) -> list[CriticalPoint]:
    """Points known exactly, certified where that is proved, and the proved points beside them; in order."""
    names = search.partials.names
    function = search.proof.function if search.proof is not None else interval_function(search.partials.body, names)
    exact = with_certificates(function, names, exact)
    if search.proof is None:
        return exact
    fresh = [point for point in search.proof.points() if not any(_same(point, known) for known in exact)]
    if len(fresh) <= MOST_POLISHED:
        fresh = [_polished(search, point) for point in fresh]
    return sorted([*exact, *fresh], key=lambda point: tuple((point.x or {}).values()))


def _polished(search: Search, point: CriticalPoint) -> CriticalPoint:
    """The double nearest to the point, where Newton's method at 60 digits stays in the enclosure."""
    assert point.x is not None
    assert point.enclosure is not None
    better = polish(search.partials, point.x)
    x = None if better is None else better.floats()
    if x is None or not all(low <= x[name] <= high for name, (low, high) in point.enclosure.items()):
        return point
    return replace(point, x=x)


def _same(proved: CriticalPoint, known: CriticalPoint) -> bool:
    """Whether the known point's certificate is that of the proved point: their enclosures meet."""
    if known.enclosure is None or proved.enclosure is None:
        return False
    return all(
        low <= known.enclosure[name][1] and high >= known.enclosure[name][0]
        for name, (low, high) in proved.enclosure.items()
    )
