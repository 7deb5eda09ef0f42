"""Standard input that can be read again: what arrives is kept in a temporary file while it is being read."""

from __future__ import annotations

import io
import tempfile
import threading
import weakref
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_IN_MEMORY = 8 << 20


class Spool:
    """A live byte stream, of which any number of readers see everything from the first byte on.

    A reader that has caught up takes what the stream has at that moment (it waits for the first byte, not for a
    full buffer), so a live pipe is processed as it arrives. Up to 8 MiB stay in memory, more goes to disk.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (lives as long as the spool)
        weakref.finalize(self, self._kept.close)
        self._size = 0
        self._lock = threading.Lock()

    def open(self) -> io.RawIOBase:
        """A new reader, at the first byte."""
        return _Reader(self)

    def drain(self) -> int:
        """Read the stream to its end; the number of bytes in all."""
        while self.read_at(self._size, 1 << 20):
            pass
        return self._size

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes from ``offset`` on; empty at the end of the stream."""
        with self._lock:
            if offset < self._size:
                self._kept.seek(offset)
                return self._kept.read(min(size, self._size - offset))
            read_some = getattr(self._stream, "read1", self._stream.read)
            data: bytes = read_some(size)
            self._kept.seek(self._size)
            self._kept.write(data)
            self._size += len(data)
            return data


class _Reader(io.RawIOBase):
    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self._spool, self._offset = spool, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._offset

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._offset}
        self._offset = offset + (base[whence] if whence in base else self._spool.drain())
        return self._offset

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._spool.read_at(self._offset, len(view))
        view[: len(data)] = data
        self._offset += len(data)
        return len(data)
