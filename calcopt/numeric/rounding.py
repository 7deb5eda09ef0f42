"""Running error analysis: a bound on the rounding error of every node, beside its value.

Each rule says how far the errors of the arguments move the exact result, plus the rounding of the operation itself.
Products keep the term of second order, so (a − b)² with a ≈ b is bounded honestly too.

Reference: N. J. Higham, Accuracy and Stability of Numerical Algorithms (SIAM, 2002), §3.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from calcopt.calculus.graph import Graph
from calcopt.numeric.functions import ARRAY, parameters

UNIT = 2.0**-53
_LIBRARY = 4.0 * UNIT  # sin, exp, … are within two units in the last place

Slope = Callable[[Any, Any, Any], Any]
"""``slope(a, v, e)``: a bound of |f'| over a ± e, with v = f(a)."""

_SLOPES: dict[str, Slope] = {
    "exp": lambda a, v, e: np.abs(v) * np.exp(e),
    "log": lambda a, v, e: 1 / np.abs(a),
    "log10": lambda a, v, e: 1 / (np.abs(a) * math.log(10)),
    "log2": lambda a, v, e: 1 / (np.abs(a) * math.log(2)),
    "sin": lambda a, v, e: np.minimum(np.abs(np.cos(a)) + e, 1),
    "cos": lambda a, v, e: np.minimum(np.abs(np.sin(a)) + e, 1),
    "tan": lambda a, v, e: 1 + v * v,
    "asin": lambda a, v, e: 1 / np.sqrt((1 - a) * (1 + a)),
    "acos": lambda a, v, e: 1 / np.sqrt((1 - a) * (1 + a)),
    "atan": lambda a, v, e: 1 / (1 + a * a),
    "acot": lambda a, v, e: 1 / (1 + a * a),
    "sinh": lambda a, v, e: np.cosh(np.abs(a) + e),
    "cosh": lambda a, v, e: np.sinh(np.abs(a) + e),
    "tanh": lambda a, v, e: 1 / np.cosh(a) ** 2,
    "asinh": lambda a, v, e: 1 / np.sqrt(1 + a * a),
    "acosh": lambda a, v, e: 1 / np.sqrt((a - 1) * (a + 1)),
    "atanh": lambda a, v, e: 1 / np.abs((1 - a) * (1 + a)),
    "erf": lambda a, v, e: 2 / math.sqrt(math.pi) * np.exp(-a * a),
    "sigmoid": lambda a, v, e: np.abs(v * (1 - v)) + e,
    "softplus": lambda a, v, e: 1 / (1 + np.exp(-a)),
}


def node_errors(
    graph: Graph,
    roots: Sequence[int],
    variables: Sequence[tuple[Any, Any]],
    data: Sequence[Any],
) -> list[tuple[Any, Any]]:
    """(value, error bound) of each root; ``variables`` are pairs of that kind, ``data`` are rounded decimals."""
    found: dict[int, tuple[Any, Any]] = {}
    for node in graph.reachable(roots):
        op, payload = graph.ops[node], graph.payloads[node]
        if op == "var":
            found[node] = variables[payload]  # type: ignore[index]
        elif op == "data":
            column = data[payload]  # type: ignore[index]
            found[node] = (column, np.where(column == np.rint(column), 0.0, UNIT * np.abs(column)))
        elif op == "const":
            value = np.float64(payload)
            exact = isinstance(payload, (int, Fraction)) and math.isfinite(value) and Fraction(float(value)) == payload
            found[node] = (value, np.float64(0.0) if exact else UNIT * np.abs(value))
        else:
            found[node] = operation_error(op, payload, [found[arg] for arg in graph.args[node]])
    return [found[root] for root in roots]


def operation_error(op: str, payload: Any, operands: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Value and error bound of one operation on arrays (or numbers) with error bounds."""
    if op in ("true", "false"):
        return np.bool_(op == "true"), np.float64(0.0)
    values = [value for value, _ in operands]
    errors = [error for _, error in operands]
    result = ARRAY[op](*values, *parameters(op, payload))
    if op == "select":
        return result, np.where(values[0], errors[1], errors[2])
    return result, _propagated(op, payload, values, errors, result)


def _propagated(op: str, payload: Any, values: list[Any], errors: list[Any], v: Any) -> Any:
    size = UNIT * np.abs(v)
    a, e = values[0], errors[0]
    if op in ("add", "sub"):
        return e + errors[1] + size
    if op == "mul":
        b, f = values[1], errors[1]
        return _times(np.abs(a), f) + _times(np.abs(b), e) + e * f + size
    if op == "div":
        b, f = values[1], errors[1]
        room = np.maximum(np.abs(b) - f, np.abs(b) * UNIT)
        return (e + _times(np.abs(v), f)) / room + size
    if op == "powi":
        n = abs(payload)
        reach = np.abs(a) + e if payload > 0 else np.maximum(np.abs(a) - e, np.abs(a) * UNIT)
        return _times(n * ARRAY["powi"](reach, payload - 1), e) + n * size
    if op == "root":
        slope = abs(float(payload)) * np.power(np.abs(a), float(payload) - 1)
        growth = _times(slope, e)
        # the exponent itself is rounded to a double: (6.4 + δ) moves a^6.4 by δ·|log a|·a^6.4
        own = (_LIBRARY + UNIT * abs(float(payload)) * np.abs(np.log(np.abs(a)))) * np.abs(v)
        own = np.where(v == 0, 0.0, own)
        # near 0 the slope is infinite, but |√a − √b| ≤ √|a − b| holds for every root
        return np.minimum(growth, 2 * np.power(e, float(payload))) + own if 0 < payload < 1 else growth + own
    if op == "sqrt":
        return np.minimum(_times(0.5 / np.sqrt(a), e), np.sqrt(e)) + size
    if op == "pow":
        b, f = values[1], errors[1]
        return (
            _times(np.abs(b * np.power(a, b - 1)), e) + _times(np.abs(v * np.log(np.abs(a))), f) + _LIBRARY * np.abs(v)
        )
    if op == "atan2":
        return (np.abs(values[1]) * e + np.abs(a) * errors[1]) / (a * a + values[1] ** 2) + _LIBRARY * np.abs(v)
    if op in ("min", "max"):
        return np.maximum(e, errors[1])
    if op == "logaddexp":
        return np.maximum(e, errors[1]) + _LIBRARY * (np.abs(v) + 1)
    if op in ("neg", "abs", "relu"):
        return e
    if op in _JUMPING:  # constant between jumps, but an argument that is uncertain may lie beyond one
        return np.maximum(np.abs(ARRAY[op](a + e) - v), np.abs(ARRAY[op](a - e) - v))
    slope_of = _SLOPES.get(op)
    if slope_of is None:  # conditions
        return np.zeros_like(e)
    return _times(slope_of(a, v, e), e) + _LIBRARY * np.abs(v)


_JUMPING = ("sign", "floor", "ceil", "step")


def _times(slope: Any, error: Any) -> Any:
    """slope · error, where an infinite slope at an exact argument counts nothing."""
    return np.where(error == 0, 0.0, slope * error)
