"""SymPy's general solvers, for what :mod:`.zeros` does not know. They may never end: run them in a child process."""

from __future__ import annotations

from typing import Any

import sympy

from calcopt.calculus.algebra.into import symbol
from calcopt.calculus.algebra.outof import NotExpressible, from_sympy
from calcopt.calculus.algebra.partials import Partials
from calcopt.calculus.algebra.zeros import Zero, Zeros, zeros_of_gradient
from calcopt.expression.tree import Expr


def solve_anything(partials: Partials) -> Zeros:
    """Zeros of the gradient by our own methods, else by ``sympy.solve``, which is never believed to be complete."""
    own = zeros_of_gradient(partials)
    if own is not None and (own.solved or own.points or own.curves):
        return own
    variables = [symbol(name) for name in partials.names]
    zeros = Zeros(complete=False, solved=False, notes=["solved symbolically; there may be more points"])
    for solution in _solve([partials.sympy((name,)) for name in partials.names], variables):
        if set(solution) == set(variables) and not any(_free(value, variables) for value in solution.values()):
            zero = _zero([solution[v] for v in variables])
            if zero is not None:
                zeros.points.append(zero)
    return zeros


def _solve(equations: list[Any], variables: list[Any]) -> list[dict[Any, Any]]:
    try:
        return list(sympy.solve(equations, variables, dict=True))
    except (RuntimeError, ValueError, TypeError, AttributeError, KeyError):  # its many ways to give up
        return []


def _free(value: Any, variables: list[Any]) -> bool:
    return bool(value.free_symbols & set(variables))


def _zero(values: list[Any]) -> Zero | None:
    if any(value.is_real is False for value in values):
        return None
    exact: list[Expr | None] = []
    for value in values:
        try:
            exact.append(from_sympy(value))
        except NotExpressible:
            if not value.is_number:
                return None
            exact.append(None)
    numbers = [value.evalf(100) if value.is_number else value for value in values]
    if any(number.is_number and not number.is_Float and not number.is_Rational for number in numbers):
        return None
    return Zero(tuple(_plain(number) for number in numbers), tuple(exact))


def _plain(number: Any) -> Any:
    from mpmath import mpf, workdps

    if not number.is_Float:
        return number
    with workdps(100):
        return mpf(number._mpf_)
