"""Whether a target is a number or a class, and which classes there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from calcopt.errors import DataError
from calcopt.learn.network_functions import Array
from calcopt.learn.perceptron_reading import MOST_CLASSES, Columns, Survey

Task = Literal["regression", "classification"]


def check_target(columns: Columns, task: str, place: str) -> None:
    """``DataError`` for a regression on text: seen before the table is read."""
    if columns.target_is_text and task == "regression":
        hint = "leave --task out to learn its classes, or name a numeric target"
        raise DataError(f"the target '{columns.target}' holds text, not numbers", place, hint=hint)


def settle_task(
    survey: Survey, columns: Columns, task: str, place: str
) -> tuple[Task, tuple[str, ...], Array | None, list[str]]:
    """The task, its classes, and the numbers that stand for them where the target is numeric."""
    name, values, warnings = columns.target, survey.values, list[str]()
    if columns.target_is_text:
        return "classification", _classes(sorted(survey.labels), name, place), None, warnings
    if task == "auto" and values.tolist() == [0.0, 1.0]:
        warnings.append(
            f"target '{name}' holds only 0 and 1, so this is a classification; --task regression fits the numbers"
        )
        task = "classification"
    if task != "classification":
        if len(values) == 1:
            warnings.append(f"target '{name}' is constant: all rows hold {_label(float(values[0]))}")
        return "regression", (), None, warnings
    classes = _classes([_label(float(value)) for value in values], name, place)
    # 0 and 1 are the numbers of their classes already
    return "classification", classes, None if values.tolist() == [0.0, 1.0] else values, warnings


def _classes(labels: Sequence[str], name: str, place: str) -> tuple[str, ...]:
    if len(labels) < 2:
        hint = "two classes or more are needed"
        raise DataError(f"the target '{name}' has one class only: '{labels[0]}'", place, hint=hint)
    if len(labels) > MOST_CLASSES:
        hint = "use --task regression for a number, or another column with --target"
        raise DataError(f"the target '{name}' has more than {MOST_CLASSES:,} classes", place, hint=hint)
    return tuple(labels)


def _label(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
