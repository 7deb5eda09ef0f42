"""Every place where a function of one variable may have no derivative: found, decided, and whether that is all."""

from __future__ import annotations

from mpmath import mp, mpf, workdps

from calcopt.calculus.singular.found import DEFAULT_WINDOW, MULTIPLES, Found, Singular, Window, window_of
from calcopt.calculus.singular.germs import DIGITS
from calcopt.calculus.singular.kinds import decide
from calcopt.calculus.singular.roots import SAME, Deadline, Root, members, number
from calcopt.calculus.singular.shifts import measure, shift
from calcopt.calculus.singular.solving import solve
from calcopt.calculus.singular.switching import Switch, holds_open_sum, switches
from calcopt.expression.tree import Div, Expr, Mul, Number

MOST_MEMBERS = 100


def find(body: Expr, name: str, box: tuple[Expr, Expr] | None = None, *, seconds: float = 20.0) -> Found:
    """The places of ``body`` in ``name`` (in ``box``). Other names must have no part in the switches."""
    found = Found()
    listed = switches(body, (name,))
    if holds_open_sum(body):
        found.doubt("the terms of a sum with open bounds were not looked at")
    if not listed:
        return found
    window = DEFAULT_WINDOW if box is None else window_of(box)
    until = Deadline(seconds)
    roots: list[Root] = []
    for switch in listed:
        _take(switch, name, window, found, roots, until, whole_line=box is None)
    if box is not None:
        found.window = window
        roots = [m for root in roots for m in _in_window(root, window, found)]
    shown = [m for root in roots for m in _representatives(body, name, root, window, found)]
    for root in _distinct(shown):
        if until.passed():
            found.doubt(f"the time of {seconds:g} seconds was up after {len(found.places)} places")
            break
        decision = decide(body, {name: root.place}, {name: 1})
        if decision.kind is not None and (box is None or _inside(root, box)):
            found.places.append(Singular(root, decision))
    found.places = _joined(sorted(found.places, key=lambda place: place.root.number))
    return found


def _take(
    switch: Switch, name: str, window: Window, found: Found, roots: list[Root], until: Deadline, *, whole_line: bool
) -> None:
    solved = solve(switch.equation, name, window, until=until)
    roots += solved.roots
    if solved.searched and whole_line:
        found.window = window
        low, high = window
        found.doubt(f"{switch.equation} = 0 was solved in {low}..{high} only; give --box for another part")
    for note in solved.notes:
        found.doubt(note)


def _in_window(root: Root, window: Window, found: Found) -> list[Root]:
    low, high = (mpf(end.numerator) / end.denominator for end in window)
    inside = members(root, low, high, MOST_MEMBERS)
    if inside is None:
        found.doubt(f"more than {MOST_MEMBERS} places repeat with period {root.period} in the box; give a smaller one")
        return []
    return inside


def _inside(root: Root, box: tuple[Expr, Expr]) -> bool:
    with workdps(DIGITS):
        low, high = (number(end) for end in box)
        return bool(low - SAME <= root.number <= high + SAME)


def _representatives(body: Expr, name: str, root: Root, window: Window, found: Found) -> list[Root]:
    """A root; for a family those that stand for all of it where the formula repeats, else its members in the window."""
    if root.period is None:
        return [root]
    size = measure(root.period)
    for multiple in MULTIPLES if size is not None else ():
        assert size is not None
        moved = shift(body, name, type(size)(size.q * multiple, size.r * multiple))
        if moved is not None and moved.sign > 0:
            return _multiples(root, multiple)
    low, high = (mpf(end.numerator) / end.denominator for end in window)
    found.doubt(f"infinitely many, with period {root.period}: those in {window[0]}..{window[1]} were examined")
    found.window = window
    return members(root, low, high, MOST_MEMBERS) or []


def _multiples(root: Root, multiple: int) -> list[Root]:
    """One family of period p as ``multiple`` families of period ``multiple``·p."""
    if multiple == 1 or root.period is None:
        return [root]
    from calcopt.calculus.algebra.constants import shifted
    from calcopt.calculus.algebra.equations import tidied

    period = tidied(Mul(Number(multiple), root.period))
    with workdps(DIGITS):
        step = number(root.period)
        return [
            Root(None if root.exact is None else shifted(root.exact, root.period, k), root.number + k * step, period)
            for k in range(multiple)
        ]


def _distinct(roots: list[Root]) -> list[Root]:
    """Each place once; a single root that a family holds already is not listed beside it."""
    families = [root for root in roots if root.period is not None]
    kept: list[Root] = []
    with workdps(DIGITS):
        for root in [*families, *(root for root in roots if root.period is None)]:
            if not any(_covers(other, root) for other in kept):
                kept.append(root)
    return kept


def _covers(one: Root, other: Root) -> bool:
    gap = abs(one.number - other.number)
    scale = SAME * (1 + abs(other.number))
    if one.period is None:
        return bool(gap <= scale) and other.period is None
    step = number(one.period)
    turns = mp.nint((other.number - one.number) / step)
    if abs(one.number + turns * step - other.number) > scale:
        return False
    if other.period is None:
        return True
    ratio = number(other.period) / step
    return bool(abs(ratio - mp.nint(ratio)) <= SAME)


def _joined(places: list[Singular]) -> list[Singular]:
    """Two families of period p that lie p/2 apart and are of one kind are one family of period p/2."""
    from calcopt.calculus.algebra.equations import tidied

    kept: list[Singular] = []
    for place in places:
        for index, other in enumerate(kept):
            if _half_apart(other, place) and other.root.period is not None:
                half = tidied(Div(other.root.period, Number(2)))
                kept[index] = Singular(Root(other.root.exact, other.root.number, half), other.decision)
                break
        else:
            kept.append(place)
    return kept


def _half_apart(one: Singular, other: Singular) -> bool:
    period = one.root.period
    if period is None or other.root.period is not period:
        return False
    alike = one.decision.kind == other.decision.kind and one.decision.detail == other.decision.detail
    with workdps(DIGITS):
        gap = other.root.number - one.root.number - number(period) / 2
        return alike and bool(abs(gap) <= SAME)
