"""Several variables: the curves and surfaces where a formula switches, and what kind of place they are.

A set u(x, y, …) = 0 is looked at in points of it, along each axis: its kind is said only where all of them agree, with
their number. A norm such as √(x² + y²) switches in a single point; there every direction is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from mpmath import workdps

from calcopt.calculus.precise import evaluate_sure
from calcopt.calculus.singular.found import Window
from calcopt.calculus.singular.germs import DIGITS
from calcopt.calculus.singular.kinds import Decision, decide, equal, shown
from calcopt.calculus.singular.lines import fraction, linear
from calcopt.calculus.singular.roots import Deadline, number
from calcopt.calculus.singular.solving import solve
from calcopt.calculus.singular.switching import Switch, switches
from calcopt.expression.tree import Expr, free_names, substitute
from calcopt.records.places import PlaceKind

SAMPLES = 12
WINDOW: Window = (Fraction(-10), Fraction(10))
GRID = tuple(Fraction(k, 7) for k in (3, -5, 11, -13, 2, -17, 19, 8, -4, 23, -9, 15, 29, -22, 6, -31))
WORST: tuple[PlaceKind, ...] = (
    "undetermined",
    "undefined",
    "domain edge",
    "jump",
    "removable",
    "vertical tangent",
    "cusp",
    "corner",
    "smooth",
)


@dataclass(slots=True)
class SwitchSet:
    """u = 0 with the kinds seen in its points; ``point`` where the set is (as far as found) a single one."""

    equation: Expr
    kinds: list[PlaceKind] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    outside: int = 0
    point: Mapping[str, Any] | None = None

    @property
    def kind(self) -> PlaceKind | None:
        """The one kind in all points, else None."""
        return self.kinds[0] if self.kinds and len(set(self.kinds)) == 1 else None


def switching_sets(body: Expr, names: Sequence[str], *, seconds: float = 20.0) -> tuple[list[SwitchSet], bool]:
    """Every switching equation of ``body`` in two and more names, with what was seen in points of it.

    False beside them when the time was up.
    """
    until = Deadline(seconds)
    found: list[SwitchSet] = []
    for switch in switches(body, names):
        if until.passed():
            return found, False
        found.append(_examined(body, switch, names, until))
    return found, True


def _examined(body: Expr, switch: Switch, names: Sequence[str], until: Deadline) -> SwitchSet:
    found = SwitchSet(switch.equation)
    everywhere = tuple(name for name in free_names(body) if not name.endswith("]") or name in names)
    points = points_on(switch.equation, everywhere)
    if not points:
        points = isolated(switch.equation, everywhere)
        found.point = points[0] if len(points) == 1 else None
    for point in points:
        if until.passed():
            break
        kind, detail = kind_at(body, point, [name for name in names if name in free_names(body)])
        if kind is None:
            found.outside += 1
        else:
            found.kinds.append(kind)
            found.details.append(detail)
    return found


def points_on(equation: Expr, names: Sequence[str]) -> list[dict[str, Any]]:
    """Up to twelve points with u = 0, all coordinates but one simple fractions."""
    points: list[dict[str, Any]] = []
    inside = [name for name in names if name in free_names(equation)]
    for attempt in range(2 * SAMPLES):
        given = {name: GRID[(attempt * 3 + 5 * k) % len(GRID)] for k, name in enumerate(names)}
        unknown = _easiest(equation, inside)
        known = {name: fraction(value) for name, value in given.items() if name != unknown}
        roots = solve(substitute(equation, known), unknown, WINDOW, search=attempt < 4).roots
        for root in roots[:2]:
            points.append({**known, unknown: root.place})
        if len(points) >= SAMPLES:
            break
    return points[:SAMPLES]


def _easiest(equation: Expr, names: Sequence[str]) -> str:
    """A name in which the equation is linear, when there is one."""
    others = {name: {other: fraction(Fraction(3, 7)) for other in names if other != name} for name in names}
    return next((name for name in names if linear(substitute(equation, others[name]), name)), names[-1])


def isolated(equation: Expr, names: Sequence[str]) -> list[dict[str, Any]]:
    """Points where u and its gradient vanish together: x² + y² = 0."""
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.calculus.algebra.zeros import zeros_of_gradient
    from calcopt.errors import MathError

    inside = [name for name in names if name in free_names(equation)]
    try:
        zeros = zeros_of_gradient(Partials(equation, inside))
    except (MathError, NotImplementedError):
        return []
    points = []
    for zero in zeros.points if zeros is not None else ():
        if None not in zero.exact:
            point = dict(zip(inside, zero.exact, strict=True))
            if evaluate_sure(equation, point) == 0:
                rest = {name: fraction(GRID[k]) for k, name in enumerate(names) if name not in inside}
                points.append({**rest, **point})
    return points


def kind_at(body: Expr, point: Mapping[str, Any], names: Sequence[str]) -> tuple[PlaceKind | None, str]:
    """The worst kind along the axes and diagonals, with the slopes of the axes; None outside of the domain."""
    seen: list[tuple[PlaceKind, str]] = []
    decisions: dict[str, Decision] = {}
    for name in names:
        decisions[name] = decide(body, point, {name: 1})
        kind = decisions[name].kind
        if kind is not None:
            seen.append((kind, f"along {name}: {decisions[name].detail}"))
    if not seen:
        return None, ""
    worst = min(seen, key=lambda item: WORST.index(item[0]))
    if worst[0] != "smooth" or len(names) < 2:
        return worst
    return _as_a_whole(body, point, names, decisions)


def _as_a_whole(
    body: Expr, point: Mapping[str, Any], names: Sequence[str], axes: Mapping[str, Decision]
) -> tuple[PlaceKind | None, str]:
    """Smooth along the axes: along v the slope must be ∇f · v, or f has no derivative there all the same."""
    for first in names:
        for second in names:
            for sign in (1, -1):
                if first >= second:
                    continue
                decision = decide(body, point, {first: 1, second: sign})
                direction = f"({first}, {second}) = (1, {sign})".replace("-", "−")
                if decision.kind != "smooth":
                    return decision.kind, f"along {direction}: {decision.detail}"
                with workdps(DIGITS):
                    expected = _slope(axes[first]) + sign * _slope(axes[second])
                    same = equal(decision.right.slope, expected)
                if same is False:
                    told = f"{shown(decision.right.slope)} along {direction}, not {shown(expected)}"
                    return "corner", f"the slopes along lines are not those of a plane: {told}"
    return "smooth", "the slopes along all lines that were looked at are those of one plane"


def _slope(decision: Decision) -> Any:
    return decision.right.slope


def single_point(point: Mapping[str, Any], names: Sequence[str]) -> dict[str, float]:
    """The floats of a point."""
    return {name: float(number(point[name])) for name in names}
