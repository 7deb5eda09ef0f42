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
    """Numbers the texts of a column in the order they come, while its rows are read: a row costs no text.

    Beyond ``most`` texts no batch is numbered further: :func:`as_category` will refuse the column.
    """

    def __init__(self, column: str, most: int, *, strip: bool = True) -> None:
        self.column = column
        self._most, self._strip = most, strip
        self._seen: dict[str, int] = {}

    @property
    def levels(self) -> tuple[str, ...]:
        """The texts so far, in the order of their codes."""
        return tuple(self._seen)

    def codes(self, values: Iterable[str]) -> Array:
        """The codes of the next rows, as floats."""
        seen, texts = self._seen, (value.strip() for value in values) if self._strip else values
        if len(seen) > self._most:
            return np.fromiter((seen.get(text, self._most) for text in texts), dtype=np.float64)
        return np.fromiter((seen.setdefault(text, len(seen)) for text in texts), dtype=np.float64)


def as_category(column: str, levels: Sequence[str], place: str) -> Category:
    """The category with these levels, sorted; ``DataError`` for too many."""
    if len(levels) > MOST_LEVELS:
        hint = f"count its words with --text {column}, or leave it out of --features"
        raise DataError(f"column '{column}' has more than {MOST_LEVELS:,} levels", place, hint=hint)
    return Category(column, tuple(sorted(levels)))
