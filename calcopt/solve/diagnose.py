"""Why a run could not go on: a trial that is not finite, told apart by what went before it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from calcopt.solve.method import Halt
from calcopt.solve.tasks import Minimize
from calcopt.solve.vectors import norm, place, short

if TYPE_CHECKING:
    from calcopt.records import Iteration
    from calcopt.solve.tasks import Point, Task

LOOKED_AT = 2000
"""Rows that are looked at for a jump over a pole."""
FAR = 1e6
"""A distance from the start, relative to its size, from which overflow means blowing up rather than a pole."""


def non_finite(task: Task, trace: Sequence[Iteration], trial: Point, method: str) -> Halt:
    """The Halt for a trial point with a value or a gradient that is not finite."""
    number = trace[-1].iteration + 1
    where = place(task.variables, trial.x)
    sign = -1.0 if task.goal == "maximize" else 1.0
    started, last = trace[0], trace[-1]
    distance = norm(trial.x - started.x)
    blown = not distance <= FAR * max(1.0, norm(started.x)) or grown(trace)
    if math.isfinite(trial.value):
        return Halt(
            "non_smooth",
            f"step {number} leads to {where}, where f = {short(trial.value * sign)} but its derivative does not exist",
            "the derivative methods need does not exist there: start elsewhere, or smooth the function",
            trial.x,
        )
    if task.goal != "root" and trial.value == -math.inf:
        word = "above" if sign < 0 else "below"
        return Halt(
            "unbounded", f"f is unbounded {word}: step {number} leads to f = {short(trial.value * sign)} at {where}"
        )
    if blown:
        return Halt(
            "diverged",
            f"the iterates run away: step {number} overflows at {where}, after {task.measure_name} grew from "
            f"{short(started.gradient_norm)} to {short(last.gradient_norm)}",
            outside=trial.x,
        )
    return Halt(
        "left_domain",
        f"step {number} would leave the domain of f: f = {short(trial.value * sign)} at {where}",
        "use --method safeguarded, which shortens such a step" if method == "pure" else None,
        trial.x,
    )


def jumped(task: Task, trace: Sequence[Iteration]) -> str:
    """A remark on the first step that jumped over a pole (of long histories only neighbouring rows are looked at)."""
    if isinstance(task, Minimize) and task.poles is None:
        return ""
    rows = [*trace]
    for before, after in pairwise(rows[:LOOKED_AT]):
        if after.iteration != before.iteration + 1:
            continue
        pole = task.pole_between(before.x, after.x)
        if pole is not None:
            said = f"step {after.iteration} jumped over a pole of f, near {place(task.variables, pole)}"
            return f"; {said}: what was reached lies on its other side"
    return ""


def grown(trace: Sequence[Iteration]) -> bool:
    """True when the gradient has grown a thousandfold and more since the start, over three iterations and more."""
    return len(trace) > 3 and trace[-1].gradient_norm > 1e3 * max(trace[0].gradient_norm, 1e-300)
