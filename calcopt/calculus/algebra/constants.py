"""The second-derivative test where the point holds symbolic constants, and values along curves of critical points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from calcopt.calculus.algebra.into import symbol, to_sympy
from calcopt.calculus.algebra.outof import NotExpressible, from_sympy
from calcopt.calculus.algebra.partials import Partials
from calcopt.calculus.algebra.tidy import tidy
from calcopt.calculus.algebra.zeros import Curve
from calcopt.expression.tree import Expr


@dataclass(frozen=True, slots=True)
class SymbolicTest:
    """f and its Hessian at a symbolic point; ``kind`` is None where it depends on the constants, as ``detail`` says."""

    value: Expr | None
    hessian: tuple[tuple[Expr, ...], ...]
    kind: Any | None
    detail: str


def symbolic_test(partials: Partials, at: Sequence[Any]) -> SymbolicTest:
    """Sylvester's criterion on the Hessian at ``at`` (SymPy expressions in the order of the variables)."""
    point = {symbol(name): value for name, value in zip(partials.names, at, strict=True)}
    rows = [[tidy(partials.raw((a, b)).subs(point)) for b in partials.names] for a in partials.names]
    try:
        value = from_sympy(_shortest(partials.function.subs(point)))
    except NotExpressible:
        value = None
    kind, detail = _sylvester(sympy.Matrix(rows))
    return SymbolicTest(value, tuple(tuple(map(from_sympy, row)) for row in rows), kind, detail)


def _shortest(value: Any) -> Any:
    return min((tidy(value), sympy.factor_terms(sympy.expand(value)), sympy.factor(value)), key=sympy.count_ops)


def _sylvester(matrix: Any) -> tuple[Any | None, str]:
    minors = [tidy(sympy.expand(matrix[:k, :k].det())) for k in range(1, matrix.rows + 1)]
    texts = [str(from_sympy(minor)) for minor in minors]
    signed = [minor * (-1) ** k for k, minor in enumerate(minors, start=1)]
    if len(minors) == 1:
        return _one_second_derivative(minors[0], texts[0])
    listed = ", ".join(texts)
    if all(minor.is_positive for minor in minors):
        return "local minimum", f"all leading minors of the Hessian are positive ({listed})"
    if all(minor.is_positive for minor in signed):
        return "local maximum", f"the leading minors of the Hessian alternate, the first negative ({listed})"
    if any(minor.is_negative for minor in minors[1::2]):
        return "saddle point", f"a leading minor of even order is negative ({listed})"
    opposite = ", ".join(f"{from_sympy(minor)} > 0" for minor in signed)
    positive = ", ".join(f"{text} > 0" for text in texts)
    return None, f"a local minimum where {positive}; a local maximum where {opposite}"


def _one_second_derivative(value: Any, text: str) -> tuple[Any | None, str]:
    if value.is_positive:
        return "local minimum", f"second derivative {text} > 0"
    if value.is_negative:
        return "local maximum", f"second derivative {text} < 0"
    if value.is_zero:
        return "degenerate", "the second derivative is zero; more information is needed"
    return None, f"a local minimum where {text} > 0, a local maximum where {text} < 0"


def value_on(partials: Partials, curve: Curve) -> Expr | None:
    """f on a curve of critical points, when it is one constant there (on a connected piece it must be)."""
    if not curve.equations:
        return partials.body if not partials.function.free_symbols else None
    variables = [symbol(name) for name in partials.names]
    if curve.variable is not None and curve.at is not None:
        value = tidy(partials.function.subs(symbol(curve.variable), to_sympy(curve.at)))
    elif partials.function.is_polynomial(*variables):
        value = sympy.reduced(partials.function, [to_sympy(e) for e in curve.equations], *variables)[1]
    else:
        return None
    return None if value.free_symbols & set(variables) else from_sympy(value)


def across(partials: Partials, curve: Curve) -> str:
    """What the second derivative across a line x = c says: a valley where it is positive, a ridge where negative."""
    if curve.variable is None or curve.at is None:
        return ""
    bend = tidy(partials.raw((curve.variable,) * 2).subs(symbol(curve.variable), to_sympy(curve.at)))
    name = curve.variable
    if bend.is_zero:
        return f"the second derivative by {name} is zero on it"
    text = from_sympy(bend)
    if bend.is_positive or bend.is_negative:
        return f"local {'minima' if bend.is_positive else 'maxima'}: the second derivative by {name} is {text}"
    return f"local minima where {text} > 0, local maxima where it is < 0 (the second derivative by {name})"


def described(curve: Curve) -> str:
    """``x = 0`` or ``x^2 + y^2 − 1 = 0`` as text."""
    if not curve.equations:
        return "every point"
    if curve.variable is not None and curve.at is not None:
        return f"{curve.variable} = {curve.at}"
    return ", ".join(f"{equation} = 0" for equation in curve.equations)


def shifted(start: Expr, period: Expr, times: int) -> Expr:
    """start + times·period, as short as can be: pi/2, 5*pi/2, −3*pi/2."""
    return from_sympy(sympy.expand(to_sympy(start) + times * to_sympy(period)))
