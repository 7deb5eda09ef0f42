"""``calcopt classify-critical``: critical points and what they are."""

from __future__ import annotations

from calcopt.cli.environment import Environment
from calcopt.cli.options import Box, FormulaOptions, OutputOptions, Points, Problem, Variables
from calcopt.cli.output import Output
from calcopt.cli.problems import read_problem
from calcopt.cli.sharing import expand_options
from calcopt.cli.types import Job


@expand_options
def classify_critical(
    problem: Problem,
    formula: FormulaOptions,
    output: OutputOptions,
    *,
    var: Variables = None,
    at: Points = None,
    box: Box = None,
) -> Job:
    """Every point where ∇f = 0, exactly where that can be, and what it is: minimum, maximum, saddle.

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
            let=constants,
        )
        return sink.finish(record)

    return job
