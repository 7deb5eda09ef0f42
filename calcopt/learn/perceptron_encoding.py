"""From rows as they are read to examples: levels and words become features, labels become numbers of classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from calcopt.data.blocks import ROWS
from calcopt.learn.categories import Category
from calcopt.learn.held_out import HeldOut
from calcopt.learn.network_functions import Array
from calcopt.learn.perceptron_reading import Columns, Survey, check_targets
from calcopt.learn.row_store import RowStore
from calcopt.learn.text import Vocabulary

if TYPE_CHECKING:
    from calcopt.data.table import Table


@dataclass(frozen=True, slots=True)
class Encoding:
    """How rows become examples (k, p+1): the numeric features, the levels, the words, and last the target.

    ``classes`` are the labels of a text target, ``values`` the numbers of a numeric one that is classified, both
    sorted; a class is told by its place among them. A regression has neither.
    """

    columns: Columns
    categories: tuple[Category, ...]
    vocabulary: Vocabulary | None
    classes: tuple[str, ...]
    values: Array | None

    @property
    def width(self) -> int:
        """p, the number of features."""
        levels = sum(len(category.levels) for category in self.categories)
        words = len(self.vocabulary.words) if self.vocabulary is not None else 0
        return len(self.columns.features) + levels + words

    @property
    def plain(self) -> bool:
        """Whether examples are as wide as the rows read: then only the target changes."""
        return not self.categories and self.vocabulary is None

    def of_read(self, rows: Array, survey: Survey) -> Array:
        """Rows as ``read_share`` gave them, of the partition of ``survey``; not for words, which it did not keep."""
        numeric = len(self.columns.features)
        levels = [
            category.codes(texts)[rows[:, numeric + place].astype(np.int64)]
            for place, (category, texts) in enumerate(zip(self.categories, survey.levels, strict=True))
        ]
        target = rows[:, -1]
        if self.columns.target_is_text:
            target = self._classes_of(survey.labels)[target.astype(np.int64)].astype(np.float64)
        return self._examples(rows[:, :numeric], levels, None, target)

    def of_table(self, part: Table, *, keep_missing: bool) -> Iterator[Array]:
        """The examples of a partition, read from the table (again, where it has been surveyed)."""
        for batch in part.batches(self.columns.numeric, self.columns.texts, keep_missing=keep_missing):
            check_targets(batch, self.columns, part.name)
            for start in range(0, len(batch), ROWS):
                some = slice(start, start + ROWS)
                texts = iter(cells[some] for cells in batch.text)
                levels = [category.codes(next(texts)) for category in self.categories]
                counts = self.vocabulary.counts(next(texts))[0] if self.vocabulary is not None else None
                target = (
                    self._classes_of(next(texts)).astype(np.float64)
                    if self.columns.target_is_text
                    else batch.numbers[some, -1]
                )
                yield self._examples(batch.numbers[some, : len(self.columns.features)], levels, counts, target)

    def _classes_of(self, labels: Sequence[str]) -> NDArray[np.int64]:
        places = {label: place for place, label in enumerate(self.classes)}
        return np.array([places[label] for label in labels], dtype=np.int64)

    def _examples(
        self, numbers: Array, levels: Sequence[NDArray[np.int64]], counts: Array | None, target: Array
    ) -> Array:
        parts = [numbers, *(category.columns(codes) for category, codes in zip(self.categories, levels, strict=True))]
        if counts is not None:
            parts.append(counts)
        if self.values is not None:
            target = np.searchsorted(self.values, target).astype(np.float64)
        return np.column_stack([*parts, target])


class Sorting:
    """Puts examples into the store to learn from or, where ``held_out`` drew them, into the one to check by.

    ``first_row`` is the place of the share's first row in the table.
    """

    def __init__(self, learning: RowStore, checking: RowStore | None, held_out: HeldOut | None) -> None:
        self._learning, self._checking, self._held_out = learning, checking, held_out

    def share(self, examples: Iterator[Array], first_row: int) -> int:
        """Takes all examples of one share; returns the row behind its last."""
        row = first_row
        for matrix in examples:
            if self._held_out is None or self._checking is None:
                self._learning.append(matrix)
            else:
                held = self._held_out.mask(row, row + len(matrix))
                self._learning.append(matrix[~held])
                self._checking.append(matrix[held])
            row += len(matrix)
        self._learning.end_share()
        if self._checking is not None:
            self._checking.end_share()
        return row
