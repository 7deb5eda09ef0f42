"""Poles between two points: where a denominator of the formula changes its sign and |f| grows without bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from calcopt.expression.tree import Call, Div, Expr, Mul, Neg, Number, Pow, Sum, free_names, postorder

if TYPE_CHECKING:
    from calcopt.numeric.columns import Floats
    from calcopt.records import Objective

MOST_VARIABLES = 1000
"""Beyond, nobody looks for poles."""
MOST = 50
"""So many different denominators are watched."""
BLOWN = 1e6
"""How much larger than at both ends |f| is beside a pole: a removable singularity, such as sin(x)/x, stays small."""


class Poles:
    """The denominators of a formula, evaluated beside it: ``between(a, b)`` finds a pole on the way from a to b."""

    def __init__(self, objective: Objective, denominators: Sequence[Expr]) -> None:
        from calcopt.numeric.system import function_system

        self._objective = objective
        self._system = function_system([*denominators], objective.variables, label="")

    def between(self, a: Floats, b: Floats) -> Floats | None:
        """A point (n,) next to a pole on the line from ``a`` to ``b``; None where no denominator tells of one."""
        with np.errstate(all="ignore"):
            before, after = self._signs(a), self._signs(b)
            for k in np.flatnonzero(before * after < 0).tolist():
                left, right = self._narrowed(a, b, k, float(before[k]))
                if self._is_pole(a, b, left, right):
                    return left
        return None

    def _signs(self, x: Floats) -> Floats:
        return np.sign(self._system.evaluate(x, 0).residual)

    def _narrowed(self, a: Floats, b: Floats, k: int, sign: float) -> tuple[Floats, Floats]:
        """The change of sign of denominator k, halved down to neighbouring doubles (or 2⁻²⁰⁰ of the way)."""
        low, high = 0.0, 1.0
        for _ in range(200):
            middle = 0.5 * (low + high)
            if not low < middle < high:
                break
            if self._signs(a + middle * (b - a))[k] == sign:
                low = middle
            else:
                high = middle
        return a + low * (b - a), a + high * (b - a)

    def _is_pole(self, a: Floats, b: Floats, left: Floats, right: Floats) -> bool:
        """|f| beside the change of sign is far above what it is at both ends; exactly on it nothing is asked."""
        largest = max(abs(self._value(a)), abs(self._value(b)), 1e-300)
        return any(abs(self._value(x)) > BLOWN * largest for x in (left, right))

    def _value(self, x: Floats) -> float:
        return _value(self._objective, x)


def _value(objective: Objective, x: Floats) -> float:
    """f(x), not counted among the evaluations of the run."""
    value = objective.evaluate(x, 0).value
    objective.counts.value -= 1
    return value


def poles_of(body: Expr, objective: Objective) -> Poles | None:
    """The watch over the denominators of ``body``; None where it has none that may vanish."""
    if len(objective.variables) > MOST_VARIABLES:
        return None
    nodes = list(postorder(body))
    if any(isinstance(node, Sum) for node in nodes):
        return None
    found = list(dict.fromkeys(part for node in nodes for part in _denominators(node) if free_names(part)))
    return Poles(objective, found[:MOST]) if found else None


def _denominators(node: Expr) -> Iterator[Expr]:
    """What may vanish below the line: factors, and bases of powers (x, not x², for x² does not change its sign)."""
    if isinstance(node, Div):
        yield from _factors(node.args[1])
    elif isinstance(node, Pow) and _is_negative(node.args[1]):
        yield from _factors(node.args[0])
    elif isinstance(node, Call) and node.name in ("tan", "sec"):
        yield Call("cos", node.args[0])
    elif isinstance(node, Call) and node.name in ("cot", "csc"):
        yield Call("sin", node.args[0])


def _factors(node: Expr) -> Iterator[Expr]:
    if isinstance(node, Mul):
        for part in node.args:
            yield from _factors(part)
    elif isinstance(node, (Neg, Pow)):
        yield from _factors(node.args[0])
    elif not (isinstance(node, Call) and node.name in ("exp", "cosh")):
        yield node


def _is_negative(exponent: Expr) -> bool:
    if isinstance(exponent, Neg):
        return not _is_negative(exponent.args[0])
    return isinstance(exponent, Number) and exponent.value < 0
