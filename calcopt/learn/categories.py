"""Text columns as features: a column of 0 and 1 for every level ("one-hot")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from calcopt.errors import DataError
from calcopt.learn.network_functions import Array

MOST_LEVELS = 1_000


@dataclass(frozen=True, slots=True)
class Category:
    """A text ``column`` and its ``levels``, in alphabetical order.

    Every level has a feature of its own, none is left out: a level that is not known is then 0 in all of them.
    The features of one column sum to 1, as the bias does, so the first of them is redundant.
    """

    column: str
    levels: tuple[str, ...]
    positions: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", {level: place for place, level in enumerate(self.levels)})

    @property
    def names(self) -> tuple[str, ...]:
        """``column=level`` for every level."""
        return tuple(f"{self.column}={level}" for level in self.levels)

    def codes(self, values: Sequence[str]) -> NDArray[np.int64]:
        """The position of each value's level, −1 for an unknown one."""
        return np.array([self.positions.get(value.strip(), -1) for value in values], dtype=np.int64)

    def columns(self, codes: NDArray[np.int64]) -> Array:
        """The features (rows, levels); all 0 where the level is unknown."""
        table = np.zeros((len(codes), len(self.levels)))
        known = np.flatnonzero(codes >= 0)
        table[known, codes[known]] = 1.0
        return table


class LevelCounter:
    """Collects the levels of a column while its rows are read; a row costs four bytes, not its text."""

    def __init__(self, column: str, place: str) -> None:
        self._column, self._place = column, place
        self._seen: dict[str, int] = {}
        self._codes: list[NDArray[np.int32]] = []

    def add(self, values: Iterable[str]) -> None:
        """The next rows."""
        seen = self._seen
        self._codes.append(np.array([seen.setdefault(value.strip(), len(seen)) for value in values], dtype=np.int32))
        if len(seen) > MOST_LEVELS:
            hint = f"count its words with --text {self._column}, or leave it out of --features"
            raise DataError(f"column '{self._column}' has more than {MOST_LEVELS:,} levels", self._place, hint=hint)

    def finish(self) -> tuple[Category, NDArray[np.int64]]:
        """The category, and the position of every row's level in it."""
        levels = sorted(self._seen)
        places = np.empty(len(levels), dtype=np.int64)
        places[[self._seen[level] for level in levels]] = np.arange(len(levels))
        return Category(self._column, tuple(levels)), places[np.concatenate(self._codes)]
