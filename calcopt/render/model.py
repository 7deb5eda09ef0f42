"""The documents of ``model``, and its formulas alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calcopt.records.models import FitSummary, ModelSummary


def document(record: ModelSummary | FitSummary) -> dict[str, Any]:
    """All fields of the record."""
    return _fit(record) if isinstance(record, FitSummary) else _perceptron(record)


def _fit(record: FitSummary) -> dict[str, Any]:
    return {
        "command": "model",
        "model": record.path,
        "kind": record.kind,
        "calcopt": record.calcopt,
        "text": record.model,
        "constants": record.constants,
        "target": record.target,
        "inputs": _inputs(record),
        "parameters": record.parameters,
        "standard_errors": record.standard_errors,
        "covariance": record.covariance,
        "residual_standard_deviation": record.residual_standard_deviation,
        "degrees_of_freedom": record.degrees_of_freedom,
        "formulas": record.formulas,
        "formula_note": record.formula_note,
        "fit": record.fit,
    }


def _inputs(record: ModelSummary | FitSummary) -> list[dict[str, Any]]:
    return [{"feature": item.feature, "variable": item.variable, "meaning": item.meaning} for item in record.inputs]


def _perceptron(record: ModelSummary) -> dict[str, Any]:
    return {
        "command": "model",
        "model": record.path,
        "kind": "perceptron",
        "calcopt": record.calcopt,
        "task": record.task,
        "target": record.target,
        "classes": record.classes or None,
        "inputs": _inputs(record),
        "hidden": record.hidden,
        "activation": record.activation,
        "output": record.output,
        "parameters": record.parameters,
        "weights": record.weights,
        "bias": record.bias,
        "means": record.means,
        "formulas": record.formulas,
        "formula_note": record.formula_note,
        "training": record.training,
    }


def rows(record: ModelSummary | FitSummary) -> Iterator[dict[str, Any]]:
    """A row an input: its names and its meaning; of a fit a row a parameter."""
    if isinstance(record, ModelSummary):
        yield from _inputs(record)
        return
    for name, value in record.parameters.items():
        yield {"parameter": name, "estimate": value, "standard_error": record.standard_errors[name]}


def lines(record: ModelSummary | FitSummary) -> Iterator[str]:
    """The formulas, one a line; of a fit that of its target alone."""
    found = list(record.formulas.values())
    yield from found if isinstance(record, ModelSummary) else found[:1]
