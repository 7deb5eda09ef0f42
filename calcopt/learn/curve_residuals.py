"""The residuals of a fit as a file, row by row: what a residual plot is drawn from.

Written beside the place and then renamed: there is never half a file.
"""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from calcopt.errors import FileError

if TYPE_CHECKING:
    from calcopt.data.table import Table
    from calcopt.learn.curve import CurveProblem
    from calcopt.records import CurveFit

ENDINGS = {".csv": "csv", ".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson"}
_OURS = ("row", "observed", "fitted", "residual", "standardized")
_BEGINNINGS = (b"row,", b'{"row":', b'[\n  {"row":')
"""What each kind begins with: a file that begins otherwise was not written here."""


def check_place(path: str) -> None:
    """Refuses, before any fitting, a place where no file can be written, or where another would be lost."""
    place = Path(os.path.realpath(path))
    if place.suffix.lower() not in ENDINGS:
        raise FileError("residuals are written as CSV or JSON", path, hint="name a .csv, .json or .ndjson file")
    if place.exists() and not place.is_file():
        raise FileError("residuals can only be written to an ordinary file", path)
    if not place.parent.is_dir() or not os.access(place.parent, os.W_OK):
        raise FileError(f"the folder '{place.parent}' does not exist or cannot be written to", path)
    if place.exists() and not _may_be_replaced(place):
        hint = "name a new file, such as residuals.csv, or delete this one"
        raise FileError("this file holds something else than residuals, and would be lost", path, hint=hint)


def check_apart(path: str, table: Table) -> None:
    """Refuses a place that the data are read from: residuals may be data, too."""
    if os.path.realpath(path) in {os.path.realpath(file) for file in table.files() if file is not None}:
        raise FileError("the data are read from this file, and would be lost", path, hint="name a new file")


def check_names(path: str, columns: Sequence[str]) -> None:
    """Refuses data with a column that is called as a field of ours: one would take the other's place."""
    taken = next((column for column in columns if column in _OURS), None)
    if taken is not None:
        message = f"the column '{taken}' would have the same name as a field of the residuals"
        raise FileError(message, path, hint="rename the column, or leave --residuals out")


def _may_be_replaced(place: Path) -> bool:
    try:
        with place.open("rb") as file:
            beginning = file.read(1 << 16)
    except OSError:
        return False
    return not beginning.strip() or (beginning.startswith(_BEGINNINGS) and b"residual" in beginning)


def write_residuals(problem: CurveProblem, record: CurveFit, path: str) -> None:
    """One row for each row used: the columns, what was observed and fitted, the residual, and √w r/s."""
    place = Path(os.path.realpath(path))
    kind = ENDINGS[place.suffix.lower()]
    beside = place.with_name(f".{place.name}.{os.getpid()}.new")
    try:
        with open(beside, "x", encoding="utf-8", newline="") as stream:
            _WRITERS[kind](stream, _rows(problem, record))
        os.replace(beside, place)
    except OSError as error:
        raise FileError(f"the residuals cannot be written: {error.strerror or error}", path) from error
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def _rows(problem: CurveProblem, record: CurveFit) -> Iterator[Mapping[str, float | int | None]]:
    import numpy as np

    theta, deviation = list(record.parameters.values()), record.residual_standard_deviation
    model, number = problem.model, 0
    for block in problem.rows.blocks():
        columns, root = problem.sums.weighing.split(block)
        values = problem.kernel.evaluate(columns, theta, 0).residual
        observed = problem.kernel.response_values(columns)
        weighted = values if root is None else values * root
        for place in range(block.shape[1]):
            number += 1
            cells = dict(zip(model.columns, columns[:, place].tolist(), strict=True))
            r = float(values[place])
            yield {
                "row": number,
                **cells,
                "observed": float(observed[place]),
                "fitted": float(np.subtract(observed[place], values[place])),
                "residual": r,
                "standardized": float(weighted[place]) / deviation if deviation else None,
            }


def _write_csv(stream: TextIO, rows: Iterator[Mapping[str, float | int | None]]) -> None:
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(stream, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow({key: "" if value is None else value for key, value in row.items()})


def _write_ndjson(stream: TextIO, rows: Iterator[Mapping[str, float | int | None]]) -> None:
    for row in rows:
        stream.write(_json(row) + "\n")


def _write_json(stream: TextIO, rows: Iterator[Mapping[str, float | int | None]]) -> None:
    for number, row in enumerate(rows):
        stream.write(("[\n  " if number == 0 else ",\n  ") + _json(row))
    stream.write("\n]\n")


def _json(row: Mapping[str, float | int | None]) -> str:
    plain = {key: value if value is None or math.isfinite(value) else None for key, value in row.items()}
    return json.dumps(plain, ensure_ascii=False, allow_nan=False)


_WRITERS = {"csv": _write_csv, "json": _write_json, "ndjson": _write_ndjson}
