"""Which columns a line is fitted to, and their rows as blocks of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calcopt.data.blocks import ROWS, fixed_columns
from calcopt.data.cells import looks_like_number
from calcopt.data.passes import Summarize, Summary, total
from calcopt.errors import DataError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.data.table import Table

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """Rows of the regression: features (rows, p), target (rows,), weights (rows,) or None."""

    x: Array
    y: Array
    w: Array | None


@dataclass(frozen=True)
class LineRows:
    """What a regression reads of any table, or of a partition of one."""

    features: tuple[str, ...]
    target: str
    weights: str | None

    def blocks(self, table: Table, size: int = ROWS) -> Iterator[Block]:
        """The rows in blocks of ``size``; ``DataError`` for a bad cell or a weight that is not positive."""
        p = len(self.features)
        wanted = [*self.features, self.target, *([self.weights] if self.weights is not None else [])]
        row = 0
        for columns in fixed_columns(table.batches(wanted), size):
            w = None if self.weights is None else columns[p + 1]
            if w is not None and not (w > 0).all():
                raise self._bad_weight(w, row, table.name)
            row += len(columns[p])
            yield Block(columns[0][:, None] if p == 1 else np.stack(columns[:p], axis=1), columns[p], w)

    def _bad_weight(self, w: Array, before: int, place: str) -> DataError:
        first = int(np.argmin(w > 0))
        return DataError(
            f"the weight in row {before + first + 1} of those used is {w[first]:g}, and a weight must be above 0 "
            f"(column '{self.weights}')",
            place,
            hint="leave such rows out of the file",
        )


@dataclass(frozen=True)
class Columns:
    """The columns of a regression. ``chosen`` is True when the features were not named by the user."""

    table: Table
    features: tuple[str, ...]
    target: str
    weights: str | None
    intercept: bool
    chosen: bool

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters: the features, and ``intercept`` last when it is fitted."""
        return (*self.features, "intercept") if self.intercept else self.features

    @property
    def rows(self) -> LineRows:
        return LineRows(self.features, self.target, self.weights)

    def blocks(self) -> Iterator[Block]:
        """The rows in blocks of a fixed size, one after another; ``DataError`` as of :class:`LineRows`."""
        return self.rows.blocks(self.table)

    def first(self) -> tuple[Array, float]:
        """Features (p,) and target of the first row."""
        blocks = self.blocks()
        try:
            block = next(blocks)
        except DataError as error:
            raise self._explained(error) from error
        return block.x[0].copy(), float(block.y[0])

    def total(self, summarize: Summarize[Summary], merge: Callable[[Summary, Summary], Summary]) -> Summary | None:
        """The sum over all partitions of the table (see :mod:`calcopt.data.passes`)."""
        try:
            return total(self.table, summarize, merge)
        except DataError as error:
            if self.weights is None or error.line is not None:
                raise self._explained(error) from error
            try:
                for _ in self.blocks():  # to the same error, told with the number of its row among all rows
                    pass
            except DataError as told:
                raise self._explained(told) from told
            raise self._explained(error) from error

    def _explained(self, error: DataError) -> DataError:
        """Where the features were not named, a column of text among them is better told as such than as a bad cell."""
        if not self.chosen:
            return error
        texts = self.table.first_text()
        columns = [name for name in (*self.features, self.target) if texts[name] is not None and self._is_text(name)]
        found = [f"'{name}' ({texts[name]})" for name in columns]
        numeric = [name for name in self.features if name not in columns]
        if not found or not numeric:
            return error
        if self.target in columns:
            return DataError(
                f"the target is the last column by default, and it holds text: {found[-1]}",
                self.table.name,
                hint="name the columns to use: --x COLUMN[,COLUMN…] --y COLUMN",
            )
        plural = len(found) > 1
        return DataError(
            f"every column but the target is a feature by default, but {', '.join(found)} "
            f"{'hold' if plural else 'holds'} text",
            self.table.name,
            hint=f"name the features: --x {_joined(numeric)}",
        )

    def _is_text(self, column: str) -> bool:
        """Whether the column begins with a text; one that begins with a number has a bad cell further down."""
        cell = self.table.first_cell(column)
        return cell is not None and not looks_like_number(cell)


def choose_columns(
    table: Table, *, x: Sequence[str] | None, y: str | None, weights: str | None, intercept: bool
) -> Columns:
    """The target ``y`` (default: the last column) and the features ``x`` (default: all columns that are left)."""
    if not table.columns:
        raise DataError("the table has no columns", table.name)
    table.require(*(x or ()), *([y] if y is not None else []), *([weights] if weights is not None else []))
    left = [name for name in table.columns if name != weights]
    target = y if y is not None else next((name for name in reversed(left) if name not in (x or ())), None)
    if target is None:
        raise DataError("no column is left for the target", table.name, hint="name it: --y COLUMN")
    features = tuple(x) if x is not None else tuple(name for name in left if name != target)
    if not features:
        raise DataError("a line needs at least two columns, a feature and the target", table.name)
    if target in features:
        raise UsageError(
            f"the target '{target}' is also named as a feature", hint="take it out of --x, or name another --y"
        )
    if "" in (*features, target):
        raise DataError(
            f"column {table.columns.index('') + 1} has no name in the header",
            table.name,
            hint="name the columns to use: --x COLUMN[,COLUMN…] --y COLUMN",
        )
    doubled = next((name for name in features if features.count(name) > 1), None)
    if doubled is not None:
        raise UsageError(f"the feature '{doubled}' is named twice")
    if weights is not None and weights in (*features, target):
        raise UsageError(f"the column of weights '{weights}' is also named as a feature or target")
    if intercept and "intercept" in features:
        raise UsageError(
            "a feature is named 'intercept', as the fitted constant is", hint="rename the column, or use --no-intercept"
        )
    return Columns(table, features, target, weights, intercept, chosen=x is None)


def _joined(names: Sequence[str]) -> str:
    text = ",".join(names)
    return f"'{text}'" if any(not (char.isalnum() or char in "_,.") for char in text) else text
