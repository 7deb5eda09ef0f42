"""Some rows of a table, as they come from the reader."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from calcopt.data.part import Treatment


@dataclass(frozen=True)
class Batch:
    """Rows of a table: ``columns``, float64 and finite (NaN where missing cells were kept); a list per text column.

    ``first`` is the number of the first row read for it, from 1, among all rows of data; ``kept`` says which of them
    are here (their distances from ``first``), and is None when all ``size`` are.
    """

    columns: list[NDArray[np.float64]]
    text: list[list[str]]
    first: int
    size: int
    kept: NDArray[np.int64] | None = None

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The numeric columns side by side, (rows, columns), C-contiguous."""
        import numpy as np

        numbers = np.empty((self.size, len(self.columns)))
        for position, column in enumerate(self.columns):
            numbers[:, position] = column
        return numbers

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The number of each row among all rows of data (rows left out are counted)."""
        import numpy as np

        return self.first + (np.arange(self.size) if self.kept is None else self.kept)

    @property
    def first_row(self) -> int:
        """The number of the first row."""
        return self.first + (0 if self.kept is None else int(self.kept[0]))

    def __len__(self) -> int:
        return self.size


def from_arrow(arrow: pa.RecordBatch, numeric: int, first_row: int, missing: Treatment) -> Batch | None:
    """The batch, or None where it holds something that the reference reader must judge."""
    import numpy as np

    numbers: list[NDArray[np.float64]] = []
    keep: NDArray[np.bool_] | None = None
    for position, column in enumerate(arrow.columns):
        is_number = position < numeric
        present = _present(column)
        if present is not None and not (is_number and missing == "keep"):
            if missing != "skip" and not present.all():
                return None
            keep = present if keep is None else keep & present
        if is_number:
            values = _doubles(column)
            finite = np.isfinite(values)
            if not (finite.all() if present is None else finite[present].all()):
                return None
            numbers.append(values)
    texts = arrow.columns[numeric:]
    kept = None
    if keep is not None and not keep.all():
        kept = np.flatnonzero(keep)
        texts = [column.filter(_arrow_mask(keep)) for column in texts]
        numbers = [values[keep] for values in numbers]
    size = arrow.num_rows if kept is None else len(kept)
    return Batch(numbers, [cast("list[str]", column.to_pylist()) for column in texts], first_row, size, kept)


def _present(column: pa.Array[Any]) -> NDArray[np.bool_] | None:
    """Which cells are there, neither null nor blank text; None when all are."""
    import pyarrow as pa

    if pa.types.is_string(column.type):
        import pyarrow.compute as pc

        filled = pc.not_equal(pc.utf8_trim_whitespace(cast("pa.StringArray", column)), pa.scalar(""))
        return _flags(filled.fill_null(False))
    return _flags(column.is_valid()) if column.null_count else None


def _doubles(column: pa.Array[Any]) -> NDArray[np.float64]:
    """A float64 column without a copy; NaN where it is null. (pyarrow's own ``to_numpy`` imports pandas if it can.)"""
    import numpy as np

    bits = column.buffers()[1]
    if bits is None:
        return np.full(len(column), np.nan)
    values: NDArray[np.float64] = np.frombuffer(memoryview(bits), dtype=np.float64)
    values = values[column.offset : column.offset + len(column)]
    return np.where(_flags(column.is_valid()), values, np.nan) if column.null_count else values


def _flags(column: pa.Array[Any]) -> NDArray[np.bool_]:
    """A boolean column without nulls as an array."""
    import numpy as np

    bits = column.buffers()[1]
    if bits is None:
        return np.zeros(len(column), dtype=np.bool_)
    octets = np.frombuffer(memoryview(bits), dtype=np.uint8)
    flags = np.unpackbits(octets, count=column.offset + len(column), bitorder="little")
    return flags[column.offset :].astype(np.bool_)


def _arrow_mask(keep: NDArray[np.bool_]) -> pa.BooleanArray:
    import pyarrow as pa

    return pa.array(keep)
