"""Solutions of switching equations: single points, and families that repeat with a period."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mpmath import mp, mpf, workdps

from calcopt.calculus.precise import evaluate
from calcopt.calculus.singular.germs import DIGITS, NoValues
from calcopt.expression.tree import Expr

SAME = mpf(10) ** -60


class Deadline:
    """A point in time after which nothing new is begun; what was not looked at is then said to be open."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def passed(self) -> bool:
        return time.monotonic() > self._end


def number(value: Any) -> Any:
    """A coordinate to all digits of germs. Raises NoValues where a closed tree has no value."""
    if not isinstance(value, Expr):
        return mpf(value)
    found = evaluate(value, {}, digits=DIGITS + 10)
    if found is None:
        raise NoValues
    return found


class Root(NamedTuple):
    """A point on the line: exact, or a number of 150 digits; with a ``period`` it repeats at that distance."""

    exact: Expr | None
    number: Any
    period: Expr | None = None

    @property
    def place(self) -> Any:
        """The exact form where there is one."""
        return self.number if self.exact is None else self.exact


@dataclass(slots=True)
class Roots:
    """What was found. ``complete`` when no zero is missing, on the whole line or (``searched``) in the window."""

    roots: list[Root] = field(default_factory=list)
    complete: bool = True
    searched: bool = False
    notes: list[str] = field(default_factory=list)

    def add(self, root: Root) -> None:
        """Keeps a root unless it is there already."""
        with workdps(DIGITS):
            if not any(_same(root, other) for other in self.roots):
                self.roots.append(root)


def _same(one: Root, other: Root) -> bool:
    if one.period is not other.period:
        return False
    return bool(abs(one.number - other.number) <= SAME * (1 + abs(one.number)))


def members(root: Root, low: Any, high: Any, most: int) -> list[Root] | None:
    """The root itself, or those of its family in [low, high]; None where there are more than ``most``."""
    if root.period is None:
        return [root]
    from calcopt.calculus.algebra.constants import shifted

    with workdps(DIGITS):
        period = number(root.period)
        first, last = (
            int(mp.ceil((low - root.number) / period - SAME)),
            int(mp.floor((high - root.number) / period + SAME)),
        )
        if last - first >= most:
            return None
        found = []
        for k in range(first, last + 1):
            exact = None if root.exact is None else shifted(root.exact, root.period, k)
            found.append(Root(exact, root.number + k * period))
        return found
