"""Indexed sums: derived under the sign, or written out where that is short or where elements x[k] are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from calcopt.calculus.steps.derivation import Part, Plan
from calcopt.calculus.steps.forms import ONE, ZERO
from calcopt.calculus.steps.scope import Scope
from calcopt.errors import MathError
from calcopt.expression.expand import expand_sums, literal_bounds
from calcopt.expression.tree import Add, Expr, Pow, Sum, postorder, substitute
from calcopt.expression.values import exact_value

SHORT = 4
"""Sums of at most so many terms are written out."""


def indexed_sum(function: Sum, part: Part, scope: Scope) -> Plan:
    """(Σ f_i)' = Σ f_i', the index held fixed."""
    if any(scope.depends(bound, part.variable) for bound in (function.lower, function.upper)):
        raise MathError(f"cannot differentiate by {part.variable}: it is a bound of a sum")
    count = _terms(function)
    if part.variable.endswith("]") or (count is not None and count <= SHORT):
        written = expand_sums(function)
        if written is function:
            raise MathError(f"the sum {function} cannot be written out", hint="give the bounds values with --let")
        note = f"the sum written out: {written}" if count is not None and count <= SHORT else "the sum written out"
        return Plan("rewrite", (Part(written, part.variable, part.names),), lambda found: found[0], note)
    if count is not None and _has_power_of_zero(function, part.variable, scope):
        split = _first_term_apart(function)
        note = f"the term {function.index} = 0 apart: a power of 0 is constant"
        return Plan("rewrite", (Part(split, part.variable, part.names),), lambda found: found[0], note)
    index, lower, upper = function.index, function.lower, function.upper

    def combine(found: Sequence[Expr]) -> Expr:
        return ZERO if found[0] is ZERO else Sum(index, found[0], lower, upper)

    body = Part(function.body, part.variable, part.names)
    return Plan("sum", (body,), combine, f"each term by itself, {index} held fixed")


def _terms(function: Sum) -> int | None:
    """How many terms there are; None where a bound has no value yet."""
    try:
        lower, upper = literal_bounds(function)
    except MathError:
        return None
    return max(0, upper - lower + 1)


def _has_power_of_zero(function: Sum, variable: str, scope: Scope) -> bool:
    """Whether the sum begins with i = 0 and holds a power such as i^x, whose derivative i^x·log(i) needs i > 0."""
    return exact_value(function.lower) == 0 and any(
        isinstance(node, Pow) and scope.depends(node.exponent, variable) and scope.depends(node.base, function.index)
        for node in postorder(function.body)
    )


def _first_term_apart(function: Sum) -> Expr:
    """body(0) + Σ from 1."""
    first = substitute(function.body, {function.index: ZERO})
    return Add(first, Sum(function.index, function.body, ONE, function.upper))  # type: ignore[no-any-return]
