"""Several starts of one question: which run is best, and how many different answers there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from calcopt.records import Result, Runs
from calcopt.solve.vectors import norm

if TYPE_CHECKING:
    from calcopt.records import Vector


def gather(results: Sequence[Result]) -> Runs:
    """Put the runs together: ``best`` is the one that reached its goal with the lowest f (highest for maximize,
    smallest ‖F‖ for roots), and a remark says how many different points were found."""
    reached = [index for index, result in enumerate(results) if result.reached_goal]
    best = min(reached, key=lambda index: _merit(results[index])) if reached else None
    return Runs(results[0].command, tuple(results), best, _remarks(results, reached))


def _merit(result: Result) -> float:
    if result.goal == "root":
        return abs(result.value)
    return result.value if result.goal == "minimize" else -result.value


def _remarks(results: Sequence[Result], reached: Sequence[int]) -> tuple[str, ...]:
    goal = results[0].goal
    one, many = {"minimize": ("minimum", "minima"), "maximize": ("maximum", "maxima"), "root": ("zero", "zeros")}[goal]
    remarks = []
    points = distinct([results[index].x for index in reached])
    if len(reached) > 1:
        found = f"{len(points)} different {many}" if len(points) > 1 else f"the same {one}"
        who = f"{len(results)} starts" if len(reached) == len(results) else f"{len(reached)} of {len(results)} starts"
        remarks.append(f"{who} found {found}")
        if goal != "root" and len(points) > 1:
            values = distinct([np.array([results[index].value]) for index in reached])
            equal = len(values) == 1
            which = "lowest" if goal == "minimize" else "highest"
            listed = ", ".join(f"{value[0]:.6g}" for value in sorted(values, key=lambda v: float(v[0])))
            seen = f"f = {listed} at all of them" if equal else f"values found: {listed}"
            remarks.append(f"{seen}; the {which} found need not be the global one")
    failed = [str(index + 1) for index, result in enumerate(results) if not result.reached_goal]
    if failed:
        word, verb = ("starts", "did") if len(failed) > 1 else ("start", "did")
        remarks.append(f"{word} {', '.join(failed)} {verb} not reach a {one}")
    return tuple(remarks)


def distinct(points: Sequence[Vector], *, tolerance: float = 1e-5) -> list[Vector]:
    """The points that differ by more than ``tolerance`` relative to their size (at least 1)."""
    kept: list[Vector] = []
    for point in points:
        if all(norm(point - other) > tolerance * max(1.0, norm(other)) for other in kept):
            kept.append(point)
    return kept
