"""``calcopt gd``: gradient descent."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from calcopt.cli.environment import Environment
from calcopt.cli.options import (
    Box,
    FormulaOptions,
    Maximize,
    OutputOptions,
    Problem,
    Rate,
    RunOptions,
    Starts,
    StopOptions,
    Trace,
    Verify,
)
from calcopt.cli.sharing import expand_options
from calcopt.cli.types import Job

Method = Annotated[
    Literal["fixed", "momentum", "nesterov", "adam", "rmsprop", "backtracking", "strong-wolfe", "barzilai-borwein"]
    | None,
    typer.Option("--method", help="How the step is chosen.  [default: fixed]"),
]
Schedule = Annotated[
    Literal["constant", "1/t", "sqrt", "cosine"] | None,
    typer.Option("--schedule", help="How a fixed rate changes from step to step.  [default: constant]"),
]


@expand_options
def gd(
    problem: Problem,
    formula: FormulaOptions,
    stop: StopOptions,
    run: RunOptions,
    output: OutputOptions,
    *,
    start: Starts = None,
    rate: Rate = None,
    method: Method = None,
    schedule: Schedule = None,
    maximize: Maximize = None,
    box: Box = None,
    verify: Verify = None,
    trace: Trace = None,
) -> Job:
    """Gradient descent, x ← x − α ∇f(x), iteration by iteration.

    \b
    calcopt gd 'exp(x) - log(x)' --start 0.05 --rate 0.005
    """

    def job(environment: Environment) -> int:
        from calcopt.api.solvers import gradient_descent
        from calcopt.cli.solving import solve

        given = {
            "start": start,
            "rate": rate,
            "method": method,
            "schedule": schedule,
            "maximize": maximize,
            "box": box,
            "verify": verify,
            "trace": trace,
        }
        return solve(
            gradient_descent,
            problem,
            environment,
            command="gd",
            given=given,
            formula=formula,
            stop=stop,
            run=run,
            output=output,
        )

    return job
