"""What ``gd`` and ``newton`` have in common: the question, the solver's arguments, the events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from calcopt.cli.environment import Environment
from calcopt.cli.options import FormulaOptions, OutputOptions, RunOptions, StopOptions
from calcopt.cli.output import Output
from calcopt.cli.problems import read_problem
from calcopt.records import Result, Runs

if TYPE_CHECKING:
    from calcopt.expression.tree import Expr, Formula

Solver = Callable[..., "Result | Runs"]


def solve(
    solver: Solver,
    problem: str,
    environment: Environment,
    *,
    command: str,
    given: Mapping[str, Any],
    formula: FormulaOptions,
    stop: StopOptions,
    run: RunOptions,
    output: OutputOptions,
    instead_of_start: str | None = None,
) -> int:
    """Merge the options ``given`` with the problem's, call ``solver`` of the Python API, and print what comes.

    A start is asked for, unless the option ``instead_of_start`` is given.
    """
    sink = Output(output, environment)
    question = read_problem(problem, environment)
    constants = question.constants(formula.let)
    if (data := question.choose("data", run.data)) is not None:
        from calcopt.api.columns import columns_of

        constants = {**columns_of(data, question.function or "", stdin=environment.stdin), **(constants or {})}
    function = question.formula(command, constants)
    start = question.choose("start", given["start"])
    other = None if instead_of_start is None else question.choose(instead_of_start, given[instead_of_start])
    if start is None and other is None and question.choose("resume", run.resume) is None:
        hint = _start_hint(_variables(function, constants))
        if instead_of_start is not None:
            hint += f", or --{instead_of_start} -10..10 for the global answer"
        question.require("start", None, command, hint=hint)
    asked = {
        **given,
        "tolerance": stop.tolerance,
        "max_iterations": stop.max_iterations,
        "time_limit": stop.time_limit,
        "explain": run.explain,
        "checkpoint": run.checkpoint,
        "resume": run.resume,
    }
    chosen = {name: question.choose(name, value) for name, value in asked.items() if name != "start"}
    start = _one_or_several(start)
    try:
        record = solver(
            function,
            start,
            let=constants,
            on_iteration=sink.iterations(lambda: _names_and_several(function, start, constants, chosen.get("starts"))),
            **{name: value for name, value in chosen.items() if value is not None},
        )
    finally:
        sink.clear()
    return sink.finish(record)


def _start_hint(names: Sequence[str]) -> str:
    """A start that can be typed, with the names of the function's variables."""
    return f"such as --start {','.join(f'{name}=1' for name in names[:6])}{',…' if len(names) > 6 else ''}"


def _one_or_several(start: Any) -> Any:
    """A single ``--start`` is one run, not a list of one."""
    return start[0] if isinstance(start, list) and len(start) == 1 and isinstance(start[0], str) else start


def _names_and_several(
    function: str | Formula, start: Any, constants: Mapping[str, Expr] | None, starts: int | None
) -> tuple[Sequence[str], bool]:
    """The variables in their order, and whether there are several runs: ``start`` is several points, or ``starts``."""
    from calcopt.api.spread_starts import is_spread
    from calcopt.problem.points import as_points

    names = _variables(function, constants)
    if start is None or starts is not None:
        return names, starts is not None and starts > 1
    if is_spread(start) or (isinstance(start, list) and any(map(is_spread, start))):
        return names, isinstance(start, list)
    return names, len(as_points(start, names)) > 1


def _variables(function: str | Formula, constants: Mapping[str, Expr] | None) -> Sequence[str]:
    """The names that a start has to give values to."""
    from calcopt.expression import parse_system

    formula = parse_system(function, constants=constants)[0] if isinstance(function, str) else function
    return formula.variables
