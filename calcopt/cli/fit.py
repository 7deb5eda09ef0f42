"""``calcopt fit``: least squares for any model."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from calcopt.cli.environment import Environment
from calcopt.cli.options import FormulaOptions, LearningDataOptions, OutputOptions, Save, StopOptions
from calcopt.cli.output import Output
from calcopt.cli.sharing import expand_options
from calcopt.cli.tables import TableQuestion, read_table_question
from calcopt.cli.types import Job
from calcopt.cli.values import real_number
from calcopt.errors import UsageError

if TYPE_CHECKING:
    from calcopt.data.table import Table as DataTable

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="Such as 'y ~ a*exp(-b*x)'; or a problem file (.yaml, .yml) with model and data."
    ),
]
Table = Annotated[
    str | None,
    typer.Argument(metavar="DATA", help="A file, glob or folder of CSV, TSV, JSON lines or Parquet, or - for stdin."),
]
Starts = Annotated[
    list[str] | None,
    typer.Option("--start", metavar="POINT", help="Where to start, such as a=1,b=0.1; again for another run."),
]
Bounds = Annotated[
    str | None,
    typer.Option("--box", "--bounds", metavar="RANGES", help="Bounds of parameters, such as a=0..10,b=0.. or ..5."),
]
LossOption = Annotated[
    Literal["linear", "huber", "soft-l1", "cauchy"] | None,
    typer.Option("--loss", help="What large residuals cost.  [default: linear]"),
]
LossScale = Annotated[
    float | None,
    typer.Option(
        "--loss-scale", parser=real_number, metavar="NUMBER", help="The residual from which a robust loss differs."
    ),
]
Weights = Annotated[str | None, typer.Option("--weights", metavar="COLUMN", help="The rows' weights.")]
Residuals = Annotated[
    str | None,
    typer.Option("--residuals", metavar="FILE", help="Write the residuals there (.csv, .json or .ndjson)."),
]


@expand_options
def fit(
    model: Model,
    data: Table = None,
    *,
    reading: LearningDataOptions,
    formula: FormulaOptions,
    stop: StopOptions,
    output: OutputOptions,
    start: Starts = None,
    box: Bounds = None,
    loss: LossOption = None,
    loss_scale: LossScale = None,
    weights: Weights = None,
    residuals: Residuals = None,
    save: Save = None,
) -> Job:
    """Least squares for any model, with the errors of its parameters.

    Names that are columns are data, all others parameters. A model linear in its parameters needs no start;
    for others one is guessed when none is given.

    \b
    calcopt fit 'y ~ a*exp(-b*x) + c' data.csv --start a=1,b=0.1,c=0
    calcopt fit 'log(dose) ~ a + b*age' patients.csv --save dose.json
    """

    def job(environment: Environment) -> int:
        from calcopt.api.fit import fit as fit_model
        from calcopt.data.table import open_table

        sink = Output(output, environment)
        table, text = _question(model, data, environment)
        asked = {
            "start": start,
            "box": box,
            "loss": loss,
            "loss_scale": loss_scale,
            "weights": weights,
            "residuals": residuals,
            "save": save,
            "cluster": reading.cluster,
            "tolerance": stop.tolerance,
            "max_iterations": stop.max_iterations,
            "time_limit": stop.time_limit,
        }
        chosen = {name: table.choose(name, value) for name, value in asked.items()}
        chosen["start"] = _one_or_several(chosen["start"])
        constants = table.question.constants(formula.let)
        rows = open_table(table.data, stdin=environment.stdin, **table.reading(reading))
        try:
            record = fit_model(
                text,
                rows,
                let=constants,
                on_iteration=sink.iterations(partial(_names, text, rows, constants, chosen["start"])),
                **{name: value for name, value in chosen.items() if value is not None},
            )
        finally:
            sink.clear()
        return sink.finish(record)

    return job


def _question(model: str, data: str | None, environment: Environment) -> tuple[TableQuestion, str]:
    """The table and the model: both on the command line, or both (or the table's) in a problem file."""
    if data is None:
        if not model.lower().endswith((".yaml", ".yml")):
            hint = f"such as calcopt fit {model!r} data.csv" if "~" in model or "=" in model else None
            raise UsageError("calcopt fit needs a model and a table of data", hint=hint)
        table = read_table_question(model, "fit", environment)
        text: str = table.question.require("model", table.choose("model", None), "fit")
        return table, text
    return read_table_question(data, "fit", environment), model


def _one_or_several(start: Any) -> Any:
    """A single ``--start`` is one run, not a list of one."""
    return start[0] if isinstance(start, list) and len(start) == 1 and isinstance(start[0], str) else start


def _names(text: str, rows: DataTable, constants: Any, start: Any) -> tuple[list[str], bool]:
    """The parameters in their order and whether there are several runs, for events that come before the end."""
    from calcopt.api.fit import parameters_of
    from calcopt.problem.points import as_points

    names = parameters_of(text, rows, constants)
    return [*names], start is not None and len(as_points(start, names)) > 1
