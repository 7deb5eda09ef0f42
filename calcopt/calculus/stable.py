"""Logarithms and quotients of exponentials, in forms that neither overflow nor cancel.

Reference: P. Blanchard, D. J. Higham, N. J. Higham, Accurately computing the log-sum-exp and softmax functions (2021).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calcopt.calculus.graph import Graph


def one_plus_exp(graph: Graph, node: int) -> int | None:
    """u when ``node`` is 1 + exp(u)."""
    if graph.ops[node] != "add":
        return None
    for one, other in (graph.args[node], graph.args[node][::-1]):
        if graph.value(one) == 1 and graph.ops[other] == "exp":
            return graph.args[other][0]
    return None


def stable_log(graph: Graph, a: int) -> int:
    """log with the stable forms: of exp, of a sigmoid, of sums of exponentials, and of positive multiples of these."""
    inside, factor = _without_factor(graph, a)
    found = _stable_log(graph, inside)
    if found is None:
        return graph.node("log", (a,))
    return found if factor is None else graph.add(graph.call("log", factor), found)


def _without_factor(graph: Graph, node: int) -> tuple[int, int | None]:
    """(rest, c) with node = c · rest for a positive number c."""
    factor = None
    while graph.ops[node] in ("mul", "div"):
        first, second = graph.args[node]
        number, rest = (first, second) if graph.ops[node] == "mul" else (second, first)
        if (graph.value(number) or 0) <= 0:
            break
        part = number if graph.ops[node] == "mul" else graph.div(graph.constant(1), number)
        factor = part if factor is None else graph.mul(factor, part)
        node = rest
    return node, factor


def _stable_log(graph: Graph, a: int) -> int | None:
    op = graph.ops[a]
    if op == "exp":
        return graph.args[a][0]
    if op == "sigmoid":
        return graph.neg(graph.call("softplus", graph.neg(graph.args[a][0])))
    if op == "add":
        exponent = one_plus_exp(graph, a)
        if exponent is not None:
            return graph.call("softplus", exponent)
        exponents = _exponents(graph, a)
        if exponents is not None:
            return graph.balanced(exponents, lambda left, right: graph.node("logaddexp", (left, right)))
    return None


def _exponents(graph: Graph, node: int) -> list[int] | None:
    """u₁, u₂, … when ``node`` is c₁·exp(u₁) + c₂·exp(u₂) + … with c > 0; positive constants count as exp(log c)."""
    found: list[int] = []
    stack, any_exp = [node], False
    while stack:
        part = stack.pop()
        value = graph.value(part)
        if graph.ops[part] == "add":
            stack.extend(reversed(graph.args[part]))
        elif value is not None and value > 0:
            found.append(graph.constant(math.log(value)))
        else:
            rest, factor = _without_factor(graph, part)
            if graph.ops[rest] != "exp":
                return None
            exponent = graph.args[rest][0]
            found.append(exponent if factor is None else graph.add(graph.call("log", factor), exponent))
            any_exp = True
    return found if any_exp else None
