"""Degenerate points of polynomials: the lowest form of f(a + u) − f(a) often decides what the Hessian cannot.

A form of odd degree takes both signs on every line where it is not zero, and so does f near a. A definite form of even
degree makes a an extremum. For coercivity the same is asked of the highest form.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

import sympy
from sympy import Poly

from calcopt.calculus.algebra.into import symbol, to_sympy
from calcopt.calculus.algebra.partials import Partials
from calcopt.expression.tree import Expr
from calcopt.records import Classification

Definite = Literal["positive", "negative", "both signs"]
DIRECTIONS = (-7, -3, -2, -1, 0, 1, 2, 3, 7)


def judge_polynomial(partials: Partials, at: Sequence[Expr]) -> tuple[Classification, str] | None:
    """(classification, reason) for a critical point of a polynomial, or None when these tests do not decide."""
    polynomial = as_polynomial(partials)
    if polynomial is None:
        return None
    shift = {v: v + to_sympy(coordinate) for v, coordinate in zip(polynomial.gens, at, strict=True)}
    if not all(to_sympy(coordinate).is_Rational for coordinate in at):
        return None
    moved = Poly(polynomial.as_expr().subs(shift, simultaneous=True), *polynomial.gens, domain="QQ")
    moved -= moved.eval(tuple(0 for _ in polynomial.gens))
    if moved.is_zero:
        return None
    even = _even_sum(moved)
    if even is not None:
        kind: Classification = "local minimum" if even == "positive" else "local maximum"
        return kind, f"around the point f differs from its value by even powers with {even} coefficients only"
    if _differs_by_direction(moved):
        return "saddle point", "on some lines through the point f rises, on others it falls"
    form = _part(moved, min(map(sum, moved.monoms())))
    degree = form.total_degree()
    verdict = definiteness(form)
    if verdict is not None and verdict != "both signs":
        kind = "local minimum" if verdict == "positive" else "local maximum"
        return kind, f"the lowest Taylor terms at the point, of degree {degree}, are {verdict} in every direction"
    return None


def _differs_by_direction(moved: Any) -> bool:
    """True when f − f(a) takes both signs near a on lines a + tv (its lowest power of t decides on each)."""
    signs: set[int] = set()
    for direction in itertools.product(DIRECTIONS if len(moved.gens) < 4 else (-1, 0, 1), repeat=len(moved.gens)):
        along: dict[int, Any] = {}
        for powers, coefficient in moved.terms():
            product = coefficient * sympy.prod(d**p for d, p in zip(direction, powers, strict=True))
            along[sum(powers)] = along.get(sum(powers), 0) + product
        lowest = min((degree for degree, value in along.items() if value != 0), default=None)
        if lowest is not None:
            signs |= {1, -1} if lowest % 2 else {_sign(along[lowest])}
        if {1, -1} <= signs:
            return True
    return False


def grows_at_infinity(partials: Partials) -> Definite | None:
    """``positive`` when a polynomial f → +∞ in every direction, ``negative`` for −∞, ``both signs`` for neither."""
    polynomial = as_polynomial(partials)
    if polynomial is None or polynomial.is_ground:
        return None
    return definiteness(_part(polynomial, polynomial.total_degree())) or _pure_powers_dominate(polynomial)


def _pure_powers_dominate(polynomial: Any) -> Definite | None:
    """x⁶/3 + 4y⁴ − …: the highest even pure powers outgrow every monomial x^p of weight Σ pᵢ/dᵢ < 1 below them."""
    n = len(polynomial.gens)
    degrees = [max((p[k] for p in polynomial.monoms() if sum(p) == p[k]), default=0) for k in range(n)]
    if not all(degrees):
        return None
    weights = {
        powers: sum(Fraction(p, d) for p, d in zip(powers, degrees, strict=True)) for powers in polynomial.monoms()
    }
    top = {powers: c for powers, c in polynomial.terms() if weights[powers] == 1}
    return None if max(weights.values()) > 1 else _even_sum(Poly.from_dict(top, *polynomial.gens, domain="QQ"))


def as_polynomial(partials: Partials) -> Any | None:
    """f as a polynomial with rational coefficients, else None."""
    variables = [symbol(name) for name in partials.names]
    body = partials.function
    if not body.is_polynomial(*variables) or body.free_symbols - set(variables):
        return None
    polynomial = Poly(body, *variables)
    return polynomial.set_domain("QQ") if all(c.is_Rational for c in polynomial.coeffs()) else None


def definiteness(form: Any) -> Definite | None:
    """The signs of a homogeneous form away from 0; None when it is not known or it vanishes on some line."""
    degree, n = form.total_degree(), len(form.gens)
    if n == 1:
        return "both signs" if degree % 2 else "positive" if form.LC() > 0 else "negative"
    if degree % 2:
        return "both signs"
    if n <= 6 and _differs_by_direction(form):
        return "both signs"
    even = _even_sum(form)
    if even is not None and _has_all_pure_powers(form, degree):
        return even
    if n == 2:
        return _binary(form)
    if degree == 2:
        return _quadratic(form)
    return None


def _binary(form: Any) -> Definite | None:
    x, y = form.gens
    line = Poly(form.as_expr().subs(x, 1), y)
    if form.eval((0, 1)) == 0 or line.count_roots() > 0:
        return None
    return "positive" if form.eval((0, 1)) > 0 else "negative"


def _quadratic(form: Any) -> Definite | None:
    matrix = sympy.hessian(form.as_expr(), form.gens)
    if matrix.is_positive_definite:
        return "positive"
    return "negative" if matrix.is_negative_definite else None


def _even_sum(polynomial: Any) -> Definite | None:
    if any(power % 2 for powers in polynomial.monoms() for power in powers):
        return None
    signs = {_sign(coefficient) for coefficient in polynomial.coeffs()}
    return None if len(signs) > 1 else "positive" if signs == {1} else "negative"


def _has_all_pure_powers(form: Any, degree: int) -> bool:
    return all(form.coeff_monomial(v**degree) != 0 for v in form.gens)


def _part(polynomial: Any, degree: int) -> Any:
    terms = {powers: c for powers, c in polynomial.terms() if sum(powers) == degree}
    return Poly.from_dict(terms, *polynomial.gens, domain="QQ")


def _sign(value: Any) -> int:
    return int(bool(value > 0)) - int(bool(value < 0))
