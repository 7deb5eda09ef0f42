"""Derivatives that people read: SymPy's, brought into calcopt's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from calcopt.calculus.algebra import special
from calcopt.calculus.algebra.into import symbol, to_sympy
from calcopt.calculus.algebra.outof import from_sympy
from calcopt.calculus.algebra.tidy import tidy
from calcopt.errors import MathError
from calcopt.expression.tree import Call, Constant, Expr, Indexed, Pow, Sum, Symbol, element_name, postorder


def derivative(expr: Expr, names: Sequence[str], *, body: Any = None) -> Expr:
    """∂^k expr / ∂names₁…∂names_k, simplified for reading.

    ``body`` is ``to_sympy(expr)`` when the caller has it already (several derivatives of one function).
    Raises MathError for an element ``x[k]`` of a sum with symbolic bounds, whose derivative has no closed form.
    """
    refuse_elements_of_open_sums(expr, names)
    raw = to_sympy(expr) if body is None else body
    for name in names:
        raw = differentiate(raw, symbol(name))
    return from_sympy(tidy(raw), power_of_e=writes_power_of_e(expr))


def differentiate(value: Any, variable: Any) -> Any:
    """One derivative in SymPy, free of its generalized functions (sign′ would be a Dirac delta)."""
    slope = value.diff(variable)
    return slope.replace(sympy.sign, special.Sign) if slope.has(sympy.sign) else slope


def writes_power_of_e(expr: Expr) -> bool:
    """True for a formula that says e^x and nowhere exp(x): its derivative is then written the same way."""
    powers = False
    for node in postorder(expr):
        if isinstance(node, Call) and node.name == "exp":
            return False
        powers = powers or (isinstance(node, Pow) and node.base is Constant("e"))
    return powers


def refuse_elements_of_open_sums(expr: Expr, names: Sequence[str]) -> None:
    """Elements ``x[k]`` can be differentiated by only where every sum has been written out."""
    stems = {name.partition("[")[0] for name in names if name.endswith("]")}
    for node in postorder(expr):
        if isinstance(node, Indexed) and element_name(node) is None and node.name in stems:
            raise MathError(
                f"cannot differentiate by an element of {node.name}[…] inside a sum with symbolic bounds",
                hint="give the bounds values with --let",
            )
        if isinstance(node, Sum):
            held = {
                leaf.name for bound in (node.lower, node.upper) for leaf in postorder(bound) if isinstance(leaf, Symbol)
            }
            inside = held & set(names)
            if inside:
                raise MathError(f"cannot differentiate by {min(inside)}: it is a bound of a sum")
