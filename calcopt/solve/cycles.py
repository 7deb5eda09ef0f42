"""A method without memory that meets an earlier iterate again will go round for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from calcopt.solve.vectors import norm

if TYPE_CHECKING:
    from calcopt.records import Vector


def period(earlier: Sequence[Vector], x: Vector) -> int | None:
    """How many steps ago ``x`` was met (2 or more), or None; ``earlier`` ends with the point before x.

    Equal means to 1e-13 of its size, while the steps of the cycle itself are far longer (1e-6 of it at least).
    """
    size = max(norm(x), 1e-300)
    for steps, old in enumerate(reversed(earlier), start=1):
        if steps >= 2 and norm(x - old) <= 1e-13 * size:
            return steps if norm(x - earlier[-1]) > 1e-6 * size else None
    return None
