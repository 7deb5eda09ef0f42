"""The columns of a fit in blocks of a fixed size, again and again: in memory when they are few, else in a file.

A table is parsed once. What is kept is 8 bytes a number, so memory stays flat whatever the number of rows, and every
later pass costs a fraction of reading text again. Blocks are cut alike however the rows arrive: sums over them have
the same bits at every run.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING

import numpy as np

from calcopt.data.blocks import ROWS, fixed_blocks
from calcopt.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.data.table import Table

    Array = NDArray[np.float64]

_IN_MEMORY = 32 << 20
"""Bytes that are kept in memory; more go to a temporary file."""


class Rows:
    """``blocks()`` gives arrays of shape (columns, rows ≤ 2048), C-contiguous; weights, if any, are the last column."""

    def __init__(
        self, table: Table, columns: Sequence[str], weights: str | None, *, in_memory: int = _IN_MEMORY
    ) -> None:
        self.table, self.columns, self.weights = table, tuple(columns), weights
        self._kept: list[Array] = []
        self._room = in_memory
        self._file: IO[bytes] | None = None
        self._wanted = [*columns, *([weights] if weights is not None else [])]
        self.count = 0
        self._read()

    @property
    def skipped(self) -> int:
        return self.table.skipped

    def blocks(self) -> Iterator[Array]:
        """All rows, in order."""
        if self._file is None:
            yield from self._kept
            return
        width = len(self._wanted)
        for start in range(0, self.count, ROWS):
            size = min(ROWS, self.count - start)
            self._file.seek(start * width * 8)
            yield np.frombuffer(self._file.read(size * width * 8)).reshape(width, size)

    def sample(self, most: int) -> Array:
        """At most ``most`` rows spread evenly over all of them, in order: (columns, rows)."""
        if self.count <= most:
            return np.concatenate(list(self.blocks()), axis=1)
        chosen = np.linspace(0, self.count - 1, most).round().astype(np.int64)
        parts, start = [], 0
        for block in self.blocks():
            size = block.shape[1]
            parts.append(block[:, chosen[(chosen >= start) & (chosen < start + size)] - start])
            start += size
        return np.concatenate(parts, axis=1)

    def values(self, row: int) -> dict[str, float]:
        """The cells of one row, from 0, by the names of the columns."""
        for block in self.blocks():
            if row < block.shape[1]:
                return dict(zip(self._wanted, block[:, row].tolist(), strict=True))
            row -= block.shape[1]
        raise IndexError(row)

    def texts(self) -> Iterator[list[str]]:
        """The columns' cells as they are written in the file, block by block of the reader."""
        return ([*cells] for batch in self.table.batches((), self._wanted) for cells in zip(*batch.text, strict=True))

    def _read(self) -> None:
        size = 0
        for block in fixed_blocks(self.table.batches(self._wanted)):
            turned = np.ascontiguousarray(block.T)
            if self.weights is not None and not (turned[-1] > 0).all():
                raise self._bad_weight(turned[-1])
            size += turned.nbytes
            if self._file is None and size > self._room:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the rows)
                weakref.finalize(self, self._file.close)
                for kept in self._kept:
                    self._file.write(kept.tobytes())
                self._kept.clear()
            if self._file is None:
                self._kept.append(turned)
            else:
                self._file.write(turned.tobytes())
            self.count += turned.shape[1]

    def _bad_weight(self, weights: Array) -> DataError:
        first = int(np.argmin(weights > 0))
        return DataError(
            f"the weight in row {self.count + first + 1} of those used is {weights[first]:g}, and a weight must be "
            f"above 0 (column '{self.weights}')",
            self.table.name,
            hint="leave such rows out of the file",
        )
