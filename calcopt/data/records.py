"""The reference reader of delimited text: one record at a time, with the physical lines it came from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from calcopt.data.source import Source
from calcopt.errors import DataError


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record and its text: ``line`` is the number (from 1) of the first physical line of ``text``."""

    line: int
    cells: list[str]
    text: str


class _Lines:
    """Physical lines on their way into the csv module, remembered until the record that they make is complete."""

    def __init__(self, stream: io.TextIOWrapper, label: str) -> None:
        self._stream, self._label = stream, label
        self.number = 0
        self.pending: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._stream)
        self.number += 1
        if not line.isascii():
            check_utf8(line, self._label, self.number)
        self.pending.append(line)
        return line


def read_records(source: Source, delimiter: str, *, lines_before: int = 0) -> Iterator[Record]:
    """The records of delimited text (RFC 4180 quoting), blank lines left out; ``DataError`` with line on bad text.

    ``lines_before``: so many lines of the file come before the text of ``source``.
    """
    with source.open_text() as stream:
        lines = _Lines(stream, source.label)
        lines.number = lines_before
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            first = lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _bad_quoting(error, source.label, first, lines.pending) from error
            except OSError as error:
                raise DataError(f"this file cannot be read on: {error}", source.label, line=first) from error
            text = "".join(lines.pending).rstrip("\r\n")
            lines.pending.clear()
            if cells:
                yield Record(first, cells, text)


def cell_span(text: str, position: int, delimiter: str) -> tuple[int, int]:
    """Start and end of cell number ``position`` in the text of a record, quotes included."""
    start, quoted = 0, False
    for index, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif char == delimiter and not quoted:
            if position == 0:
                return start, index
            position, start = position - 1, index + 1
    return start, len(text)


def check_utf8(line: str, label: str, number: int) -> None:
    """Refuse a line that holds bytes which are not UTF-8 (they arrive as surrogates)."""
    try:
        line.encode("utf-8")
    except UnicodeEncodeError as error:
        utf16 = number == 1 and error.start < 2 and "\x00" in line
        hint = "it looks like UTF-16; save it as UTF-8" if utf16 else "save it as UTF-8 (iconv -f latin1 -t utf-8)"
        column = error.start + 1
        byte = ord(line[error.start]) - 0xDC00
        raise DataError(
            f"byte 0x{byte:02x} is not UTF-8 text",
            label,
            line=number,
            column=column,
            line_text=line.rstrip("\r\n"),
            hint=hint,
        ) from error


def _bad_quoting(error: csv.Error, label: str, line: int, pending: list[str]) -> DataError:
    says = str(error)
    if "unexpected end" in says:
        says = "a quoted cell that begins in this record is never closed"
    elif "expected after" in says:
        says = "a closing quote is followed by more text; inside a quoted cell a quote is written twice"
    return DataError(says, label, line=line, line_text=pending[0].rstrip("\r\n") if pending else None)
