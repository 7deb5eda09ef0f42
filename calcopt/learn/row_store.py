"""Rows of float64, cut in shares, in memory while they are few, else in an unnamed temporary file.

What is kept is 8 bytes a number. A file is read a block at a time into one buffer, so memory stays flat whatever the
number of rows, and goes through the system's page cache, so a pass costs a copy as long as the cache holds the file.
(A mapped file would be a copy less, but its pages count as the process's own memory.)
"""

from __future__ import annotations

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

    Blocks are of ``ROWS`` rows and begin anew with each share; only the last of a share may be shorter. Memory is
    claimed by the system as rows arrive, in one piece: nothing is copied when they become more.
    """

    def __init__(self, width: int, *, in_memory: int = IN_MEMORY) -> None:
        self.width = width
        self.bounds = [0]
        self.rows = 0
        self._most = in_memory // (8 * width)
        self._kept = np.empty((self._most, width))
        self._file: FileIO | None = None

    @property
    def spooled(self) -> bool:
        """Whether the rows are in the temporary file."""
        return self._file is not None

    @property
    def whole(self) -> Array | None:
        """All rows (n, width), to be written to as well; None when they are spooled."""
        return None if self.spooled else self._kept[: self.rows]

    def append(self, rows: Array) -> None:
        """More rows (k, width) of the present share. Raises ``FileError`` when the disk is full."""
        if self._file is None and self.rows + len(rows) > self._most:
            self._file = _unnamed()
            weakref.finalize(self, self._file.close)
            self._write(0, self._kept[: self.rows])
            self._kept = np.empty((0, self.width))
        if self._file is None:
            self._kept[self.rows : self.rows + len(rows)] = rows
        else:
            self._write(self.rows, rows)
        self.rows += len(rows)

    def end_share(self) -> None:
        """What was appended since the last share is a share, be it empty."""
        self.bounds.append(self.rows)

    def require_room(self, rows: int) -> None:
        """``FileError`` when ``rows`` rows in all would neither fit in memory nor on the disk."""
        folder, needed = tempfile.gettempdir(), 8 * self.width * rows
        if rows > self._most and shutil.disk_usage(folder).free < needed:
            raise _no_room(needed)

    def block_bounds(self) -> list[tuple[int, int]]:
        """First row and end of every block of every share, in order."""
        shares = zip(self.bounds, self.bounds[1:], strict=False)
        return [(start, min(start + ROWS, end)) for first, end in shares for start in range(first, end, ROWS)]

    def blocks(self, share: int) -> Iterator[Array]:
        """The blocks (k, width) of one share, in order; each is valid until the next is taken."""
        first, end = self.bounds[share], self.bounds[share + 1]
        buffer = np.empty((min(ROWS, end - first), self.width)) if self.spooled else self._kept
        for start in range(first, end, ROWS):
            yield self._block(start, min(start + ROWS, end), buffer)

    def read(self, start: int, end: int, into: Array) -> None:
        """Rows ``start`` … ``end`` to the array ``into`` (end − start, width), which must be C-contiguous."""
        if self._file is None:
            into[...] = self._kept[start:end]
            return
        self._file.seek(start * self.width * 8)
        view = into.reshape(-1).view(np.uint8).data
        while view:
            count = self._file.readinto(view)
            if not count:
                raise FileError("the temporary file has lost its end", tempfile.gettempdir(), hint="start again")
            view = view[count:]

    def change(self, share: int, change: Callable[[Array], None]) -> None:
        """Lets ``change`` work on every block of a share, in place."""
        first, end = self.bounds[share], self.bounds[share + 1]
        for number, block in enumerate(self.blocks(share)):
            change(block)
            if self._file is not None:
                self._write(min(first + number * ROWS, end), block)

    def close(self) -> None:
        """Gives memory and disk back; the rows are gone."""
        self._kept = np.empty((0, self.width))
        if self._file is not None:
            self._file.close()

    def _block(self, start: int, end: int, buffer: Array) -> Array:
        if not self.spooled:
            return self._kept[start:end]
        self.read(start, end, buffer[: end - start])
        return buffer[: end - start]

    def _write(self, start: int, rows: Array) -> None:
        assert self._file is not None
        try:
            self._file.seek(start * self.width * 8)
            view = np.ascontiguousarray(rows).reshape(-1).view(np.uint8).data
            while view:
                view = view[self._file.write(view) or 0 :]
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            raise _no_room((start + len(rows)) * self.width * 8) from error


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
