"""From a table to examples: which columns are features, what the target is, and which classes it has.

The table is read once (twice where words are counted: first to know which there are), partition by partition, and
what is kept are rows of float64, in memory while they are few (see :mod:`calcopt.learn.row_store`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calcopt.errors import DataError, UsageError
from calcopt.learn.categories import Category, as_category
from calcopt.learn.held_out import hold_out
from calcopt.learn.network_functions import Array
from calcopt.learn.perceptron_encoding import Encoding, Sorting
from calcopt.learn.perceptron_reading import Columns, Survey, read_share
from calcopt.learn.perceptron_task import Task, settle_task
from calcopt.learn.perceptron_task import check_target as check_target
from calcopt.learn.row_store import IN_MEMORY, RowStore
from calcopt.learn.shares import LocalShares, Shares
from calcopt.learn.text import Vocabulary, choose_words

if TYPE_CHECKING:
    from calcopt.data.table import Table


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the examples: the task, NaN kept in numeric features, the share held out and its seed.

    ``by_column``: how the numbers of a block stand, as suits the method (see :class:`RowStore`)."""

    task: str
    keep_missing: bool
    validation: float
    split: np.random.SeedSequence
    by_column: bool = False


@dataclass(frozen=True, slots=True)
class Examples:
    """The rows to learn from and those held out; targets are numbers, or the places of ``classes``.

    The columns are the numeric features (NaN where a cell is missing and was kept), the levels, and the words.
    ``redundant`` are the positions of features that others and the bias make up.
    """

    learning: Shares
    held_out: Shares | None
    size: int
    skipped: int
    task: Task
    classes: tuple[str, ...]
    features: tuple[str, ...]
    numeric: tuple[str, ...]
    categories: tuple[Category, ...]
    vocabulary: Vocabulary | None
    redundant: tuple[int, ...]
    warnings: tuple[str, ...]


Prepare = Callable[["Table", Columns, Wanted], Examples]
"""Reads a table into shares: :func:`local_examples`, or another that keeps the shares elsewhere."""


def choose_columns(table: Table, target: str | None, features: Sequence[str] | None, text: str | None) -> Columns:
    """Checks the names against the table; without ``features``: all other columns, or only the words of ``text``."""
    if target is None:
        raise UsageError("no target column was named", hint=f"add --target with one of: {', '.join(table.columns)}")
    table.require(target, *(features or ()), *([text] if text is not None else []))
    if features is None:
        chosen = () if text is not None else tuple(name for name in table.columns if name not in (target, text))
    else:
        chosen = tuple(features)
    if "" in (*chosen, text, target):
        message = f"column {table.columns.index('') + 1} has no name in the header"
        raise DataError(message, table.name, hint="give it one, or name the columns to learn from in --features")
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


def local_examples(table: Table, columns: Columns, wanted: Wanted, *, in_memory: int = IN_MEMORY) -> Examples:
    """The examples in this process: ``in_memory`` bytes of rows at most are kept in memory (twice while encoding)."""
    from calcopt.data.part import CutInsideCell

    check_target(columns, wanted.task, table.name)
    try:
        return _read(table, table.partitions(), columns, wanted, in_memory)
    except CutInsideCell:
        return _read(table, table.partitions(whole_files=True), columns, wanted, in_memory)


def _read(table: Table, parts: Sequence[Table], columns: Columns, wanted: Wanted, in_memory: int) -> Examples:
    read = RowStore(
        len(columns.features) + len(columns.categories) + 1, in_memory=in_memory, by_column=wanted.by_column
    )
    survey, surveys = _survey(parts, columns, wanted, read)
    encoding, settled, warnings = settle(survey, columns, wanted, table)
    held_out = hold_out(survey.rows, wanted.validation, wanted.split, table.name)
    if encoding.plain and held_out is None:
        if columns.target_is_text or encoding.values is not None:
            for number, found in enumerate(surveys):
                read.change(number, _InPlace(encoding, found))
        learning, checking = read, None
    else:
        learning = RowStore(encoding.width + 1, in_memory=in_memory, by_column=wanted.by_column)
        learning.require_room(survey.rows)
        checking = (
            RowStore(encoding.width + 1, in_memory=in_memory, by_column=wanted.by_column)
            if held_out is not None
            else None
        )
        _encode(parts, read, surveys, encoding, Sorting(learning, checking, held_out), wanted)
        read.close()
    held = LocalShares(checking) if checking is not None else None
    return as_examples(LocalShares(learning), held, survey, encoding, settled, warnings, table.name)


def _survey(parts: Sequence[Table], columns: Columns, wanted: Wanted, read: RowStore) -> tuple[Survey, list[Survey]]:
    """Reads all partitions: what they hold together, and the codes of each."""
    total, surveys = None, list[Survey]()
    # words are not kept with the rows: for them the table is read again
    keep = read.append if columns.text is None else None
    for part in parts:
        before = 0 if total is None else total.rows + total.skipped
        found = read_share(part, columns, keep_missing=wanted.keep_missing, keep=keep, rows_before=before)
        read.end_share()
        total = found if total is None else total + found
        surveys.append(found.codes_only())
    assert total is not None
    return total, surveys


def _encode(
    parts: Sequence[Table], read: RowStore, surveys: Sequence[Survey], encoding: Encoding, to: Sorting, wanted: Wanted
) -> None:
    row = 0
    for number, (part, survey) in enumerate(zip(parts, surveys, strict=True)):
        if encoding.vocabulary is not None:
            examples = encoding.of_table(part, keep_missing=wanted.keep_missing)
        else:
            examples = (encoding.of_read(block, survey) for block in read.blocks(number))
        row = to.share(examples, row)


@dataclass(frozen=True, slots=True)
class _InPlace:
    """Turns the rows of one partition into examples of the same width."""

    encoding: Encoding
    survey: Survey

    def __call__(self, rows: Array) -> None:
        rows[...] = self.encoding.of_read(rows, self.survey)


def settle(survey: Survey, columns: Columns, wanted: Wanted, table: Table) -> tuple[Encoding, Task, list[str]]:
    """What the survey of all partitions decides: the encoding and the task, with warnings. Raises ``DataError``.

    Sets ``table.rows`` and ``table.skipped``, as a pass over the table does.
    """
    size, place = survey.rows, table.name
    table.rows, table.skipped = size, survey.skipped
    if not size:
        raise table.nothing_left([*columns.numeric, *columns.texts])
    if size < 2:
        raise DataError(f"the table has {size} usable row{'s' * (size != 1)}", place, hint="at least 2 are needed")
    task, classes, values, warnings = settle_task(survey, columns, wanted.task, place)
    categories = tuple(
        as_category(name, levels, place) for name, levels in zip(columns.categories, survey.levels, strict=True)
    )
    vocabulary = None
    if columns.text is not None:
        vocabulary, message = choose_words(columns.text, survey.words, size)
        warnings += [message] if message else []
    encoding = Encoding(columns, categories, vocabulary, classes, values)
    if not encoding.width:
        raise DataError(f"column '{columns.text}' has no words", place, hint="name another column with --text")
    return encoding, task, warnings


def as_examples(
    learning: Shares,
    held_out: Shares | None,
    survey: Survey,
    encoding: Encoding,
    task: Task,
    warnings: Sequence[str],
    place: str,
) -> Examples:
    """The examples with the names of their features; ``DataError`` where two would have the same."""
    features, categories = encoding.columns.features, encoding.categories
    names = feature_names(features, categories, encoding.vocabulary)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"two features would be named '{twice}'", place, hint="rename that column")
    redundant = tuple(names.index(category.names[0]) for category in categories)
    return Examples(
        learning,
        held_out,
        survey.rows,
        survey.skipped,
        task,
        encoding.classes,
        names,
        features,
        categories,
        encoding.vocabulary,
        redundant,
        tuple(warnings),
    )


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
