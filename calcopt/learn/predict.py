"""Applying a saved model to the rows of a table, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from calcopt.data.cells import shown
from calcopt.errors import DataError
from calcopt.learn.categories import Category
from calcopt.learn.imputation import Imputation
from calcopt.learn.network import predictions
from calcopt.learn.network_functions import Array
from calcopt.learn.text import Vocabulary

if TYPE_CHECKING:
    from calcopt.data.table import Table
    from calcopt.learn.saved_perceptron import Model

BLOCK = 2048
Unknown = Literal["error", "ignore"]


class Predictions(Iterator[dict[str, object]]):
    """The predictions for a table, row by row, as they are read.

    Each is ``{"row", "prediction"}`` and, for a classification, ``"probability"`` (of the predicted class) and
    ``"probability_<class>"`` for every class. ``row`` is the number of the row in the table, from 1: rows with missing
    cells that were left out are counted. ``fields`` names them in order; ``warnings`` is complete at the end.
    ``fill`` puts the model's means in the place of missing numbers. A level that the model does not know is an error
    with its row, or counts as no level at all (``unknown="ignore"``).
    """

    def __init__(self, model: Model, table: Table, *, fill: bool = False, unknown: Unknown = "error") -> None:
        require_columns(model.columns, table)
        self.fields, self.answer = _fields(model), "prediction"
        self.unknown_words = self.unknown_levels = self.filled = 0
        self._fill = fill and model.means is not None
        self._unknown = unknown
        self._table = table
        self._rows = self._predict(model, table)

    def __next__(self) -> dict[str, object]:
        return next(self._rows)

    @property
    def warnings(self) -> tuple[str, ...]:
        warnings = []
        if self.unknown_words:
            warnings.append(told(self.unknown_words, "word", "that the model does not know", "ignored"))
        if self.unknown_levels:
            warnings.append(told(self.unknown_levels, "cell", "with a level that the model does not know", "ignored"))
        if self.filled:
            warnings.append(told(self.filled, "missing cell", "", "filled in with the column's mean"))
        if self._table.skipped:
            warnings.append(told(self._table.skipped, "row", "with missing cells", "skipped"))
        return tuple(warnings)

    def _predict(self, model: Model, table: Table) -> Iterator[dict[str, object]]:
        network, theta = model.network, model.theta
        vocabulary = Vocabulary(model.text.column, tuple(model.text.words)) if model.text else None
        categories = [Category(saved.column, tuple(saved.levels)) for saved in model.categories]
        text = model.columns[len(model.features) :]
        for batch in table.batches(model.features, text, keep_missing=self._fill):
            numbers = np.asarray(batch.numbers, dtype=np.float64).reshape(len(batch.rows), len(model.features))
            if self._fill:
                self.filled += Imputation(tuple(model.features), np.array(model.means)).fill(numbers)
            for start in range(0, len(batch.rows), BLOCK):
                part = slice(start, start + BLOCK)
                inputs = [numbers[part]]
                for category, cells in zip(categories, batch.text, strict=False):
                    inputs.append(self._levels(category, cells[part], batch.rows[part]))
                if vocabulary:
                    counts, unknown = vocabulary.counts(batch.text[-1][part])
                    self.unknown_words += unknown
                    inputs.append(counts)
                with np.errstate(all="ignore"):
                    outputs = predictions(
                        network, theta, inputs[0] if len(inputs) == 1 else np.concatenate(inputs, axis=1)
                    )
                for row, output in zip(batch.rows[part].tolist(), outputs, strict=True):
                    yield dict(zip(self.fields, _values(model, row, output), strict=True))

    def _levels(self, category: Category, cells: list[str], rows: NDArray[np.int64]) -> Array:
        """The features of a text column; what is not known is refused with its row, or counted."""
        codes = category.codes(cells)
        strange = np.flatnonzero(codes < 0)
        if len(strange) and self._unknown == "error":
            first = int(strange[0])
            known = ", ".join(category.levels[:8]) + (" …" if len(category.levels) > 8 else "")
            raise DataError(
                f"row {rows[first]}: column '{category.column}' holds {shown(cells[first])}, which the model was not "
                "trained on",
                self._table.name,
                hint=f"it knows {known}; --unknown ignore counts such a cell as none of them",
            )
        self.unknown_levels += len(strange)
        return category.columns(codes)


def predict(model: Model, table: Table, *, fill: bool = False, unknown: Unknown = "error") -> Predictions:
    """The predictions of ``model`` for every row of ``table``; see :class:`Predictions`.

    Raises ``DataError`` naming every column that the model needs and the table lacks.
    """
    return Predictions(model, table, fill=fill, unknown=unknown)


def told(count: int, thing: str, which: str, done: str) -> str:
    """``2 rows with missing cells were skipped``."""
    which = f" {which}" if which else ""
    return f"{count:,} {thing}{'s' * (count != 1)}{which} {'was' if count == 1 else 'were'} {done}"


def _fields(model: Model) -> tuple[str, ...]:
    if not model.classes:
        return ("row", "prediction")
    return ("row", "prediction", "probability", *(f"probability_{name}" for name in model.classes))


def _values(model: Model, row: int, output: Array) -> tuple[object, ...]:
    if not model.classes:
        return row, float(output[0])
    best = int(np.argmax(output))  # the first one of equals, as in training
    return row, model.classes[best], float(output[best]), *output.tolist()


def require_columns(needed: Sequence[str], table: Table) -> None:
    """``DataError`` that names every column of ``needed`` that the table lacks."""
    lacking = [name for name in needed if name not in table.columns]
    if lacking:
        names = ", ".join(f"'{name}'" for name in lacking)
        what = "the column" if len(lacking) == 1 else "the columns"
        hint = f"it needs: {', '.join(needed)}"
        raise DataError(f"the table lacks {what} {names} that the model was trained on", table.name, hint=hint)
