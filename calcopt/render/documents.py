"""Records as the documents of ``--json``: field names and their order are the command-line contract's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from calcopt.records import (
    AtPoint,
    Continuum,
    CriticalPoint,
    CriticalPoints,
    Derivatives,
    Iteration,
    LineFit,
    Result,
    Runs,
    TrainedPerceptron,
)

if TYPE_CHECKING:
    from calcopt.records import Matrix, Vector

Fields = dict[str, Any]


def iteration(step: Iteration, variables: Sequence[str]) -> Fields:
    """A row of ``trace``; ``gradient`` is null where the method has none (systems)."""
    return {
        "iteration": step.iteration,
        "x": named(variables, step.x),
        "value": step.value,
        "gradient": named(variables, step.gradient),
        "gradient_norm": step.gradient_norm,
        "step_norm": step.step_norm,
        "step": step.step,
        **step.detail,
    }


def named(names: Sequence[str], vector: Vector | None) -> dict[str, float] | None:
    """``{name: value}``, or None where there is no vector of that length."""
    if vector is None or len(vector) != len(names):
        return None
    return dict(zip(names, vector.tolist(), strict=True))


def result(record: Result, *, trace: bool = True) -> Fields:
    """The document of ``gd`` and ``newton`` for one start."""
    fields: Fields = {
        "command": record.command,
        "function": record.function,
        "variables": record.variables,
        "goal": record.goal,
        "method": record.method,
        "status": record.status,
        "converged": record.converged,
        "message": record.message,
        "x": named(record.variables, record.x),
        "value": record.value,
        "gradient": named(record.variables, record.gradient),
        "gradient_norm": record.gradient_norm,
        **_matrix("hessian", record.hessian),
        "eigenvalues": record.verdict.eigenvalues,
        "classification": record.verdict.classification,
        "classification_detail": record.verdict.detail,
        "certified": record.certified,
        "iterations": record.iterations,
        "evaluations": {
            "value": record.counts.value,
            "gradient": record.counts.gradient,
            "hessian": record.counts.hessian,
        },
    }
    if record.residual is not None:
        fields["residual"] = record.residual
        fields["jacobian"] = record.jacobian
    fields["advice"] = record.advice
    if trace:
        fields["trace"] = [iteration(step, record.variables) for step in record.trace]
    return fields


def _matrix(name: str, matrix: Matrix | None) -> Fields:
    """A dense matrix as rows; a sparse one (many variables) as ``[row, column, value]`` entries, rows being null."""
    if matrix is None or not hasattr(matrix, "tocoo"):
        return {name: matrix}
    entries = matrix.tocoo()
    return {
        name: None,
        f"{name}_entries": zip(entries.row.tolist(), entries.col.tolist(), entries.data.tolist(), strict=True),
    }


def runs(record: Runs, *, trace: bool = True) -> Fields:
    """The document for several starts; ``best`` is an index into ``runs``, or null."""
    return {
        "command": record.command,
        "runs": [result(run, trace=trace) for run in record.runs],
        "best": record.best,
        "remarks": record.remarks,
    }


def derivatives(record: Derivatives) -> Fields:
    """The document of ``diff``; the values are there with ``--at``, ``points`` with several of them."""
    fields: Fields = {
        "command": "diff",
        "function": record.function,
        "variables": record.variables,
        "order": record.order,
        "derivatives": [
            {"with_respect_to": item.with_respect_to, "expression": item.expression, "latex": item.latex}
            for item in record.derivatives
        ],
    }
    if record.gradient is not None:
        fields["gradient"] = record.gradient
    if record.hessian is not None:
        fields["hessian"] = record.hessian
    if record.at:
        fields |= _at_point(record.at[0])
    if len(record.at) > 1:
        fields["points"] = [_at_point(point) for point in record.at]
    return fields


def _at_point(point: AtPoint) -> Fields:
    fields: Fields = {"at": point.at, "value": point.value, "derivative_values": point.derivative_values}
    optional = {
        "gradient_value": point.gradient_value,
        "hessian_value": point.hessian_value,
        "eigenvalues": point.eigenvalues,
        "exact_at": point.exact_at,
        "exact_value": point.exact_value,
        "exact_derivative_values": point.exact_derivative_values or None,
        "tangent": point.tangent,
        "remarks": point.remarks or None,
    }
    return fields | {name: value for name, value in optional.items() if value is not None}


def critical_points(record: CriticalPoints) -> Fields:
    """The document of ``classify-critical``."""
    return {
        "command": "classify-critical",
        "function": record.function,
        "variables": record.variables,
        "box": record.box,
        "points": [critical_point(point) for point in record.points],
        "continua": [_continuum(item) for item in record.continua],
        "undecided": [{"box": box} for box in record.undecided],
        "complete": record.complete,
        "method": record.method,
        "message": record.message,
        "interrupted": record.interrupted,
        "global_minimum": _extremum(record.global_minimum),
        "global_maximum": _extremum(record.global_maximum),
    }


def critical_point(point: CriticalPoint) -> Fields:
    """One element of ``points``."""
    return {
        "x": point.x,
        "exact": point.exact,
        "value": point.value,
        "exact_value": point.exact_value,
        "gradient_norm": point.gradient_norm,
        "hessian": point.hessian,
        "eigenvalues": point.eigenvalues,
        "classification": point.classification,
        "classification_detail": point.classification_detail,
        "certified": point.certified,
        "enclosure": point.enclosure,
    }


def _continuum(item: Continuum) -> Fields:
    return {
        "description": item.description,
        "equations": item.equations,
        "value": item.value,
        "classification_detail": item.classification_detail,
    }


def _extremum(point: CriticalPoint | None) -> Fields | None:
    return None if point is None else {"x": point.x, "value": point.value, "certified": point.certified}


def of(record: object, *, trace: bool = True) -> Mapping[str, Any]:
    """The document of any record; without ``trace`` for the last line of an event stream, which has sent it already."""
    match record:
        case Result():
            return result(record, trace=trace)
        case Runs():
            return runs(record, trace=trace)
        case Derivatives():
            return derivatives(record)
        case CriticalPoints():
            return critical_points(record)
        case LineFit():
            from calcopt.render.learned import line_fit

            return line_fit(record, trace=trace)
        case TrainedPerceptron():
            from calcopt.render.learned import trained_perceptron

            return trained_perceptron(record, trace=trace)
    raise TypeError(f"no document for {type(record).__name__}")
