"""Which rows are held out: drawn by a seed, so many of all, and known for any range of rows without the others."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from calcopt.errors import DataError

WHOLE = 1 << 22
"""Rows up to which the held-out ones are drawn from all of them at once."""
GROUP = 1 << 16
"""Of more rows than ``WHOLE``, each group of so many holds out its own share, so that no long list is needed."""


@dataclass(slots=True)
class HeldOut:
    """``held`` of ``size`` rows, by ``seed``; a byte a row of one group (of all, up to 4 million) is in memory."""

    size: int
    held: int
    seed: np.random.SeedSequence
    _group: int = field(default=-1, init=False)
    _mask: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_), init=False)

    def mask(self, start: int, end: int) -> NDArray[np.bool_]:
        """True for the rows ``start`` … ``end`` of the table that are held out."""
        length = self.size if self.size <= WHOLE else GROUP
        parts = []
        while start < end:
            group = start // length
            first = group * length
            stop = min(end, first + length)
            parts.append(self._of_group(group, first, min(self.size, first + length))[start - first : stop - first])
            start = stop
        return np.concatenate(parts)

    def _of_group(self, group: int, first: int, end: int) -> NDArray[np.bool_]:
        if group != self._group:
            whole = self.size <= WHOLE
            seed = self.seed if whole else self._seed_of(group)
            # as many of the group as keep the count of all rows so far exact
            held = self.held * end // self.size - self.held * first // self.size
            mask = np.zeros(end - first, dtype=np.bool_)
            mask[np.random.default_rng(seed).permutation(end - first)[:held]] = True
            self._group, self._mask = group, mask
        return self._mask

    def _seed_of(self, group: int) -> np.random.SeedSequence:
        return np.random.SeedSequence(self.seed.entropy, spawn_key=(*self.seed.spawn_key, group))


def hold_out(size: int, share: float, seed: np.random.SeedSequence, place: str) -> HeldOut | None:
    """The draw for ``--validation``, None without; ``DataError`` where too few rows would be left on one side."""
    if not share:
        return None
    held = round(share * size)
    if not 1 <= held <= size - 2:
        message = f"--validation {share} of {size} rows leaves {size - held} to learn from and {held} to check"
        raise DataError(message, place, hint="at least 2 and 1 are needed")
    return HeldOut(size, held, seed)
