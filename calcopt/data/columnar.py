"""Typed columns: Parquet and Arrow files, and tables in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, TypeGuard, cast

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from calcopt.data.cells import BadCellError, number_from_value, text_from_value
from calcopt.data.part import FirstText, Row, Treatment, bad_cell, kept, missing_cell
from calcopt.data.source import Source
from calcopt.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROWS = 1 << 16
PIECE = 1 << 19
"""Rows that are worth a task of their own."""


class ColumnarPart:
    """Rows of typed columns. A number is an integer, float or decimal column; a text is any column, printed."""

    def __init__(self, source: Source | pa.Table, *, label: str) -> None:
        self._source, self.label = source, label
        self._groups: list[int] | None = None
        self._rows_before = 0
        self._schema = source.schema if isinstance(source, pa.Table) else self._schema_of(source)
        self.columns = tuple(self._schema.names)
        if not self.columns:
            raise DataError("this table has no columns", label)

    @property
    def path(self) -> str | None:
        return None if isinstance(self._source, pa.Table) else self._source.path

    def pieces(self) -> Sequence[ColumnarPart]:
        """Runs of row groups with half a million rows and more in a Parquet file."""
        if isinstance(self._source, pa.Table) or self._source.format != "parquet" or self._groups is not None:
            return [self]
        with self._source.open_seekable() as file:
            metadata = pyarrow.parquet.ParquetFile(file).metadata
        pieces: list[ColumnarPart] = []
        run: list[int] = []
        before = rows = 0
        for group in range(metadata.num_row_groups):
            run.append(group)
            rows += metadata.row_group(group).num_rows
            if rows >= PIECE or group == metadata.num_row_groups - 1:
                piece = copy(self)
                piece._groups, piece._rows_before = run, before
                pieces.append(piece)
                run, before, rows = [], before + rows, 0
        return pieces if len(pieces) > 1 else [self]

    def fast(self, numeric: Sequence[int], text: Sequence[int]) -> Iterator[pa.RecordBatch]:
        names = [f"c{index}" for index in range(len(numeric) + len(text))]
        for batch in self._batches(sorted({*numeric, *text})):
            numbers = [_as_numbers(batch.column(self.columns[position])) for position in numeric]
            texts = [_as_text(batch.column(self.columns[position])) for position in text]
            if names:
                yield pa.RecordBatch.from_arrays([*numbers, *texts], names=names)

    def careful(self, numeric: Sequence[int], text: Sequence[int], missing: Treatment) -> Iterator[Row | None]:
        row = self._rows_before
        for batch in self._batches(sorted({*numeric, *text})):
            columns = {position: batch.column(self.columns[position]).to_pylist() for position in {*numeric, *text}}
            for index in range(batch.num_rows):
                row += 1
                try:
                    numbers: list[float | None] = []
                    position = -1
                    for position in numeric:
                        numbers.append(number_from_value(columns[position][index]))
                    texts = []
                    for position in text:
                        texts.append(text_from_value(columns[position][index]))
                except BadCellError as error:
                    raise bad_cell(error, self.columns[position], self.label, row) from error
                numbers = kept(numbers, missing)
                cells = zip((*numeric, *text), (*numbers, *texts), strict=True)
                empty = next((place for place, value in cells if value is None), None)
                if empty is None:
                    yield [cell for cell in numbers if cell is not None], [cell for cell in texts if cell is not None]
                elif missing == "skip":
                    yield None
                else:
                    raise missing_cell(self.columns[empty], self.label, row)

    def first_text(self) -> list[FirstText | None]:
        return [
            None if _is_number(field.type) else FirstText(f"its type is {field.type}", None) for field in self._schema
        ]

    def lines_before(self) -> int:
        return 0

    def _batches(self, positions: Sequence[int]) -> Iterator[pa.RecordBatch]:
        names = [self.columns[position] for position in positions]
        if isinstance(self._source, pa.Table):
            yield from self._source.select(names).to_batches(max_chunksize=_ROWS)
            return
        try:
            with self._source.open_seekable() as file:
                if self._source.format == "parquet":
                    # buffering ahead would hold every column chunk of the file at once
                    reader = pyarrow.parquet.ParquetFile(file, pre_buffer=False)
                    yield from reader.iter_batches(
                        batch_size=_ROWS, columns=names, row_groups=self._groups, use_threads=self._groups is None
                    )
                else:
                    yield from _ipc_batches(file)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self._source, error) from error

    @staticmethod
    def _schema_of(source: Source) -> pa.Schema:
        try:
            with source.open_seekable() as file:
                if source.format == "parquet":
                    return pyarrow.parquet.ParquetFile(file).schema_arrow
                if file.read(6) == b"ARROW1":
                    return pa.ipc.open_file(file).schema
                file.seek(0)
                return pa.ipc.open_stream(file).schema
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(source, error) from error


def memory_part(data: object, label: str) -> ColumnarPart:
    """A mapping of names to sequences, a data frame (Arrow PyCapsule interface), or a 2-D array as a part.

    A 2-D array has columns x1 … xk and, last, y (two columns: x and y). None, and NaN in a float array, are missing.
    """
    if hasattr(data, "__arrow_c_stream__"):
        return ColumnarPart(pa.table(data), label=label)
    if not isinstance(data, Mapping):
        data = _columns_of_array(data, label)
    arrays = {str(name): _array(values, str(name), label) for name, values in data.items()}
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise DataError(f"the columns are not of equal length: {listed}", label)
    return ColumnarPart(pa.table(arrays), label=label)


def _columns_of_array(data: object, label: str) -> Mapping[str, object]:
    import numpy as np

    array = np.asarray(data)
    if array.ndim != 2 or array.shape[1] < 2:
        hint = "give a mapping of column names to values, or an array of shape (rows, columns)"
        raise DataError(f"an array of shape {array.shape} is not a table with two or more columns", label, hint=hint)
    features = ["x"] if array.shape[1] == 2 else [f"x{number}" for number in range(1, array.shape[1])]
    return dict(zip([*features, "y"], array.T, strict=True))


def _array(values: object, name: str, label: str) -> pa.Array[Any]:
    import numpy as np

    try:
        if _is_doubles(values):  # as they are; pyarrow would import pandas, if it can, to look at the array
            whole = pa.py_buffer(np.ascontiguousarray(values).data)
            return cast("pa.Array[Any]", pa.Array.from_buffers(pa.float64(), len(values), [None, whole]))
        if isinstance(values, np.ndarray):
            return cast("pa.Array[Any]", pa.array(np.ascontiguousarray(values), from_pandas=True))
        given = cast("Sequence[Any]", values) if hasattr(values, "__arrow_c_array__") else list(cast("Any", values))
        return cast("pa.Array[Any]", pa.array(given, from_pandas=True))
    except (pa.ArrowException, TypeError, OverflowError) as error:
        raise DataError(f"column '{name}' does not hold values of one kind: {error}", label) from error


def _is_doubles(values: object) -> TypeGuard[NDArray[np.float64]]:
    """Whether these are plain doubles, none of them missing."""
    import numpy as np

    return (
        isinstance(values, np.ndarray)
        and values.dtype == np.float64
        and values.ndim == 1
        and not np.isnan(values).any()
    )


def _unreadable(source: Source, error: Exception) -> DataError:
    reason = str(error).splitlines()[0]
    return DataError(f"not a readable {source.format.capitalize()} file: {reason}", source.label)


def _ipc_batches(file: pa.NativeFile) -> Iterator[pa.RecordBatch]:
    if file.read(6) == b"ARROW1":
        reader = pa.ipc.open_file(file)
        for index in range(reader.num_record_batches):
            yield reader.get_batch(index)
    else:
        file.seek(0)
        yield from pa.ipc.open_stream(file)


def _is_number(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_number(kind.value_type)
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _as_numbers(column: pa.Array[Any]) -> pa.Array[Any]:
    if not _is_number(column.type):
        raise BadCellError(f"values of type {column.type}")
    return column if pa.types.is_float64(column.type) else column.cast(pa.float64(), safe=False)


def _as_text(column: pa.Array[Any]) -> pa.Array[Any]:
    if pa.types.is_string(column.type):
        return column
    plain = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(plain) or pa.types.is_large_string(plain)):
        raise BadCellError(f"values of type {plain}")  # printed by Python's rules, one by one
    return column.cast(pa.string())
