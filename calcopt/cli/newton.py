"""``calcopt newton``: Newton's method."""

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
    RunOptions,
    Starts,
    StopOptions,
    Trace,
    Verify,
)
from calcopt.cli.sharing import expand_options
from calcopt.cli.types import Job

Method = Annotated[
    Literal["safeguarded", "line-search", "trust-region", "pure"] | None,
    typer.Option("--method", help="With safeguards, or the bare iteration of the textbook.  [default: safeguarded]"),
]
Root = Annotated[
    bool | None, typer.Option("--root", help="Look for a zero; several functions, separated by ';', are a system.")
]


@expand_options
def newton(
    problem: Problem,
    formula: FormulaOptions,
    stop: StopOptions,
    run: RunOptions,
    output: OutputOptions,
    *,
    start: Starts = None,
    method: Method = None,
    root: Root = None,
    maximize: Maximize = None,
    box: Box = None,
    verify: Verify = None,
    trace: Trace = None,
) -> Job:
    """Newton's method: x ← x − H⁻¹ ∇f for a minimum (or --maximize), x ← x − J⁻¹ F for a zero (--root).

    \b
    calcopt newton 'exp(x) - log(x)' --start 0.05
    calcopt newton --root 'x^2 + y^2 - 4; x*y - 1' --start 2,1
    """

    def job(environment: Environment) -> int:
        from calcopt.api.solvers import newton as solver
        from calcopt.cli.solving import solve

        given = {
            "start": start,
            "method": method,
            "root": root,
            "maximize": maximize,
            "box": box,
            "verify": verify,
            "trace": trace,
        }
        return solve(
            solver,
            problem,
            environment,
            command="newton",
            given=given,
            formula=formula,
            stop=stop,
            run=run,
            output=output,
        )

    return job
