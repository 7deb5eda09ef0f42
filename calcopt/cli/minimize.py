"""``calcopt minimize``: just find it; with a box, the global answer with its proof."""

from __future__ import annotations

from calcopt.cli.environment import Environment
from calcopt.cli.options import Box, FormulaOptions, MaxBoxes, Maximize, OutputOptions, Problem, Starts, StopOptions
from calcopt.cli.sharing import expand_options
from calcopt.cli.types import Job


@expand_options
def minimize(
    problem: Problem,
    formula: FormulaOptions,
    stop: StopOptions,
    output: OutputOptions,
    *,
    start: Starts = None,
    maximize: Maximize = None,
    box: Box = None,
    max_boxes: MaxBoxes = None,
) -> Job:
    """The minimum of a function: near --start, or over a whole --box, proved by interval arithmetic.

    \b
    calcopt minimize '(x^2+y-11)^2 + (x+y^2-7)^2' --box -5..5
    calcopt minimize 'exp(x) - log(x)' --start 0.05
    """

    def job(environment: Environment) -> int:
        from calcopt.api.minimize import minimize as solver
        from calcopt.cli.solving import solve

        given = {"start": start, "maximize": maximize, "box": box, "max_boxes": max_boxes}
        return solve(
            solver,
            problem,
            environment,
            command="minimize",
            given=given,
            formula=formula,
            stop=stop,
            output=output,
            instead_of_start="box",
        )

    return job
