"""A table, read in batches of bounded size, as often as asked, from wherever it is. Start at ``open_table``.

Nothing is guessed: a column is read as numbers or as text because the caller asks for it, from the first row to
the last. What the fast reader refuses, the reference reader decides, row by row (``calcopt.data.cells``), so every
error names the file, the line and the column. Memory is bounded by the size of a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, BinaryIO, Literal

from calcopt.data.batch import Batch, from_arrow
from calcopt.data.part import FirstText, Missing, Part, Treatment
from calcopt.errors import DataError, UsageError, did_you_mean

if TYPE_CHECKING:
    from calcopt.data.cells import Decimals
    from calcopt.data.passes import Crew

Kind = Literal["number", "text"]
_CAREFUL_ROWS = 4096


class Table:
    """Rows with named columns; ``batches`` may be called again and again.

    ``rows`` and ``skipped`` count what the latest pass has delivered and left out so far. ``crew`` reads its partitions
    where a sum is all that is wanted (:func:`calcopt.data.passes.total`); None: threads of this process. ``number``
    says which partition of another table it is, from 0; None for a table of its own.
    """

    def __init__(
        self, parts: Sequence[Part], *, name: str, missing: Missing = "error", number: int | None = None
    ) -> None:
        self._parts, self._missing = parts, missing
        self.name, self.number = name, number
        self.crew: Crew | None = None
        self.columns = parts[0].columns
        self.rows = 0
        self.skipped = 0
        self._first_text: dict[str, str | None] | None = None
        _check_columns(parts)

    def partitions(self, *, whole_files: bool = False) -> list[Table]:
        """The table cut into tables of their own, in order: the same cut at every run, wherever the rows are read.

        Parquet is cut between row groups, delimited text between lines some 16 MiB apart; all else, and with
        ``whole_files`` everything, between files. The text may turn out to be cut inside a cell, because cells can
        hold line breaks: reading such a partition raises :class:`calcopt.data.part.CutInsideCell`.
        """
        pieces = [piece for part in self._parts for piece in ([part] if whole_files else part.pieces())]
        return [
            Table([piece], name=self.name, missing=self._missing, number=number) for number, piece in enumerate(pieces)
        ]

    def files(self) -> list[str | None]:
        """The absolute path of each part; None for one that no other process can read (a pipe, the memory)."""
        return [part.path for part in self._parts]

    def kind(self, column: str) -> Kind:
        """Whether every cell of ``column`` is a number (or empty); reads the whole table the first time."""
        self.require(column)
        return self.kinds()[column]

    def kinds(self) -> dict[str, Kind]:
        """The kind of every column, from all rows."""
        return {column: "number" if place is None else "text" for column, place in self.first_text().items()}

    def first_text(self) -> dict[str, str | None]:
        """For every column the first cell that is not a number, as "'12a' in line 3"; None for numeric columns."""
        if self._first_text is None:
            from calcopt.data.passes import total

            try:
                texts = total(self, first_texts, first_of_each) or {}
            except DataError:  # of a row that is not one: found again in a whole file, for its line
                texts = reduce(first_of_each, map(first_texts, self.partitions(whole_files=True)))
            found: dict[str, str | None] = dict.fromkeys(self.columns)
            for column, (text, part) in texts.items():
                place = text.says if text.line is None else f"{text.says} in line {text.line + part.lines_before()}"
                found[column] = place if len(self._parts) == 1 else f"{place} of {part.label}"
            self._first_text = found
        return self._first_text

    def first_cell(self, column: str) -> str | None:
        """The first cell of ``column`` that is not blank, as text; None where there is none, or before it a bad row."""
        present = Table(self._parts, name=self.name, missing="skip")
        try:
            return next(present.batches((), [column])).text[0][0]
        except DataError:
            return None

    def require(self, *columns: str) -> None:
        """``DataError`` with a suggestion for the first of ``columns`` that the table does not have."""
        for column in columns:
            if column not in self.columns:
                close = did_you_mean(column, self.columns)
                listed = ", ".join(self.columns[:20]) + (" …" if len(self.columns) > 20 else "")
                hint = f"did you mean '{close}'? The columns are {listed}" if close else f"the columns are {listed}"
                raise DataError(f"there is no column '{column}'", self.name, hint=hint)

    def batches(
        self, numeric: Sequence[str], text: Sequence[str] = (), *, keep_missing: bool = False
    ) -> Iterator[Batch]:
        """All rows, in order, with the columns ``numeric`` as finite float64 and ``text`` as non-blank strings.

        Rows with an empty cell in one of these columns are an error or left out, as the table was opened;
        ``keep_missing`` makes a NaN of an empty number, and an error of an empty text.
        """
        missing: Treatment = "keep" if keep_missing else self._missing
        self.require(*numeric, *text)
        self.rows = self.skipped = 0
        for part in self._parts:
            positions = {column: position for position, column in enumerate(part.columns)}
            yield from self._part_batches(part, [positions[c] for c in numeric], [positions[c] for c in text], missing)
        if self.rows == 0 and self.number is None:
            raise self.nothing_left([*numeric, *text])

    def _part_batches(self, part: Part, numeric: list[int], text: list[int], missing: Treatment) -> Iterator[Batch]:
        import pyarrow as pa

        from calcopt.data.cells import BadCellError

        done, before = 0, self.rows + self.skipped
        batches = part.fast(numeric, text)
        while True:
            try:
                arrow = next(batches)
            except StopIteration:
                return
            except (pa.ArrowException, BadCellError, OSError):
                break
            batch = from_arrow(arrow, len(numeric), before + done + 1, missing)
            if batch is None:
                break
            done += arrow.num_rows
            self.skipped += arrow.num_rows - len(batch)
            if len(batch):
                self.rows += len(batch)
                yield batch
        yield from self._careful_batches(part, numeric, text, done, missing)

    def _careful_batches(
        self, part: Part, numeric: list[int], text: list[int], done: int, missing: Treatment
    ) -> Iterator[Batch]:
        import numpy as np

        kept: list[tuple[list[float], list[str]]] = []
        rows: list[int] = []
        before = self.rows + self.skipped - done

        def packed() -> Batch:
            numbers = [np.array([row[index] for row, _ in kept], dtype=np.float64) for index in range(len(numeric))]
            text_columns = [[texts[index] for _, texts in kept] for index in range(len(text))]
            return Batch(numbers, text_columns, 0, len(kept), np.array(rows))

        for index, cells in enumerate(part.careful(numeric, text, missing)):
            if index < done:
                continue
            if cells is None:
                self.skipped += 1
                continue
            kept.append(cells)
            rows.append(before + index + 1)
            if len(kept) == _CAREFUL_ROWS:
                self.rows += len(kept)
                yield packed()
                kept, rows = [], []
        if kept:
            self.rows += len(kept)
            yield packed()

    def nothing_left(self, columns: Sequence[str]) -> DataError:
        """The error for a pass that found no row; a partition may well have none."""
        if self.skipped:
            listed = ", ".join(f"'{column}'" for column in columns)
            every = "the only row" if self.skipped == 1 else f"each of the {self.skipped:,} rows"
            return DataError(f"{every} has an empty cell in {listed}", self.name)
        return DataError("there are no rows of data", self.name)


Texts = dict[str, tuple[FirstText, Part]]
"""The first text of every column that has one, and the part it is in."""


def first_texts(partition: Table) -> Texts:
    """What a partition adds to :meth:`Table.first_text`."""
    (part,) = partition._parts
    found = zip(part.columns, part.first_text(), strict=True)
    return {column: (text, part) for column, text in found if text is not None}


def first_of_each(earlier: Texts, later: Texts) -> Texts:
    """Those of an earlier partition come first."""
    return later | earlier


def open_table(
    source: str,
    *,
    delimiter: str | None = None,
    header: bool = True,
    decimal: str = ".",
    missing: Missing = "error",
    stdin: BinaryIO | None = None,
    name: str | None = None,
) -> Table:
    """Open a path, glob, folder or ``-`` (``stdin``) as a ``Table``.

    CSV, TSV, JSON lines, Parquet and Arrow/Feather, the first three also as .gz, .zst or .bz2, by extension (see
    ``calcopt.data.source`` for what has none). ``delimiter`` (one character, or "tab") means delimited text whatever
    the extension; ``header=False`` names its columns c1, c2 …; ``decimal=","`` reads 1,5 as a number, and then ``;``
    separates the columns of a CSV unless ``delimiter`` says otherwise; ``missing`` says what an empty cell does.
    Raises ``DataError`` for what cannot be read, ``UsageError`` for a bad option.
    """
    from calcopt.data.source import STANDARD_INPUT, resolve

    char, mark = _delimiter(delimiter), _decimal(decimal)
    if char == mark:
        raise UsageError(f"'{mark}' cannot both separate columns and begin decimals", hint="try --delimiter ';'")
    if missing not in ("error", "skip"):
        raise UsageError(f"unknown way to treat missing cells '{missing}'", hint="use error or skip")
    parts: list[Part] = []
    for file in resolve(source, stdin):
        if char is not None or file.format in ("csv", "tsv"):
            from calcopt.data.delimited import DelimitedPart

            separator = char or ("\t" if file.format == "tsv" else ";" if mark == "," else ",")
            given = char is not None
            parts.append(DelimitedPart(file, delimiter=separator, delimiter_given=given, header=header, decimal=mark))
        elif not header or mark != ".":
            option = "--decimal" if header else "--no-header"
            raise UsageError(f"{option} is for delimited text, and {file.label} is {file.format}", hint="leave it out")
        elif file.format == "ndjson":
            from calcopt.data.jsonlines import JsonLinesPart

            parts.append(JsonLinesPart(file))
        else:
            from calcopt.data.columnar import ColumnarPart

            parts.append(ColumnarPart(file, label=file.label))
    return Table(parts, name=name or (STANDARD_INPUT if source == "-" else source), missing=missing)


def memory_table(data: object, *, name: str = "data", missing: Missing = "error") -> Table:
    """A mapping of column names to sequences, a data frame, or a 2-D array (columns x1 …, y) as a ``Table``."""
    from calcopt.data.columnar import memory_part

    return Table([memory_part(data, name)], name=name, missing=missing)


def _delimiter(typed: str | None) -> str | None:
    if typed is None:
        return None
    char = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " "}.get(typed.lower(), typed)
    if len(char) != 1 or not char.isascii() or char in '\r\n"' or char.isalnum():
        raise UsageError(f"the delimiter '{typed}' is not a single character", hint="for example ';' or tab")
    return char


def _decimal(typed: str) -> Decimals:
    """The mark, written as it is or by name."""
    mark = {"comma": ",", "point": "."}.get(typed.lower(), typed)
    if mark == ",":
        return ","
    if mark == ".":
        return "."
    raise UsageError(
        f"the decimal mark '{typed}' is neither a comma nor a point", hint="use --decimal , or leave it out"
    )


def _check_columns(parts: Sequence[Part]) -> None:
    first = parts[0]
    for part in parts:
        doubled = sorted({column for column in part.columns if column and part.columns.count(column) > 1})
        if doubled:
            raise DataError(f"two columns are named '{doubled[0]}'", part.label, hint="every column needs its own name")
        if set(part.columns) != set(first.columns):
            more = [column for column in part.columns if column not in first.columns]
            less = [column for column in first.columns if column not in part.columns]
            what = f"has a column '{more[0]}' that" if more else f"has no column '{less[0]}', which"
            raise DataError(f"{what} '{first.label}' {'does not have' if more else 'has'}", part.label)
