"""Many starts that cover a region evenly, and the different minima found from them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from calcopt.errors import UsageError
from calcopt.solve.runs import distinct
from calcopt.solve.vectors import place

if TYPE_CHECKING:
    from calcopt.records import Result, Vector
    from calcopt.solve.box import Box

SPREAD = 5.0
"""Without bounds the starts lie within ±5·max(1, |xᵢ|) of the one that was given."""
MOST_DIMENSIONS = 21_201
"""SciPy's table of Sobol direction numbers ends there."""


def sobol_starts(count: int, seed: int, *, start: Vector | None = None, box: Box | None = None) -> list[Vector]:
    """``count`` points (n,): ``start`` first if there is one, then scrambled Sobol points.

    They fill the box; where a side of it is infinite, and without a box, the neighbourhood of the start (or of the
    origin). The same seed gives the same points.

    Raises:
        UsageError: fewer than one start, more than 10⁶, or more variables than Sobol sequences reach.
    Reference: Sobol' 1967; Owen 1998 (scrambling); Joe & Kuo 2008 (direction numbers), as SciPy has them.
    """
    if not 1 <= count <= 1_000_000:
        raise UsageError(f"{count} starts make no sense here", hint="give --starts a number from 1 to 1000000")
    if start is None and box is None:
        raise UsageError("several starts need a box, or a start to spread around", hint="add --box -5..5 or --start …")
    first = [] if start is None else [start if box is None else box.project(start)]
    if count == len(first):
        return first
    low, high = _region(start, box)
    if low.size > MOST_DIMENSIONS:
        raise UsageError(f"Sobol points have at most {MOST_DIMENSIONS:,} coordinates, not {low.size:,}")
    from scipy.stats.qmc import Sobol

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a number that is no power of two is less balanced, and fine
        unit = Sobol(low.size, scramble=True, seed=seed).random_base2(math.ceil(math.log2(max(count - len(first), 1))))
    return first + [low + (high - low) * row for row in unit[: count - len(first)]]


def _region(start: Vector | None, box: Box | None) -> tuple[Vector, Vector]:
    """The lower and upper ends of what is searched."""
    n = start.size if start is not None else box.lower.size if box is not None else 0
    center = np.zeros(n) if start is None else start
    reach = SPREAD * np.maximum(1.0, np.abs(center))
    low, high = center - reach, center + reach
    if box is None:
        return low, high
    low = np.where(np.isfinite(box.lower), box.lower, np.minimum(low, box.upper - reach))
    high = np.where(np.isfinite(box.upper), box.upper, np.maximum(high, box.lower + reach))
    return low, high


class Found(NamedTuple):
    """One of the different answers: the best run that led there, and how many did."""

    result: Result
    times: int


def different_answers(results: Sequence[Result]) -> list[Found]:
    """The different points at which runs reached their goal, the best first.

    Points closer than 1e-5 (relative to their size) are one; of each the run with the best value is kept.
    """
    reached = [result for result in results if result.reached_goal]
    sign = -1.0 if results and results[0].goal == "maximize" else 1.0
    reached.sort(key=lambda result: sign * result.value)
    kept: list[tuple[Result, int]] = []
    for result in reached:
        known = next((k for k, (other, _) in enumerate(kept) if len(distinct([other.x, result.x])) == 1), None)
        if known is None:
            kept.append((result, 1))
        else:
            kept[known] = (kept[known][0], kept[known][1] + 1)
    return [Found(result, times) for result, times in kept]


def listed(results: Sequence[Result], *, most: int = 20) -> tuple[str, ...]:
    """The different answers as sentences, the best first, with how many starts led to each."""
    answers = different_answers(results)
    lines = [
        f"{number}. f = {found.result.value:.10g} at {place(found.result.variables, found.result.x)} "
        f"(from {found.times} start{'' if found.times == 1 else 's'})"
        for number, found in enumerate(answers[:most], start=1)
    ]
    more = len(answers) - most
    return (*lines, f"… and {more} more") if more > 0 else tuple(lines)
