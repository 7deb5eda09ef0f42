"""CSV and TSV: pyarrow reads them fast, the reference reader finds the place of whatever pyarrow refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
import pyarrow.csv

from calcopt.data.batch import from_arrow
from calcopt.data.cells import BadCellError, Decimals, looks_like_number, number_from_text, shown
from calcopt.data.part import MISSING_HINT, FirstText, Part, Row, Treatment, kept
from calcopt.data.records import Record, cell_span, read_records
from calcopt.data.source import Source
from calcopt.errors import DataError

_BLANK = [" " * width for width in range(17)]
"""What counts as an empty cell of a numeric column; longer blanks are left to the reference reader."""
_SOON = 100
"""Records that are looked at one by one for texts."""
_OTHER_DELIMITERS = {";": "';'", "\t": "tab", "|": "'|'", ",": "','"}


class DelimitedPart:
    """Rows of delimited text. With ``header`` the first record names the columns, else they are c1, c2 …"""

    def __init__(
        self, source: Source, *, delimiter: str, delimiter_given: bool, header: bool, decimal: Decimals = "."
    ) -> None:
        self._source, self._delimiter, self._header, self._decimal = source, delimiter, header, decimal
        first = next(read_records(source, delimiter), None)
        if first is None:
            raise DataError("this file is empty", source.label)
        if not delimiter_given:
            self._check_delimiter(first)
        if header:
            self._check_header(first)
            self.columns = tuple(cell.strip() for cell in first.cells)
        else:
            self.columns = tuple(f"c{number}" for number in range(1, len(first.cells) + 1))
        self._lines_before_header = first.line - 1

    @property
    def label(self) -> str:
        return self._source.label

    @property
    def path(self) -> str | None:
        return self._source.path

    @property
    def delimiter(self) -> str:
        return self._delimiter

    def pieces(self) -> Sequence[Part]:
        from calcopt.data.delimited_piece import PIECE, cut

        path = self._source.origin
        if not isinstance(path, Path) or self._source.compression is not None or not path.is_file():
            return [self]
        return [self] if path.stat().st_size < 2 * PIECE else cut(self, path)

    def fast(self, numeric: Sequence[int], text: Sequence[int]) -> Iterator[pa.RecordBatch]:
        last = len(self.columns) - 1
        read, parse, convert = self._settings(numeric, [*text, last], first=True)
        reader = pa.csv.open_csv(
            cast("IO[bytes]", self._source.open()), read_options=read, parse_options=parse, convert_options=convert
        )
        wanted = [f"c{position}" for position in (*numeric, *text)]
        final = None
        for batch in reader:
            if batch.num_rows:
                final = batch.column(f"c{last}")[-1].as_py()
            yield batch.select(wanted)
        if isinstance(final, str) and "\n" in final:
            # pyarrow closes an unclosed quote at the end of the file without a word. The rows it swallows are then
            # in the last cell (a quote opened earlier leaves the record short of cells), so read again, strictly.
            for _ in read_records(self._source, self._delimiter):
                pass

    def fast_block(
        self, block: pa.Buffer, numeric: Sequence[int], text: Sequence[int], *, first: bool
    ) -> Iterator[pa.RecordBatch]:
        """``fast`` for some records of the file, which all end in ``block``; the ``first`` of it hold the header."""
        read, parse, convert = self._settings(numeric, text, first=first)
        table = pa.csv.read_csv(
            cast("IO[bytes]", pa.BufferReader(block)), read_options=read, parse_options=parse, convert_options=convert
        )
        yield from table.select([f"c{position}" for position in (*numeric, *text)]).to_batches()

    def careful(self, numeric: Sequence[int], text: Sequence[int], missing: Treatment) -> Iterator[Row | None]:
        return self._careful(self._data_records(), numeric, text, missing)

    def careful_block(
        self, block: bytes, numeric: Sequence[int], text: Sequence[int], missing: Treatment, *, lines_before: int
    ) -> Iterator[Row | None]:
        """``careful`` for some records of the file; ``lines_before`` is 0 where the header is among them."""
        source = replace(self._source, origin=block)
        records = self._data_records(source, lines_before=lines_before)
        return self._careful(records, numeric, text, missing)

    def first_text(self) -> list[FirstText | None]:
        return self._first_text(self._data_records, lambda positions: self.fast(positions, []))

    def lines_before(self) -> int:
        return 0

    def first_text_of_block(self, block: pa.Buffer, *, first: bool) -> list[FirstText | None]:
        """``first_text`` of some records of the file, with lines numbered within ``block``."""
        source = replace(self._source, origin=block)
        header = self._header and first
        return self._first_text(
            lambda: self._data_records(source, header=header),
            lambda positions: self.fast_block(block, positions, [], first=first),
        )

    def _first_text(
        self, records: Callable[[], Iterator[Record]], fast: Callable[[Sequence[int]], Iterator[pa.RecordBatch]]
    ) -> list[FirstText | None]:
        """Texts show soon, as a rule: the columns without one in the first records are then read fast, as numbers."""
        found: list[FirstText | None] = [None] * len(self.columns)
        self._look_for_text(islice(records(), _SOON), found)
        numeric = [position for position, text in enumerate(found) if text is None]
        if numeric and not _all_numbers(fast(numeric), len(numeric)):
            self._look_for_text(records(), found)
        return found

    def _look_for_text(self, records: Iterator[Record], found: list[FirstText | None]) -> None:
        for record in records:
            for position, cell in enumerate(record.cells):
                if found[position] is None and cell.strip() and not looks_like_number(cell, self._decimal):
                    found[position] = FirstText(shown(cell.strip()), record.line)
            if all(found):
                break

    def _settings(
        self, numeric: Sequence[int], text: Sequence[int], *, first: bool
    ) -> tuple[pa.csv.ReadOptions, pa.csv.ParseOptions, pa.csv.ConvertOptions]:
        """How pyarrow is to read the columns; those named twice are numbers. ``first``: the header is still to come."""
        header = first and self._header
        types: dict[str, pa.DataType] = {f"c{position}": pa.string() for position in text}
        types |= {f"c{position}": pa.float64() for position in numeric}
        read = pa.csv.ReadOptions(
            column_names=[f"c{position}" for position in range(len(self.columns))],
            skip_rows=self._lines_before_header if header else 0,
            skip_rows_after_names=1 if header else 0,
            use_threads=False,
        )
        parse = pa.csv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True)
        convert = pa.csv.ConvertOptions(
            column_types=types,
            include_columns=list(dict.fromkeys(f"c{position}" for position in (*numeric, *text))),
            null_values=_BLANK,
            decimal_point=self._decimal,
        )
        return read, parse, convert

    def _careful(
        self, records: Iterator[Record], numeric: Sequence[int], text: Sequence[int], missing: Treatment
    ) -> Iterator[Row | None]:
        for record in records:
            numbers = kept([self._number(record, position) for position in numeric], missing)
            texts = [record.cells[position] for position in text]
            empty = [position for position, number in zip(numeric, numbers, strict=True) if number is None]
            empty += [position for position, cell in zip(text, texts, strict=True) if not cell.strip()]
            if not empty:
                yield [number for number in numbers if number is not None], texts
            elif missing == "skip":
                yield None
            else:
                raise self._error(record, empty[0], f"column '{self.columns[empty[0]]}' is empty", MISSING_HINT)

    def _data_records(
        self, source: Source | None = None, *, lines_before: int = 0, header: bool | None = None
    ) -> Iterator[Record]:
        header = self._header and not lines_before if header is None else header
        records = read_records(source or self._source, self._delimiter, lines_before=lines_before)
        for record in islice(records, int(header), None):
            if len(record.cells) != len(self.columns):
                raise self._ragged(record)
            yield record

    def _number(self, record: Record, position: int) -> float | None:
        try:
            return number_from_text(record.cells[position], self._decimal)
        except BadCellError as error:
            raise self._error(
                record, position, f"column '{self.columns[position]}' holds {error.says}", error.hint
            ) from error

    def _error(self, record: Record, position: int, message: str, hint: str | None) -> DataError:
        if "\n" in record.text or "\r" in record.text:
            return DataError(message, self.label, line=record.line, hint=hint)
        start, end = cell_span(record.text, position, self._delimiter)
        return DataError(
            message, self.label, line=record.line, column=start + 1, width=end - start, line_text=record.text, hint=hint
        )

    def _ragged(self, record: Record) -> DataError:
        have, need = len(record.cells), len(self.columns)
        hint = "a cell that holds the delimiter must be quoted" if have > need else None
        return DataError(
            f"this row has {have} cell{'s' * (have != 1)}, the {'header' if self._header else 'first row'} has {need}",
            self.label,
            line=record.line,
            line_text=record.text.splitlines()[0],
            hint=hint,
        )

    def _check_delimiter(self, first: Record) -> None:
        others = [char for char in _OTHER_DELIMITERS if char in first.text and char != self._delimiter]
        if len(first.cells) == 1 and others and not first.text.startswith('"'):
            expected, there = _OTHER_DELIMITERS[self._delimiter], _OTHER_DELIMITERS[others[0]]
            raise DataError(
                f"the first line has no {expected}, but it has {there}",
                self.label,
                line=first.line,
                line_text=first.text,
                hint="put ';' between the columns, or leave --decimal out"
                if others[0] == self._decimal
                else f"tell the delimiter: --delimiter {there}",
            )

    def _check_header(self, first: Record) -> None:
        if all(looks_like_number(cell, self._decimal) for cell in first.cells):
            names = self._delimiter.join(["x", "y"] if len(first.cells) == 2 else ["a", "b", "c"][: len(first.cells)])
            raise DataError(
                "the first line holds numbers, not the names of the columns",
                self.label,
                line=first.line,
                line_text=first.text,
                hint=f"add a line of names above it, such as '{names}', or call them c1, c2 … by --no-header",
            )


def _all_numbers(batches: Iterator[pa.RecordBatch], columns: int) -> bool:
    """Whether the fast reader finds finite numbers (or nothing) in every cell; its doubts count as a no."""
    try:
        return all(from_arrow(batch, columns, 1, "keep") is not None for batch in batches)
    except (pa.ArrowException, BadCellError, OSError):
        return False
