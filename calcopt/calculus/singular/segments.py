"""The line cut at points: open segments between neighbours, a sample inside of each, and intervals as records."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from mpmath import mp, mpf, workdps

from calcopt.calculus.singular.germs import DIGITS
from calcopt.calculus.singular.roots import SAME, Root
from calcopt.expression.tree import Expr
from calcopt.records.places import Span


class Cut(NamedTuple):
    """A point that cuts the line: ``exact`` where it has an exact form; ±inf at the ends."""

    number: Any
    exact: Expr | None = None

    @property
    def text(self) -> str:
        """``pi/2``, ``0.7390851332151607`` or ``inf``."""
        if not mp.isfinite(self.number):
            return "inf" if self.number > 0 else "-inf"
        return str(self.exact) if self.exact is not None else repr(float(self.number))


Segment = tuple[Cut, Cut]
MINUS_INFINITY, PLUS_INFINITY = Cut(mpf("-inf")), Cut(mpf("inf"))


def cuts_of(roots: Sequence[Root], low: Cut, high: Cut) -> list[Cut]:
    """The ends and every root strictly between them, in order and once each."""
    found: list[Cut] = [low]
    with workdps(DIGITS):
        for root in sorted(roots, key=lambda root: root.number):
            if _after(found[-1], root.number) and _after(Cut(root.number), high.number):
                found.append(Cut(root.number, root.exact))
    return [*found, high]


def _after(cut: Cut, number: Any) -> bool:
    if not mp.isfinite(cut.number) or not mp.isfinite(number):
        return bool(cut.number < number)
    return bool(number - cut.number > SAME * (1 + abs(number)))


def sample(segment: Segment) -> Fraction:
    """A short rational strictly inside, never a whole number: there (−1)^x has a value that stands alone."""
    low, high = segment[0].number, segment[1].number
    if not mp.isfinite(low) and not mp.isfinite(high):
        return Fraction(1, 3)
    if not mp.isfinite(low):
        return Fraction(int(mp.floor(high))) - Fraction(4, 3)
    if not mp.isfinite(high):
        return Fraction(int(mp.ceil(low))) + Fraction(4, 3)
    with workdps(DIGITS):
        inside, width = low + (high - low) * mpf("0.46"), high - low
        digits = max(1, 2 - int(mp.floor(mp.log10(width))))
        short = Fraction(int(mp.nint(inside * mpf(10) ** digits)), 10**digits)
    return short if short.denominator > 1 else short + Fraction(1, 10 ** (digits + 1))


def span(segment: Segment, *, closed: tuple[bool, bool] = (False, False)) -> Span:
    """The interval between two cuts."""
    low, high = segment
    return Span(float(low.number), float(high.number), (low.text, high.text), closed)
