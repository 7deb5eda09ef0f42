"""Boxes in arrays: lower ends, upper ends, and a proved lower bound of f on each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Flags: TypeAlias = NDArray[np.bool_]

CUT = 0.496
"""Where a side is cut: not in the middle, where roots of symmetric problems like to sit."""


@dataclass(slots=True, eq=False)
class Cells:
    """``lo`` and ``hi`` of shape (boxes, n), ``bound`` of shape (boxes,)."""

    lo: Floats
    hi: Floats
    bound: Floats

    @classmethod
    def of(cls, lo: Floats, hi: Floats) -> Cells:
        return cls(lo, hi, np.full(len(lo), -math.inf))

    def __len__(self) -> int:
        return len(self.bound)

    def centre(self) -> Floats:
        """The midpoints, inside the boxes whatever the rounding."""
        return np.clip(0.5 * self.lo + 0.5 * self.hi, self.lo, self.hi)

    def divisible(self) -> NDArray[np.bool_]:
        """Which boxes have a side that two floats and more lie in."""
        gap = 4 * np.spacing(np.maximum(np.abs(self.lo), np.abs(self.hi)))
        return np.asarray((self.hi - self.lo > gap).any(axis=1))


def take(cells: Cells, which: Any) -> Cells:
    return Cells(cells.lo[which], cells.hi[which], cells.bound[which])


def join(first: Cells, second: Cells) -> Cells:
    return Cells(
        np.concatenate([first.lo, second.lo]),
        np.concatenate([first.hi, second.hi]),
        np.concatenate([first.bound, second.bound]),
    )


def split(cells: Cells) -> Cells:
    """Each box cut in two along its longest side; the halves keep the bound of the whole."""
    rows = np.arange(len(cells))
    side = np.argmax(cells.hi - cells.lo, axis=1)
    cut = cells.lo[rows, side] + CUT * (cells.hi[rows, side] - cells.lo[rows, side])
    lo, hi = halves(cells.lo, cells.hi, side, cut)
    return Cells(lo, hi, np.concatenate([cells.bound, cells.bound]))


def halves(lo: Floats, hi: Floats, side: Any, cut: Floats) -> tuple[Floats, Floats]:
    """Each box cut at ``cut`` (m,) of its side ``side``, one for all or (m,): all lower halves, then all upper ones."""
    rows = np.arange(len(lo))
    first_hi, second_lo = hi.copy(), lo.copy()
    first_hi[rows, side] = second_lo[rows, side] = cut
    return np.concatenate([lo, second_lo]), np.concatenate([first_hi, hi])


def clusters(cells: Cells, reach: Floats) -> list[tuple[Floats, Floats]]:
    """The hulls (lo, hi) of boxes that touch, or nearly do (within ``reach`` of each coordinate, shape (n,))."""
    near = np.ones((len(cells), len(cells)), dtype=bool)
    for side in range(cells.lo.shape[1]):
        apart = cells.lo[:, None, side] > cells.hi[None, :, side] + reach[side]
        near &= ~(apart | apart.T)
    waiting = np.ones(len(cells), dtype=bool)
    hulls = []
    while waiting.any():
        members = np.zeros(len(cells), dtype=bool)
        fresh = np.zeros(len(cells), dtype=bool)
        fresh[int(np.argmax(waiting))] = True
        while fresh.any():
            members |= fresh
            fresh = near[fresh].any(axis=0) & ~members
        waiting &= ~members
        hulls.append((cells.lo[members].min(axis=0), cells.hi[members].max(axis=0)))
    return hulls
