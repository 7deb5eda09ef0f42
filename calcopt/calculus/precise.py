"""Values of a tree to many digits, by real arithmetic throughout: what floats are checked against.

Every function is the real one (cbrt(−8) = −2, log(−1) does not exist), so a value is never complex. Needs mpmath only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from mpmath import mp, mpf, workdps

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

DIGITS = 50
LARGEST_EXPONENT = 10**7
"""Powers and exponentials beyond e^(10^7) overflow every double by far: they count as undefined."""


class Undefined(Exception):
    """The expression has no real value here."""


Values = Mapping[str, Any]


def evaluate(expr: Expr, values: Values, *, digits: int = DIGITS) -> Any | None:
    """The value of ``expr`` as an mpf rounded from ``digits`` digits, or None where it has no real value.

    ``values`` maps names to mpf, Fraction, int or closed expressions.
    """
    with workdps(digits):
        try:
            env = {name: _coordinate(value) for name, value in values.items()}
            return _evaluate(expr, env, {})
        except (Undefined, ZeroDivisionError, OverflowError, ValueError, KeyError):
            return None


def evaluate_float(expr: Expr, values: Values) -> float:
    """The value as the nearest double; nan where there is none.

    Two precisions must agree to 20 digits, else more are used; a value that shrinks with the rounding unit is 0.
    """
    value = evaluate_sure(expr, values)
    return math.nan if value is None else float(value)


def evaluate_sure(expr: Expr, values: Values) -> Any | None:
    """As :func:`evaluate`, free of cancellation: 20 digits at least are right, and zero is exactly zero."""
    coarse = evaluate(expr, values, digits=DIGITS)
    for digits in (2 * DIGITS, 6 * DIGITS, 20 * DIGITS):
        fine = evaluate(expr, values, digits=digits)
        if coarse is None or fine is None:
            return fine
        if abs(fine - coarse) <= abs(fine) * mpf(10) ** -20:
            return fine
        coarse = fine
    return mpf(0)


def sign_of(expr: Expr, values: Values) -> int | None:
    """−1, 0 or 1; None where the value does not exist."""
    value = evaluate_sure(expr, values)
    return None if value is None else int(value > 0) - int(value < 0)


def _coordinate(value: Any) -> Any:
    if isinstance(value, Expr):
        return _evaluate(value, {}, {})
    return mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else mpf(value)


def _evaluate(expr: Expr, env: dict[str, Any], memo: dict[Expr, Any]) -> Any:
    found = memo.get(expr)
    if found is None:
        found = memo[expr] = _node(expr, env, memo)
    return found


def _node(expr: Expr, env: dict[str, Any], memo: dict[Expr, Any]) -> Any:
    def value(node: Expr) -> Any:
        return _evaluate(node, env, memo)

    match expr:
        case Number(number):
            return mpf(number.numerator) / number.denominator
        case Constant(name):
            return +(mp.pi if name == "pi" else mp.e)
        case Symbol(name):
            return env[name]
        case Indexed(name, args):
            return env[f"{name}[{','.join(str(int(value(index))) for index in args)}]"]
        case Add(args):
            return mp.fsum(map(value, args))
        case Mul(args):
            return mp.fprod(map(value, args))
        case Neg(operand):
            return -value(operand)
        case Div(numerator, denominator):
            return value(numerator) / value(denominator)
        case Pow(base, exponent):
            return power(value(base), exponent, value(exponent))
        case Call(name, args):
            return finite(FUNCTIONS[name](*map(value, args)))
        case Piecewise():
            return value(_chosen(expr, value))
        case Sum(index, body, lower, upper):
            first, last = int(value(lower)), int(value(upper))
            return mp.fsum(_evaluate(body, {**env, index: mpf(i)}, {}) for i in range(first, last + 1))
        case _:
            raise Undefined


def _chosen(expr: Piecewise, value: Callable[[Expr], Any]) -> Expr:
    """The branch of the first condition that holds; :class:`Undefined` where one before it has no truth value.

    Equal branches need no condition, as in graphs and in SymPy's form.
    """
    if all(branch is expr.otherwise for _, branch in expr.branches):
        return expr.otherwise
    for condition, branch in expr.branches:
        holds = _truth(condition, value)
        if holds is None:
            raise Undefined
        if holds:
            return branch
    return expr.otherwise


def _truth(condition: Expr, value: Callable[[Expr], Any]) -> bool | None:
    """Whether it holds; None where a side has no value, unless the other parts decide (Kleene's strong logic)."""
    match condition:
        case Compare(operator, left, right):
            try:
                a, b = value(left), value(right)
            except (Undefined, ZeroDivisionError, OverflowError, ValueError):
                return None
            return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator])
        case And(args) | Or(args):
            parts = [_truth(part, value) for part in args]
            decisive = isinstance(condition, Or)
            return decisive if decisive in parts else None if None in parts else not decisive
        case Not(operand):
            inner = _truth(operand, value)
            return None if inner is None else not inner
        case _:
            raise Undefined


def finite(value: Any) -> Any:
    if not isinstance(value, mpf) or not mp.isfinite(value):
        raise Undefined
    return value


def power(base: Any, exponent: Expr, value: Any) -> Any:
    """base^exponent; a literal exponent p/q with odd q is the real root."""
    literal = literal_fraction(exponent)
    if abs(value) > LARGEST_EXPONENT:
        raise Undefined
    if base < 0 and literal is not None and literal.denominator % 2 == 1:
        size = mp.power(-base, value)
        return -size if literal.numerator % 2 else size
    if base < 0 and value != mp.nint(value):
        raise Undefined
    if base == 0 and value < 0:
        raise Undefined
    return finite(mp.power(base, int(value) if base < 0 else value))


def literal_fraction(expr: Expr) -> Fraction | None:
    """The exact value of an exponent written with numbers only, else None."""
    match expr:
        case Number(number):
            return number
        case Neg(operand):
            inner = literal_fraction(operand)
            return None if inner is None else -inner
        case Div(numerator, denominator):
            above, below = literal_fraction(numerator), literal_fraction(denominator)
            return above / below if above is not None and below else None
        case Add(args):
            parts = [literal_fraction(arg) for arg in args]
            return None if None in parts else sum((part for part in parts if part is not None), Fraction(0))
        case Mul(args):
            parts = [literal_fraction(arg) for arg in args]
            return None if None in parts else math.prod((part for part in parts if part is not None), start=Fraction(1))
        case _:
            return None


def _exp(x: Any) -> Any:
    if x > LARGEST_EXPONENT:
        raise Undefined
    return mp.exp(x)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + _exp(-x)) if x >= 0 else _exp(x) / (1 + _exp(x))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": _exp,
    "log": lambda x, base=None: mp.log(x) if base is None else mp.log(x) / mp.log(base),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "log2": lambda x: mp.log(x) / mp.log(2),
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.cbrt(x) if x >= 0 else -mp.cbrt(-x),
    "abs": abs,
    "sign": mp.sign,
    "floor": mp.floor,
    "ceil": mp.ceil,
    "min": lambda *args: min(args),
    "max": lambda *args: max(args),
    **{
        name: getattr(mp, name)
        for name in (
            *("sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan", "asec", "acsc"),
            *("sinh", "cosh", "tanh", "coth", "sech", "csch", "asinh", "acosh", "atanh", "acoth", "asech", "acsch"),
            *("atan2", "erf"),
        )
    },
    "acot": lambda x: mp.atan(1 / x) if x else mp.pi / 2,
    "sigmoid": _sigmoid,
    "relu": lambda x: max(x, mpf(0)),
    "softplus": lambda x: max(x, mpf(0)) + mp.log1p(_exp(-abs(x))),
    "step": lambda x: mpf(int(x >= 0)),
}
"""The functions on the real line; a complex result means that there is no real value."""
