"""``calcopt.minimize``: just find it. With a box, the global minimum, proved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from calcopt.api.questions import (
    Bounds,
    Constants,
    FunctionLike,
    Starts,
    the_box,
    the_formula,
    the_objective,
    the_starts,
)
from calcopt.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calcopt.records import OnIteration, Result, Runs

MAX_BOXES = 1_000_000


def minimize(
    function: FunctionLike,
    start: Starts | None = None,
    *,
    box: Bounds = None,
    maximize: bool = False,
    tolerance: float = 1e-8,
    max_iterations: int | None = None,
    max_boxes: int = MAX_BOXES,
    time_limit: float | None = None,
    let: Constants = None,
    variables: Sequence[str] | None = None,
    on_iteration: OnIteration | None = None,
) -> Result | Runs:
    """The minimum (or maximum) of a function.

    With ``box`` (finite bounds for every variable) it is the global minimum over that box, boundary included, proved
    by interval arithmetic: ``result.proof`` holds the bounds of f* and boxes that hold every minimizer. ``tolerance``
    is then the gap between the bounds, relative to |f*| or the spread of f; ``start`` is a first guess.

    Without a box it is a local minimum near ``start``; ``tolerance`` is on ‖∇f‖.

    >>> result = minimize("4x^2 - 2.1x^4 + x^6/3 + x*y - 4y^2 + 4y^4", box="-3..3")
    >>> round(result.value, 9), len(result.proof.minimizers), result.certified
    (-1.031628453, 2, True)

    Raises:
        ParseError, ValueTextError: a text that cannot be read.
        UsageError: neither a start nor a box.
        MathError: f is not defined anywhere in the box, or not at the start.

    Reference: Hansen & Walster 2004, Global Optimization Using Interval Analysis, ch. 12.
    """
    goal: Literal["minimize", "maximize"] = "maximize" if maximize else "minimize"
    if box is None:
        if start is None:
            raise UsageError(
                "minimize needs a start, or a box to search", hint="--start x=1, or --box x=-5..5 for the global answer"
            )
        from calcopt.api.solvers import NEWTON_ITERATIONS, newton

        found = newton(
            function,
            start,
            maximize=maximize,
            tolerance=tolerance,
            max_iterations=NEWTON_ITERATIONS if max_iterations is None else max_iterations,
            time_limit=time_limit,
            let=let,
            variables=variables,
            on_iteration=on_iteration,
        )
        return _renamed(found)
    from calcopt.api.global_answer import global_answer

    formula = the_formula(function, variables, let)
    bounds = the_box(box, formula.variables)
    assert bounds is not None
    starts = [] if start is None else the_starts(start, formula.variables)
    if len(starts) > 1:
        raise UsageError("a search of a whole box takes one start at most", hint="leave --start out")
    return global_answer(
        formula,
        the_objective(formula),
        bounds,
        goal=goal,
        tolerance=tolerance,
        max_boxes=max_boxes,
        time_limit=time_limit,
        start=starts[0] if starts else None,
        on_iteration=on_iteration,
    )


def _renamed(found: Result | Runs) -> Result | Runs:
    """The same answer, in the name of the command that was called."""
    from calcopt.records import Result

    if isinstance(found, Result):
        return replace(found, command="minimize")
    return replace(found, command="minimize", runs=tuple(replace(run, command="minimize") for run in found.runs))
