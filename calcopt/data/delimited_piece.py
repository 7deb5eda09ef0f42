"""A byte range of delimited text, cut at line ends, that one thread or one worker reads by itself.

Piece k of a file holds the lines that begin in [k S, (k+1) S): it starts behind the first line end at or after
k S − 1, and stops behind the first one at or after (k+1) S − 1. A line end may stand inside a quoted cell, where the
file must not be cut. Read from outside a cell, a piece proves that it also ends outside of one: its quotes are even in
number, every odd one opens a cell (or follows a quote, as a doubled one does) and every even one closes it. Then the
next piece begins outside, too. A piece without that proof raises ``CutInsideCell``, and the file is read as a whole.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from calcopt.data.part import CutInsideCell, FirstText, Row, Treatment
from calcopt.errors import DataError

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

    from calcopt.data.delimited import DelimitedPart

PIECE = 16 << 20
"""S, in bytes: a fraction of a second's work, so that few cores are never idle for long, and more than a task costs."""
_LONGEST = 8 * PIECE
"""A piece without a line end for so long is not cut."""
_LOOK = 1 << 16
"""Bytes read at once beyond the end of a piece, for the line end that closes it."""
_MARK = b"\xef\xbb\xbf"
"""UTF-8's byte order mark."""
_buffers = threading.local()


@dataclass(frozen=True)
class DelimitedPiece:
    """The lines of ``whole`` that begin between the bytes ``start`` and ``stop`` of its file (of ``size`` bytes)."""

    whole: DelimitedPart
    file: Path
    start: int
    stop: int
    size: int

    @property
    def label(self) -> str:
        return self.whole.label

    @property
    def columns(self) -> tuple[str, ...]:
        return self.whole.columns

    @property
    def path(self) -> str | None:
        return self.whole.path

    def pieces(self) -> Sequence[DelimitedPiece]:
        return [self]

    def fast(self, numeric: Sequence[int], text: Sequence[int]) -> Iterator[pa.RecordBatch]:
        lines = self._lines()
        if lines.stop > lines.first:
            yield from self.whole.fast_block(pa.py_buffer(lines.view), numeric, text, first=self.start == 0)

    def careful(self, numeric: Sequence[int], text: Sequence[int], missing: Treatment) -> Iterator[Row | None]:
        block = bytes(self._lines().view)
        yield from self.whole.careful_block(block, numeric, text, missing, lines_before=self.lines_before())

    def first_text(self) -> list[FirstText | None]:
        return self.whole.first_text_of_block(pa.py_buffer(self._lines().view), first=self.start == 0)

    def lines_before(self) -> int:
        return 0 if self.start == 0 else _lines_before(self.file, self._first_byte())

    def _first_byte(self) -> int:
        """Where the first line begins, behind the byte 0."""
        with self.file.open("rb") as file:
            file.seek(self.start - 1)
            return self.start - 1 + len(file.readline())

    def _lines(self) -> _Lines:
        """The lines of the piece, in a buffer that the next piece in this thread will use again."""
        try:
            with self.file.open("rb", buffering=0) as file:
                if os.fstat(file.fileno()).st_size != self.size:
                    raise DataError("this file changed while it was being read", self.label)
                lines = self._read(file)
        except OSError as error:
            raise DataError(f"this file cannot be read: {error.strerror or error}", self.label) from error
        if not lines.closed(self.whole.delimiter):
            raise CutInsideCell(self.label)
        return lines

    def _read(self, file: FileIO) -> _Lines:
        begin = max(self.start - 1, 0)
        last = self.stop - 1 - begin  # the line end that closes the piece is not before this byte
        room, end, held = last + _LOOK, -1, 0
        while end < 0 and (held == 0 or begin + held < self.size):
            buffer = _buffer(room)
            view = memoryview(buffer)
            file.seek(begin)
            held = 0
            while held < room and (got := file.readinto(view[held:room])):
                held += got
            end = buffer.find(b"\n", last, held)
            room *= 2
            if end < 0 and room > _LONGEST:
                raise CutInsideCell(self.label)
        stop = held if end < 0 else end + 1
        first = 0 if self.start == 0 else buffer.find(b"\n", 0, held) + 1 or stop
        return _Lines(buffer, min(first, stop), stop)


@dataclass(frozen=True)
class _Lines:
    """The bytes ``first`` to ``stop`` of ``buffer``."""

    buffer: bytearray
    first: int
    stop: int

    @property
    def view(self) -> memoryview:
        return memoryview(self.buffer)[self.first : self.stop]

    def closed(self, delimiter: str) -> bool:
        """Whether the quotes show that text which begins outside a cell also ends outside of one."""
        if self.buffer.find(b'"', self.first, self.stop) < 0:
            return True
        import numpy as np

        octets = np.frombuffer(self.view, dtype=np.uint8)
        if self.view[: len(_MARK)] == _MARK:
            octets = octets[len(_MARK) :]
        quotes = np.flatnonzero(octets == ord('"'))
        opening, closing = quotes[0::2], quotes[1::2]
        if len(opening) != len(closing):
            return False
        around = np.frombuffer(b'\r\n"' + delimiter.encode(), dtype=np.uint8)
        before, after = octets[opening[opening > 0] - 1], octets[closing[closing < len(octets) - 1] + 1]
        return bool(np.isin(before, around).all() and np.isin(after, around).all())


def cut(whole: DelimitedPart, path: Path) -> list[DelimitedPiece]:
    """The pieces of a file, by its size alone."""
    size = path.stat().st_size
    return [DelimitedPiece(whole, path, at, min(at + PIECE, size), size) for at in range(0, size, PIECE)]


def _buffer(room: int) -> bytearray:
    """This thread's buffer: memory that was touched once is many times faster than new memory."""
    found: bytearray | None = getattr(_buffers, "buffer", None)
    if found is None or len(found) < room:
        found = _buffers.buffer = bytearray(room)
    return found


def _lines_before(path: Path, offset: int) -> int:
    """How many lines end before the byte ``offset``."""
    lines, before = 0, b""
    with path.open("rb") as file:
        while offset > 0 and (chunk := file.read(min(offset, 1 << 20))):
            lines += chunk.count(b"\n") + chunk.count(b"\r") - chunk.count(b"\r\n")
            lines -= before == b"\r" and chunk[:1] == b"\n"  # a line end cut in two
            before = chunk[-1:]
            offset -= len(chunk)
    return lines
