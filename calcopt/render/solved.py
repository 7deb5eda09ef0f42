"""The documents of ``gd`` and ``newton`` (see ``documents``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from calcopt.records import Iteration, Result, Runs

if TYPE_CHECKING:
    from calcopt.records import Matrix, Proof, Vector
    from calcopt.records.culprits import Culprit

Fields = dict[str, Any]
MOST_IN_ROWS = 1000
"""Vectors of more entries are left out of the rows of a trace."""


def iteration(step: Iteration, variables: Sequence[str]) -> Fields:
    """A row of ``trace``; ``gradient`` is null where the method has none (systems), and both vectors are where they are
    long: the result holds the last of them, and a history of a million variables is no document."""
    short = len(variables) <= MOST_IN_ROWS
    return {
        "iteration": step.iteration,
        "x": named(variables, step.x) if short else None,
        "value": step.value,
        "gradient": named(variables, step.gradient) if short else None,
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
        **({} if record.why is None else {"why": record.why}),
        "status": record.status,
        "converged": record.converged,
        "message": record.message,
        "x": named(record.variables, record.x),
        "value": record.value,
        "gradient": named(record.variables, record.gradient),
        "gradient_norm": record.gradient_norm,
        **matrix_fields("hessian", record.hessian),
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
    if record.proof is not None:
        fields["proof"] = proof(record.proof)
    fields["advice"] = record.advice
    if record.culprit is not None:
        fields["culprit"] = culprit(record.culprit)
    if record.explained is not None:
        from calcopt.render.explained import explained

        fields["explained"] = explained(record.explained)
    if trace:
        fields["trace"] = [iteration(step, record.variables) for step in record.trace]
    return fields


def culprit(record: Culprit) -> Fields:
    """The part of the formula without a finite value: what it is, where it stands, and its inputs."""
    return {
        "expression": record.expression,
        "fails": record.fails,
        "position": record.start,
        "end": record.end,
        "inputs": dict(record.inputs),
        "arguments": dict(record.arguments),
    }


def proof(record: Proof) -> Fields:
    """What was proved: bounds of f*, and boxes as ``{name: [low, high]}``."""
    return {
        "kind": record.kind,
        "certified": record.certified,
        "statement": record.statement,
        "lower": record.lower,
        "upper": record.upper,
        "minimizers": [
            {"enclosure": place.enclosure, "unique": place.unique, "on_boundary": place.on_boundary}
            for place in record.minimizers
        ],
        "boxes": record.boxes,
        "radius": record.radius,
    }


def matrix_fields(name: str, matrix: Matrix | None) -> Fields:
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


def document(record: Result | Runs, *, trace: bool) -> Fields:
    """The document of one start, or of several."""
    return result(record, trace=trace) if isinstance(record, Result) else runs(record, trace=trace)
