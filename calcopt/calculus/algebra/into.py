"""Tree → SymPy, by constructors only: no text ever reaches SymPy's evaluator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Rational, S

from calcopt.calculus.algebra import special
from calcopt.errors import MathError
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
    element_name,
    postorder,
)


def symbol(name: str) -> Any:
    """The one SymPy symbol that stands for a name: always real (other assumptions would make another symbol)."""
    return sympy.Symbol(name, real=True)


def _logarithm(value: Any, base: Any = None) -> Any:
    return sympy.log(value) if base is None else sympy.log(value) / sympy.log(base)


SAME_NAME = (
    *("sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan", "acot", "asec", "acsc"),
    *("sinh", "cosh", "tanh", "coth", "sech", "csch", "asinh", "acosh", "atanh", "acoth", "asech", "acsch"),
    *("exp", "sqrt", "atan2", "erf"),
)
"""Functions that SymPy knows by our name, with our meaning wherever the value is real."""

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(sympy, name) for name in SAME_NAME},
    "log": _logarithm,
    "log10": lambda value: sympy.log(value) / sympy.log(10),
    "log2": lambda value: sympy.log(value) / sympy.log(2),
    "cbrt": lambda value: special.real_power(value, Rational(1, 3)),
    "abs": special.real_abs,
    "sign": special.Sign,
    "floor": special.Floor,
    "ceil": special.Ceiling,
    "min": special.Smallest,
    "max": special.Largest,
    "sigmoid": special.Sigmoid,
    "relu": special.Relu,
    "softplus": special.Softplus,
    "step": special.Step,
}


NOT_REAL = (S.ImaginaryUnit, S.ComplexInfinity, S.NaN, S.Infinity, S.NegativeInfinity)


def to_sympy(root: Expr) -> Any:
    """``root`` as a SymPy expression over real symbols. Sums keep their bounds (expand literal ones before).

    Raises MathError where a constant part has no real value (``sqrt(-2)``, ``1/0``).
    """
    done: dict[Expr, Any] = {}
    for node in postorder(root):
        value = _convert(node, [done[child] for child in node.args])
        if value.has(*NOT_REAL) or (value.is_number and value.is_extended_real is False):
            raise MathError(f"{node} is not a real number", hint="every part of a formula must be real somewhere")
        done[node] = value
    return done[root]


def _convert(node: Expr, args: list[Any]) -> Any:
    match node:
        case Number(value):
            return Rational(value.numerator, value.denominator)
        case Constant(name):
            return S.Pi if name == "pi" else S.Exp1
        case Symbol(name):
            return symbol(name)
        case Add():
            return sympy.Add(*args)
        case Mul():
            return sympy.Mul(*args)
        case Neg():
            return -args[0]
        case Div():
            return args[0] / args[1] if args[1] != 0 else S.ComplexInfinity
        case Pow():
            return special.real_power(args[0], args[1])
        case Call(name):
            return FUNCTIONS[name](*args)
        case _:
            return _convert_structure(node, args)


def _convert_structure(node: Expr, args: list[Any]) -> Any:
    match node:
        case Piecewise():
            return special.Choose(*args)
        case Compare(operator):
            return special.COMPARISONS[operator](*args)
        case And():
            return special.CONNECTIVES["and"](*args)
        case Or():
            return special.CONNECTIVES["or"](*args)
        case Not():
            return special.Not(*args)
        case Indexed(name):
            element = element_name(node)
            return symbol(element) if element else special.Element(symbol(name), *args)
        case Sum(index):
            return sympy.Sum(args[0], (symbol(index), args[1], args[2]))
        case _:
            raise TypeError(f"no SymPy form for {type(node).__name__}")
