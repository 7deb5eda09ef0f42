"""Where a function of one variable is defined, rises and falls, and how it is bent (course, A11).

Between neighbouring zeros and switches f' is continuous without a zero, so one sample tells its sign: a proof, given
that the list of these points is complete. Where it is not, nothing is said, but why.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from mpmath import mp

from calcopt.calculus.precise import evaluate_sure, sign_of
from calcopt.calculus.singular.found import DEFAULT_WINDOW, MULTIPLES, Found, family_text, window_of
from calcopt.calculus.singular.germs import NoValues, Undecided
from calcopt.calculus.singular.lines import fraction
from calcopt.calculus.singular.roots import Root, Roots, members, number
from calcopt.calculus.singular.segments import MINUS_INFINITY, PLUS_INFINITY, Cut, Segment, cuts_of, sample, span
from calcopt.calculus.singular.solving import solve
from calcopt.expression.tree import Expr, Number
from calcopt.records.places import Inflection, Span, Study

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials

MOST_CUTS = 60
CONTINUOUS = frozenset(("corner", "cusp", "vertical tangent", "smooth"))
BENT_THROUGH = frozenset(("vertical tangent", "smooth"))


class _Range(NamedTuple):
    """The part of the line that is looked at; ``text`` is None for the whole line."""

    low: Cut
    high: Cut
    text: str | None = None
    periodic: bool = False


def study(partials: Partials, found: Found, box: tuple[Expr, Expr] | None = None, *, search: bool = True) -> Study:
    """Domain, monotonicity and concavity of a function of one variable, from its places ``found``.

    ``search`` allows zeros of f' and f'' to be looked for by intervals where they have no exact form.
    """
    (name,) = partials.names
    slopes = [solve(partials.tree((name,) * k), name, _window(box), search=search) for k in (1, 2)]
    if any(place.decision.kind == "undetermined" for place in found.places):
        return Study(omitted="the kind of a place was not determined")
    ranges = [_range(partials.body, name, found, roots, box) for roots in slopes]
    rising = _Signs(partials, found, ranges[0], slopes[0], 1)
    bending = _Signs(partials, found, ranges[1], slopes[1], 2)
    alone = Roots()
    whole = _Signs(partials, found, _range(partials.body, name, found, alone, box), alone, 0)
    return _collected(partials, found, rising, bending, whole)


def _window(box: tuple[Expr, Expr] | None) -> Any:
    return DEFAULT_WINDOW if box is None else window_of(box)


def _range(body: Expr, name: str, found: Found, roots: Roots, box: tuple[Expr, Expr] | None) -> _Range | str:
    """The box, the whole line, or one period; a text when there is none of these."""
    if not roots.complete:
        return "; ".join(roots.notes)
    if box is not None:
        ends = Cut(number(box[0]), box[0]), Cut(number(box[1]), box[1])
        return _Range(*ends, f"{ends[0].text}..{ends[1].text}") if found.complete else "; ".join(found.notes)
    periods = [root.period for root in [*roots.roots, *(p.root for p in found.places)] if root.period is not None]
    if found.window is not None or roots.searched:
        if periods or any("repeat" in note or "infinitely" in note for note in found.notes):
            return "; ".join(found.notes) or "zeros without end; give a --box"
        low, high = DEFAULT_WINDOW
        return _Range(_cut(low), _cut(high), f"{low}..{high}")
    if not found.complete:
        return "; ".join(found.notes)
    if not periods:
        return _Range(MINUS_INFINITY, PLUS_INFINITY)
    period = common_period(body, name, periods)
    if period is None:
        return "it has infinitely many such intervals; give a --box"
    zero = Number(0)
    return _Range(Cut(mp.mpf(0), zero), Cut(number(period), period), f"0..{period}, one period", periodic=True)


def _cut(value: Fraction) -> Cut:
    return Cut(number(fraction(value)), fraction(value))


def common_period(body: Expr, name: str, periods: Sequence[Expr]) -> Expr | None:
    """A period of f up to a constant, of which every one in the list is a part."""
    from calcopt.calculus.algebra.equations import tidied
    from calcopt.calculus.singular.shifts import Measure, measure, shift
    from calcopt.expression.tree import Mul

    longest = max(periods, key=number)
    size = measure(longest)
    for multiple in MULTIPLES if size is not None else ():
        assert size is not None
        moved = shift(body, name, Measure(size.q * multiple, size.r * multiple))
        turns = [number(longest) * multiple / number(period) for period in periods]
        if moved is not None and moved.sign > 0 and all(abs(t - mp.nint(t)) < 1e-12 for t in turns):
            return tidied(Mul(Number(multiple), longest))
    return None


class _Signs:
    """Segments of the line with the sign of f^(k) on each; ``reason`` when that is not known."""

    def __init__(self, partials: Partials, found: Found, extent: _Range | str, roots: Roots, order: int) -> None:
        self.segments: list[tuple[Segment, int | None]] = []
        self.extent = extent if isinstance(extent, _Range) else None
        self.reason = extent if isinstance(extent, str) else ""
        if self.extent is None:
            return
        (name,) = partials.names
        low, high = self.extent.low.number, self.extent.high.number
        cuts: list[Root] = []
        for root in [*roots.roots, *(place.root for place in found.places)]:
            listed = members(root, low, high, MOST_CUTS)
            if listed is None or len(cuts) > MOST_CUTS:
                self.reason = f"more than {MOST_CUTS} intervals; give a smaller --box"
                return
            cuts += listed
        line = cuts_of(cuts, self.extent.low, self.extent.high)
        derivative = partials.tree((name,) * order) if order else partials.body
        for segment in itertools.pairwise(line):
            at = {name: sample(segment)}
            if evaluate_sure(partials.body, at) is None:
                self.segments.append((segment, None))
                continue
            sign = sign_of(derivative, at)
            if sign is None:
                self.reason = f"the sign of the derivative of order {order} was not decided"
                return
            self.segments.append((segment, sign))

    def where(self, sign: int, joins: Callable[[Cut], bool]) -> tuple[Span, ...]:
        """The intervals with that sign, joined where ``joins`` says that f goes on through the point between."""
        merged: list[Segment] = []
        for segment, found in self.segments:
            if found != sign:
                continue
            if merged and merged[-1][1] is segment[0] and joins(segment[0]):
                merged[-1] = (merged[-1][0], segment[1])
            else:
                merged.append(segment)
        return tuple(map(span, merged))

    def changes(self) -> list[Cut]:
        """The points where the sign goes from + to − or back; of one period its start too."""
        pairs = list(itertools.pairwise(self.segments))
        found = [left[1] for (left, before), (_, after) in pairs if before and after and before == -after]
        if self.extent is not None and self.extent.periodic and self.segments:
            (first, begin), (_, end) = self.segments[0], self.segments[-1]
            if begin and end and begin == -end:
                found.insert(0, first[0])
        return found


def _collected(partials: Partials, found: Found, rising: _Signs, bending: _Signs, whole: _Signs) -> Study:
    def kind_at(cut: Cut) -> str:
        return next((p.decision.kind or "" for p in found.places if _covers(p.root, cut)), "smooth")

    def continuous(cut: Cut) -> bool:
        return kind_at(cut) in CONTINUOUS

    def bent_through(cut: Cut) -> bool:
        return kind_at(cut) in BENT_THROUGH

    reasons = dict.fromkeys(signs.reason for signs in (rising, bending) if signs.reason)
    extent = rising.extent or bending.extent
    domain, pieces = _domain(partials.body, partials.names[0], found, whole)
    turns = [] if bending.reason else [cut for cut in bending.changes() if bent_through(cut)]
    return Study(
        domain=domain,
        pieces=pieces,
        increasing=None if rising.reason else rising.where(1, continuous),
        decreasing=None if rising.reason else rising.where(-1, continuous),
        constant=() if rising.reason else rising.where(0, continuous),
        concave_up=None if bending.reason else bending.where(1, bent_through),
        concave_down=None if bending.reason else bending.where(-1, bent_through),
        inflections=tuple(_inflection(partials, cut) for cut in turns),
        window=None if extent is None else extent.text,
        omitted="; ".join(reasons),
    )


def _covers(root: Root, cut: Cut) -> bool:
    listed = members(root, cut.number - 1e-9, cut.number + 1e-9, MOST_CUTS)
    return any(abs(member.number - cut.number) < mp.mpf(10) ** -50 for member in listed or ())


def _inflection(partials: Partials, cut: Cut) -> Inflection:
    from calcopt.calculus.algebra.at_point import exact_value

    (name,) = partials.names
    at = {name: cut.number if cut.exact is None else cut.exact}
    exact = None if cut.exact is None else exact_value(partials.body, at)
    return Inflection(
        x={name: float(cut.number)},
        value=float(evaluate_sure(partials.body, at) or 0),
        exact=None if cut.exact is None else {name: str(cut.exact)},
        exact_value=None if exact is None else str(exact),
    )


Domain = tuple[str | None, tuple[Span, ...] | None]


def _domain(body: Expr, name: str, found: Found, signs: _Signs) -> Domain:
    """``all x``, ``all x except …``, or the intervals with closed ends where f has a value there."""
    if not found.complete or signs.reason or signs.extent is None:
        return None, None
    pieces = tuple(span((low, high), closed=closed) for low, high, closed in _pieces(body, name, found.places, signs))
    holes = [p for p in found.places if p.decision.value is None and p.decision.kind != "smooth"]
    edges = [p for p in found.places if p.decision.kind == "domain edge"]
    if not edges and all(value is not None for _, value in signs.segments):
        without = " except " + ", ".join(family_text(p.root) for p in holes) if holes else ""
        return f"all {name}{without}", pieces
    return ", ".join(piece.text for piece in pieces) or "nowhere", pieces


Piece = tuple[Cut, Cut, tuple[bool, bool]]


def _pieces(body: Expr, name: str, places: Sequence[Any], signs: _Signs) -> list[Piece]:
    """The segments where f has values, joined through points where it has one, and single points between gaps."""
    pieces: list[Piece] = []

    def has_value(cut: Cut) -> bool:
        return bool(mp.isfinite(cut.number)) and _has_value(cut, body, name, places)

    for (low, high), sign in signs.segments:
        if sign is None:
            if has_value(low) and not (pieces and pieces[-1][1] is low):
                pieces.append((low, low, (True, True)))
            continue
        left, right = has_value(low), has_value(high)
        if pieces and pieces[-1][1] is low and pieces[-1][2][1] and left:
            pieces[-1] = (pieces[-1][0], high, (pieces[-1][2][0], right))
        else:
            pieces.append((low, high, (left, right)))
    return pieces


def _has_value(cut: Cut, body: Expr, name: str, places: Sequence[Any]) -> bool:
    from calcopt.calculus.singular.expansion import value_at

    place = next((p for p in places if _covers(p.root, cut)), None)
    if place is not None:
        return place.decision.value is not None
    try:
        value_at(body, {name: cut.number if cut.exact is None else cut.exact})
    except (NoValues, Undecided):
        return False
    return True
