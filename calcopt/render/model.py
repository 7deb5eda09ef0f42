"""The document of ``model``, and its formulas alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calcopt.records.models import ModelSummary


def document(record: ModelSummary) -> dict[str, Any]:
    """All fields of the record."""
    return {
        "command": "model",
        "model": record.path,
        "calcopt": record.calcopt,
        "task": record.task,
        "target": record.target,
        "classes": record.classes or None,
        "inputs": [
            {"feature": item.feature, "variable": item.variable, "meaning": item.meaning} for item in record.inputs
        ],
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


def rows(record: ModelSummary) -> Iterator[dict[str, Any]]:
    """A row an input: its names and its meaning."""
    for item in record.inputs:
        yield {"feature": item.feature, "variable": item.variable, "meaning": item.meaning}


def lines(record: ModelSummary) -> Iterator[str]:
    """The formulas, one a line."""
    yield from record.formulas.values()
