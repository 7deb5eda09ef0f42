"""One partition of a table, read: rows of numbers, and a survey of what its columns hold.

A row becomes the numeric features (NaN where a cell is missing and was kept), a code for the level of each category,
and the target: its value, or a code for its label. Codes count the texts of *this* partition in the order they come;
the survey lists them. So every partition can be read by itself, wherever it is, and each of its cells but once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from calcopt.errors import DataError
from calcopt.learn.categories import MOST_LEVELS, LevelCounter
from calcopt.learn.network_functions import Array
from calcopt.learn.text import words

if TYPE_CHECKING:
    from calcopt.data.batch import Batch
    from calcopt.data.table import Table

MOST_CLASSES = 1_000
FEW_VALUES = 8
"""Distinct values of a target up to which a column is compared with each of them: sorting it would take longer."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns are used: numeric ``features``, ``categories`` (text, one-hot), one ``text``; ``target``."""

    features: tuple[str, ...]
    categories: tuple[str, ...]
    text: str | None
    target: str
    target_is_text: bool

    @property
    def numeric(self) -> list[str]:
        """What is read as numbers, the target last."""
        return [*self.features, *([] if self.target_is_text else [self.target])]

    @property
    def texts(self) -> list[str]:
        """What is read as text: the categories, the column whose words are counted, the labels."""
        return [
            *self.categories,
            *([] if self.text is None else [self.text]),
            *([self.target] if self.target_is_text else []),
        ]


@dataclass(frozen=True, slots=True)
class Survey:
    """What one partition, or several, hold; surveys are added.

    ``levels``: of each category; ``labels`` of a text target; both in the order they came, which the codes count.
    ``values``: the distinct values of a numeric target, sorted, the first 1,001 at most. ``words``: how often each
    occurs. The longest lists are a fault of the data, and are refused where they are used.
    """

    rows: int
    skipped: int
    levels: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...]
    values: Array
    words: Counter[str]

    def codes_only(self) -> Survey:
        """What encoding needs of this partition, without what only the whole table's survey is for."""
        return replace(self, values=self.values[:0], words=Counter())

    def __add__(self, other: Survey) -> Survey:
        levels = zip(self.levels, other.levels, strict=True)
        return Survey(
            self.rows + other.rows,
            self.skipped + other.skipped,
            tuple(_union(left, right)[: MOST_LEVELS + 1] for left, right in levels),
            _union(self.labels, other.labels)[: MOST_CLASSES + 1],
            _few(np.concatenate([self.values, other.values])),
            self.words + other.words,
        )


def read_share(
    part: Table,
    columns: Columns,
    *,
    keep_missing: bool,
    keep: Callable[[Array], None] | None = None,
    rows_before: int = 0,
) -> Survey:
    """Reads ``part`` once, gives its rows (k, numbers + categories + 1) to ``keep``, and says what it holds.

    ``rows_before`` (of the partitions before) is counted in the row that an error names.
    """
    counters = [LevelCounter(name, MOST_LEVELS) for name in columns.categories]
    labels = LevelCounter(columns.target, MOST_CLASSES, strip=False)
    values, frequency = np.empty(0), Counter[str]()
    for batch in part.batches(columns.numeric, columns.texts, keep_missing=keep_missing):
        check_targets(batch, columns, part.name, rows_before)
        texts = iter(batch.text)
        codes = [counter.codes(next(texts)) for counter in counters]
        if columns.text is not None:
            for text in next(texts):
                frequency.update(words(text))
        if columns.target_is_text:
            codes.append(labels.codes(next(texts)))
        elif len(values) <= MOST_CLASSES:
            values = _with_new(values, batch.columns[-1])
        if keep is not None:
            place = len(columns.features)
            keep(np.vstack([*batch.columns[:place], *codes, *batch.columns[place:]]).T)
    levels = tuple(counter.levels for counter in counters)
    return Survey(part.rows, part.skipped, levels, labels.levels, values, frequency)


def check_targets(batch: Batch, columns: Columns, place: str, rows_before: int = 0) -> None:
    """``DataError`` for a missing number of the target: it cannot be filled in."""
    if columns.target_is_text:
        return
    missing = np.isnan(batch.columns[-1])
    if missing.any():
        row = rows_before + batch.rows[missing][0]
        hint = "a target cannot be filled in; leave such rows out with --missing skip"
        raise DataError(f"row {row}: the target '{columns.target}' is missing", place, hint=hint)


def _union(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*left, *right)))


def _with_new(values: Array, column: Array) -> Array:
    """``values`` and what ``column`` holds beside them; of labels such as 0 and 1 that is mostly nothing."""
    if 0 < len(values) <= FEW_VALUES:
        column = column[~np.isin(column, values)]
        if not len(column):
            return values
    return _few(np.concatenate([values, column]))


def _few(values: Array) -> Array:
    """The distinct values, sorted; of very many the smallest."""
    result: Array = np.unique(values)[: MOST_CLASSES + 1]
    return result
