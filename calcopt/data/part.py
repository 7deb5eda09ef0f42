"""What one file (or the memory) must offer to be a part of a table: two ways of reading it, fast and careful."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from calcopt.data.cells import BadCellError
from calcopt.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

Missing = Literal["error", "skip"]
Treatment = Literal["error", "skip", "keep"]
"""What an empty cell does: ``keep`` makes a NaN of an empty number; an empty text stays an error."""
Row = tuple[list[float], list[str]]
"""The numbers and the texts of one row, in the order they were asked for."""

MISSING_HINT = "fill it in, or leave such rows out with --missing skip"


class FirstText(NamedTuple):
    """The first cell of a column that is not a number: what it ``says``, and its line in the part, from 1.

    The line is None where the type of the column says it all.
    """

    says: str
    line: int | None


class CutInsideCell(Exception):
    """A piece of delimited text does not begin or end between two records: its file is to be read as a whole."""


class Part(Protocol):
    """One source of rows. Columns are addressed by position; ``fast`` and ``careful`` see the same rows in order."""

    @property
    def label(self) -> str:
        """The file's name, for messages."""
        ...

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def path(self) -> str | None:
        """The file's absolute path; None where another process cannot read it (a pipe, the memory)."""
        ...

    def fast(self, numeric: Sequence[int], text: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """Batches with the columns ``numeric`` (float64) and then ``text`` (string), nulls where a cell is empty.

        Raises ``pyarrow.ArrowException`` or ``BadCellError`` at whatever it does not understand; the caller then
        goes on with ``careful``, which decides.
        """
        ...

    def careful(self, numeric: Sequence[int], text: Sequence[int], missing: Treatment) -> Iterator[Row | None]:
        """Row by row by the reference rules; None for a row left out; ``DataError`` with the place of a bad cell."""
        ...

    def pieces(self) -> Sequence[Part]:
        """Parts that make this one up, in order, for readers side by side; alone where it cannot be cut."""
        ...

    def first_text(self) -> list[FirstText | None]:
        """For each column the first cell that is not a number; None for a numeric column."""
        ...

    def lines_before(self) -> int:
        """How many lines of the file come before those of the part."""
        ...


def kept(numbers: list[float | None], missing: Treatment) -> list[float | None]:
    """``numbers`` with NaN for what is missing, where it is to be kept."""
    return [math.nan if cell is None else cell for cell in numbers] if missing == "keep" else numbers


def bad_cell(error: BadCellError, column: str, label: str, row: int) -> DataError:
    """The error for a bad cell of a typed source, which has rows but no lines."""
    return DataError(f"row {row}: column '{column}' holds {error.says}", label, hint=error.hint)


def missing_cell(column: str, label: str, row: int) -> DataError:
    """The error for an empty cell of a typed source."""
    return DataError(f"row {row}: column '{column}' is missing", label, hint=MISSING_HINT)
