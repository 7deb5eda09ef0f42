"""What happens where two branches of a formula meet: decided by one-sided limits where the place is known.

The place of an edge left = right is known where both sides are linear in the variable and nothing else is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from calcopt.calculus.steps.forms import literal
from calcopt.calculus.steps.scope import Scope
from calcopt.expression.tree import Add, Expr, Neg, free_names, substitute
from calcopt.expression.values import exact_value

MOST_EDGES = 4
"""So many edges are examined; of more it is only said where they are."""


def boundary_note(function: Expr, edges: Sequence[tuple[Expr, Expr]], variable: str, scope: Scope) -> str:
    """A sentence for each edge: the derivative there, or why there is none, or that the rules do not say."""
    edges = [edge for edge in dict.fromkeys(edges) if any(scope.depends(side, variable) for side in edge)]
    if not edges or not scope.edges:
        return ""
    places = [_place(left, right, variable) for left, right in edges[:MOST_EDGES]]
    told: list[str] = []
    for (left, right), place in zip(edges, places, strict=False):
        if place is not None and set(free_names(function)) == {variable}:
            told.append(f"at {variable} = {place}: {_verdict(function, variable, place)}")
        else:
            told.append(f"where {left} = {right} the branches meet: there the rules do not decide")
    if len(edges) > MOST_EDGES:
        told.append(f"and {len(edges) - MOST_EDGES} more edges, where the rules do not decide")
    return "; ".join(dict.fromkeys(told))


def _place(left: Expr, right: Expr, variable: str) -> Expr | None:
    """The root of left − right where that is linear in ``variable`` with rational coefficients."""
    gap = Add(left, Neg(right))
    at = [_value(gap, variable, point) for point in (0, 1, 2, -7)]
    if None in at:
        return None
    zero, one, two, far = (value for value in at if value is not None)
    slope = one - zero
    if slope == 0 or two != zero + 2 * slope or far != zero - 7 * slope or not _is_linear(gap, variable):
        return None
    return literal(-zero / slope)


def _is_linear(gap: Expr, variable: str) -> bool:
    """No more than sums and constant multiples of the variable."""
    from calcopt.calculus.steps.tree import derivation

    return variable not in free_names(derivation(gap, variable, edges=False).derivative)


def _value(gap: Expr, variable: str, point: int) -> Fraction | None:
    return exact_value(substitute(gap, {variable: literal(Fraction(point))}))


def _verdict(function: Expr, variable: str, place: Expr) -> str:
    from mpmath import nstr

    from calcopt.calculus.sides import one_sided
    from calcopt.calculus.steps.tree import derivation

    slope = derivation(function, variable, edges=False).derivative
    value, reason = one_sided(function, [slope], variable, {variable: place}).verdict(1)
    if value is None:
        return str(reason)
    return f"the slopes of both sides agree, {nstr(value, 6, strip_zeros=True).removesuffix('.0')}"
