"""Functions that change their formula from place to place: piecewise, min and max; and atan2, of two arguments.

Each branch has its own derivative, valid inside its region; what happens on the boundary is said apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from calcopt.calculus.steps.boundary import boundary_note
from calcopt.calculus.steps.derivation import Part, Plan
from calcopt.calculus.steps.forms import call, minus, over, plus, square, times
from calcopt.calculus.steps.inverses import base_of
from calcopt.calculus.steps.powers import change_of_base
from calcopt.calculus.steps.scope import Scope
from calcopt.expression.tree import And, Call, Compare, Expr, Piecewise, postorder

MOST_ARGUMENTS = 6
"""min and max of more arguments are taken apart into two halves: n arguments need n²/2 comparisons otherwise."""


def piecewise(function: Piecewise, part: Part, scope: Scope) -> Plan:
    """Each branch by its own rule, under the same conditions."""
    values = (*(value for _, value in function.branches), function.otherwise)
    conditions = [condition for condition, _ in function.branches]

    def combine(found: Sequence[Expr]) -> Expr:
        return _choice(conditions, found)

    edges = [
        (edge.left, edge.right)
        for condition in conditions
        if scope.depends(condition, part.variable)
        for edge in postorder(condition)
        if isinstance(edge, Compare)
    ]
    note = boundary_note(function, edges, part.variable, scope)
    return Plan("piecewise", tuple(Part(value, part.variable, part.names) for value in values), combine, note)


def several_arguments(function: Call, part: Part, scope: Scope) -> Plan:
    """The rule for min, max, atan2, and log with a base that varies."""
    if base_of(function) is not None:
        return change_of_base(function, part)
    if function.name == "atan2":
        return _angle(function, part)
    if function.name in ("min", "max"):
        return _extreme(function, part, scope)
    raise TypeError(f"no rule for the function {function.name}")


def _extreme(function: Call, part: Part, scope: Scope) -> Plan:
    """max(a, b)' = a' where a > b, b' where b > a."""
    name, args = function.name, function.args
    rule = "maximum" if name == "max" else "minimum"
    if len(args) == 1:
        return Plan(rule, (Part(args[0], part.variable, part.names),), lambda found: found[0])
    if len(args) > MOST_ARGUMENTS:
        half = len(args) // 2
        args = (call(name, *args[:half]), call(name, *args[half:]))
    sign = ">=" if name == "max" else "<="
    conditions = []
    for place, arg in enumerate(args[:-1]):
        beats = [Compare(sign, arg, other) for other in args[place + 1 :]]
        conditions.append(beats[0] if len(beats) == 1 else And(*beats))

    def combine(found: Sequence[Expr]) -> Expr:
        return _choice(conditions, found)

    edges = [(left, right) for place, left in enumerate(args) for right in args[place + 1 :]]
    note = boundary_note(function, edges, part.variable, scope)
    return Plan(rule, tuple(Part(arg, part.variable, part.names) for arg in args), combine, note)


def _choice(conditions: Sequence[Expr], values: Sequence[Expr]) -> Expr:
    if all(value is values[0] for value in values):
        return values[0]
    flat = [part for pair in zip(conditions, values[:-1], strict=True) for part in pair]
    return Piecewise(*flat, values[-1])  # type: ignore[no-any-return]


def _angle(function: Call, part: Part) -> Plan:
    """d atan2(y, x) = (x·dy − y·dx)/(x² + y²)."""
    y, x = function.args

    def combine(found: Sequence[Expr]) -> Expr:
        above = plus([times(x, found[0]), minus(times(y, found[1]))])
        return over(above, plus([square(x), square(y)]))

    parts = (Part(y, part.variable, part.names), Part(x, part.variable, part.names))
    return Plan("two-argument arctangent", parts, combine, "off the ray y = 0, x ≤ 0, where the angle jumps")
