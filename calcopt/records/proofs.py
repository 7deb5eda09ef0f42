"""What was proved, by interval arithmetic, beyond what a run of a solver can claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Ranges = Mapping[str, tuple[float, float]]
"""A box: lower and upper end of each variable."""


@dataclass(frozen=True, slots=True)
class Minimizer:
    """A box that holds minimizers; where ``unique``, exactly one critical point is in it, and it is a minimum.

    ``on_boundary`` names the variables that sit at an end of the region searched.
    """

    enclosure: Ranges
    unique: bool
    on_boundary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """``global``: f* is in [lower, upper], and every global minimizer (maximizer) lies in one of ``minimizers``.

    ``local``: the box of the one minimizer holds exactly one critical point of f, and within ``radius`` of the answer
    there is no other. ``boxes`` counts what was looked at.
    """

    kind: Literal["global", "local"]
    certified: bool
    statement: str
    lower: float | None = None
    upper: float | None = None
    minimizers: tuple[Minimizer, ...] = ()
    boxes: int = 0
    radius: float | None = None
