"""Where a gradient is zero, exactly: points, whole curves, and whether that is all.

Only what is proved is called complete. What is not polynomial in disguise is left to the caller (numeric search).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Poly, S

from calcopt.calculus.algebra.into import symbol, to_sympy
from calcopt.calculus.algebra.outof import NotExpressible, from_sympy
from calcopt.calculus.algebra.partials import Partials
from calcopt.calculus.algebra.polynomials import RealPoint, solve_system
from calcopt.calculus.algebra.trigonometry import periodic_zeros
from calcopt.expression.tree import Expr

MOST_BRANCHES = 200


@dataclass(frozen=True, slots=True)
class Zero:
    """A point where the gradient vanishes: each coordinate a closed (or symbolic) expression, or an mpf of 80 digits.

    ``period`` (one variable): the point repeats at this distance.
    """

    coordinates: tuple[Any, ...]
    exact: tuple[Expr | None, ...]
    period: Expr | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """The zero set of common factors of all partial derivatives (or of a linear system with free variables)."""

    equations: tuple[Expr, ...]
    variable: str | None = None
    at: Expr | None = None


@dataclass(slots=True)
class Zeros:
    points: list[Zero] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    complete: bool = True
    solved: bool = True
    notes: list[str] = field(default_factory=list)

    def doubt(self, note: str) -> None:
        self.complete = False
        self.notes.append(note)


def zeros_of_gradient(partials: Partials) -> Zeros | None:
    """The exact answer, or None where the equations are of no kind that is solved here.

    Solved: polynomials and rational functions, with factors like exp(u) that are never zero; linear systems and one
    polynomial factorable into degrees ≤ 2, with symbolic constants; trigonometric polynomials of one variable.
    """
    variables = [symbol(name) for name in partials.names]
    numerators = [_numerator(partials.sympy((name,)), variables) for name in partials.names]
    if all(numerator == 0 for numerator in numerators):
        zeros = Zeros(solved=True)
        zeros.curves.append(Curve(equations=()))
        zeros.notes.append("the function is constant: every point is critical")
        return zeros
    if not all(numerator.is_polynomial(*variables) for numerator in numerators):
        return periodic_zeros(numerators[0], variables[0]) if len(variables) == 1 else None
    held = set().union(*(numerator.free_symbols for numerator in numerators)) - set(variables)
    if held or not all(_rational(numerator, variables) for numerator in numerators):
        return _with_constants(numerators, variables)
    return _polynomial(numerators, variables)


def _numerator(slope: Any, variables: Sequence[Any]) -> Any:
    """The part of a partial derivative that decides where it is zero: no denominator, no factor exp(u) or b^u > 0."""
    above = sympy.together(slope).as_numer_denom()[0]
    above = sympy.factor_terms(above)
    kept = [factor for factor in sympy.Mul.make_args(above) if not _never_zero(factor)]
    return sympy.expand(sympy.Mul(*kept)) if kept else S.One


def _never_zero(factor: Any) -> bool:
    if isinstance(factor, sympy.exp):
        return True
    return bool(factor.is_Pow and (factor.base.is_positive or isinstance(factor.base, sympy.exp)))


def _rational(value: Any, variables: Sequence[Any]) -> bool:
    return all(c.is_Rational for c in Poly(value, *variables).coeffs())


def split(system: Sequence[Any], variables: Sequence[Any], zeros: Zeros) -> bool:
    """Solutions of a system whose equations factor: one branch a choice of factors; False when a branch stays open.

    yz = xz = xy = 0 has three lines: a branch is a linear system (a point or a flat), or has finitely many solutions.
    """
    found = Zeros()
    branches = _branches([Poly(p, *variables) for p in system])
    if len(branches) > MOST_BRANCHES:
        return False
    for branch in branches:
        equations = [p.as_expr() for p in branch]
        solved = _linear(equations, variables)
        if solved is None:
            solutions = solve_system(equations, variables)
            if not solutions.complete:
                return False
            solved = Zeros(points=[_zero(point) for point in solutions.points])
        found.points += solved.points
        found.curves += solved.curves
    zeros.points += [
        point for point in found.points if not any(_holds(curve, point, variables) for curve in found.curves)
    ]
    known = [*zeros.curves, *found.curves]
    zeros.curves += [curve for curve in dict.fromkeys(found.curves) if not _inside_another(curve, known)]
    return True


def _branches(system: Sequence[Any]) -> list[tuple[Any, ...]]:
    branches: list[frozenset[Any]] = [frozenset()]
    for polynomial in system:
        if polynomial.is_zero:
            continue
        factors = [factor for factor, _ in polynomial.factor_list()[1]]
        branches = [
            branch if branch & set(factors) else branch | {factor}
            for branch in branches
            for factor in (factors[:1] if branch & set(factors) else factors)
        ]
        if len(branches) > MOST_BRANCHES:
            return [tuple(branch) for branch in branches]  # too many to follow, and a part would prove nothing
    smallest = [b for b in dict.fromkeys(branches) if not any(other < b for other in branches)]
    return [tuple(sorted(branch, key=str)) for branch in smallest]


def _holds(curve: Curve, point: Zero, variables: Sequence[Any]) -> bool:
    if None in point.exact:
        return False
    at = {v: to_sympy(e) for v, e in zip(variables, point.exact, strict=True) if e is not None}
    return all(sympy.simplify(to_sympy(equation).subs(at)) == 0 for equation in curve.equations)


def _inside_another(curve: Curve, curves: Sequence[Curve]) -> bool:
    return any(set(other.equations) < set(curve.equations) for other in curves)


def _polynomial(numerators: Sequence[Any], variables: Sequence[Any]) -> Zeros:
    zeros = Zeros()
    if len(variables) > 1:
        linear = _linear(numerators, variables)
        if linear is not None:
            return linear
        common = Poly(numerators[0], *variables)
        for numerator in numerators[1:]:
            common = common.gcd(Poly(numerator, *variables))
        if not common.is_ground:
            numerators = [sympy.cancel(numerator / common.as_expr()) for numerator in numerators]
            _common_factors(common, variables, zeros)
    solutions = solve_system(numerators, variables)
    if not solutions.complete and split(numerators, variables, zeros):
        zeros.notes.append("the equations factor; each combination of factors was solved")
    else:
        zeros.points += [_zero(point) for point in solutions.points]
        zeros.notes.append(solutions.reason)
        zeros.complete = zeros.solved = zeros.complete and solutions.complete
    zeros.points = _distinct(zeros.points)
    return zeros


def _common_factors(common: Any, variables: Sequence[Any], zeros: Zeros) -> None:
    """Each irreducible common factor that changes sign has a hypersurface of zeros: a curve of critical points.

    One that does not may still vanish at points, which are its own critical points.
    """
    for factor, _ in common.factor_list()[1]:
        h = factor.as_expr()
        sign = _one_sign(factor)
        if _changes_sign(h, variables):
            zeros.curves.append(curve_of((from_sympy(h),), [v.name for v in variables]))
        elif sign == "zero at the origin alone":
            zeros.points.append(Zero(tuple(S.Zero for _ in variables), tuple(from_sympy(S.Zero) for _ in variables)))
        elif sign is None:
            zeros.doubt(f"where {from_sympy(h)} = 0 was not found out")


def _changes_sign(h: Any, variables: Sequence[Any]) -> bool:
    """True when both signs are seen on a small grid of exact points (a proof); False proves nothing."""
    samples = [sympy.Rational(k, 4) for k in (-53, -17, -9, -3, 0, 1, 5, 13, 31, 97)]
    polynomial = Poly(h, *variables)
    seen = set()
    for count, point in enumerate(itertools.product(samples, repeat=len(variables))):
        seen.add(bool(polynomial.eval(point) > 0) if polynomial.eval(point) != 0 else None)
        if {True, False} <= seen:
            return True
        if count > 2000:
            break
    return False


def _one_sign(polynomial: Any) -> str | None:
    """For a sum of even powers with coefficients of one sign: whether it is zero nowhere, or at the origin alone."""
    terms = polynomial.terms()
    if any(power % 2 for powers, _ in terms for power in powers) or len({c > 0 for _, c in terms}) > 1:
        return None
    if any(not any(powers) for powers, _ in terms):
        return "never zero"
    pure = {next(k for k, power in enumerate(powers) if power) for powers, _ in terms if sum(map(bool, powers)) == 1}
    return "zero at the origin alone" if len(pure) == len(polynomial.gens) else None


def curve_of(equations: Sequence[Expr], names: Sequence[str]) -> Curve:
    """A curve from its equations; one equation x − c = 0 is known as the line x = c."""
    if len(equations) == 1:
        h = to_sympy(equations[0])
        inside = [symbol(name) for name in names if h.has(symbol(name))]
        if len(inside) == 1 and Poly(h, inside[0]).degree() == 1:
            at = from_sympy(-h.coeff(inside[0], 0) / h.coeff(inside[0], 1))
            return Curve(tuple(equations), inside[0].name, at)
    return Curve(tuple(equations))


def _linear(numerators: Sequence[Any], variables: Sequence[Any]) -> Zeros | None:
    """A linear system; symbolic constants may occur in it. None when it is not linear."""
    if any(Poly(numerator, *variables).total_degree() > 1 for numerator in numerators):
        return None
    matrix, right = sympy.linear_eq_to_matrix(numerators, *variables)
    zeros = Zeros()
    solutions = sympy.linsolve((matrix, right), *variables)
    if not solutions:
        zeros.notes.append("the linear equations contradict each other")
        return zeros
    (solution,) = solutions
    solution = tuple(sympy.factor_terms(sympy.together(value)) for value in solution)
    if any(value.has(v) for value in solution for v in variables):
        reduced = [
            from_sympy(sympy.factor_terms(row))
            for v, value in zip(variables, solution, strict=True)
            if (row := sympy.numer(sympy.together(v - value))) != 0
        ]
        zeros.curves.append(Curve(tuple(reduced)))
        zeros.notes.append("linear equations with free variables")
    else:
        zeros.points.append(_symbolic(solution))
        zeros.notes.append("linear equations, solved exactly")
    return zeros


def _with_constants(numerators: Sequence[Any], variables: Sequence[Any]) -> Zeros | None:
    """Equations with symbolic (or irrational) constants: linear systems, and one variable up to degree 2 a factor."""
    linear = _linear(numerators, variables)
    if linear is not None:
        if not linear.curves and linear.points and numerators[0].free_symbols - set(variables):
            _say_nonzero(numerators, variables, linear)
        return linear
    if len(variables) > 1:
        return None
    zeros = Zeros()
    for factor, _ in sympy.factor_list(numerators[0], variables[0])[1]:
        polynomial = Poly(factor, variables[0])
        if polynomial.degree() > 2:
            return None
        if polynomial.degree() == 0:
            continue
        for root in sympy.roots(polynomial, multiple=True):
            if root.is_real is False:
                continue
            if root.is_real is None:
                zeros.doubt(f"{from_sympy(root)} counts only where it is real")
            zeros.points.append(_symbolic((sympy.factor_terms(root),)))
    zeros.points = _distinct(zeros.points)
    zeros.notes.append("factored; each factor solved exactly")
    return zeros


def _say_nonzero(numerators: Sequence[Any], variables: Sequence[Any], zeros: Zeros) -> None:
    determinant = sympy.factor(sympy.linear_eq_to_matrix(numerators, *variables)[0].det())
    core = determinant.as_coeff_Mul(rational=True)[1]
    if core.free_symbols and not core.is_nonzero:
        zeros.notes.append(f"provided that {from_sympy(core)} is not 0")


def _symbolic(solution: Sequence[Any]) -> Zero:
    return Zero(tuple(solution), tuple(map(from_sympy, solution)))


def _zero(point: RealPoint) -> Zero:
    exact: list[Expr | None] = []
    for form in point.exact:
        try:
            exact.append(None if form is None else from_sympy(sympy.radsimp(form)))
        except NotExpressible:
            exact.append(None)
    return Zero(point.numbers, tuple(exact))


def _distinct(points: Sequence[Zero]) -> list[Zero]:
    kept: list[Zero] = []
    for point in points:
        if not any(_same(point, other) for other in kept):
            kept.append(point)
    return kept


def _same(one: Zero, other: Zero) -> bool:
    if None not in one.exact and None not in other.exact:
        return one.exact == other.exact
    return one.coordinates == other.coordinates
