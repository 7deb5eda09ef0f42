"""What kind of place a switch is: corner, cusp, jump … or none at all, from the expansions on both sides.

The one-sided derivative is the limit of (f(a + h) − f(a+)) / h by its definition, so x² sin(1/x) counts as
differentiable at 0 though its derivative has no limit there (Spivak, *Calculus*, ch. 11).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from mpmath import mp, mpf, workdps

from calcopt.calculus.singular.expansion import germ_along, value_at
from calcopt.calculus.singular.germs import DIGITS, Germ, NoValues, Undecided, limit, slope
from calcopt.expression.tree import Expr
from calcopt.records.places import PlaceKind

EQUAL = mpf(10) ** -110
UNEQUAL = mpf(10) ** -80


class Side(NamedTuple):
    """One side of a point: ``approach`` is "values", "no values" or "undecided"; limits are None where unknown."""

    approach: str
    limit: Any | None = None
    slope: Any | None = None
    germ: Germ | None = None


class Decision(NamedTuple):
    """The kind of a place with the numbers that decided it; ``kind`` None: the point is outside of the domain."""

    kind: PlaceKind | None
    left: Side
    right: Side
    value: Any | None
    detail: str = ""
    order: int | None = None


def decide(body: Expr, point: Mapping[str, Any], direction: Mapping[str, Any]) -> Decision:
    """The kind of f along the line through ``point`` in ``direction`` (slopes are by that direction)."""
    left = _side(body, {name: (a, -mpf(direction.get(name, 0))) for name, a in point.items()}, -1)
    right = _side(body, {name: (a, mpf(direction.get(name, 0))) for name, a in point.items()}, 1)
    try:
        value, known = value_at(body, point), True
    except NoValues:
        value, known = None, True
    except Undecided:
        value, known = None, False
    with workdps(DIGITS):
        kind, detail, order = _judged(left, right, value, known=known)
    return Decision(kind, left, right, value, detail, order)


def _side(body: Expr, line: Mapping[str, tuple[Any, Any]], sign: int) -> Side:
    try:
        germ = germ_along(body, line)
    except NoValues:
        return Side("no values")
    except Undecided:
        return Side("undecided")
    with workdps(DIGITS):
        level = _or_none(limit, germ)
        rise = None if level is None or not mp.isfinite(level) else _or_none(slope, germ)
        return Side("values", level, None if rise is None else sign * rise, germ)


def _or_none(measure: Any, germ: Germ) -> Any | None:
    try:
        return measure(germ)
    except Undecided:
        return None


Judgement = tuple[PlaceKind | None, str, int | None]


def _judged(left: Side, right: Side, value: Any | None, *, known: bool) -> Judgement:
    approaches = {left.approach, right.approach}
    if approaches == {"no values"}:
        return ("domain edge", "an isolated point of the domain", None) if value is not None else (None, "", None)
    if "no values" in approaches:
        return _edge(left if right.approach == "no values" else right, value, left=right.approach == "no values")
    if "undecided" in approaches:
        return "undetermined", "the one-sided limits were not found", None
    if left.limit is None or right.limit is None:
        if value is None and known:
            return "undefined", "no limit of f was found", None
        return "undetermined", "the one-sided limits of f were not found", None
    if not known:
        return "undetermined", "whether f has a value there was not found out", None
    return _by_limits(left, right, value)


def _edge(side: Side, value: Any | None, *, left: bool) -> Judgement:
    where = "left" if left else "right"
    parts = [f"f has values on the {where} only"]
    if side.limit is not None and not mp.isfinite(side.limit):
        parts.append(f"f → {shown(side.limit)}")
    elif side.limit is not None and value is None:
        parts.append(f"f → {shown(side.limit)}, without a value there")
    elif side.slope is not None and not mp.isfinite(side.slope):
        parts.append("a vertical tangent")
    return "domain edge", "; ".join(parts), None


def _by_limits(left: Side, right: Side, value: Any | None) -> Judgement:
    finite = bool(mp.isfinite(left.limit)), bool(mp.isfinite(right.limit))
    limits = f"f → {shown(left.limit)} on the left, {shown(right.limit)} on the right"
    if not all(finite):
        if value is None:
            return (
                "undefined",
                f"a pole: {limits}" if left.limit != right.limit else f"a pole: f → {shown(left.limit)}",
                None,
            )
        return "jump", f"infinite: {limits}", None
    same = equal(left.limit, right.limit)
    if same is None:
        return "undetermined", "whether the limits of f are equal was not decided", None
    if not same:
        without = "; no value there" if value is None else f"; the value is {shown(value)}"
        return "jump", limits + without, None
    if value is None:
        return "removable", f"f → {shown(left.limit)} from both sides, without a value there", None
    attained = equal(left.limit, value)
    if attained is None:
        return "undetermined", "whether the limit is the value was not decided", None
    if not attained:
        return "removable", f"f → {shown(left.limit)} from both sides, but the value is {shown(value)}", None
    return _by_slopes(left, right)


def _by_slopes(left: Side, right: Side) -> Judgement:
    if left.slope is None or right.slope is None:
        return "undetermined", "the slopes have no limit that was found", None
    slopes = f"slopes {shown(left.slope)} and {shown(right.slope)}"
    steep = [not mp.isfinite(side.slope) for side in (left, right)]
    if all(steep):
        kind: PlaceKind = "vertical tangent" if left.slope == right.slope else "cusp"
        return kind, slopes, None
    if any(steep):
        return "corner", f"{slopes}: vertical on the {'left' if steep[0] else 'right'}", None
    same = equal(left.slope, right.slope)
    if same is None:
        return "undetermined", f"{slopes}: not told apart", None
    if not same:
        return "corner", slopes, None
    assert left.germ is not None
    assert right.germ is not None
    return "smooth", f"slope {shown(left.slope)} on both sides", times_differentiable(left.germ, right.germ)


def equal(one: Any, other: Any) -> bool | None:
    """True or False where 110 or 80 digits say so, None in between."""
    scale, gap = 1 + max(abs(one), abs(other)), abs(one - other)
    if gap <= EQUAL * scale:
        return True
    return False if gap >= UNEQUAL * scale else None


def times_differentiable(left: Germ, right: Germ) -> int | None:
    """The largest k with Σ cᵢhⁱ the same on both sides up to i = k; None where the expansions never differ."""
    known = [germ.order for germ in (left, right) if germ.order is not None]
    end = min(known) if known else None
    for e, b in sorted({*left.terms, *right.terms}):
        if end is not None and e >= end:
            break
        c, d = right.terms.get((e, b), mpf(0)), left.terms.get((e, b), mpf(0))
        if b or e.denominator != 1 or equal(c, d * (-1) ** int(e)) is not True:
            return -int(-e // 1) - 1 if e > 0 else 0
    if end is None or end > 3:
        return None
    return max(1, -int(-end // 1) - 1)


def shown(value: Any) -> str:
    """A number as people read it: exact where that is short, else eight digits."""
    if value is None:
        return "?"
    if not mp.isfinite(value):
        return "−∞" if value < 0 else "+∞"
    return exact_text(value) or f"{float(value):.8g}".replace("-", "−")


def exact_text(value: Any) -> str | None:
    """``3/2``, ``pi/2``, ``sqrt(2)/2`` for a number that agrees with such a form to 80 digits."""
    with workdps(DIGITS):
        plain = _fraction_near(value)
        if plain is not None:
            return _times("", plain)
        by_pi = _fraction_near(value / mp.pi)
        if by_pi is not None:
            return _times("pi", by_pi)
        square = _fraction_near(value * value)
        if square is None:
            return None
        radicand, factor = _square_free(square.numerator * square.denominator)
        return _times(f"sqrt({radicand})", Fraction(factor if value > 0 else -factor, square.denominator))


def _fraction_near(value: Any) -> Fraction | None:
    near = Fraction(int(mp.nint(value * mpf(10) ** 60)), 10**60).limit_denominator(1000)
    close = abs(value - mpf(near.numerator) / near.denominator) <= mpf(10) ** -80 * (1 + abs(value))
    return near if close and abs(near.numerator) < 10**12 and (near != 0 or value == 0) else None


def _square_free(number: int) -> tuple[int, int]:
    """(r, s) with number = r·s² and small squares in s."""
    factor = 1
    for k in range(2, 1000):
        while number % (k * k) == 0:
            number, factor = number // (k * k), factor * k
    return number, factor


def _times(unit: str, factor: Fraction) -> str:
    """The factor times the unit: ``−3*pi/2``."""
    above, below = abs(factor.numerator), factor.denominator
    head = str(above) if not unit else unit if above == 1 else f"{above}*{unit}"
    return ("−" if factor < 0 else "") + head + (f"/{below}" if below > 1 else "")
