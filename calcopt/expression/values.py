"""Values of closed expressions (no variables), without NumPy or SymPy: exact rationals and floats.

Points, boxes and ``--let`` hold such expressions: ``pi/2``, ``1/3``, ``-1e-3``. Exact arithmetic never starts an
operation whose result is predicted to be larger than the language allows.
"""

from __future__ import annotations

from fractions import Fraction

from calcopt.errors import MathError
from calcopt.expression.exact import TooLarge, exact_step, to_float
from calcopt.expression.floats import float_step
from calcopt.expression.tree import (
    Expr,
    Pow,
    Sum,
    free_names,
    postorder,
)


def exact_value(expr: Expr) -> Fraction | None:
    """The rational value of ``expr``; None when it has variables, is irrational, undefined or beyond the limits."""
    values: dict[Expr, Fraction | bool | None] = {}
    expr = _without_sums(expr)
    for node in postorder(expr):
        try:
            values[node] = exact_step(node, [values[child] for child in node.args])
        except TooLarge:
            values[node] = None
    result = values[expr]
    return result if isinstance(result, Fraction) else None


def constant_value(expr: Expr) -> float:
    """The value of a closed expression as a float; nan where it is undefined, inf where it is too large for a float.

    :class:`MathError` when a variable is inside.
    """
    exact = exact_value(expr)
    if exact is not None:
        return to_float(exact)
    names = free_names(expr)
    if names:
        raise MathError(f"no value for '{names[0]}'", hint="a number is needed here")
    values: dict[Expr, float] = {}
    expr = _without_sums(expr)
    for node in postorder(expr):
        exponent = exact_value(node.exponent) if isinstance(node, Pow) else None
        values[node] = float_step(node, [values[child] for child in node.args], exponent)
    return values[expr]


def _without_sums(expr: Expr) -> Expr:
    from calcopt.expression.expand import expand_sums

    return expand_sums(expr) if any(isinstance(node, Sum) for node in postorder(expr)) else expr
