"""Parsing and differentiating: what ``calcopt diff`` does, for Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from calcopt.errors import UsageError, did_you_mean
from calcopt.expression import parse as parse_formula
from calcopt.expression.expand import put_in
from calcopt.expression.tree import Expr, Formula, Sum, free_names, postorder

if TYPE_CHECKING:
    from calcopt.calculus.algebra.at_point import PointValues
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.problem.points import PointLike, Scalar
    from calcopt.records import AtPoint, Derivative, Derivatives, Step

    Points = PointLike | Sequence[PointLike]
    Constants = str | Mapping[str, Scalar] | Sequence[str]

LARGEST_HESSIAN = 12
"""The Hessian is printed for at most this many variables, unless the second order is asked for."""
LARGEST_ORDER = 100
"""Higher orders are refused: their formulas grow beyond what anyone reads."""


def parse(text: str, let: Constants | None = None) -> Formula:
    """A formula from its text; ``let`` gives names their values (``{"a": 3}`` or ``"a=3,b=pi/2"``).

    Raises ParseError with the place marked.
    """
    from calcopt.problem.points import as_assignments

    return parse_formula(text, constants=as_assignments(let))


def differentiate(
    function: str | Formula,
    *,
    var: str | Sequence[str] | None = None,
    order: int = 1,
    at: Points | None = None,
    let: Constants | None = None,
    steps: bool | Literal["all"] = False,
    secant: bool = False,
    limit: str | None = None,
    checked: bool = False,
    box: object | None = None,
    study: bool | None = False,
) -> Derivatives:
    """All derivatives of ``order`` by the variables ``var`` (default: every name), with values at points.

    >>> differentiate("x*exp(x)").derivatives[0].expression
    '(x + 1)*exp(x)'

    ``steps`` adds how each was found, rule by rule (``"all"``: the trivial steps too; ``checked``: each held to its
    difference quotient), ``secant`` the slopes of secants through the points ``at``, ``limit`` the limit of the
    function itself (``"n=inf"``). ``non_differentiable`` lists the places without a derivative (in ``box``); ``study``
    adds where a function of one variable is defined, rises, falls and bends (None: for short formulas). Names that are
    not in ``var`` are constants. A value that does not exist at a point is nan, and the reason is among the point's
    remarks. Raises ParseError, UsageError, MathError.
    """
    from calcopt.api.deep import with_enough_stack

    if not 1 <= order <= LARGEST_ORDER:
        raise UsageError(f"an order of {order} makes no sense here", hint=f"give an order from 1 to {LARGEST_ORDER}")
    formula = as_formula(function, let)

    def work() -> Derivatives:
        body = written_out(formula.body)
        partials = Partials(body, chosen_variables(formula, body, var))
        plain = not (steps or secant or limit is not None)
        record = _derivatives(formula, partials, order, at)
        record = with_places(record, partials, box=box, study=study if plain or study else False)
        if steps:
            record = replace(record, steps=_steps(formula, partials, order, every=steps == "all", checked=checked))
        if secant or limit is not None:
            from calcopt.api.approach import limits_of, secants_of

            secants = secants_of(partials, _points(formula, partials, at)) if secant else ()
            record = replace(record, secants=secants, limits=() if limit is None else limits_of(formula, limit))
        return record

    from calcopt.api.places import with_places
    from calcopt.calculus.algebra.partials import Partials

    return with_enough_stack(formula.body, work)


def _derivatives(formula: Formula, partials: Partials, order: int, at: Points | None) -> Derivatives:
    from calcopt.expression.latex import to_latex
    from calcopt.records import Derivatives

    names, many = partials.names, len(partials.names) > 1
    return Derivatives(
        function=str(formula.body),
        variables=names,
        order=order,
        derivatives=tuple(_derivative(partials, by, formula.name) for by in partials.of_order(order)),
        gradient=tuple(map(str, partials.gradient())) if many else None,
        hessian=_hessian(partials) if many and (len(names) <= LARGEST_HESSIAN or order == 2) else None,
        latex=to_latex(formula.body),
        name=formula.name,
        at=tuple(_at_point(_values(partials, point), order) for point in _points(formula, partials, at)),
    )


def _steps(formula: Formula, partials: Partials, order: int, *, every: bool, checked: bool) -> tuple[Step, ...]:
    """The steps to each derivative, from the formula as it was typed."""
    from calcopt.api.steps import steps_of

    others = tuple(name for name in free_names(partials.body) if not name.endswith("[]"))
    return tuple(
        steps_of(
            formula.body,
            by,
            partials,
            every=every,
            held_fixed=tuple(name for name in others if name not in by),
            checked=checked,
        )
        for by in partials.of_order(order)
    )


def as_formula(function: str | Formula, let: Constants | None) -> Formula:
    """``function`` parsed, or a formula with ``let`` put in."""
    from calcopt.problem.points import as_assignments

    if isinstance(function, str):
        return parse(function, let)
    given = as_assignments(let)
    body = put_in(function.body, given)
    return replace(function, body=body, variables=tuple(name for name in function.variables if name not in given))


def written_out(body: Expr) -> Expr:
    """``body`` with the sums of literal bounds expanded; others stay sums."""
    if not any(isinstance(node, Sum) for node in postorder(body)):
        return body
    from calcopt.expression.expand import expand_sums

    open_bounds = any(
        isinstance(node, Sum) and (free_names(node.lower) or free_names(node.upper)) for node in postorder(body)
    )
    return body if open_bounds else expand_sums(body, limit=5_000)


def chosen_variables(formula: Formula, body: Expr, var: str | Sequence[str] | None) -> tuple[str, ...]:
    """The variables to differentiate by: ``var``, checked, else those of the formula (its elements written out).

    A name that the formula does not hold is fine (the derivative of c by x is 0), unless it looks misspelt. A constant
    is a function of x.
    """
    present = tuple(name for name in free_names(body) if not name.endswith("[]"))
    if var is None:
        inside = set(present)
        ordered = tuple(name for name in formula.variables if name in inside or not name.endswith("]"))
        names = ordered + tuple(name for name in present if name not in ordered)
        return names or ("x",)
    names = tuple(part.strip() for part in var.split(",")) if isinstance(var, str) else tuple(var)
    known = set(present) | set(formula.variables)
    for name in names:
        if not name or names.count(name) > 1:
            raise UsageError(f"--var needs different names, separated by commas, not {','.join(names)!r}")
        close = None if name in known else did_you_mean(name, known)
        if close:
            raise UsageError(f"the function has no variable {name!r}", hint=f"did you mean {close!r}?")
    return names


def _hessian(partials: Partials) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(str, row)) for row in partials.hessian())


def _derivative(partials: Partials, by: tuple[str, ...], name: str) -> Derivative:
    from calcopt.calculus.algebra.partials import leibniz
    from calcopt.expression.latex import to_latex
    from calcopt.records import Derivative

    tree = partials.tree(by)
    symbol = leibniz(by, partial=len(partials.names) > 1, function=name)
    return Derivative(with_respect_to=by, expression=str(tree), latex=to_latex(tree), symbol=symbol)


def _points(formula: Formula, partials: Partials, at: Points | None) -> list[dict[str, Expr]]:
    """The points ``at`` as exact coordinates of every name of the formula."""
    if at is None:
        return []
    from calcopt.problem.points import as_points

    names = tuple(dict.fromkeys((*partials.names, *formula.variables)))
    needed = tuple(name for name in names if name in partials.names or name in free_names(partials.body))
    return list(as_points(at, needed))


def _values(partials: Partials, point: Mapping[str, Expr]) -> PointValues:
    from calcopt.calculus.algebra.at_point import PointValues

    return PointValues(partials, point)


def _at_point(values: PointValues, order: int) -> AtPoint:
    from calcopt.api.places import verdict_at
    from calcopt.calculus.algebra.at_point import tangent
    from calcopt.calculus.precise import evaluate_float
    from calcopt.records import AtPoint

    partials, many = values.partials, len(values.partials.names) > 1
    value = values.value()
    derivatives = [values.derivative(by) for by in partials.of_order(order)]
    gradient = hessian = None
    if many:
        gradient = tuple(_float(values.derivative((name,)).number) for name in partials.names)
        if len(partials.names) <= LARGEST_HESSIAN or order == 2:
            hessian = _hessian_values(values)
    verdict = verdict_at(partials, values.point, defined=values.defined, on_switch=bool(values.active))
    line = None if verdict else tangent(values)
    return AtPoint(
        at={name: evaluate_float(expr, {}) for name, expr in values.point.items()},
        value=_float(value.number),
        derivative_values=tuple(_float(found.number) for found in derivatives),
        gradient_value=gradient,
        hessian_value=hessian,
        eigenvalues=_eigenvalues(hessian),
        exact_at={name: str(expr) for name, expr in values.point.items()},
        exact_value=None if value.exact is None else str(value.exact),
        exact_derivative_values=tuple(None if found.exact is None else str(found.exact) for found in derivatives),
        tangent=None if line is None else str(line),
        remarks=(*values.remarks, verdict) if verdict else tuple(values.remarks),
    )


def _hessian_values(values: PointValues) -> tuple[tuple[float, ...], ...]:
    names = values.partials.names
    return tuple(tuple(_float(values.derivative((row, column)).number) for column in names) for row in names)


def _eigenvalues(hessian: tuple[tuple[float, ...], ...] | None) -> tuple[float, ...] | None:
    if hessian is None or any(entry != entry for row in hessian for entry in row):
        return None
    import numpy as np

    return tuple(float(value) for value in np.linalg.eigvalsh(np.array(hessian)))


def _float(number: float | None) -> float:
    return float("nan") if number is None else number
