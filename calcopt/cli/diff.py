"""``calcopt diff``: derivatives."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import typer

from calcopt.cli.environment import Environment
from calcopt.cli.options import Box, FormulaOptions, OutputOptions, Points, Variables
from calcopt.cli.output import Output
from calcopt.cli.problems import read_problem
from calcopt.cli.sharing import expand_options
from calcopt.cli.types import Job
from calcopt.cli.values import whole_number
from calcopt.errors import UsageError
from calcopt.records import Derivatives

Function = Annotated[
    str, typer.Argument(metavar="FUNCTION", help="A function, such as 'x*exp(x)', a problem file, or - for stdin.")
]
Order = Annotated[
    int | None,
    typer.Option("--order", parser=whole_number, metavar="N", help="The order of the derivatives.  [default: 1]"),
]
Notation = Annotated[
    Literal["lagrange", "leibniz"] | None,
    typer.Option("--notation", help="How derivatives are headed: f'(x) or df/dx, f_x or ∂f/∂x."),
]
Tangent = Annotated[bool, typer.Option("--tangent", help="Show the tangent line or plane at each --at point.")]

Steps = Annotated[
    bool, typer.Option("--steps", help="Explain each derivative rule by rule; --steps=all shows trivial steps too.")
]
EveryStep = Annotated[bool, typer.Option("--steps-all", hidden=True)]
Secant = Annotated[bool, typer.Option("--secant", help="Show the slopes of secants through each --at point.")]
Limit = Annotated[
    str | None,
    typer.Option("--limit", metavar="NAME=PLACE", help="The limit of the function, such as n=inf, x=0 or x=0+."),
]

Study = Annotated[
    bool | None,
    typer.Option(
        "--study/--no-study",
        help="Say where a function of one variable is defined, rises, falls and bends.  [default: for short formulas]",
    ),
]


@expand_options
def diff(
    function: Function,
    formula: FormulaOptions,
    output: OutputOptions,
    *,
    var: Variables = None,
    order: Order = None,
    at: Points = None,
    tangent: Tangent = False,
    notation: Notation = None,
    steps: Steps = False,
    steps_all: EveryStep = False,
    secant: Secant = False,
    limit: Limit = None,
    box: Box = None,
    study: Study = None,
) -> Job:
    """Derivatives, gradient and Hessian of a function, exact; with --at their values at a point.

    \b
    calcopt diff 'x*exp(x)'
    calcopt diff 'x^2 + y^2' --at 2,3
    calcopt diff 'x^n' --var x --order 2
    calcopt diff 'sin(x^2)' --steps
    calcopt diff 'x^2' --secant --at 1
    calcopt diff '(1 + 1/n)^n' --limit n=inf
    """

    def job(environment: Environment) -> int:
        from calcopt.api.formulas import differentiate

        sink = Output(output, environment, latex=True)
        question = read_problem(function, environment)
        points = question.choose("at", at)
        shows_tangent = question.choose("tangent", tangent or None, otherwise=False)
        shows_secant = question.choose("secant", secant or None, otherwise=False)
        for name, wanted in (("tangent", shows_tangent), ("secant", shows_secant)):
            if wanted and points is None:
                raise UsageError(f"--{name} needs a point", hint="add --at, such as --at 2")
        explains = question.choose("steps", "all" if steps_all else steps or None, otherwise=False)
        constants = question.constants(formula.let)
        record = differentiate(
            question.formula("diff", constants),
            var=question.choose("var", var),
            order=question.choose("order", order, 1),
            at=points,
            let=constants,
            steps=sink.format != "quiet" and explains,
            secant=shows_secant,
            limit=question.choose("limit", limit),
            checked=environment.debugging,
            box=question.choose("box", box),
            study=study if sink.format in ("table", "json", "ndjson") else False,
        )
        shown = record if shows_tangent or sink.format != "table" else _without_tangents(record)
        return sink.finish(shown, notation=question.choose("notation", notation))

    return job


def _without_tangents(record: Derivatives) -> Derivatives:
    return replace(record, at=tuple(replace(point, tangent=None) for point in record.at))
