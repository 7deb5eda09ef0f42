"""SymPy → tree: the shapes a person would write, which print and parse back."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy
from sympy import Rational, S

from calcopt.calculus.algebra import special
from calcopt.calculus.algebra.into import SAME_NAME
from calcopt.expression.tree import (
    Add,
    And,
    Call,
    Compare,
    Constant,
    Div,
    Expr,
    Indexed,
    Mul,
    Neg,
    Not,
    Number,
    Or,
    Piecewise,
    Pow,
    Sum,
    Symbol,
)


class NotExpressible(Exception):
    """A SymPy expression with no counterpart in calcopt's language (LambertW, imaginary unit …)."""


NAMES: dict[type, str] = {
    **{getattr(sympy, name): name for name in SAME_NAME if name not in ("exp", "sqrt")},
    sympy.log: "log",
    sympy.Abs: "abs",
    sympy.sign: "sign",
    special.RealAbs: "abs",
    special.Sign: "sign",
    special.Floor: "floor",
    special.Ceiling: "ceil",
    special.Smallest: "min",
    special.Largest: "max",
    special.Sigmoid: "sigmoid",
    special.Relu: "relu",
    special.Softplus: "softplus",
    special.Step: "step",
}


def from_sympy(root: Any, *, power_of_e: bool = False, positive_bases: bool = False) -> Expr:
    """``root`` as a tree. ``power_of_e`` writes e^x for exp(x), for users who wrote it so.

    ``positive_bases`` says that a root of odd degree is asked for where its base is positive only: the product of
    x^(1/4) and x^(1/12) is x^(1/3), which SymPy takes for a complex root where x < 0 and we for a real one.
    Raises NotExpressible for what the language cannot say.
    """
    return _Writer(power_of_e=power_of_e, positive_bases=positive_bases).write(root)


class _Writer:
    def __init__(self, *, power_of_e: bool, positive_bases: bool) -> None:
        self.power_of_e = power_of_e
        self.positive_bases = positive_bases
        self.done: dict[Any, Expr] = {}

    def write(self, value: Any) -> Expr:
        found = self.done.get(value)
        if found is None:
            found = self.done[value] = self._write(value)
        return found

    def _write(self, value: Any) -> Expr:
        if value.is_Rational:
            return rational(Fraction(int(value.p), int(value.q)))
        if value.is_Symbol:
            return _name(value.name)
        if value is S.Pi or value is S.Exp1:
            return Constant("pi" if value is S.Pi else "e")  # type: ignore[no-any-return]
        if value.is_Add:
            return self._add(value)
        if value.is_Mul:
            return self._mul(value)
        if isinstance(value, sympy.exp):
            return self._exp(value.args[0])
        if value.is_Pow or isinstance(value, special.RealPower):
            return self._pow(value)
        return self._other(value)

    def _add(self, value: Any) -> Expr:
        terms = value.as_ordered_terms()
        if len(terms) == 2 and _negative(terms[0]) and not _negative(terms[1]):
            terms.reverse()
        return Add(*(Neg(self.write(-term)) if _negative(term) else self.write(term) for term in terms))  # type: ignore[no-any-return]

    def _mul(self, value: Any) -> Expr:
        coefficient, rest = value.as_coeff_Mul(rational=True)
        if coefficient < 0:
            return Neg(self.write(-value))  # type: ignore[no-any-return]
        above = [Number(int(coefficient.p))] if coefficient.p != 1 else []
        below = [Number(int(coefficient.q))] if coefficient.q != 1 else []
        for factor in _ordered(rest):
            base, exponent = _split(factor)
            if isinstance(factor, sympy.exp):
                divides = factor.args[0].is_number and _negative(factor.args[0])
                (below if divides else above).append(self.write(sympy.exp(-factor.args[0]) if divides else factor))
            elif _negative(exponent):
                below.append(self.write(_power(base, -exponent, factor)))
            else:
                above.append(self.write(factor))
        numerator = _product(above)
        return Div(numerator, _product(below)) if below else numerator

    def _exp(self, exponent: Any) -> Expr:
        if self.power_of_e or exponent.is_number:
            if _negative(exponent) and exponent.is_number:
                return Div(Number(1), self.write(sympy.exp(-exponent)))  # type: ignore[no-any-return]
            return Pow(Constant("e"), self.write(exponent))  # type: ignore[no-any-return]
        return Call("exp", self.write(exponent))  # type: ignore[no-any-return]

    def _pow(self, value: Any) -> Expr:
        base, exponent = _split(value)
        if _negative(exponent):
            return Div(Number(1), self.write(_power(base, -exponent, value)))  # type: ignore[no-any-return]
        if exponent == Rational(1, 2):
            return Call("sqrt", self.write(base))  # type: ignore[no-any-return]
        odd_root = exponent.is_Rational and exponent.q % 2 == 1 and exponent.q > 1 and value.is_Pow
        if odd_root and not base.is_nonnegative and not (self.positive_bases and base.free_symbols):
            raise NotExpressible(f"{value} is a complex root")
        return Pow(self.write(base), self.write(exponent))  # type: ignore[no-any-return]

    def _other(self, value: Any) -> Expr:
        kind = type(value)
        if kind in NAMES:
            return Call(NAMES[kind], *map(self.write, value.args))  # type: ignore[no-any-return]
        if isinstance(value, special.Element):
            return Indexed(value.args[0].name, *map(self.write, value.args[1:]))  # type: ignore[no-any-return]
        if isinstance(value, special.Choose):
            return Piecewise(*map(self.write, value.args))  # type: ignore[no-any-return]
        if kind in special.COMPARISONS.values():
            return Compare(kind.operator, *map(self.write, value.args))  # type: ignore[no-any-return]
        if isinstance(value, special.Not):
            return Not(self.write(value.args[0]))  # type: ignore[no-any-return]
        if kind in special.CONNECTIVES.values():
            return (And if kind is special.CONNECTIVES["and"] else Or)(*map(self.write, value.args))  # type: ignore[no-any-return]
        if isinstance(value, sympy.Sum) and len(value.limits) == 1:
            index, lower, upper = value.limits[0]
            return Sum(index.name, self.write(value.function), self.write(lower), self.write(upper))  # type: ignore[no-any-return]
        raise NotExpressible(str(value))


def rational(value: Fraction) -> Expr:
    """A rational as a person writes it: 7, −7, 7/3."""
    size = abs(value)
    whole = size.denominator == 1
    node = Number(size) if whole else Div(Number(size.numerator), Number(size.denominator))
    return Neg(node) if value < 0 else node  # type: ignore[no-any-return]


def _name(name: str) -> Expr:
    if not name.endswith("]"):
        return Symbol(name)  # type: ignore[no-any-return]
    stem, _, indices = name[:-1].partition("[")
    return Indexed(stem, *(rational(Fraction(index)) for index in indices.split(",")))  # type: ignore[no-any-return]


def _ordered(product: Any) -> list[Any]:
    """SymPy's order, but σ(1 − σ) rather than (1 − σ)σ: a sum made of another factor comes after it."""
    factors: list[Any] = product.as_ordered_factors()
    functions = [factor for factor in factors if factor.is_Function]
    return sorted(factors, key=lambda factor: factor.is_Add and any(factor.has(other) for other in functions))


def _negative(value: Any) -> bool:
    """True when the value starts with a minus sign: −3, −x/2."""
    return bool(value.as_coeff_Mul(rational=True)[0] < 0)


def _split(factor: Any) -> tuple[Any, Any]:
    if isinstance(factor, special.RealPower):
        base, exponent = factor.args
    else:
        base, exponent = factor.as_base_exp() if factor.is_Pow else (factor, S.One)
    return base, exponent


def _power(base: Any, exponent: Any, like: Any) -> Any:
    return (special.real_power if isinstance(like, special.RealPower) else sympy.Pow)(base, exponent)


def _product(factors: Sequence[Expr]) -> Expr:
    if len(factors) == 1:
        return factors[0]
    flat = [part for factor in factors for part in (factor.args if isinstance(factor, Mul) else (factor,))]
    return Mul(*flat) if flat else Number(1)  # type: ignore[no-any-return]
