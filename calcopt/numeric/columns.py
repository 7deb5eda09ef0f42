"""Index columns: which component of a vector each of K elements touches in one slot.

Most columns are arithmetic progressions (``x[i]``, ``x[i+1]``, ``x[2*i-1]``); these read and add through slices,
which is several times faster than general indices.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"


class Column:
    """``index`` (K,) with the fastest way to gather from and scatter-add to a vector."""

    __slots__ = ("_index", "_unique", "key", "one", "size")

    def __init__(self, index: NDArray[np.int64] | int) -> None:
        if isinstance(index, int):
            self._index: NDArray[np.int64] | None = None
            self.one: int | None = index  # the component, when it is the same for all
            self.key: slice | None = None
            self._unique: bool | None = True
            self.size = 1
            return
        self._index = index = np.ascontiguousarray(index, dtype=np.int64)
        self.one = self.key = self._unique = None
        self.size = size = index.size
        first = int(index[0])
        step = int(index[1]) - first if size > 1 else 0
        if size == 1 or not np.any(index != first):
            self.one = first
        elif step and not np.any(np.diff(index) != step):
            stop = first + step * size
            self.key = slice(first, stop if stop >= 0 else None, step)

    @property
    def index(self) -> NDArray[np.int64]:
        if self._index is None:
            self._index = np.array([self.one], dtype=np.int64)
        return self._index

    def components(self) -> list[int]:
        """``index`` as a list."""
        return [self.one] if self.size == 1 and self.one is not None else self.index.tolist()

    def take(self, vector: Floats) -> Any:
        """vector[index]; a number when all are the same component."""
        if self.one is not None:
            return vector[self.one]
        return vector[self.index if self.key is None else self.key]

    def add_to(self, vector: Floats, values: Any) -> None:
        """vector[index] += values, repeated components added up; ``values`` (K,) or a number for all."""
        if self.one is not None:
            vector[self.one] += values.sum() if _is_array(values) else values * self.size
        elif self.key is not None:
            vector[self.key] += values
        elif self.unique:
            vector[self.index] += values
        elif self.size * 4 >= vector.size:
            weights = np.broadcast_to(values, self.index.shape)
            vector += np.bincount(self.index, weights=weights, minlength=vector.size)
        else:
            np.add.at(vector, self.index, values)

    @property
    def unique(self) -> bool:
        if self._unique is None:
            self._unique = bool(np.unique(self.index).size == self.size)
        return self._unique


def _is_array(values: Any) -> bool:
    return isinstance(values, np.ndarray) and values.ndim > 0
