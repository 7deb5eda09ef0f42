"""Several variables: extrema on switching sets, where f takes a bound that its form shows: |x| + |y| at (0, 0).

Candidates are the single points where a norm switches, the points where linear switching sets meet, and whole linear
sets. A candidate counts only where f equals the bound exactly; anything else stays undecided.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from calcopt.calculus.singular.bounds import bounds
from calcopt.calculus.singular.lines import fraction
from calcopt.critical.corners import bends
from calcopt.expression.tree import Add, Div, Expr, Mul, Neg, Number, Symbol, postorder, substitute
from calcopt.records import Classification, Continuum, CriticalPoint

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.critical.search import Search

MOST_EQUATIONS = 8
Affine = tuple[dict[str, Fraction], Fraction]
"""Coefficients by name and the constant of Σ aᵢxᵢ + b."""


def examine(search: Search) -> None:
    """Adds the extrema on switching sets that the form of f proves."""
    partials = search.partials
    if len(partials.names) < 2 or search.constants or not any(map(bends, postorder(partials.body))):
        return
    if bounds(partials.body) == (None, None):
        return
    sets = list(_flat_sets(partials))
    search.pieces += [piece for piece, _ in sets]
    for point in _candidates(partials):
        if any(_holds(equation, point) for _, equation in sets) or not _inside(search, point):
            continue
        found = extremum_at(partials, point)
        if found is not None and not any(found.exact == other.exact for other in search.corners):
            search.corners.append(found)


def extremum_at(partials: Partials, point: Mapping[str, Any]) -> CriticalPoint | None:
    """The point as an extremum without a gradient, where f takes its bound there; None for any other point."""
    from calcopt.calculus.algebra.at_point import PointValues, exact_value
    from calcopt.calculus.singular.roots import number

    kind = _kind(partials.body, point)
    if kind is None or not any(map(bends, postorder(partials.body))):
        return None
    values = PointValues(partials, point)
    if not values.active or all(values.derivative((name,)).number == 0 for name in partials.names):
        return None
    exact = exact_value(partials.body, point)
    side = "lower" if kind == "local minimum" else "upper"
    return CriticalPoint(
        x={name: float(number(point[name])) + 0.0 for name in partials.names},
        exact={name: str(point[name]) for name in partials.names},
        value=values.value().number,
        exact_value=None if exact is None else str(exact),
        gradient_norm=None,
        hessian=None,
        eigenvalues=None,
        classification=kind,
        classification_detail=(
            f"f is not differentiable there ({_why(values)}); "
            f"f takes the {side} bound that its terms show: it is global"
        ),
    )


def _why(values: Any) -> str:
    """``∂f/∂x: a corner (left −1, right 1)``, from the first remark."""
    return values.remarks[0].replace("the derivative does not exist: ", "") if values.remarks else "on a switch"


def _kind(body: Expr, point: Mapping[str, Any]) -> Classification | None:
    from calcopt.calculus.precise import evaluate_sure

    low, high = bounds(body)
    value = evaluate_sure(body, point)
    if value is None:
        return None
    for bound, kind in ((low, "local minimum"), (high, "local maximum")):
        if bound is not None and evaluate_sure(Add(body, Neg(fraction(bound))), point) == 0:
            return kind  # type: ignore[return-value]
    return None


def _inside(search: Search, point: Mapping[str, Any]) -> bool:
    from calcopt.calculus.singular.roots import number

    if search.box is None:
        return True
    return all(number(low) <= number(point[name]) <= number(high) for name, (low, high) in search.box.items())


def _candidates(partials: Partials) -> Iterator[dict[str, Any]]:
    """Points of norms, and vertices of linear switching sets."""
    from calcopt.calculus.singular.sets import isolated
    from calcopt.calculus.singular.switching import switches

    names = partials.names
    equations = [switch.equation for switch in switches(partials.body, names)][:MOST_EQUATIONS]
    for equation in equations:
        if affine(equation) is None:
            yield from (point for point in isolated(equation, names) if set(point) == set(names))
    linear = [line for equation in equations if (line := affine(equation)) is not None]
    for line in linear:
        yield from _critical_on(partials, line)
    for chosen in itertools.combinations(linear, len(names)):
        solution = _solved(chosen, names)
        if solution is not None:
            yield {name: fraction(value) for name, value in solution.items()}


def _critical_on(partials: Partials, line: Affine) -> Iterator[dict[str, Any]]:
    """Critical points of f restricted to a linear set, where these have an exact form."""
    from calcopt.calculus.algebra.equations import tidied
    from calcopt.calculus.algebra.partials import Partials as Restricted
    from calcopt.calculus.algebra.zeros import zeros_of_gradient
    from calcopt.errors import MathError

    away = _eliminated(line)
    names = [name for name in partials.names if name not in away]
    try:
        zeros = zeros_of_gradient(Restricted(substitute(partials.body, away), names))
    except MathError:
        return
    for zero in zeros.points if zeros is not None else ():
        if None not in zero.exact and zero.period is None:
            point = dict(zip(names, zero.exact, strict=True))
            known = {name: form for name, form in point.items() if form is not None}
            yield {**{name: tidied(substitute(tree, known)) for name, tree in away.items()}, **known}


def _flat_sets(partials: Partials) -> Iterator[tuple[Continuum, Expr]]:
    """Linear switching sets on all of which f is at its bound, such as x + y = 0 for |x + y|."""
    from calcopt.calculus.algebra.equations import constant_of
    from calcopt.calculus.singular.switching import switches

    low, high = bounds(partials.body)
    for switch in switches(partials.body, partials.names)[:MOST_EQUATIONS]:
        line = affine(switch.equation)
        if line is None:
            continue
        level = constant_of(substitute(partials.body, _eliminated(line)))
        if level is None or level not in (low, high):
            continue
        word = "minima" if level == low else "maxima"
        text = f"{switch.equation} = 0"
        detail = f"local {word}, where f is not differentiable: f takes the bound that its terms show"
        yield Continuum(text, (text,), str(fraction(level)), detail), switch.equation


def _eliminated(line: Affine) -> dict[str, Expr]:
    """One name by the others: {x: −(b + Σ aᵢxᵢ)/a}."""
    coefficients, constant = line
    name = next(iter(coefficients))
    rest = [Mul(fraction(a), Symbol(other)) for other, a in coefficients.items() if other != name]
    total = Add(fraction(constant), *rest) if rest else fraction(constant)
    return {name: Div(Neg(total), fraction(coefficients[name]))}


def _holds(equation: Expr, point: Mapping[str, Any]) -> bool:
    from calcopt.calculus.precise import evaluate_sure

    return evaluate_sure(equation, point) == 0


def affine(tree: Expr) -> Affine | None:
    """Σ aᵢxᵢ + b with rational coefficients, some aᵢ ≠ 0; None for anything else."""
    found = _affine(tree)
    if found is None:
        return None
    coefficients = {name: a for name, a in found[0].items() if a}
    return (coefficients, found[1]) if coefficients else None


def _affine(tree: Expr) -> Affine | None:
    match tree:
        case Number(value):
            return {}, value
        case Symbol(name):
            return {name: Fraction(1)}, Fraction(0)
        case Neg(inner):
            return _scaled(_affine(inner), Fraction(-1))
        case Add(args):
            total: Affine = ({}, Fraction(0))
            for arg in args:
                part = _affine(arg)
                if part is None:
                    return None
                names = {*total[0], *part[0]}
                merged = {n: total[0].get(n, Fraction(0)) + part[0].get(n, Fraction(0)) for n in sorted(names)}
                total = merged, total[1] + part[1]
            return total
        case Mul(args):
            return _affine_product([_affine(arg) for arg in args])
        case Div(numerator, denominator):
            below = _affine(denominator)
            if below is None or below[0] or not below[1]:
                return None
            return _scaled(_affine(numerator), 1 / below[1])
        case _:
            return None


def _scaled(line: Affine | None, factor: Fraction) -> Affine | None:
    return None if line is None else ({n: a * factor for n, a in line[0].items()}, line[1] * factor)


def _affine_product(parts: Sequence[Affine | None]) -> Affine | None:
    result: Affine | None = ({}, Fraction(1))
    for part in parts:
        if part is None or result is None or (part[0] and result[0]):
            return None
        result = _scaled(result, part[1]) if not part[0] else _scaled(part, result[1])
    return result


def _solved(lines: Sequence[Affine], names: Sequence[str]) -> dict[str, Fraction] | None:
    """The one solution of n linear equations in n names, by elimination; None where there is none or more."""
    rows = [[a.get(name, Fraction(0)) for name in names] + [-b] for a, b in lines]
    size = len(names)
    for k in range(size):
        pivot = next((i for i in range(k, size) if rows[i][k]), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in range(size):
            if i != k and rows[i][k]:
                rows[i] = [a - rows[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
    return {name: rows[k][size] for k, name in enumerate(names)}
