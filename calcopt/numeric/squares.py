"""Sums of squares, recognised in the tree: f = Σ cₖ uₖ² + constant becomes the residuals √cₖ uₖ."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from calcopt.calculus.folding import Value
from calcopt.calculus.programs import is_closed
from calcopt.errors import MathError
from calcopt.expression.expand import expand_sums
from calcopt.expression.tree import Add, Call, Div, Expr, Mul, Neg, Number, Pow
from calcopt.numeric.system import FunctionSystem, function_system
from calcopt.numeric.terms import closed_value

MOST_TERMS = 2000
"""Sums of more terms are not written out."""
MOST_ENTRIES = 2_000_000
"""Of a Jacobian, which is dense."""


def residual_system(body: Expr, variables: Sequence[str]) -> FunctionSystem | None:
    """The residuals r with f = Σ rₖ² + constant, as a system (m,) with Jacobian (m, n).

    None where a term is no square with a positive factor, or there are too many of them. What is recognised is the form
    as it was typed, ``c*u^2``, ``u^4/3``, ``(u*v)^2``, ``u*u``, inside additions, subtractions of negative multiples,
    and ``sum(…)`` of literal bounds: no square is completed.
    """
    try:
        written = expand_sums(body, limit=MOST_TERMS)
    except MathError:
        return None
    residuals: list[Expr] = []
    work: list[tuple[Expr, Value]] = [(written, 1)]
    while work:
        node, weight = work.pop()
        if isinstance(node, Add):
            work.extend((child, weight) for child in reversed(node.args))
        elif isinstance(node, Neg):
            work.append((node.args[0], -weight))
        elif isinstance(node, Mul | Div) and (factored := _factored(node)) is not None:
            work.append((factored[0], weight * factored[1]))
        elif not is_closed(node):
            root = _square_root(node)
            if root is None or not weight > 0:
                return None
            residuals.append(root if weight == 1 else Mul(Call("sqrt", Number(Fraction(weight))), root))
    if not residuals or len(residuals) * len(variables) > MOST_ENTRIES:
        return None
    return function_system(residuals, variables)


def _factored(node: Expr) -> tuple[Expr, Fraction] | None:
    """(rest, c) for c·rest or rest/c with an exact number c; also an addition in brackets that is multiplied."""
    if isinstance(node, Div):
        if not is_closed(node.args[1]) or is_closed(node.args[0]):
            return None
        divisor = closed_value(node.args[1])
        return None if isinstance(divisor, float) or divisor == 0 else (node.args[0], Fraction(1) / divisor)
    closed = [arg for arg in node.args if is_closed(arg)]
    rest = tuple(arg for arg in node.args if not is_closed(arg))
    if not closed or not rest:
        return None
    factor = Fraction(1)
    for arg in closed:
        value = closed_value(arg)
        if isinstance(value, float):
            return None
        factor *= value
    return (rest[0] if len(rest) == 1 else Mul(*rest)), factor


def _square_root(node: Expr) -> Expr | None:
    """u where ``node`` is u² as it stands: an even power, or a product of such (and of equal factors in pairs)."""
    if isinstance(node, Pow):
        power = closed_value(node.args[1]) if is_closed(node.args[1]) else None
        if power is None or isinstance(power, float) or power <= 0 or power % 2 != 0:
            return None
        half = power / 2
        return node.args[0] if half == 1 else Pow(node.args[0], Number(Fraction(half)))
    if not isinstance(node, Mul):
        return None
    roots: list[Expr] = []
    lonely: list[Expr] = []
    for factor in node.args:
        root = _square_root(factor)
        if root is not None:
            roots.append(root)
        elif factor in lonely:
            lonely.remove(factor)
            roots.append(factor)
        else:
            lonely.append(factor)
    if lonely:
        return None
    return roots[0] if len(roots) == 1 else Mul(*roots)
