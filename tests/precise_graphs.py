"""References at 60 digits for the tests of graphs: a tree evaluator, and a plain interpreter of graphs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import mpmath
from mpmath import mp, mpf

from calcopt.calculus.graph import Graph
from calcopt.expression.tree import (
    Add,
    And,
    Call,
    Compare,
    Constant,
    Div,
    Expr,
    Mul,
    Neg,
    Not,
    Number,
    Or,
    Piecewise,
    Pow,
    Symbol,
)


class Outside(Exception):
    """The point is not in the domain, or too near to where numbers end."""


def real(value: Any) -> Any:
    if isinstance(value, mpmath.mpc) or not mp.isfinite(value) or abs(value) > mpf(10) ** 40:
        raise Outside
    return value


def root(x: Any, exponent: Fraction) -> Any:
    """The real x^(p/q), q odd."""
    size = mp.power(abs(x), mpf(exponent.numerator) / exponent.denominator)
    return -size if x < 0 and exponent.numerator % 2 else size


def power(x: Any, y: Any, literal: Fraction | None) -> Any:
    if literal is not None and literal.denominator % 2:
        return root(x, literal) if literal.denominator > 1 else mp.power(x, int(literal))
    return mp.power(x, y)


UNARY: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(mp, name) for name in ("exp", "sqrt", "sin", "cos", "tan", "cot", "sec", "csc")},
    **{name: getattr(mp, name) for name in ("asin", "acos", "atan", "acot", "asec", "acsc")},
    **{name: getattr(mp, name) for name in ("sinh", "cosh", "tanh", "coth", "sech", "csch")},
    **{name: getattr(mp, name) for name in ("asinh", "acosh", "atanh", "acoth", "asech", "acsch")},
    **{name: getattr(mp, name) for name in ("erf", "floor", "ceil", "log10")},
    "log": mp.log,
    "log2": lambda x: mp.log(x, 2),
    "cbrt": lambda x: root(x, Fraction(1, 3)),
    "abs": abs,
    "sign": mp.sign,
    "step": lambda x: mpf(x >= 0),
    "relu": lambda x: max(x, mpf(0)),
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
}


def tree_value(node: Expr, point: Mapping[str, Any]) -> Any:
    """The value of an expression, straight from the meaning of its nodes; Outside where it has none."""
    if isinstance(node, Number):
        return mpf(node.value.numerator) / node.value.denominator
    if isinstance(node, Constant):
        return mpf(math.pi if node.name == "pi" else math.e)
    if isinstance(node, Symbol):
        return point[node.name]
    if isinstance(node, Piecewise):
        for condition, value in node.branches:
            if holds(condition, point):
                return tree_value(value, point)
        return tree_value(node.otherwise, point)
    args = [tree_value(arg, point) for arg in node.args]
    if at_the_edge(node, args):
        raise Outside
    try:
        return real(_operation(node, args))
    except (ZeroDivisionError, ValueError, OverflowError) as error:
        raise Outside from error


def at_the_edge(node: Expr, args: list[Any]) -> bool:
    """Where a function ends or has an infinite slope: there is no derivative to compare."""
    if isinstance(node, Pow):
        literal = literal_exponent(node.exponent)
        return bool(args[0] <= 0) if literal is None else bool(args[0] == 0) and literal.denominator > 1
    if not isinstance(node, Call):
        return False
    if node.name in ("asin", "acos", "acosh", "asec", "acsc", "asech"):
        return bool(abs(args[0]) == 1)
    return node.name in ("sqrt", "cbrt", "acot", "atan2") and not any(args)


def _operation(node: Expr, args: list[Any]) -> Any:
    if isinstance(node, Add):
        return mp.fsum(args)
    if isinstance(node, Mul):
        return mp.fprod(args)
    if isinstance(node, Neg):
        return -args[0]
    if isinstance(node, Div):
        return args[0] / args[1]
    if isinstance(node, Pow):
        return power(args[0], args[1], literal_exponent(node.exponent))
    assert isinstance(node, Call)
    if node.name in ("min", "max"):
        return (min if node.name == "min" else max)(args)
    if node.name == "atan2":
        return mp.atan2(*args)
    if node.name == "log" and len(args) == 2:
        return real(mp.log(args[0])) / real(mp.log(args[1]))
    return UNARY[node.name](args[0])


def literal_exponent(node: Expr) -> Fraction | None:
    from calcopt.expression import exact_value

    return exact_value(node)


def holds(node: Expr, point: Mapping[str, Any]) -> bool:
    if isinstance(node, And):
        return all(holds(arg, point) for arg in node.args)
    if isinstance(node, Or):
        return any(holds(arg, point) for arg in node.args)
    if isinstance(node, Not):
        return not holds(node.operand, point)
    assert isinstance(node, Compare)
    left, right = tree_value(node.left, point), tree_value(node.right, point)
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[node.operator]


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": mp.power,
    "atan2": mp.atan2,
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
    "min": min,
    "max": max,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
}


def graph_values(graph: Graph, roots: Sequence[int], variables: Sequence[Any]) -> list[Any]:
    """Every node from its arguments, one after the other; what has no real value is nan."""
    values: dict[int, Any] = {}
    for node in graph.reachable(roots):
        op, payload = graph.ops[node], graph.payloads[node]
        args = [values[arg] for arg in graph.args[node]]
        try:
            value = _node(op, payload, args, variables)
        except (ZeroDivisionError, ValueError, OverflowError):
            value = mp.nan
        values[node] = mp.nan if isinstance(value, mpmath.mpc) else value
    return [values[root] for root in roots]


def _node(op: str, payload: Any, args: list[Any], variables: Sequence[Any]) -> Any:
    if op == "var":
        return variables[payload]
    if op == "const":
        return mpf(payload) if isinstance(payload, float) else mpf(payload.numerator) / payload.denominator
    if op in ("true", "false"):
        return op == "true"
    if op == "not":
        return not args[0]
    if op == "select":
        return args[1] if args[0] else args[2]
    if op == "neg":
        return -args[0]
    if op == "powi":
        return mp.power(args[0], payload)
    if op == "root":
        return root(args[0], payload)
    return BINARY[op](*args) if op in BINARY else UNARY[op](args[0])
