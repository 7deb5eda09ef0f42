"""All real solutions of polynomial systems with rational coefficients, and the proof that there are no others.

One variable: factoring and real-root isolation. Two: a sheared resultant R(t), t = x + c·y, and the subresultant of
degree one, which gives y as a rational function of t; where that is never 0/0 the real roots of R are the real
solutions one to one. More: a Gröbner basis made radical (Seidenberg) and brought to shape position.
References: Cox, Little, O'Shea, *Ideals, Varieties, and Algorithms*, ch. 3; *Using Algebraic Geometry*, ch. 2.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from mpmath import mp, mpf, workdps
from sympy import Poly, S

DIGITS = 120
SHEARS = (0, 1, -1, 2, -2, 3, -3, 5, 7, 11, -13)
MATCH = mpf(10) ** -60


@dataclass(frozen=True, slots=True)
class RealPoint:
    """One real solution: mpf coordinates of 80 digits and more, with exact forms where they are at most quadratic."""

    numbers: tuple[Any, ...]
    exact: tuple[Any | None, ...]


@dataclass(frozen=True, slots=True)
class RealSolutions:
    points: tuple[RealPoint, ...]
    complete: bool
    reason: str


def real_roots(polynomial: Any, variable: Any) -> list[tuple[Any, Any | None]]:
    """Every real root once, in order, as (mpf, exact form or None)."""
    roots: list[tuple[Any, Any | None]] = []
    for factor, _ in Poly(polynomial, variable, domain="QQ").factor_list()[1]:
        if factor.degree() <= 2:
            exact = [root for root in sympy.roots(factor, multiple=True) if root.is_real]
            roots += [(_digits(root), root) for root in exact]
        else:
            roots += [(_refine(factor, low, high), None) for (low, high), _ in factor.intervals()]
    return sorted(roots, key=lambda root: root[0])


def _digits(value: Any) -> Any:
    with workdps(DIGITS):
        return mpf(value.evalf(DIGITS)._mpf_) if not value.is_Rational else mpf(int(value.p)) / int(value.q)


def _refine(factor: Any, low: Any, high: Any) -> Any:
    """The one root of an irreducible polynomial in [low, high], by safeguarded Newton steps."""
    with workdps(DIGITS + 10):
        coefficients = [mpf(int(c.p)) / int(c.q) for c in factor.all_coeffs()]
        a, b = mpf(int(low.p)) / int(low.q), mpf(int(high.p)) / int(high.q)
        rising = mp.polyval(coefficients, b) > mp.polyval(coefficients, a)
        x = (a + b) / 2
        for _ in range(10 * DIGITS):
            value, slope = mp.polyval(coefficients, x, derivative=True)
            if value == 0:
                break
            a, b = (a, x) if (value > 0) == rising else (x, b)
            step = value / slope if slope else mpf(0)
            new = x - step if slope and a < x - step < b else (a + b) / 2
            if abs(new - x) <= mpf(10) ** -DIGITS * (1 + abs(x)):
                return new
            x = new
        return x


def solve_system(polynomials: Sequence[Any], variables: Sequence[Any]) -> RealSolutions:
    """All real common zeros of polynomials without a common factor."""
    system = [Poly(p, *variables, domain="QQ") for p in polynomials]
    system = [p for p in system if not p.is_zero]
    if any(p.is_ground for p in system):
        return RealSolutions((), complete=True, reason="the equations contradict each other")
    if len(variables) == 1:
        common = system[0]
        for other in system[1:]:
            common = common.gcd(other)
        points = tuple(RealPoint((number,), (exact,)) for number, exact in real_roots(common.as_expr(), variables[0]))
        return RealSolutions(points, complete=True, reason="real roots of a polynomial in one variable, isolated")
    if len(variables) == 2 and len(system) == 2:
        found = _two_variables(system[0], system[1], variables)
        if found is not None:
            return found
    return _groebner(system, variables)


def _two_variables(first: Any, second: Any, variables: Sequence[Any]) -> RealSolutions | None:
    x, y = variables
    t = sympy.Dummy("t")
    for shear in SHEARS:
        p, q = (Poly(f.as_expr().subs(x, t - shear * y), y, t, domain="QQ") for f in (first, second))
        if not any(Poly(f.as_expr(), y).LC().is_number for f in (p, q)):
            continue
        chain = sympy.subresultants(*(f.as_expr() for f in sorted((p, q), key=lambda f: -f.degree(y))), y)
        last = Poly(chain[-1], t) if not chain[-1].has(y) else None
        if last is None or last.is_zero:
            return None
        linear = next((s for s in chain if sympy.degree(s, y) == 1), None)
        if last.is_ground:
            return RealSolutions((), complete=True, reason="the resultant has no zero")
        if linear is None or not _regular(chain, y):
            continue
        eliminated = last.sqf_part()
        s1, s0 = (Poly(c, t, domain="QQ") for c in Poly(linear, y).all_coeffs())
        if not eliminated.gcd(s1).is_ground:
            continue
        points = _points_of_line(eliminated.as_expr(), t, (shear, s1, s0))
        return RealSolutions(
            _with_exact_forms(points, [_eliminant(first, second, y), _eliminant(first, second, x)], variables),
            complete=True,
            reason="real roots of a resultant, isolated; each gives one point",
        )
    return None


def _regular(chain: Sequence[Any], y: Any) -> bool:
    """True when the degrees fall by one at each step: then every element is a subresultant, up to a constant."""
    degrees = [sympy.degree(s, y) if s.has(y) else 0 for s in chain[1:]]
    return all(high - low == 1 for high, low in itertools.pairwise(degrees))


def _points_of_line(eliminated: Any, t: Any, line: tuple[int, Any, Any]) -> list[tuple[Any, ...]]:
    shear, s1, s0 = line
    points = []
    for root, _ in real_roots(eliminated, t):
        with workdps(DIGITS):
            y = -_horner(s0, root) / _horner(s1, root)
            points.append((root - shear * y, y))
    return points


def _horner(polynomial: Any, at: Any) -> Any:
    return mp.polyval([mpf(int(c.p)) / int(c.q) for c in polynomial.all_coeffs()], at)


def _eliminant(first: Any, second: Any, away: Any) -> Any:
    return sympy.resultant(first.as_expr(), second.as_expr(), away)


def _with_exact_forms(
    points: Sequence[tuple[Any, ...]], eliminants: Sequence[Any], variables: Sequence[Any]
) -> tuple[RealPoint, ...]:
    """Each coordinate is a root of its eliminant; the rational and quadratic ones have exact forms."""
    known = []
    for eliminant, variable in zip(eliminants, variables, strict=True):
        simple = [] if eliminant == 0 else _simple_roots(eliminant, variable)
        known.append(simple)

    def form(number: Any, position: int) -> Any | None:
        return next((e for value, e in known[position] if abs(value - number) <= MATCH * (1 + abs(number))), None)

    return tuple(
        RealPoint(point, tuple(form(number, position) for position, number in enumerate(point))) for point in points
    )


def _simple_roots(polynomial: Any, variable: Any) -> list[tuple[Any, Any]]:
    roots = []
    for factor, _ in Poly(polynomial, variable, domain="QQ").factor_list()[1]:
        if factor.degree() <= 2:
            roots += [(_digits(root), root) for root in sympy.roots(factor, multiple=True) if root.is_real]
    return roots


def _groebner(system: Sequence[Any], variables: Sequence[Any]) -> RealSolutions:
    """Shape position: after making the ideal radical, a separating form t gives xᵢ = gᵢ(t), m(t) = 0."""
    basis = sympy.groebner([p.as_expr() for p in system], *variables, order="grevlex")
    if basis.exprs == [S.One]:
        return RealSolutions((), complete=True, reason="the equations contradict each other")
    if not basis.is_zero_dimensional:
        return RealSolutions(
            (), complete=False, reason="the equations have whole curves of (real or complex) solutions"
        )
    eliminants = [_univariate(basis, variable, variables) for variable in variables]
    squarefree = [Poly(e, v).sqf_part().as_expr() for e, v in zip(eliminants, variables, strict=True)]
    t = sympy.Dummy("t")
    for seed in range(1, 8):
        form = sum(((seed * k + 1) ** k * v for k, v in enumerate(variables)), S.Zero)
        shaped = sympy.groebner([*basis.exprs, *squarefree, t - form], *variables, t, order="grevlex").fglm("lex")
        *lines, last = shaped.exprs
        heads = [sympy.LT(line, *variables, t, order="lex") for line in lines]
        if len(lines) == len(variables) and all(
            sympy.LM(h, *variables, t) == v for h, v in zip(heads, variables, strict=True)
        ):
            points = _shape_points(lines, last, variables, t)
            exact = _with_exact_forms(points, squarefree, variables)
            return RealSolutions(exact, complete=True, reason="Gröbner basis in shape position, real roots isolated")
    return RealSolutions((), complete=False, reason="no separating form was found")


def _univariate(basis: Any, variable: Any, variables: Sequence[Any]) -> Any:
    order = [*(v for v in variables if v != variable), variable]
    return sympy.groebner(basis.exprs, *order, order="grevlex").fglm("lex").exprs[-1]


def _shape_points(lines: Sequence[Any], last: Any, variables: Sequence[Any], t: Any) -> list[tuple[Any, ...]]:
    tails = [Poly(v - line / Poly(line, v).LC(), t, domain="QQ") for line, v in zip(lines, variables, strict=True)]
    points = []
    for root, _ in real_roots(last, t):
        with workdps(DIGITS):
            points.append(tuple(_horner(tail, root) for tail in tails))
    return points
