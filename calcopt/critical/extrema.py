"""The lowest and the highest value of f: over a box by branch and prune, elsewhere from all critical points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from calcopt.records import CriticalPoint, GlobalExtremum

if TYPE_CHECKING:
    from calcopt.certify.global_minimum import GlobalMinimum
    from calcopt.critical.in_box import Limits
    from calcopt.critical.search import Search

Extrema = tuple[GlobalExtremum | None, GlobalExtremum | None]
MOST_BOXES, SECONDS = 50_000, 3.0
"""What each of the two searches of a box may cost, beside what the user allows."""


def global_extrema(search: Search, points: Sequence[CriticalPoint], limits: Limits) -> Extrema:
    """(minimum, maximum) over the box, boundary included, or over all of R^n; None where neither is known."""
    if search.constants or search.interrupted:
        return None, None
    if search.box is not None:
        return _in_box(search, limits)
    return _everywhere(search, points)


def _in_box(search: Search, limits: Limits) -> Extrema:
    """Both by interval arithmetic; what is not proved to the tolerance within the budget is not reported."""
    import numpy as np

    from calcopt.certify.global_minimum import global_minimum
    from calcopt.critical.proved import interval_function
    from calcopt.expression.tree import Neg

    names = search.partials.names
    box = search.float_box() or {}
    low, high = (np.array([box[name][end] for name in names]) for end in (0, 1))
    seconds = SECONDS if limits.time_limit is None else min(SECONDS, limits.time_limit)
    found: list[GlobalExtremum | None] = []
    for sign, body in ((1.0, search.partials.body), (-1.0, Neg(search.partials.body))):
        function = interval_function(body, names)
        if function is None:
            return None, None
        budget = min(MOST_BOXES, limits.max_boxes)
        answer = global_minimum(function, low, high, max_boxes=budget, time_limit=seconds)
        search.interrupted = search.interrupted or answer.ended == "interrupted"
        found.append(_record(answer, names, sign))
    return found[0], found[1]


def _record(found: GlobalMinimum, names: Sequence[str], sign: float) -> GlobalExtremum | None:
    """What was proved, in terms of f itself; None where it was not, or f may only approach the value."""
    if found.ended != "proved" or not found.attained:
        return None
    lower, upper = sorted((sign * found.lower, sign * found.upper))
    edge = any((place.lo == place.hi).any() for place in found.places)
    value = sign * found.upper if math.isfinite(found.upper) else 0.0
    return GlobalExtremum(dict(zip(names, found.x.tolist(), strict=True)), value, True, lower, upper, edge)


def _everywhere(search: Search, points: Sequence[CriticalPoint]) -> Extrema:
    """A polynomial that grows in every direction has its minimum at the lowest critical point, when all are known."""
    if not search.complete or not points or search.kinks:
        return None, None
    from calcopt.calculus.algebra.lowest_form import grows_at_infinity

    grows = grows_at_infinity(search.partials)
    levels = [value for value in search.curve_values() if value is not None]
    if grows not in ("positive", "negative") or len(levels) < len(search.curves):
        return None, None
    sign = 1.0 if grows == "positive" else -1.0
    best = min(points, key=lambda point: sign * (point.value or 0.0))
    if best.value is None or best.x is None or any(sign * level < sign * best.value for level in levels):
        return None, None
    extremum = GlobalExtremum(best.x, best.value, best.certified)
    return (extremum, None) if grows == "positive" else (None, extremum)
