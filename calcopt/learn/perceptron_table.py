"""From a table to arrays: which columns are features, what the target is, and which classes it has.

The rows stand in memory as float64 (8 bytes a cell): training passes over them many times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from calcopt.errors import DataError, UsageError
from calcopt.learn.categories import Category, LevelCounter
from calcopt.learn.network_functions import Array
from calcopt.learn.text import Vocabulary, build_vocabulary

if TYPE_CHECKING:
    from calcopt.data.table import Table

Task = Literal["regression", "classification"]
MOST_CLASSES = 1_000


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns are used: numeric ``features``, ``categories`` (text, one-hot), one ``text``; ``target``."""

    features: tuple[str, ...]
    categories: tuple[str, ...]
    text: str | None
    target: str
    target_is_text: bool


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows (n, p) and targets (n,): numbers for a regression, positions in ``classes`` for a classification.

    The columns are the numeric features (NaN where a cell is missing and was kept), the levels, and the words.
    ``redundant`` are the positions of features that others and the bias make up.
    """

    rows: Array
    targets: NDArray[Any]
    task: Task
    classes: tuple[str, ...]
    features: tuple[str, ...]
    numeric: tuple[str, ...]
    categories: tuple[Category, ...]
    vocabulary: Vocabulary | None
    redundant: tuple[int, ...]
    warnings: tuple[str, ...]


def choose_columns(table: Table, target: str | None, features: Sequence[str] | None, text: str | None) -> Columns:
    """Checks the names against the table; without ``features``: all other columns, or only the words of ``text``."""
    if target is None:
        raise UsageError("no target column was named", hint=f"add --target with one of: {', '.join(table.columns)}")
    table.require(target, *(features or ()), *([text] if text is not None else []))
    if features is None:
        chosen = () if text is not None else tuple(name for name in table.columns if name not in (target, text))
    else:
        chosen = tuple(features)
    _check_roles(chosen, text, target)
    first_text = table.first_text()
    categories = tuple(name for name in chosen if first_text[name] is not None)
    if categories and features is None:
        name = categories[0]
        hint = f"name it in --features to learn from its levels, or count its words with --text {name}"
        raise DataError(f"column '{name}' is not numeric: {first_text[name]}", table.name, hint=hint)
    if not chosen and text is None:
        raise DataError("there is no column besides the target", table.name, hint="a feature is needed to learn from")
    numeric = tuple(name for name in chosen if first_text[name] is None)
    return Columns(numeric, categories, text, target, first_text[target] is not None)


def _check_roles(features: Sequence[str], text: str | None, target: str) -> None:
    if target in features or target == text:
        raise UsageError(f"the target '{target}' is also a feature", hint="take it out of --features or --text")
    twice = sorted({name for name in features if list(features).count(name) > 1})
    if twice:
        raise UsageError(f"feature '{twice[0]}' is named twice", hint="name each feature once")
    if text is not None and text in features:
        raise UsageError(f"'{text}' is named in --features and in --text", hint="keep one of them")


def read_examples(table: Table, columns: Columns, task: str, *, keep_missing: bool = False) -> Examples:
    """Reads the whole table once and settles task and classes; ``keep_missing`` leaves NaN in numeric features."""
    numbers, counters, texts = _read(table, columns, keep_missing=keep_missing)
    size = len(numbers)
    if size < 2:
        raise DataError(f"the table has {size} usable row{'s' * (size != 1)}", table.name, hint="at least 2 are needed")
    raw_target: Sequence[str] | Array = texts[-1] if columns.target_is_text else numbers[:, -1].copy()
    settled, classes, targets, warnings = _settle_task(raw_target, columns.target, task, table.name)
    parts = [numbers if columns.target_is_text else numbers[:, :-1]]
    levels = [counter.finish() for counter in counters]
    parts += [category.columns(codes) for category, codes in levels]
    vocabulary = None
    if columns.text is not None:
        vocabulary, message = build_vocabulary(columns.text, texts[0])
        warnings += [message] if message else []
        parts.append(vocabulary.counts(texts[0])[0])
    rows = np.ascontiguousarray(parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1))
    if not rows.shape[1]:
        raise DataError(f"column '{columns.text}' has no words", table.name, hint="name another column with --text")
    categories = tuple(category for category, _ in levels)
    names = feature_names(columns.features, categories, vocabulary)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"two features would be named '{twice}'", table.name, hint="rename that column")
    redundant = tuple(names.index(category.names[0]) for category in categories)
    return Examples(
        rows, targets, settled, classes, names, columns.features, categories, vocabulary, redundant, tuple(warnings)
    )


def _read(table: Table, columns: Columns, *, keep_missing: bool) -> tuple[Array, list[LevelCounter], list[list[str]]]:
    """The numbers (features, and the target when it is numeric), the levels, and the texts held as they are."""
    numeric = [*columns.features, *([] if columns.target_is_text else [columns.target])]
    held = [name for name in (columns.text, columns.target if columns.target_is_text else None) if name is not None]
    counters = [LevelCounter(name, table.name) for name in columns.categories]
    blocks: list[Array] = []
    texts: list[list[str]] = [[] for _ in held]
    for batch in table.batches(numeric, [*columns.categories, *held], keep_missing=keep_missing):
        numbers = np.asarray(batch.numbers, dtype=np.float64).reshape(len(batch.rows), len(numeric))
        if keep_missing and not columns.target_is_text and np.isnan(numbers[:, -1]).any():
            row = batch.rows[np.isnan(numbers[:, -1])][0]
            hint = "a target cannot be filled in; leave such rows out with --missing skip"
            raise DataError(f"row {row}: the target '{columns.target}' is missing", table.name, hint=hint)
        blocks.append(numbers)
        for counter, values in zip(counters, batch.text, strict=False):
            counter.add(values)
        for kept, new in zip(texts, batch.text[len(counters) :], strict=True):
            kept.extend(new)
    return np.concatenate(blocks) if blocks else np.empty((0, len(numeric))), counters, texts


def feature_names(
    features: Sequence[str], categories: Sequence[Category], vocabulary: Vocabulary | None
) -> tuple[str, ...]:
    """The numeric features, the levels (``column=level``), the words; a word that is taken is ``column:word``."""
    names = [*features, *(name for category in categories for name in category.names)]
    if vocabulary is None:
        return tuple(names)
    taken = set(names)
    counted = (f"{vocabulary.column}:{word}" if word in taken else word for word in vocabulary.words)
    return (*names, *counted)


def _settle_task(
    target: Sequence[str] | Array, name: str, task: str, place: str
) -> tuple[Task, tuple[str, ...], NDArray[Any], list[str]]:
    warnings: list[str] = []
    if not isinstance(target, np.ndarray):
        if task == "regression":
            hint = "leave --task out to learn its classes, or name a numeric target"
            raise DataError(f"the target '{name}' holds text, not numbers", place, hint=hint)
        labels, numbers = np.unique(np.asarray(target, dtype=object), return_inverse=True)
        return "classification", *_classes([str(label) for label in labels], numbers, name, place), warnings
    values = np.unique(target)
    if task == "auto" and values.tolist() == [0.0, 1.0]:
        warnings.append(
            f"target '{name}' holds only 0 and 1, so this is a classification; --task regression fits the numbers"
        )
        task = "classification"
    if task != "classification":
        if len(values) == 1:
            warnings.append(f"target '{name}' is constant: all rows hold {_label(float(values[0]))}")
        return "regression", (), target, warnings
    numbers = np.searchsorted(values, target)
    return "classification", *_classes([_label(float(value)) for value in values], numbers, name, place), warnings


def _classes(labels: list[str], numbers: NDArray[Any], name: str, place: str) -> tuple[tuple[str, ...], NDArray[Any]]:
    if len(labels) < 2:
        hint = "two classes or more are needed"
        raise DataError(f"the target '{name}' has one class only: '{labels[0]}'", place, hint=hint)
    if len(labels) > MOST_CLASSES:
        hint = "use --task regression for a number, or another column with --target"
        raise DataError(
            f"the target '{name}' has {len(labels):,} classes, more than {MOST_CLASSES:,}", place, hint=hint
        )
    targets = numbers.astype(np.float64) if len(labels) == 2 else numbers.astype(np.int64)
    return tuple(labels), targets


def _label(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
