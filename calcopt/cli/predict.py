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

Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model saved by calcopt train-perceptron --save.")]
Rows = Annotated[
    str,
    typer.Argument(metavar="DATA", help="A file, glob or folder of CSV, TSV, JSON lines or Parquet, or - for stdin."),
]


Unknown = Annotated[
    Literal["error", "ignore"],
    typer.Option("--unknown", help="What to do with a level of a text column that the model does not know."),
]


@expand_options
def predict(
    model: Model, data: Rows, reading: DataOptions, output: OutputOptions, *, unknown: Unknown = "error"
) -> Job:
    """Apply a saved model to every row of a table: CSV, or --ndjson, as the rows are read.

    `row` is the number of the row in the table, from 1; rows left out by --missing skip are counted. A model trained
    with --missing mean fills missing numbers in, unless --missing says otherwise.

    \b
    calcopt predict mood.json sentences.csv
    """

    def job(environment: Environment) -> int:
        from calcopt.api.perceptron import predict as predictions

        sink = Output(output, environment)
        rows = predictions(
            model,
            data,
            delimiter=reading.delimiter,
            header=not reading.no_header,
            decimal=reading.decimal or ".",
            missing=reading.missing,
            unknown=unknown,
            stdin=environment.stdin,
        )
        write_rows(rows, sink.format, environment)
        for warning in rows.warnings:
            sink.warn(warning)
        return 0

    return job


def write_rows(rows: Iterable[Mapping[str, Any]], form: str, environment: Environment) -> None:
    """The rows in the format asked for; CSV is the table here, for people too."""
    from calcopt.render import csv, json

    stream = environment.stdout
    if form == "ndjson":
        for row in rows:
            json.write_line(stream, {"event": "row", **row})
    elif form == "json":
        json.write_document(stream, {"command": "predict", "rows": list(rows)})
    elif form == "quiet":
        for row in rows:
            stream.write(f"{row['prediction']}\n")
    else:
        csv.write(stream, rows)
    stream.flush()
