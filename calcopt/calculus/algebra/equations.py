"""Real zeros of one function of one variable, exactly: polynomials in disguise, trigonometric polynomials, and
polynomials in one other function of x, such as e^(2x) − 3e^x + 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy
from sympy import Poly

from calcopt.calculus.algebra.into import symbol, to_sympy
from calcopt.calculus.algebra.outof import NotExpressible, from_sympy
from calcopt.calculus.algebra.polynomials import real_roots
from calcopt.calculus.algebra.trigonometry import periodic_zeros
from calcopt.calculus.algebra.zeros import Zero, _numerator, _with_constants
from calcopt.errors import MathError
from calcopt.expression.tree import Expr

TALLEST = 40
"""Polynomials of a higher degree are left to the search in a window."""


@dataclass(slots=True)
class Equation:
    """The zeros of one function: ``points``, and equations inner = value that are still to be solved."""

    points: list[Zero] = field(default_factory=list)
    inner: list[tuple[Expr, Expr]] = field(default_factory=list)
    everywhere: bool = False


def real_zeros(tree: Expr, name: str) -> Equation | None:
    """All real zeros of ``tree`` in ``name`` (points outside of its domain may be among them); None where unsolved."""
    variable = symbol(name)
    try:
        numerator = _numerator(to_sympy(tree), [variable])
        return _solved(numerator, variable)
    except (MathError, NotExpressible, sympy.PolynomialError, NotImplementedError):
        return None


def without_denominator(tree: Expr, name: str) -> Expr:
    """What decides where ``tree`` is zero: no denominator, no factor that is never zero; ``tree`` itself if unknown."""
    try:
        return from_sympy(_numerator(to_sympy(tree), [symbol(name)]))
    except (MathError, NotExpressible, sympy.PolynomialError, NotImplementedError):
        return tree


def _solved(numerator: Any, variable: Any) -> Equation | None:
    if numerator == 0:
        return Equation(everywhere=True)
    if not numerator.has(variable):
        return Equation()
    if numerator.is_polynomial(variable):
        return _polynomial(numerator, variable)
    periodic = periodic_zeros(numerator, variable)
    if periodic is not None and periodic.complete:
        return Equation(periodic.points)
    return _in_one_function(numerator, variable)


def _polynomial(numerator: Any, variable: Any) -> Equation | None:
    polynomial = Poly(numerator, variable)
    if polynomial.degree() > TALLEST:
        return None
    if all(c.is_Rational for c in polynomial.coeffs()):
        return Equation([_zero(number, exact) for number, exact in real_roots(numerator, variable)])
    if numerator.free_symbols - {variable}:
        return None
    zeros = _with_constants([numerator], [variable])
    return Equation(zeros.points) if zeros is not None and zeros.complete else None


def _zero(number: Any, exact: Any | None) -> Zero:
    form = None
    if exact is not None:
        try:
            form = from_sympy(sympy.radsimp(exact))
        except NotExpressible:
            form = None
    return Zero((number,), (form,))


def _in_one_function(numerator: Any, variable: Any) -> Equation | None:
    """P(g(x)) with rational coefficients: g(x) = t for each real root t of P."""
    generators: Sequence[Any] = Poly(numerator).gens
    moving = [g for g in generators if g.has(variable)]
    if len(moving) != 1 or len(generators) != 1 or moving[0] == variable:
        return None
    polynomial = Poly(numerator, moving[0])
    if not all(c.is_Rational for c in polynomial.coeffs()) or polynomial.degree() > TALLEST:
        return None
    found = Equation()
    for _, exact in real_roots(polynomial.as_expr(), moving[0]):
        if exact is None:
            return None
        found.inner.append((from_sympy(moving[0]), from_sympy(exact)))
    return found


def tidied(tree: Expr) -> Expr:
    """A closed tree in its shortest exact form: (1/2 − 0)/1 becomes 1/2."""
    try:
        value = to_sympy(tree)
        return from_sympy(min((value, sympy.expand(value), sympy.radsimp(value)), key=sympy.count_ops))
    except (MathError, NotExpressible, TypeError):
        return tree


def constant_of(tree: Expr) -> Fraction | None:
    """The rational that a formula is identically, as |x + (−x)| is 0; None where SymPy does not see one."""
    try:
        value = sympy.simplify(to_sympy(tree))
    except (MathError, NotExpressible, TypeError):
        return None
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else None


def family(start: Expr, period: Expr) -> tuple[Expr, Expr]:
    """(start, period) with the start moved into [0, period), both short: π/2 and π for the poles of tan."""
    first, step = sympy.expand(to_sympy(start)), sympy.expand(to_sympy(period))
    step = -step if step.is_negative else step
    moved = sympy.expand(first - sympy.floor(first / step) * step)
    return from_sympy(moved), from_sympy(step)
