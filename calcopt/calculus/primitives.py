"""The primitives of the graph and how each passes its adjoint on: ``share = adjoint · ∂node/∂operand``.

| op | meaning |
|---|---|
| const, var, data | a number, a variable, a number that differs between elements |
| add sub neg mul div | arithmetic |
| powi (n) | integer power; root (p/q, q odd): sign(x)^p·|x|^(p/q); pow: general power of a positive base |
| exp log log10 log2 sqrt, sin … atanh, acot, atan2, erf | as in mathematics, over the reals |
| abs sign floor ceil step relu min max | piecewise |
| sigmoid softplus logaddexp | 1/(1+e^-x), log(1+e^x), log(e^a+e^b), stable |
| lt le eq and or not true false, select | conditions and the choice between two values |
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from calcopt.calculus.graph import Graph

Partial: TypeAlias = Callable[[Graph, int, tuple[int, ...], int, int], int]
"""``partial(graph, node, operands, position, adjoint)`` → the node of adjoint · ∂node/∂operands[position]."""

Slope: TypeAlias = Callable[[Graph, int, int], int]
"""``slope(graph, node, operand)`` → the node of the derivative of a function of one argument."""


def _by_slope(slope: Slope) -> Partial:
    return lambda graph, node, operands, position, adjoint: graph.mul(adjoint, slope(graph, node, operands[0]))


def _over(divisor: Slope) -> Partial:
    """For derivatives 1/divisor: adjoint / divisor is one operation less, and one rounding less."""
    return lambda graph, node, operands, position, adjoint: graph.div(adjoint, divisor(graph, node, operands[0]))


def _mul(graph: Graph, node: int, operands: tuple[int, ...], position: int, adjoint: int) -> int:
    return graph.mul(adjoint, operands[1 - position])


def _div(graph: Graph, node: int, operands: tuple[int, ...], position: int, adjoint: int) -> int:
    share = graph.div(adjoint, operands[1])
    return share if position == 0 else graph.neg(graph.mul(share, node))


def _powi(graph: Graph, node: int, operands: tuple[int, ...], position: int, adjoint: int) -> int:
    n = graph.payloads[node]
    assert isinstance(n, int)
    return graph.mul(graph.constant(n), graph.mul(adjoint, graph.powi(operands[0], n - 1)))


def _cos(graph: Graph, node: int, operands: tuple[int, ...], position: int, adjoint: int) -> int:
    return graph.neg(graph.mul(adjoint, graph.call("sin", operands[0])))


def _root(graph: Graph, node: int, operands: tuple[int, ...], position: int, adjoint: int) -> int:
    exponent = graph.payloads[node]
    assert isinstance(exponent, Fraction)
    power = graph.node("root", operands, exponent - 1)
    return graph.mul(adjoint, graph.mul(graph.constant(exponent), power))


def _pow(graph: Graph, node: int, operands: tuple[int, ...], position: int, adjoint: int) -> int:
    base, exponent = operands
    zero, one = graph.constant(0), graph.constant(1)
    if position == 1:
        # 0^y is 0 for all y > 0, where 0^y·log(0) would be nan
        slope = graph.mul(node, graph.call("log", base))
        return graph.mul(adjoint, graph.select(graph.compare("eq", base, zero), zero, slope))
    lowered = graph.node("pow", (base, graph.sub(exponent, one)))
    slope = graph.mul(exponent, lowered)
    if graph.value(exponent) is None:
        # x^0 is constant: without this, the index 0 of sum(a·x^i) would give 0·0^(-1) = nan at x = 0
        slope = graph.select(graph.compare("eq", exponent, zero), zero, slope)
    return graph.mul(adjoint, slope)


def _atan2(graph: Graph, node: int, operands: tuple[int, ...], position: int, adjoint: int) -> int:
    y, x = operands
    share = graph.div(adjoint, graph.add(graph.powi(x, 2), graph.powi(y, 2)))
    return graph.mul(share, x) if position == 0 else graph.neg(graph.mul(share, y))


def _logaddexp(graph: Graph, node: int, operands: tuple[int, ...], position: int, adjoint: int) -> int:
    this, other = operands[position], operands[1 - position]
    return graph.mul(adjoint, graph.call("sigmoid", graph.sub(this, other)))


def _one_minus_square(graph: Graph, node: int, x: int) -> int:
    """(1 − x)(1 + x), which does not cancel near ±1 as 1 − x² does."""
    one = graph.constant(1)
    return graph.mul(graph.sub(one, x), graph.add(one, x))


def _one_plus_square(graph: Graph, node: int, x: int) -> int:
    return graph.add(graph.constant(1), graph.powi(x, 2))


def _acosh_divisor(graph: Graph, node: int, x: int) -> int:
    """√(x−1)·√(x+1): nan below 1, as acosh itself (√(x²−1) would not be)."""
    one = graph.constant(1)
    return graph.mul(graph.call("sqrt", graph.sub(x, one)), graph.call("sqrt", graph.add(x, one)))


def _scaled(factor: float) -> Slope:
    return lambda graph, node, x: graph.mul(graph.constant(factor), x)


def _gauss(graph: Graph, node: int, x: int) -> int:
    return graph.mul(graph.constant(2 / math.sqrt(math.pi)), graph.call("exp", graph.neg(graph.powi(x, 2))))


PARTIALS: dict[str, Partial] = {
    "add": lambda graph, node, operands, position, adjoint: adjoint,
    "sub": lambda graph, node, operands, position, adjoint: graph.neg(adjoint) if position else adjoint,
    "neg": lambda graph, node, operands, position, adjoint: graph.neg(adjoint),
    "mul": _mul,
    "div": _div,
    "powi": _powi,
    "root": _root,
    "pow": _pow,
    "atan2": _atan2,
    "logaddexp": _logaddexp,
    "exp": _by_slope(lambda graph, node, x: node),
    "log": _over(lambda graph, node, x: x),
    "log10": _over(_scaled(math.log(10))),
    "log2": _over(_scaled(math.log(2))),
    "sqrt": _over(lambda graph, node, x: graph.mul(graph.constant(2), node)),
    "sin": _by_slope(lambda graph, node, x: graph.call("cos", x)),
    "cos": _cos,
    "tan": _by_slope(lambda graph, node, x: graph.add(graph.constant(1), graph.powi(node, 2))),
    "asin": _over(lambda graph, node, x: graph.call("sqrt", _one_minus_square(graph, node, x))),
    "acos": _over(lambda graph, node, x: graph.neg(graph.call("sqrt", _one_minus_square(graph, node, x)))),
    "atan": _over(_one_plus_square),
    "acot": _over(lambda graph, node, x: graph.neg(_one_plus_square(graph, node, x))),
    "sinh": _by_slope(lambda graph, node, x: graph.call("cosh", x)),
    "cosh": _by_slope(lambda graph, node, x: graph.call("sinh", x)),
    "tanh": _over(lambda graph, node, x: graph.powi(graph.call("cosh", x), 2)),
    "asinh": _over(lambda graph, node, x: graph.call("sqrt", _one_plus_square(graph, node, x))),
    "acosh": _over(_acosh_divisor),
    "atanh": _over(_one_minus_square),
    "erf": _by_slope(_gauss),
    "abs": _by_slope(lambda graph, node, x: graph.call("sign", x)),
    "relu": _by_slope(lambda graph, node, x: graph.call("step", x)),
    "sigmoid": _by_slope(lambda graph, node, x: graph.mul(node, graph.sub(graph.constant(1), node))),
    "softplus": _by_slope(lambda graph, node, x: graph.call("sigmoid", x)),
}
"""What is not here (constants, conditions, ``floor`` …) has derivative zero; ``select``, ``min`` and ``max`` are
derived branch by branch in ``derivatives.py``."""
