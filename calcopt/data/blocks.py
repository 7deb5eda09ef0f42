"""Blocks of a fixed number of rows, wherever the batches were cut: the same sums, to the last bit, at every run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from calcopt.data.batch import Batch

ROWS = 2048
"""About what fits the L2 cache: sums over such blocks with one BLAS thread are the fastest."""


def fixed_blocks(batches: Iterable[Batch], rows: int = ROWS) -> Iterator[NDArray[np.float64]]:
    """The ``numbers`` of the batches, cut anew into arrays of ``rows`` rows; only the last may be shorter."""
    import numpy as np

    waiting: list[NDArray[np.float64]] = []
    held = 0
    for batch in batches:
        block, start = batch.numbers, 0
        if held:
            start = min(rows - held, len(block))
            waiting.append(block[:start])
            held += start
            if held < rows:
                continue
            yield np.concatenate(waiting)
            waiting, held = [], 0
        while len(block) - start >= rows:
            yield block[start : start + rows]
            start += rows
        if start < len(block):
            waiting, held = [block[start:]], len(block) - start
    if waiting:
        yield np.concatenate(waiting)


def fixed_columns(batches: Iterable[Batch], rows: int) -> Iterator[list[NDArray[np.float64]]]:
    """The columns of the batches, cut anew into pieces of ``rows`` rows; only the last may be shorter."""
    import numpy as np

    waiting: list[list[NDArray[np.float64]]] = []
    held = 0

    def joined() -> list[NDArray[np.float64]]:
        return [np.concatenate(pieces) for pieces in zip(*waiting, strict=True)]

    for batch in batches:
        columns, start = batch.columns, 0
        if held:
            start = min(rows - held, len(batch))
            waiting.append([column[:start] for column in columns])
            held += start
            if held < rows:
                continue
            yield joined()
            waiting, held = [], 0
        while len(batch) - start >= rows:
            yield [column[start : start + rows] for column in columns]
            start += rows
        if start < len(batch):
            waiting, held = [[column[start:] for column in columns]], len(batch) - start
    if waiting:
        yield joined()
