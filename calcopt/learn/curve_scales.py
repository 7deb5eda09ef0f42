"""How large a model's parameters are likely to be: dimensional analysis of its graph, in logarithms.

Every node gets log₁₀ of its size as a linear form in the unknown sizes of the parameters. Terms that are added should
be alike in size, arguments of exp, sin … of size 1, and the model as large as the response: linear equations, solved
in the least-squares sense. In ``a*exp(-b*x)`` this gives a the size of y, and b that of 1/x, whatever the units are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_kernel import CurveKernel

    Array = NDArray[np.float64]

_SAME = {"neg", "abs", "relu", "floor", "ceil", "softplus"}
_ANGLE = {"exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "sigmoid", "asin", "acos", "atan", "asinh", "acot"}


def sizes(kernel: CurveKernel, columns: Array, response: Array) -> Array:
    """log₁₀ of the likely size of each parameter (p,), from sample rows: ``columns`` (m, n), ``response`` (n,)."""
    graph, p = kernel.graph, kernel.parameters
    equations: list[tuple[Array, float]] = []  # weights of the parameters, right side
    forms: dict[int, Array] = {}  # (p + 1,): weights, and the known part last
    known = [_size(column) for column in columns]

    def constant(value: float) -> Array:
        return np.append(np.zeros(p), value)

    def alike(a: Array, b: Array) -> None:
        difference = a - b
        if np.abs(difference[:p]).max(initial=0.0) > 0:
            equations.append((difference[:p], -float(difference[p])))

    for node in graph.reachable([kernel.body]):
        op, payload = graph.ops[node], graph.payloads[node]
        args = [forms[arg] for arg in graph.args[node]]
        pair = _location(kernel, node)
        if pair is not None:  # x − b is as large as x is spread, however far x is from 0
            alike(forms[kernel.graph.variable(pair[0])], constant(known[pair[1]]))
            forms[node] = constant(_size(columns[pair[1]] - columns[pair[1]].mean()))
            continue
        forms[node] = _form(op, payload, args, p, known, constant, alike)
    alike(forms[kernel.body], constant(_size(response)))
    if not equations:
        return np.zeros(p)
    matrix = np.array([weights for weights, _ in equations])
    right = np.array([value for _, value in equations])
    found: Array = np.linalg.lstsq(matrix, right, rcond=1e-9)[0]
    return np.clip(found, -30.0, 30.0)


def _form(op: str, payload: Any, args: list[Array], p: int, known: list[float], constant: Any, alike: Any) -> Array:
    if op == "var":
        if payload >= p:
            return constant(known[payload - p])  # type: ignore[no-any-return]
        unit = constant(0.0)
        unit[payload] = 1.0
        return unit  # type: ignore[no-any-return]
    if op == "const":
        value = abs(float(payload))
        return constant(math.log10(value) if 0 < value < math.inf else 0.0)  # type: ignore[no-any-return]
    if op == "mul":
        return args[0] + args[1]
    if op == "div":
        return args[0] - args[1]
    if op in ("powi", "root"):
        return args[0] * float(payload)
    if op == "sqrt":
        return args[0] / 2
    if op in _SAME:
        return args[0]
    if op in ("add", "sub", "min", "max", "select"):
        alike(args[-2], args[-1])
        return (args[-2] + args[-1]) / 2
    if op == "pow":
        alike(args[1], constant(0.0))
        return args[0]
    if op in _ANGLE:
        alike(args[0], constant(0.0))
    return constant(0.0)  # type: ignore[no-any-return]


def _size(values: Array) -> float:
    """log₁₀ of the root mean square."""
    largest = float(np.abs(values).max(initial=0.0))
    if not 0 < largest < math.inf:
        return 0.0
    return math.log10(largest * float(np.sqrt(np.mean((values / largest) ** 2))))


def locations(kernel: CurveKernel) -> dict[int, int]:
    """Parameters that a data column is measured from, as b in (x − b)²: {slot: column}."""
    pairs = (_location(kernel, node) for node in kernel.graph.reachable([kernel.body]))
    return dict(pair for pair in pairs if pair is not None)


def _location(kernel: CurveKernel, node: int) -> tuple[int, int] | None:
    """(slot, column) where the node is the difference of that parameter and that column."""
    graph, p = kernel.graph, kernel.parameters
    if graph.ops[node] != "sub":
        return None
    slots = [graph.payloads[arg] for arg in graph.args[node] if graph.ops[arg] == "var"]
    low, high = sorted(slot for slot in slots if isinstance(slot, int)) if len(slots) == 2 else (p, p)
    return (low, high - p) if low < p <= high else None
