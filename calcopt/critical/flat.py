"""Intervals on which a function of one variable is constant, such as x ≤ 0 for max(x, 0)²."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calcopt.expression.tree import Expr
from calcopt.records import Continuum

if TYPE_CHECKING:
    from calcopt.calculus.singular.germs import Germ
    from calcopt.calculus.singular.segments import Cut, Segment


def flat_piece(body: Expr, name: str, segment: Segment) -> Continuum | None:
    """The segment as a continuum when f is constant on it, else None.

    Between switches f is analytic: where its expansion at one point is a constant without a remainder, f is that
    constant on all of the segment.
    """
    from mpmath import mpf

    from calcopt.calculus.singular.expansion import germ_along
    from calcopt.calculus.singular.germs import NoValues, Undecided
    from calcopt.calculus.singular.kinds import exact_text
    from calcopt.calculus.singular.segments import sample

    at = sample(segment)
    try:
        germ = germ_along(body, {name: (mpf(at.numerator) / at.denominator, mpf(1))})
    except (NoValues, Undecided):
        return None
    if not is_constant(germ):
        return None
    level = next(iter(germ.terms.values()), mpf(0))
    ends = [_end(body, name, cut, level, outward) for cut, outward in zip(segment, (-1, 1), strict=True)]
    described = _described(name, segment, (ends[0][0], ends[1][0]))
    text = exact_text(level)
    value = text.replace("−", "-") if text is not None else repr(float(level))
    return Continuum(described, (described,), value, _verdict([sign for _, sign in ends]))


def is_constant(germ: Germ) -> bool:
    """True for a germ that is one number without a remainder."""
    return germ.order is None and not germ.flat and not germ.huge and not any(e != 0 or b for e, b in germ.terms)


def _end(body: Expr, name: str, cut: Cut, level: Any, outward: int) -> tuple[bool, int | None]:
    """Whether f has the same value at the end, and the sign of f − c beyond it (0 at infinity, None unknown)."""
    from mpmath import mp, mpf, workdps

    from calcopt.calculus.singular.expansion import germ_along, value_at
    from calcopt.calculus.singular.germs import DIGITS, NoValues, Undecided, add, constant
    from calcopt.calculus.singular.kinds import equal

    if not mp.isfinite(cut.number):
        return False, 0
    place = cut.number if cut.exact is None else cut.exact
    with workdps(DIGITS):
        try:
            value = value_at(body, {name: place})
            included = equal(value, level) is True
            if not included:
                return False, 1 if value > level else -1
        except NoValues:
            return False, 0
        except Undecided:
            return False, None
        try:
            return True, add(germ_along(body, {name: (place, mpf(outward))}), constant(-level)).sign()
        except NoValues:
            return True, 0
        except Undecided:
            return True, None


def _described(name: str, segment: Segment, closed: tuple[bool, bool]) -> str:
    """``x <= 0``, ``0 <= x < 1`` or ``every x``."""
    from mpmath import mp

    low, high = segment
    finite = bool(mp.isfinite(low.number)), bool(mp.isfinite(high.number))
    signs = ["<=" if end else "<" for end in closed]
    if not any(finite):
        return f"every {name}"
    if not finite[1]:
        return f"{name} {signs[0].replace('<', '>')} {low.text}"
    left = f"{low.text} {signs[0]} " if finite[0] else ""
    return f"{left}{name} {signs[1]} {high.text}"


def _verdict(signs: list[int | None]) -> str:
    """What the ends say of the whole piece."""
    if None in signs:
        return "f is constant there"
    known = {sign for sign in signs if sign}
    if known == {1}:
        return "local minima: f is constant there and larger beside it"
    if known == {-1}:
        return "local maxima: f is constant there and smaller beside it"
    return "f is constant there"
