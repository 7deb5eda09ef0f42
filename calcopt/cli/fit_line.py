"""``calcopt fit-line``: linear regression."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from io import BytesIO
from typing import Annotated, Any, Literal

import typer

from calcopt.cli.environment import Environment
from calcopt.cli.options import Data, LearningDataOptions, OutputOptions, Rate, Save, StopOptions
from calcopt.cli.output import Output
from calcopt.cli.sharing import expand_options
from calcopt.cli.tables import read_table_question
from calcopt.cli.types import Job

X = Annotated[str | None, typer.Option("--x", metavar="COLUMNS", help="The features.  [default: all but --y]")]
Y = Annotated[str | None, typer.Option("--y", metavar="COLUMN", help="The target.  [default: the last column]")]
Method = Annotated[
    Literal["exact", "gd", "newton"] | None,
    typer.Option("--method", help="Solved at once, or step by step.  [default: exact]"),
]
NoIntercept = Annotated[bool | None, typer.Option("--no-intercept", help="A line through the origin.")]
Weights = Annotated[str | None, typer.Option("--weights", metavar="COLUMN", help="The rows' weights.")]


@expand_options
def fit_line(
    data: Data,
    reading: LearningDataOptions,
    stop: StopOptions,
    output: OutputOptions,
    *,
    x: X = None,
    y: Y = None,
    method: Method = None,
    rate: Rate = None,
    no_intercept: NoIntercept = None,
    weights: Weights = None,
    save: Save = None,
) -> Job:
    """Linear regression with standard errors, t, p and 95 % intervals.

    \b
    calcopt fit-line points.csv
    calcopt fit-line houses.csv --x area,rooms --y price --save price.json
    """

    def job(environment: Environment) -> int:
        from calcopt.api.line import fit_line as fit

        sink = Output(output, environment)
        table = read_table_question(data, "fit-line", environment)
        asked = {
            "x": x,
            "y": y,
            "method": method,
            "rate": rate,
            "cluster": reading.cluster,
            "weights": weights,
            "save": save,
            "tolerance": stop.tolerance,
            "max_iterations": stop.max_iterations,
            "time_limit": stop.time_limit,
        }
        chosen = {name: table.choose(name, value) for name, value in asked.items()}
        intercept = not table.choose("no_intercept", no_intercept)
        stdin = BytesIO(environment.stdin.read()) if table.data == "-" else None  # its header may be read first
        names = partial(_parameter_names, table.data, chosen, stdin, table.reading(reading), intercept=intercept)
        try:
            record = fit(
                table.data,
                intercept=intercept,
                stdin=stdin,
                on_iteration=sink.iterations(names),
                **table.reading(reading),
                **{name: value for name, value in chosen.items() if value is not None},
            )
        finally:
            sink.clear()
        return sink.finish(record)

    return job


def _parameter_names(
    data: str, chosen: Mapping[str, Any], stdin: BytesIO | None, reading: Mapping[str, Any], *, intercept: bool
) -> tuple[list[str], bool]:
    """The parameters in their order, for events that come before the fit is known."""
    from calcopt.data.table import open_table

    columns = open_table(data, stdin=stdin, **reading).columns
    if stdin is not None:
        stdin.seek(0)
    target = chosen["y"] or columns[-1]
    given = chosen["x"]
    listed = given.split(",") if isinstance(given, str) and given not in columns else [given]
    features = [name.strip() for name in listed] if isinstance(given, str) else given
    features = features or [name for name in columns if name not in (target, chosen["weights"])]
    return [*features, *(["intercept"] if intercept else [])], False
