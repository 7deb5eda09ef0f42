"""Values of a function's derivatives at one point: exact where that is short, and never wrong on a kink."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from calcopt.calculus.algebra.into import to_sympy
from calcopt.calculus.algebra.outof import NotExpressible, from_sympy, rational
from calcopt.calculus.algebra.partials import Names, Partials, leibniz
from calcopt.calculus.precise import evaluate_sure
from calcopt.calculus.sides import Sides, active_switches, one_sided
from calcopt.errors import MathError
from calcopt.expression import exact_value as exact_fraction
from calcopt.expression.sizes import find_violation
from calcopt.expression.tree import (
    Add,
    Expr,
    Mul,
    Neg,
    Number,
    Piecewise,
    Symbol,
    free_names,
    postorder,
    substitute,
)

ZERO = Number(0)
SHORT = 14
"""An exact value is worth showing when it has at most this many nodes (2*e^2, sqrt(2)/3) …"""
LONGEST = 40
"""… and at most this many characters."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number at a point: None where it does not exist, with the exact form where that is short."""

    number: float | None
    exact: Expr | None = None


class PointValues:
    """Values at ``point`` (names → closed expressions) of f and its derivatives; reasons for gaps in ``remarks``."""

    def __init__(self, partials: Partials, point: Mapping[str, Expr]) -> None:
        self.partials = partials
        self.point = dict(point)
        self.remarks: list[str] = []
        self.defined = evaluate_sure(partials.body, self.point) is not None
        if not self.defined:
            self._remark("the function is not defined at this point")
        self.active = active_switches(partials.body, self.point) if self.defined else ()
        self._sides: dict[str, Sides] = {}
        self._deepest: dict[str, int] = {}

    def value(self) -> Value:
        return self._off_switch(()) if self.defined else Value(None)

    def derivative(self, by: Names) -> Value:
        """∂f/∂by at the point. On a switch one-sided limits decide; mixed derivatives stay undecided there."""
        if not self.defined:
            return Value(None)
        if not self.active:
            found = self._off_switch(by)
            if found.number is None:
                self._remark(f"{leibniz(by)} does not exist at this point")
            return found
        if len(set(by)) > 1:
            self._remark(f"{leibniz(by)} is not examined at this point: {self.active[0]} is on its switch there")
            return Value(None)
        number, reason = self._limits(by[0], len(by)).verdict(len(by))
        if number is None and len(by) == 1:
            number = self._by_expansion(by[0])
        if number is None:
            self._remark(f"{leibniz(by)}: {reason}" if len(self.partials.names) > 1 else str(reason))
            return Value(None)
        return Value(float(number))

    def _by_expansion(self, name: str) -> Any | None:
        """The derivative by its definition, where f' itself has no limit: x² sin(1/x) continued by 0."""
        from calcopt.calculus.singular.kinds import decide

        decision = decide(self.partials.body, self.point, {name: 1})
        return decision.right.slope if decision.kind == "smooth" else None

    def _limits(self, name: str, order: int) -> Sides:
        if self._deepest.get(name, 0) < order:
            slopes = [self.partials.tree((name,) * k) for k in range(1, order + 1)]
            self._sides[name] = one_sided(self.partials.body, slopes, name, self.point)
            self._deepest[name] = order
        return self._sides[name]

    def _off_switch(self, by: Names) -> Value:
        tree = self.partials.tree(by) if by else self.partials.body
        number = evaluate_sure(tree, self.point)
        if number is None:
            return Value(None)
        return Value(float(number), exact_value(tree, self.point))

    def _remark(self, text: str) -> None:
        if text not in self.remarks:
            self.remarks.append(text)


def exact_value(tree: Expr, point: Mapping[str, Expr]) -> Expr | None:
    """``tree`` at the point as a short exact expression, or None when there is no short one."""
    closed = substitute(tree, point)
    if free_names(closed) or find_violation(closed) is not None:
        return None  # (1 + 1/n)^n at n = 10^6 would be a fraction of millions of digits
    fraction = exact_fraction(closed)
    if fraction is not None:
        bits = fraction.numerator.bit_length() + fraction.denominator.bit_length()
        return rational(fraction) if bits <= 4 * LONGEST and len(str(fraction)) <= LONGEST else None
    if any(isinstance(node, Piecewise) for node in postorder(closed)):
        return None
    try:
        value = to_sympy(closed)
        if not value.is_Rational:
            value = min((value, sympy.expand(value)), key=sympy.count_ops)
        found = from_sympy(value)
    except (MathError, NotExpressible, TypeError):
        return None
    return found if _size(found) <= SHORT and len(str(found)) <= LONGEST else None


def tangent(values: PointValues) -> Expr | None:
    """The tangent line or plane f(a) + Σ ∂f/∂xᵢ(a)·(xᵢ − aᵢ), or None where one of the numbers does not exist."""
    start = _shown(values.value())
    slopes = [_shown(values.derivative((name,))) for name in values.partials.names]
    if start is None or None in slopes:
        return None
    terms = [] if start is ZERO else [start]
    for name, slope in zip(values.partials.names, slopes, strict=True):
        if slope is not None and slope is not ZERO:
            terms.append(_scaled(slope, _shift(name, values.point[name])))
    return ZERO if not terms else terms[0] if len(terms) == 1 else Add(*terms)


def _shown(value: Value) -> Expr | None:
    if value.exact is not None or value.number is None:
        return value.exact
    return rational(Fraction(repr(value.number)))


def _shift(name: str, at: Expr) -> Expr:
    variable = Symbol(name)
    if at is ZERO:
        return variable  # type: ignore[no-any-return]
    return Add(variable, at.args[0] if isinstance(at, Neg) else Neg(at))  # type: ignore[no-any-return]


def _scaled(slope: Expr, shift: Expr) -> Expr:
    if isinstance(slope, Neg):
        return Neg(_scaled(slope.operand, shift))  # type: ignore[no-any-return]
    if isinstance(slope, Mul):
        return Mul(*slope.args, shift)  # type: ignore[no-any-return]
    return shift if slope is Number(1) else Mul(slope, shift)


def _size(tree: Expr) -> int:
    return 1 + sum(_size(child) for child in tree.args)
