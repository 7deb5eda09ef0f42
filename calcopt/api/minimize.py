"""``calcopt.minimize``: just find it. With a box, the global minimum, proved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from calcopt.api.checkpoints import resumable
from calcopt.api.domain import blaming
from calcopt.api.explain import finished
from calcopt.api.questions import (
    Bounds,
    Constants,
    FunctionLike,
    Starts,
    the_box,
    the_formula,
    the_objective,
    the_poles,
    the_starts,
)
from calcopt.errors import MathError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from calcopt.expression.tree import Formula
    from calcopt.records import OnIteration, Result, Runs, Vector
    from calcopt.solve import Stopping
    from calcopt.solve.box import Box
    from calcopt.solve.catalog import LocalMethod
    from calcopt.solve.method import Method

MAX_BOXES = 1_000_000
MAX_ITERATIONS = 10_000
Goal = Literal["minimize", "maximize"]
_KINKED = frozenset({"abs", "sign", "floor", "ceil", "min", "max", "relu", "step", "cbrt"})


def minimize(
    function: FunctionLike,
    start: Starts | None = None,
    *,
    box: Bounds = None,
    method: LocalMethod | None = None,
    starts: int | None = None,
    seed: int = 0,
    maximize: bool = False,
    tolerance: float = 1e-8,
    max_iterations: int = MAX_ITERATIONS,
    max_boxes: int = MAX_BOXES,
    time_limit: float | None = None,
    trace: Literal["thinned", "all"] = "thinned",
    explain: int | None = None,
    checkpoint: str | Path | None = None,
    resume: str | Path | None = None,
    verify: bool = False,
    let: Constants = None,
    variables: Sequence[str] | None = None,
    on_iteration: OnIteration | None = None,
) -> Result | Runs:
    """The minimum (or maximum) of a function.

    With ``box`` (finite bounds for every variable) it is the global minimum over that box, boundary included, proved
    by interval arithmetic: ``result.proof`` holds the bounds of f* and boxes that hold every minimizer. ``tolerance``
    is then the gap between the bounds, relative to |f*| or the spread of f; ``start`` is a first guess.

    Without a box, and with ``method`` or ``starts``, it is a local minimum: from ``start``, by the method that fits the
    function (``auto``), within the box if there is one. ``starts`` spreads so many Sobol points over the box or around
    the start; the answer is then a :class:`Runs`, and so it is where ``start`` is several points. ``verify`` adds the
    proof that a local answer is one, and alone; ``explain`` works one iteration out in full.

    >>> result = minimize("4x^2 - 2.1x^4 + x^6/3 + x*y - 4y^2 + 4y^4", box="-3..3")
    >>> round(result.value, 9), len(result.proof.minimizers), result.certified
    (-1.031628453, 2, True)
    >>> minimize("(x^2+y-11)^2 + (x+y^2-7)^2", "1,1").method
    'levenberg-marquardt'

    Raises:
        ParseError, ValueTextError: a text that cannot be read.
        UsageError: neither a start nor a box, an unknown method.
        MathError: f is not defined anywhere in the box, or not at the start.

    Reference: Hansen & Walster 2004, Global Optimization Using Interval Analysis, ch. 12.
    """
    goal: Goal = "maximize" if maximize else "minimize"
    formula = the_formula(function, variables, let)
    bounds = the_box(box, formula.variables)
    from calcopt.solve import Stopping

    stop = Stopping(tolerance, max_iterations, time_limit, whole_trace=trace == "all", explain=explain)
    start, stop = resumable(start, stop, checkpoint, resume, function, variables, let, spread=starts)
    given = [] if start is None else the_starts(start, formula.variables, let)
    if bounds is None and not given:
        raise UsageError(
            "minimize needs a start, or a box to search", hint="--start x=1, or --box x=-5..5 for the global answer"
        )
    if bounds is not None and method is None and starts is None:
        if checkpoint is not None or resume is not None:
            raise UsageError(
                "the search of a whole box has no checkpoints", hint="add --method auto for a local search"
            )
        if explain is not None:
            raise UsageError(
                "the search of a whole box has no iteration to work out", hint="add --method auto for a local search"
            )
        return _global(formula, bounds, given, goal, tolerance, max_boxes, time_limit, on_iteration)
    found = _local(formula, bounds, given, goal, stop, method or "auto", starts, seed, on_iteration, let)
    return finished(found, [formula], verify=verify, explain=explain)


def _global(
    formula: Formula,
    bounds: Box,
    given: Sequence[Vector],
    goal: Goal,
    tolerance: float,
    max_boxes: int,
    time_limit: float | None,
    on_iteration: OnIteration | None,
) -> Result:
    """The search of the whole box."""
    from calcopt.api.global_answer import global_answer

    if len(given) > 1:
        raise UsageError("a search of a whole box takes one start at most", hint="leave the others out")
    return global_answer(
        formula,
        the_objective(formula),
        bounds,
        goal=goal,
        tolerance=tolerance,
        max_boxes=max_boxes,
        time_limit=time_limit,
        start=bounds.project(given[0]) if given else None,
        on_iteration=on_iteration,
    )


def _local(
    formula: Formula,
    bounds: Box | None,
    given: Sequence[Vector],
    goal: Goal,
    stop: Stopping,
    method: LocalMethod,
    starts: int | None,
    seed: int,
    on_iteration: OnIteration | None,
    let: Constants,
) -> Result | Runs:
    """A run from each start, by the method that fits; the reason is the first remark."""
    from calcopt.numeric.squares import residual_system
    from calcopt.solve import gather, solve
    from calcopt.solve.choose import choose
    from calcopt.solve.multistart import listed, sobol_starts

    objective = the_objective(formula)
    poles = the_poles(formula, objective)
    if starts is not None:
        if len(given) > 1:
            raise UsageError("--starts spreads points around one start", hint="give one --start, or a --box alone")
        given = sobol_starts(starts, seed, start=given[0] if given else None, box=bounds)
    elif not given:
        assert bounds is not None
        given = [_middle(bounds)]
    squares = residual_system(formula.body, formula.variables) if goal == "minimize" else None
    smooth = not _has_kinks(formula)
    results: list[Result] = []
    outside: MathError | None = None
    for x in given:
        chosen = choose(objective, x, name=method, residuals=squares, smooth=smooth)

        def run(x: Vector, method: Method = chosen.method) -> Result:
            return solve(
                objective,
                x,
                method,
                goal=goal,
                stop=stop,
                box=bounds,
                command="minimize",
                on_iteration=on_iteration,
                poles=poles,
            )

        try:
            result = blaming(run, [formula], let)(x)
        except MathError as error:
            if starts is None:
                raise
            outside = error
            continue
        results.append(replace(result, why=chosen.reason))
        if result.interrupted:
            break
    if not results and outside is not None:
        raise outside
    if len(given) == 1:
        return results[0]
    runs = gather(results)
    remarks = runs.remarks if outside is None else (*runs.remarks, _left_out(len(given) - len(results), len(given)))
    return replace(runs, remarks=remarks + (listed(results) if starts is not None else ()))


def _left_out(count: int, of: int) -> str:
    return f"{count} of {of} starts lie where f or its derivatives are not finite, and were left out"


def _middle(bounds: Box) -> Vector:
    """A point to start from where only bounds are known."""
    import numpy as np

    with np.errstate(all="ignore"):
        middle = 0.5 * bounds.lower + 0.5 * bounds.upper
    return bounds.project(np.where(np.isfinite(middle), middle, 0.0))


def _has_kinks(formula: Formula) -> bool:
    """Whether the formula holds anything that may have a kink or a jump."""
    from calcopt.expression.tree import Call, Piecewise, postorder

    return any(
        isinstance(node, Piecewise) or (isinstance(node, Call) and node.name in _KINKED)
        for node in postorder(formula.body)
    )
