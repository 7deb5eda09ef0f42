"""``calcopt predict``: a saved model, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import typer

from calcopt.cli.environment import Environment
from calcopt.cli.options import DataOptions, OutputOptions
from calcopt.cli.output import Output
from calcopt.cli.sharing import expand_options
from calcopt.cli.types import Job
from calcopt.cli.values import real_number

Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model that fit, fit-line or train-perceptron saved.")]
Rows = Annotated[
    str,
    typer.Argument(metavar="DATA", help="A file, glob or folder of CSV, TSV, JSON lines or Parquet, or - for stdin."),
]


Unknown = Annotated[
    Literal["error", "ignore"],
    typer.Option("--unknown", help="What to do with a level of a text column that the model does not know."),
]


IntervalOption = Annotated[
    Literal["confidence", "prediction"] | None,
    typer.Option("--interval", help="Bounds for the mean of the response, or for a new row (fit, fit-line)."),
]
Level = Annotated[
    float | None,
    typer.Option("--level", parser=real_number, metavar="NUMBER", help="Of the interval.  [default: 0.95]"),
]


@expand_options
def predict(
    model: Model,
    data: Rows,
    reading: DataOptions,
    output: OutputOptions,
    *,
    unknown: Unknown = "error",
    interval: IntervalOption = None,
    level: Level = None,
) -> Job:
    """Apply a saved model to every row of a table: CSV, or --ndjson, as the rows are read.

    `row` is the number of the row in the table, from 1; rows left out by --missing skip are counted. A model trained
    with --missing mean fills missing numbers in, unless --missing says otherwise. A model of log(y) predicts that, and
    its field is named so: prediction_log(y); prediction_y follows where the way back is simple (log, exp, sqrt, 1/y …).

    \b
    calcopt predict mood.json sentences.csv
    calcopt predict curve.json times.csv --interval prediction
    """

    def job(environment: Environment) -> int:
        from calcopt.api.models import predict as predictions

        sink = Output(output, environment)
        rows = predictions(
            model,
            data,
            delimiter=reading.delimiter,
            header=not reading.no_header,
            decimal=reading.decimal or ".",
            missing=reading.missing,
            unknown=unknown,
            interval=interval,
            level=level,
            stdin=environment.stdin,
        )
        write_rows(rows, rows.answer, sink.format, environment)
        for warning in rows.warnings:
            sink.warn(warning)
        return 0

    return job


def write_rows(rows: Iterable[Mapping[str, Any]], answer: str, form: str, environment: Environment) -> None:
    """The rows in the format asked for; CSV is the table here, for people too. ``answer`` is the field of --quiet."""
    from calcopt.render import csv, json

    stream = environment.stdout
    if form == "ndjson":
        for row in rows:
            json.write_line(stream, {"event": "row", **row})
    elif form == "json":
        json.write_document(stream, {"command": "predict", "rows": list(rows)})
    elif form == "quiet":
        for row in rows:
            stream.write(f"{'nan' if row[answer] is None else row[answer]}\n")
    else:
        csv.write(stream, rows)
    stream.flush()
