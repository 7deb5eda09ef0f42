"""``calcopt classify-critical``: critical points and what they are."""

from __future__ import annotations

from typing import Annotated

import typer

from calcopt.cli.environment import Environment
from calcopt.cli.options import Box, FormulaOptions, MaxBoxes, OutputOptions, Points, Problem, Variables
from calcopt.cli.output import Output
from calcopt.cli.problems import read_problem
from calcopt.cli.sharing import expand_options
from calcopt.cli.types import Job
from calcopt.cli.values import real_number, whole_number

TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", parser=real_number, metavar="SECONDS", help="End the search of a box after that."),
]

Digits = Annotated[
    int | None,
    typer.Option(
        "--digits", parser=whole_number, metavar="N", help="Refine certified points to N proved digits (python-flint)."
    ),
]


@expand_options
def classify_critical(
    problem: Problem,
    formula: FormulaOptions,
    output: OutputOptions,
    *,
    var: Variables = None,
    at: Points = None,
    box: Box = None,
    max_boxes: MaxBoxes = None,
    time_limit: TimeLimit = None,
    digits: Digits = None,
) -> Job:
    """Every point where ∇f = 0, exactly where that can be, and what it is: minimum, maximum, saddle.

    With --box the search is a proof by interval arithmetic: each point is certified, and what stays undecided is named.

    \b
    calcopt classify-critical 'x^3 - 3x*y^2'
    calcopt classify-critical 'sin(x)*y' --box x=-5..5,y=-1..1
    """

    def job(environment: Environment) -> int:
        from calcopt.api.critical import classify_critical as classify

        sink = Output(output, environment, latex=True)
        question = read_problem(problem, environment)
        constants = question.constants(formula.let)
        record = classify(
            question.formula("classify-critical", constants),
            var=question.choose("var", var),
            box=question.choose("box", box),
            at=question.choose("at", at),
            max_boxes=question.choose("max_boxes", max_boxes),
            time_limit=question.choose("time_limit", time_limit),
            digits=digits,
            let=constants,
        )
        return sink.finish(record)

    return job
