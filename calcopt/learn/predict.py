"""Applying a saved model to the rows of a table, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from calcopt.errors import DataError
from calcopt.learn.network import predictions
from calcopt.learn.network_functions import Array
from calcopt.learn.text import Vocabulary

if TYPE_CHECKING:
    from calcopt.data.table import Table
    from calcopt.learn.models import Model

BLOCK = 2048


class Predictions(Iterator[dict[str, object]]):
    """The predictions for a table, row by row, as they are read.

    Each is ``{"row", "prediction"}`` and, for a classification, ``"probability"`` (of the predicted class) and
    ``"probability_<class>"`` for every class. ``row`` is the number of the row in the table, from 1: rows with missing
    cells that were left out are counted. ``fields`` names them in order; ``warnings`` is complete at the end.
    """

    def __init__(self, model: Model, table: Table) -> None:
        _check_columns(model, table)
        self.fields = _fields(model)
        self.unknown_words = 0
        self._table = table
        self._rows = self._predict(model, table)

    def __next__(self) -> dict[str, object]:
        return next(self._rows)

    @property
    def warnings(self) -> tuple[str, ...]:
        warnings = []
        if self.unknown_words:
            warnings.append(_told(self.unknown_words, "word", "that the model does not know", "ignored"))
        if self._table.skipped:
            warnings.append(_told(self._table.skipped, "row", "with missing cells", "skipped"))
        return tuple(warnings)

    def _predict(self, model: Model, table: Table) -> Iterator[dict[str, object]]:
        network, theta = model.network, model.theta
        vocabulary = Vocabulary(model.text.column, tuple(model.text.words)) if model.text else None
        for batch in table.batches(model.features, [vocabulary.column] if vocabulary else []):
            numbers = np.asarray(batch.numbers, dtype=np.float64)
            size = len(batch.text[0]) if vocabulary else len(numbers)
            for start in range(0, size, BLOCK):
                part = slice(start, start + BLOCK)
                inputs = numbers[part]
                if vocabulary:
                    counts, unknown = vocabulary.counts(batch.text[0][part])
                    self.unknown_words += unknown
                    inputs = np.concatenate([inputs.reshape(len(counts), -1), counts], axis=1)
                with np.errstate(all="ignore"):
                    outputs = predictions(network, theta, inputs)
                for row, output in zip(batch.rows[part].tolist(), outputs, strict=True):
                    yield dict(zip(self.fields, _values(model, row, output), strict=True))


def predict(model: Model, table: Table) -> Predictions:
    """The predictions of ``model`` for every row of ``table``.

    Raises ``DataError`` naming every column that the model needs and the table lacks.
    """
    return Predictions(model, table)


def _told(count: int, thing: str, which: str, done: str) -> str:
    """``2 rows with missing cells were skipped``."""
    return f"{count:,} {thing}{'s' * (count != 1)} {which} {'was' if count == 1 else 'were'} {done}"


def _fields(model: Model) -> tuple[str, ...]:
    if not model.classes:
        return ("row", "prediction")
    return ("row", "prediction", "probability", *(f"probability_{name}" for name in model.classes))


def _values(model: Model, row: int, output: Array) -> tuple[object, ...]:
    if not model.classes:
        return row, float(output[0])
    best = int(np.argmax(output))  # the first one of equals, as in training
    return row, model.classes[best], float(output[best]), *output.tolist()


def _check_columns(model: Model, table: Table) -> None:
    needed = [*model.features, *([model.text.column] if model.text else [])]
    lacking = [name for name in needed if name not in table.columns]
    if lacking:
        names = ", ".join(f"'{name}'" for name in lacking)
        what = "the column" if len(lacking) == 1 else "the columns"
        hint = f"it needs: {', '.join(needed)}"
        raise DataError(f"the table lacks {what} {names} that the model was trained on", table.name, hint=hint)
