"""The rows of partitions as numbers, kept by the process that has read them: later passes do not parse them again.

What is kept is 8 bytes a number, in blocks of a fixed size that begin anew with each partition: in memory up to
``IN_MEMORY`` bytes for the whole process, more in an unnamed temporary file. A block read again has the same bits as at
the first time, and a process that has lost a partition, or never had it, reads it; so passes may be done anywhere.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from io import FileIO
from typing import TYPE_CHECKING

import numpy as np

from calcopt.data.blocks import ROWS, fixed_blocks, fixed_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.data.table import Table

    Array = NDArray[np.float64]

IN_MEMORY = 64 << 20
"""Bytes that a process keeps in memory, over all owners."""
SPARE = 1 << 30
"""Bytes of the disk that are left free: rows that would need them are read anew at every pass."""
IDLE = 300.0
"""Seconds after which the rows of an owner that was not here may go: a worker may serve many, and outlives them."""


def new_owner() -> str:
    """A name for those who keep rows of one table, as it is now; no other process gives the same."""
    owner = os.urandom(12).hex()
    _named.append(owner)
    return owner


def owners() -> tuple[str, ...]:
    """All names that this process has given."""
    return tuple(_named)


def kept_blocks(
    partition: Table, numeric: Sequence[str], *, owner: str, by_column: bool = False, size: int = ROWS
) -> Iterator[Array]:
    """The columns ``numeric`` of a partition in blocks (rows ≤ ``size``, columns); ``by_column``: (columns, rows).

    All C-contiguous, and not to be changed. Kept for the ``owner`` when they were read to the end. Counts
    ``partition.rows`` and ``skipped``. Raises as :meth:`calcopt.data.table.Table.batches`.
    """
    key = (partition.number, tuple(numeric), by_column, size)
    width = len(numeric)

    def shape(rows: int) -> tuple[int, int]:
        return (width, rows) if by_column else (rows, width)

    counts = _shelves.of(owner).counts
    if key in counts:
        partition.rows, partition.skipped = counts[key]
    yield from _kept(owner, key, shape, lambda: fresh_blocks(partition, numeric, by_column=by_column, size=size))
    counts[key] = partition.rows, partition.skipped


def made_blocks(owner: str, key: Hashable, width: int, make: Callable[[], Iterator[Array]]) -> Iterator[Array]:
    """The blocks (``width``, rows ≤ 2048) that ``make`` gives, all but the last of 2048 rows; made once, then kept."""
    return _kept(owner, key, lambda rows: (width, rows), make)


def change_made(owner: str, key: Hashable, width: int, change: Callable[[Array], None], then: Hashable) -> bool:
    """Lets ``change`` work in place on the blocks (``width``, rows) under ``key``, which are then under ``then``.

    False where none are there. Nobody else may read them meanwhile.
    """
    shelf = _shelves.of(owner)
    entry = shelf.entries.pop(key, None)
    if entry is None:
        return False
    for place, rows in entry.blocks:
        block = shelf.block(place, (width, rows)) if isinstance(place, int) else place
        change(block)
        if isinstance(place, int) and shelf.write(block, place) is None:
            _shelves.give_back(shelf, entry)
            return False
    shelf.entries[then] = entry
    return True


def _kept(
    owner: str, key: Hashable, shape: Callable[[int], tuple[int, int]], make: Callable[[], Iterator[Array]]
) -> Iterator[Array]:
    shelf = _shelves.of(owner)
    entry = shelf.entries.get(key)
    if entry is None:
        yield from _made_and_kept(shelf, key, make(), shape(-1).index(-1))
        return
    for place, rows in entry.blocks:
        yield shelf.block(place, shape(rows)) if isinstance(place, int) else place


def fresh_blocks(
    partition: Table, numeric: Sequence[str], *, by_column: bool = False, size: int = ROWS
) -> Iterator[Array]:
    """The same blocks, read now and not kept."""
    if by_column:
        yield from (np.stack(columns) for columns in fixed_columns(partition.batches(numeric), size))
    else:
        yield from (block.copy() for block in fixed_blocks(partition.batches(numeric), size))


def forget(*owners: str) -> None:
    """Give back the memory and the disk that the rows of ``owners`` take in this process."""
    for owner in owners:
        _shelves.drop(owner)


def _made_and_kept(shelf: _Shelf, key: Hashable, made: Iterator[Array], rows_of: int) -> Iterator[Array]:
    """Passes the blocks on; they are kept when there was room for all and all were taken."""
    entry, whole, room = _Entry(), False, True
    try:
        for block in made:
            room = room and _shelves.keep(shelf, entry, block, block.shape[rows_of])
            yield block
        whole = True
    finally:
        if whole and room:
            shelf.entries[key] = entry
        else:
            _shelves.give_back(shelf, entry)


@dataclass(slots=True)
class _Entry:
    """The blocks of a partition: each an array or its place in the file, and how many rows it has."""

    blocks: list[tuple[Array | int, int]] = field(default_factory=list)


class _Shelf:
    """What one owner has kept. ``closed``: no more can be kept, for want of room, or as the owner was forgotten."""

    def __init__(self) -> None:
        self.entries: dict[Hashable, _Entry] = {}
        self.counts: dict[Hashable, tuple[int, int]] = {}
        self.memory = 0
        self.closed = False
        self.used = 0.0
        self._file: FileIO | None = None
        self._end = 0
        self._lock = threading.Lock()

    def write(self, block: Array, at: int | None = None) -> int | None:
        """Where the block begins in the file, behind all others or ``at`` a place; None when the disk is full."""
        with self._lock:
            place = self._end if at is None else at
            try:
                if at is None and shutil.disk_usage(tempfile.gettempdir()).free - block.nbytes < SPARE:
                    return None
                if self._file is None:
                    self._file = _unnamed()
                    weakref.finalize(self, self._file.close)
                self._file.seek(place)
                view = block.reshape(-1).view(np.uint8).data
                while view:
                    view = view[self._file.write(view) or 0 :]
            except OSError:
                return None
            self._end = max(self._end, place + block.nbytes)
            return place

    def block(self, place: int, shape: tuple[int, int]) -> Array:
        """The block that begins at ``place``."""
        block = np.empty(shape)
        view = block.reshape(-1).view(np.uint8).data
        with self._lock:
            assert self._file is not None
            self._file.seek(place)
            while view:
                count = self._file.readinto(view)
                if not count:
                    raise OSError("the temporary file has lost its end")
                view = view[count:]
        return block


def _unnamed() -> FileIO:
    """A file without buffers of its own and, where the system can, without a name: it is gone with the process."""
    return tempfile.TemporaryFile(buffering=0)


class _Shelves:
    """All that this process keeps, by owner."""

    def __init__(self) -> None:
        self._shelves: dict[str, _Shelf] = {}
        self._lock = threading.Lock()

    def of(self, owner: str) -> _Shelf:
        """The owner's shelf; a new one takes the place of those that nobody uses."""
        with self._lock:
            now = time.monotonic()
            if owner not in self._shelves:
                for other in [name for name, shelf in self._shelves.items() if now - shelf.used > IDLE]:
                    self._drop(other)
                self._shelves[owner] = _Shelf()
            shelf = self._shelves[owner]
            shelf.used = now
            return shelf

    def keep(self, shelf: _Shelf, entry: _Entry, block: Array, rows: int) -> bool:
        """Whether there was room for the block, in memory or on the disk."""
        with self._lock:
            if shelf.closed:
                return False
            if sum(each.memory for each in self._shelves.values()) + block.nbytes <= IN_MEMORY:
                entry.blocks.append((block, rows))
                shelf.memory += block.nbytes
                return True
        place = shelf.write(block)
        while place is None and self._dropped_other(shelf):
            place = shelf.write(block)
        if place is None:
            shelf.closed = True
            return False
        entry.blocks.append((place, rows))
        return True

    def give_back(self, shelf: _Shelf, entry: _Entry) -> None:
        """The memory of an entry that was not finished; its part of the file stays taken."""
        with self._lock:
            shelf.memory -= sum(block.nbytes for block, _ in entry.blocks if not isinstance(block, int))

    def drop(self, owner: str) -> None:
        with self._lock:
            self._drop(owner)

    def _drop(self, owner: str) -> None:
        shelf = self._shelves.pop(owner, None)
        if shelf is not None:
            shelf.closed = True  # its file closes with the last one who reads from it

    def _dropped_other(self, shelf: _Shelf) -> bool:
        """Whether one was found that had to go, the one that was not used for longest."""
        with self._lock:
            others = [owner for owner, other in self._shelves.items() if other is not shelf]
            if others:
                self._drop(min(others, key=lambda owner: self._shelves[owner].used))
            return bool(others)


_shelves = _Shelves()
_named: list[str] = []
