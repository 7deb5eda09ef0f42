"""``calcopt minimize``: just find it; with a box, the global answer with its proof."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from calcopt.cli.environment import Environment
from calcopt.cli.options import (
    Box,
    FormulaOptions,
    MaxBoxes,
    Maximize,
    OutputOptions,
    Problem,
    RunOptions,
    Starts,
    StopOptions,
    Trace,
    Verify,
)
from calcopt.cli.sharing import expand_options
from calcopt.cli.types import Job
from calcopt.cli.values import whole_number

Method = Annotated[
    Literal[
        "auto",
        "safeguarded",
        "line-search",
        "trust-region",
        "truncated-newton",
        "l-bfgs",
        "levenberg-marquardt",
        "barzilai-borwein",
    ]
    | None,
    typer.Option("--method", help="How a local minimum is found; auto takes what fits the function."),
]
StartCount = Annotated[
    int | None,
    typer.Option("--starts", parser=whole_number, metavar="N", help="Spread so many starts, and compare the minima."),
]
Seed = Annotated[
    int | None, typer.Option("--seed", parser=whole_number, metavar="N", help="Which spread of --starts.  [default: 0]")
]


@expand_options
def minimize(
    problem: Problem,
    formula: FormulaOptions,
    stop: StopOptions,
    run: RunOptions,
    output: OutputOptions,
    *,
    start: Starts = None,
    maximize: Maximize = None,
    box: Box = None,
    method: Method = None,
    starts: StartCount = None,
    seed: Seed = None,
    max_boxes: MaxBoxes = None,
    verify: Verify = None,
    trace: Trace = None,
) -> Job:
    """The minimum of a function: near --start, or over a whole --box, proved by interval arithmetic.

    With --box alone the answer is global. --method or --starts ask for local minima, within the box if there is one.

    \b
    calcopt minimize '(x^2+y-11)^2 + (x+y^2-7)^2' --box -5..5
    calcopt minimize 'exp(x) - log(x)' --start 0.05
    """

    def job(environment: Environment) -> int:
        from calcopt.api.minimize import minimize as solver
        from calcopt.cli.solving import solve

        given = {"start": start, "maximize": maximize, "box": box, "max_boxes": max_boxes}
        given |= {"method": method, "starts": starts, "seed": seed, "verify": verify, "trace": trace}
        return solve(
            solver,
            problem,
            environment,
            command="minimize",
            given=given,
            formula=formula,
            stop=stop,
            run=run,
            output=output,
            instead_of_start="box",
        )

    return job
