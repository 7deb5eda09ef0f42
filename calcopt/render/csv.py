"""Records as CSV: the iterations, the points or the rows, with every digit."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

from calcopt.records import CriticalPoints, CurveFit, Derivatives, Iteration, LineFit, Result, Runs, TrainedPerceptron
from calcopt.records.models import FitSummary, ModelSummary
from calcopt.records.rechecks import Recheck
from calcopt.render.learned import epoch

Row = Mapping[str, Any]
OUR_COLUMNS = {"run", "iteration", "value", "gradient_norm", "step_norm", "step", "alpha"}


def write(stream: TextIO, rows: Iterable[Row]) -> None:
    """Write a header from the first row's keys, then the rows, flushing each; nothing when there are none."""
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(stream, list(row), restval="", extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
        writer.writerow({key: _cell(value) for key, value in row.items()})
        stream.flush()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.item() if hasattr(value, "item") else value


def rows(record: object) -> Iterator[Row]:
    """The rows of any record."""
    match record:
        case Result():
            yield from _iterations(record.trace, record.variables)
        case Runs():
            for index, run in enumerate(record.runs):
                for row in _iterations(run.trace, run.variables):
                    yield {"run": index, **row}
        case Derivatives() if record.steps or record.secants or record.limits:
            from calcopt.render import steps

            yield from steps.table(record)
        case Derivatives():
            yield from _derivatives(record)
        case CriticalPoints():
            yield from _points(record)
        case LineFit() if record.trace:
            yield from _iterations(record.trace, tuple(record.parameters))
        case LineFit() | CurveFit():
            yield from _parameters(record)
        case TrainedPerceptron():
            for step in record.trace:
                yield epoch(step)
        case Recheck():
            for item in record.certificates:
                sides = {
                    f"{name} {end}": item.enclosure[name][k]
                    for name in record.variables
                    for k, end in enumerate(("low", "high"))
                }
                told = {"classification": item.classification, "holds": item.holds, "reason": item.reason}
                yield {**sides, **told}
        case ModelSummary() | FitSummary():
            from calcopt.render import model

            yield from model.rows(record)
        case _:
            raise TypeError(f"no rows for {type(record).__name__}")


def _iterations(trace: Sequence[Iteration], names: Sequence[str]) -> Iterator[Row]:
    headings = [f"x[{name}]" if name in OUR_COLUMNS else name for name in names]  # a variable may be called "value"
    details = list(dict.fromkeys(key for step in trace for key in step.detail))
    for step in trace:
        yield {
            "iteration": step.iteration,
            **dict(zip(headings, step.x.tolist(), strict=True)),
            "value": step.value,
            "gradient_norm": step.gradient_norm,
            "step_norm": step.step_norm,
            "step": step.step.strip(),
            **{key: step.detail.get(key) for key in details},
        }


def _derivatives(record: Derivatives) -> Iterator[Row]:
    """A row a derivative; a column more for its value at each ``--at`` point."""
    for index, item in enumerate(record.derivatives):
        row: dict[str, Any] = {"with_respect_to": " ".join(item.with_respect_to), "expression": item.expression}
        for point in record.at:
            place = ", ".join(f"{name}={value!r}" for name, value in point.at.items())
            row[f"value at {place}"] = point.derivative_values[index]
        yield row


def _points(record: CriticalPoints) -> Iterator[Row]:
    for point in record.points:
        exact = point.exact or {}
        numbers = point.x or {}
        yield {
            **{name: numbers.get(name) for name in record.variables},
            "value": point.value,
            "classification": point.classification,
            "gradient_norm": point.gradient_norm,
            "certified": point.certified,
            "exact": ", ".join(f"{name} = {text}" for name, text in exact.items()),
            "exact_value": point.exact_value,
        }


def _parameters(record: LineFit | CurveFit) -> Iterator[Row]:
    for name, estimate in record.parameters.items():
        lower, upper = record.confidence_intervals.get(name) or (None, None)
        yield {
            "parameter": name,
            "estimate": estimate,
            "standard_error": record.standard_errors.get(name),
            "t_value": record.t_values.get(name),
            "p_value": record.p_values.get(name),
            "lower": lower,
            "upper": upper,
        }
