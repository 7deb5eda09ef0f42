"""The answer alone (``--quiet``): a formula, or ``name value`` lines with every digit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from calcopt.records import (
    CriticalPoint,
    CriticalPoints,
    CurveFit,
    Derivatives,
    LineFit,
    Result,
    Runs,
    TrainedPerceptron,
)
from calcopt.records.models import FitSummary, ModelSummary
from calcopt.records.rechecks import Recheck


def lines(record: object) -> Iterator[str]:
    """The lines of any record."""
    match record:
        case Result():
            yield from _pairs(zip(record.variables, record.x.tolist(), strict=True))
        case Runs():
            yield from _runs(record)
        case Derivatives():
            yield from _derivatives(record)
        case CriticalPoints():
            yield from map(_point, record.points)
            yield from (", ".join(item.equations) or item.description for item in record.continua)
        case LineFit() | CurveFit():
            yield from _pairs(record.parameters.items())
        case TrainedPerceptron():
            yield from _perceptron(record)
        case Recheck():
            yield from (f"{k} {'holds' if item.holds else 'fails'}" for k, item in enumerate(record.certificates, 1))
        case ModelSummary() | FitSummary():
            from calcopt.render import model

            yield from model.lines(record)
        case _:
            raise TypeError(f"no quiet form for {type(record).__name__}")


def _pairs(items: Iterable[tuple[str, float]]) -> Iterator[str]:
    for name, value in items:
        yield f"{name} {value!r}"


def _runs(record: Runs) -> Iterator[str]:
    """The best run's point; the first run's when none reached its goal (exit status 3 says so)."""
    yield from lines(record.runs[record.best or 0])


def _derivatives(record: Derivatives) -> Iterator[str]:
    """The limits where one was asked for; else formulas, or with ``--at`` their values: alone when there is one, else
    each after its variables.
    """
    if record.limits:
        yield from (found.exact or "not found" for found in record.limits)
        return
    alone = len(record.derivatives) == 1
    for point in record.at:
        for index, item in enumerate(record.derivatives):
            value = repr(point.derivative_values[index])
            yield value if alone else f"{','.join(item.with_respect_to)} {value}"
    if not record.at:
        for item in record.derivatives:
            yield item.expression


def _point(point: CriticalPoint) -> str:
    """``x=4.0 y=4.0 local minimum``; the exact text where there are no numbers."""
    place: Mapping[str, object] = point.x if point.x is not None else point.exact or {}
    coordinates = " ".join(f"{name}={value}" for name, value in place.items())
    return f"{coordinates} {point.classification or 'undecided'}"


def _perceptron(record: TrainedPerceptron) -> Iterator[str]:
    """Weights and bias of a single perceptron; for a network what can be said in a line: its loss."""
    yield from _flat("", record.weights)
    yield from _flat("bias", record.bias)


def _flat(prefix: str, value: object) -> Iterator[str]:
    """Nested weights as ``name value`` lines: ``W1[1,2] 0.5``."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else str(name), inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, inner in enumerate(value, start=1):
            yield from _flat(f"{prefix or 'weights'}[{index}]", inner)
    elif value is not None:
        yield f"{prefix} {value!r}"
