"""What a look for places without a derivative finds, and how families of them are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from mpmath import mp

from calcopt.calculus.singular.roots import Root, number
from calcopt.expression.tree import Add, Expr, Mul, Number

if TYPE_CHECKING:
    from calcopt.calculus.singular.kinds import Decision

Window = tuple[Fraction, Fraction]
DEFAULT_WINDOW: Window = (Fraction(-10), Fraction(10))
"""Looked at where equations are solved on the whole line by no method, and no box is given."""
MULTIPLES = (1, 2, 3, 4, 6)
"""Of a period: how many members of a family are looked at before its kinds repeat."""


class Singular(NamedTuple):
    """A place with its decision; a root with a period stands for all of its family."""

    root: Root
    decision: Decision


@dataclass(slots=True)
class Found:
    """Places in the order of the line. ``window`` is set where only that part of the line was looked at."""

    places: list[Singular] = field(default_factory=list)
    complete: bool = True
    window: Window | None = None
    notes: list[str] = field(default_factory=list)

    def doubt(self, note: str) -> None:
        self.complete = False
        if note not in self.notes:
            self.notes.append(note)


def window_of(box: tuple[Expr, Expr]) -> Window:
    """The box as rationals, widened outwards by what rounding costs."""
    low, high = (number(end) for end in box)
    scale = 10**40
    return Fraction(int(mp.floor(low * scale)) - 1, scale), Fraction(int(mp.ceil(high * scale)) + 1, scale)


def family_text(root: Root) -> str:
    """``pi/2 + k*pi`` for a family with an exact start."""
    start = str(root.exact) if root.exact is not None else repr(float(root.number))
    if root.period is None:
        return start
    step = Mul(Number(1), root.period) if isinstance(root.period, Add) else root.period
    times = "k" if str(step) == "1" else f"k*{step}" if not isinstance(root.period, Add) else f"k*({root.period})"
    return times if start == "0" else f"{start} + {times}"
