"""Rows of float64, cut in shares, in memory while they are few, else in an unnamed temporary file.

What is kept is 8 bytes a number. A file is read a block at a time into one buffer, so memory stays flat whatever the
number of rows, and goes through the system's page cache, so a pass costs a copy as long as the cache holds the file.
(A mapped file would be a copy less, but its pages count as the process's own memory.)
"""

from __future__ import annotations

import bisect
import errno
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from io import FileIO

import numpy as np
from numpy.typing import NDArray

from calcopt.data.blocks import ROWS
from calcopt.errors import FileError

Array = NDArray[np.float64]

IN_MEMORY = 256 << 20
"""Bytes of rows that are kept in memory; more go to a temporary file."""


class RowStore:
    """Rows of ``width`` numbers: ``append`` them, ``end_share`` after each share, then read blocks or change them.

    Blocks are of ``ROWS`` rows and begin anew with each share; only the last of a share may be shorter. In a block the
    numbers stand row by row, as mini-batches want them, or ``by_column``: passes over all rows are up to twice as
    fast then, because NumPy's loops run along 2,048 rows instead of a few columns. Memory is claimed by the system as
    rows arrive, in one piece: nothing is copied when they become more.
    """

    def __init__(self, width: int, *, in_memory: int = IN_MEMORY, by_column: bool = False) -> None:
        self.width, self.by_column = width, by_column
        self.bounds = [0]
        self._most = in_memory // (8 * width)
        self._numbers = np.empty(self._most * width)
        self._file: FileIO | None = None
        self._settled = 0  # rows in complete blocks
        self._waiting: list[Array] = []

    @property
    def rows(self) -> int:
        """How many there are in the shares that are complete."""
        return self.bounds[-1]

    @property
    def spooled(self) -> bool:
        """Whether the rows are in the temporary file."""
        return self._file is not None

    @property
    def whole(self) -> Array | None:
        """All rows (n, width); None when they are spooled, or stand by column."""
        if self.spooled or self.by_column:
            return None
        return self._numbers[: self.rows * self.width].reshape(self.rows, self.width)

    def append(self, rows: Array) -> None:
        """More rows (k, width) of the present share. Raises ``FileError`` when the disk is full."""
        start, held = 0, sum(map(len, self._waiting))
        if held:
            start = min(ROWS - held, len(rows))
            self._waiting.append(rows[:start].copy())
            if held + start < ROWS:
                return
            self._flush()
        while len(rows) - start >= ROWS:
            self._settle(rows[start : start + ROWS])
            start += ROWS
        if start < len(rows):
            self._waiting.append(rows[start:].copy())

    def end_share(self) -> None:
        """What was appended since the last share is a share, be it empty."""
        self._flush()
        self.bounds.append(self._settled)

    def require_room(self, rows: int) -> None:
        """``FileError`` when ``rows`` rows in all would neither fit in memory nor on the disk."""
        folder, needed = tempfile.gettempdir(), 8 * self.width * rows
        if rows > self._most and shutil.disk_usage(folder).free < needed:
            raise _no_room(needed)

    def blocks(self, share: int) -> Iterator[Array]:
        """The blocks (k, width) of one share, in order; each is valid until the next is taken."""
        first, end = self.bounds[share], self.bounds[share + 1]
        buffer = np.empty(min(ROWS, end - first) * self.width if self.spooled else 0)
        for start in range(first, end, ROWS):
            yield self._block(start, min(start + ROWS, end), buffer)

    def read(self, start: int, end: int, into: Array) -> None:
        """Rows ``start`` … ``end`` to the array ``into`` (end − start, width), which must be C-contiguous."""
        if not self.by_column:
            numbers = into.reshape(-1)
            if self._file is None:
                numbers[...] = self._numbers[start * self.width : end * self.width]
            else:
                self._load(start, numbers)
            return
        share, row = bisect.bisect_right(self.bounds, start) - 1, start
        while row < end:
            while self.bounds[share + 1] <= row:
                share += 1
            first = row - (row - self.bounds[share]) % ROWS
            stop = min(first + ROWS, self.bounds[share + 1])
            block = self._block(first, stop, np.empty((stop - first) * self.width if self.spooled else 0))
            upto = min(stop, end)
            into[row - start : upto - start] = block[row - first : upto - first]
            row = upto

    def change(self, share: int, change: Callable[[Array], None]) -> None:
        """Lets ``change`` work on every block of a share, in place."""
        start = self.bounds[share]
        for block in self.blocks(share):
            change(block)
            if self._file is not None:
                self._save(start, block)
            start += len(block)

    def close(self) -> None:
        """Gives memory and disk back; the rows are gone."""
        self._numbers = np.empty(0)
        if self._file is not None:
            self._file.close()

    def _shaped(self, numbers: Array, rows: int) -> Array:
        """The numbers of a block as (rows, width)."""
        return numbers.reshape(self.width, rows).T if self.by_column else numbers.reshape(rows, self.width)

    def _block(self, start: int, end: int, buffer: Array) -> Array:
        if self._file is None:
            return self._shaped(self._numbers[start * self.width : end * self.width], end - start)
        numbers = buffer[: (end - start) * self.width]
        self._load(start, numbers)
        return self._shaped(numbers, end - start)

    def _flush(self) -> None:
        if self._waiting:
            rows = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting)
            self._waiting = []
            self._settle(rows)

    def _settle(self, rows: Array) -> None:
        """Puts a block behind those that are there."""
        if self._file is None and self._settled + len(rows) > self._most:
            self._file = _unnamed()
            weakref.finalize(self, self._file.close)
            self._store(0, self._numbers[: self._settled * self.width])
            self._numbers = np.empty(0)
        if self._file is None:
            block = self._numbers[self._settled * self.width : (self._settled + len(rows)) * self.width]
            self._shaped(block, len(rows))[...] = rows
        else:
            self._save(self._settled, rows)
        self._settled += len(rows)

    def _save(self, start: int, block: Array) -> None:
        self._store(start, np.ascontiguousarray(block.T if self.by_column else block).reshape(-1))

    def _load(self, start: int, numbers: Array) -> None:
        assert self._file is not None
        self._file.seek(start * self.width * 8)
        view = numbers.view(np.uint8).data
        while view:
            count = self._file.readinto(view)
            if not count:
                raise FileError("the temporary file has lost its end", tempfile.gettempdir(), hint="start again")
            view = view[count:]

    def _store(self, start: int, numbers: Array) -> None:
        assert self._file is not None
        try:
            self._file.seek(start * self.width * 8)
            view = numbers.view(np.uint8).data
            while view:
                view = view[self._file.write(view) or 0 :]
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            raise _no_room(start * self.width * 8 + numbers.nbytes) from error


def _unnamed() -> FileIO:
    """A file without buffers of its own and, where the system can, without a name: it is gone with the process."""
    return tempfile.TemporaryFile(buffering=0)


def _no_room(needed: int) -> FileError:
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    message = f"the rows as numbers need at least {_size(needed)} of disk there, and {_size(free)} are free"
    return FileError(message, folder, hint="set the environment variable TMPDIR to a folder with more room")


def _size(count: int) -> str:
    return f"{count / 2**30:.3g} GiB" if count >= 2**30 else f"{count / 2**20:.3g} MiB"
