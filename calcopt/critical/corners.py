"""Critical points of one variable where f has kinks, jumps or edges: |x| has its minimum where it has no derivative.

On each side of a switch the expansion of f − f(a) has a sign for all small distances; these two signs decide, for
corners and for points flat to every order alike. Between the switches f' = 0 is solved on each branch.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf, workdps

from calcopt.calculus.singular.germs import DIGITS, Undecided, add, constant
from calcopt.calculus.singular.roots import SAME, Root, number
from calcopt.critical.flat import flat_piece, is_constant
from calcopt.critical.point import Candidate
from calcopt.expression.tree import Call, Expr, Piecewise, Pow, postorder
from calcopt.records import Classification, CriticalPoint

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.calculus.singular.found import Found, Singular
    from calcopt.calculus.singular.roots import Roots
    from calcopt.critical.search import Search

BENDING = frozenset(
    ("abs", "sign", "floor", "ceil", "min", "max", "relu", "step", "cbrt", "sqrt", "asin", "acos", "acosh", "acot")
)
MOST_MEMBERS = 100
AT_KIND = {
    "corner": "f is not differentiable there (corner: {detail})",
    "cusp": "f is not differentiable there (cusp: {detail})",
    "vertical tangent": "f is not differentiable there (vertical tangent)",
    "jump": "f is not continuous there ({detail})",
    "removable": "f is not continuous there ({detail})",
    "domain edge": "an edge of the domain ({detail})",
    "smooth": "f' = 0 on a switch of the formula",
}


def applies(partials: Partials, constants: Sequence[str]) -> bool:
    """True for functions of one variable with parts that bend, jump or end with a value."""
    return len(partials.names) == 1 and not constants and any(map(bends, postorder(partials.body)))


def bends(node: Expr) -> bool:
    """True for a node that may bend, jump or end with a value."""
    from calcopt.calculus.precise import literal_fraction

    match node:
        case Call(name):
            return name in BENDING
        case Piecewise():
            return True
        case Pow(_, exponent):
            literal = literal_fraction(exponent)
            return literal is not None and literal > 0 and literal.denominator > 1
        case _:
            return False


def examine(search: Search) -> None:
    """Finds every critical point on the line (or in the box): zeros of f', extrema on switches, flat pieces."""
    from calcopt.calculus.singular.found import DEFAULT_WINDOW, window_of
    from calcopt.calculus.singular.places import find
    from calcopt.calculus.singular.roots import members
    from calcopt.calculus.singular.solving import solve

    (name,) = search.partials.names
    body, slope = search.partials.body, search.partials.tree((name,))
    limits = None if search.box is None else search.box[name]
    window = DEFAULT_WINDOW if limits is None else window_of(limits)
    found, slopes = find(body, name, limits), solve(slope, name, window)
    search.answered = search.examined = True
    search.complete = found.complete and slopes.complete and (limits is not None or not slopes.searched)
    search.notes += [*found.notes, *slopes.notes]
    if slopes.searched:
        search.method = "exact and intervals"
        if limits is None:
            search.notes.append(f"zeros of f' were looked for in {window[0]}..{window[1]} only; give a --box")
    open_end = limits is None
    if limits is None:
        limits = _part_of_infinitely_many(search, found, slopes)
    zeros = slopes.roots
    if limits is not None:
        window = window_of(limits)
        found = find(body, name, limits) if open_end else found
        low, high = (mpf(end.numerator) / end.denominator for end in window)
        zeros = [member for root in zeros for member in members(root, low, high, MOST_MEMBERS) or ()]
    end = number(limits[1]) if limits is not None and open_end else mp.inf
    _flat_pieces(search, found, limits)
    for root in zeros:
        if root.number < end * (1 - SAME) and not any(_same(place.root, root) for place in found.places):
            _take_zero(search, name, root)
    neither = [_take(search, name, place) for place in found.places if place.root.number < end * (1 - SAME)]
    listed = [where for where in neither if where]
    if listed:
        more = f" and {len(listed) - 3} more places" if len(listed) > 3 else ""
        search.notes.append(f"no extremum at {', '.join(listed[:3])}{more}")


def _part_of_infinitely_many(search: Search, found: Found, slopes: Roots) -> tuple[Expr, Expr] | None:
    """One period of f where points repeat without end, or where f itself does not repeat, the usual window."""
    from calcopt.calculus.singular.found import DEFAULT_WINDOW
    from calcopt.calculus.singular.lines import fraction
    from calcopt.calculus.singular.study import common_period

    roots = [*slopes.roots, *(place.root for place in found.places)]
    periods = [root.period for root in roots if root.period is not None]
    if not periods and found.window is None:
        return None
    search.complete = False
    period = common_period(search.partials.body, search.partials.names[0], periods) if periods else None
    if period is not None:
        search.notes.append(f"infinitely many: each point repeats with period {period}; one period is listed")
        return fraction(Fraction(0)), period
    low, high = DEFAULT_WINDOW
    search.notes.append(f"there may be points without end: those in {low}..{high} are listed; give another --box")
    return fraction(low), fraction(high)


def _take_zero(search: Search, name: str, root: Root) -> None:
    """A zero of one branch of f': a candidate when that branch holds there."""
    from calcopt.calculus.singular.kinds import decide

    decision = decide(search.partials.body, {name: root.place}, {name: 1})
    if decision.kind == "smooth" and decision.left.slope == decision.right.slope == 0:
        if decision.right.germ is not None and is_constant(decision.right.germ):
            return  # inside of a flat piece
        search._add(Candidate({name: root.place}))
    elif decision.kind not in (None, "smooth"):
        search.complete = False
        search.notes.append(f"{name} = {float(root.number):.6g} was not decided: {decision.detail}")


def _same(one: Root, other: Root) -> bool:
    return bool(abs(one.number - other.number) <= 1e-40 * (1 + abs(one.number)))


def _take(search: Search, name: str, place: Singular) -> str:
    """Keeps the place when it is an extremum (or smooth, of slope 0); the text of one that is neither, else ''."""
    where = f"{name} = {place.root.exact if place.root.exact is not None else float(place.root.number)}"
    if place.decision.kind == "undetermined":
        search.complete = False
        search.notes.append(f"{where} was not decided: {place.decision.detail}")
        return ""
    if place.decision.value is None:
        return ""
    signs = side_signs(place)
    if signs is None:
        search.complete = False
        search.notes.append(f"whether f has an extremum at {where} was not decided")
        return ""
    point = _point(search.partials, name, place, signs)
    if point is not None:
        search.corners.append(point)
    elif place.decision.kind not in ("smooth", "domain edge") and 0 not in signs:
        return f"{where} ({place.decision.kind})"
    return ""


def side_signs(place: Singular) -> tuple[int | None, int | None] | None:
    """The signs of f − f(a) on the left and on the right, 0 where f is constant, None without values; None: unknown."""
    value: Any = place.decision.value
    signs: list[int | None] = []
    with workdps(DIGITS):
        for side in (place.decision.left, place.decision.right):
            if side.germ is None:
                if side.approach != "no values":
                    return None
                signs.append(None)
                continue
            try:
                signs.append(add(side.germ, constant(-value)).sign())
            except Undecided:
                return None
    return signs[0], signs[1]


def _point(
    partials: Partials, name: str, place: Singular, signs: tuple[int | None, int | None]
) -> CriticalPoint | None:
    """None where f has no extremum and no slope 0 there, or the point belongs to a flat piece."""
    kind, told = _verdict(signs, place)
    if kind is None:
        return None
    decision, root = place.decision, place.root
    value: Any = decision.value
    flat = decision.kind == "smooth"
    why = AT_KIND[decision.kind or "smooth"].format(detail=decision.detail)
    return CriticalPoint(
        x={name: float(root.number) + 0.0},
        exact=None if root.exact is None else {name: str(root.exact)},
        value=float(value) + 0.0,
        exact_value=_exact_value(partials, name, root),
        gradient_norm=0.0 if flat else None,
        hessian=None,
        eigenvalues=None,
        classification=kind,
        classification_detail=f"{why}; {told}",
    )


def _verdict(signs: tuple[int | None, int | None], place: Singular) -> tuple[Classification | None, str]:
    known = {sign for sign in signs if sign is not None}
    if 0 in known:
        return None, ""
    sides = "on both sides" if None not in signs else f"on the {'left' if signs[1] is None else 'right'}"
    if not known:
        return "degenerate", "f has no other values near it"
    if len(known) == 1:
        low = known == {1}
        return ("local minimum" if low else "local maximum"), f"f is {'larger' if low else 'smaller'} {sides}"
    if place.decision.kind == "smooth" and place.decision.right.slope == 0:
        return "degenerate", "f is larger on one side and smaller on the other: neither minimum nor maximum"
    return None, ""


def _exact_value(partials: Partials, name: str, root: Root) -> str | None:
    from calcopt.calculus.algebra.at_point import exact_value

    if root.exact is None:
        return None
    value = exact_value(partials.body, {name: root.exact})
    return None if value is None else str(value)


def corner_at(partials: Partials, point: Any) -> CriticalPoint | None:
    """What a given point is, where f has no derivative there; None where it has one, or nothing was decided."""
    from calcopt.calculus.singular.found import Singular
    from calcopt.calculus.singular.kinds import decide

    (name,) = partials.names
    decision = decide(partials.body, point, {name: 1})
    if decision.value is None or decision.kind in (None, "undetermined"):
        return None
    if decision.kind == "smooth" and not (decision.left.slope == decision.right.slope == 0):
        return None
    place = Singular(Root(point[name], number(point[name])), decision)
    signs = side_signs(place)
    if signs is None or 0 in signs:
        return None
    return _point(partials, name, place, signs)


def _flat_pieces(search: Search, found: Found, limits: tuple[Expr, Expr] | None) -> None:
    """Segments between neighbouring switches on which f is constant: continua of critical points."""
    from calcopt.calculus.singular.segments import MINUS_INFINITY, PLUS_INFINITY, Cut, cuts_of

    (name,) = search.partials.names
    low, high = MINUS_INFINITY, PLUS_INFINITY
    if limits is not None:
        low, high = (Cut(number(end), end) for end in limits)
    for segment in itertools.pairwise(cuts_of([place.root for place in found.places], low, high)):
        piece = flat_piece(search.partials.body, name, segment)
        if piece is not None:
            search.pieces.append(piece)
