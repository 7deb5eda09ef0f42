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
    """log with the stable forms: of exp, of a sigmoid, of sums of exponentials."""
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
    return graph.node("log", (a,))


def _exponents(graph: Graph, node: int) -> list[int] | None:
    """u₁, u₂, … when ``node`` is exp(u₁) + exp(u₂) + …; positive constants count as exp(log c)."""
    found: list[int] = []
    stack, any_exp = [node], False
    while stack:
        part = stack.pop()
        op, value = graph.ops[part], graph.value(part)
        if op == "add":
            stack.extend(reversed(graph.args[part]))
        elif op == "exp":
            found.append(graph.args[part][0])
            any_exp = True
        elif value is not None and value > 0:
            found.append(graph.constant(math.log(value)))
        elif op == "mul" and graph.ops[graph.args[part][1]] == "exp" and (graph.value(graph.args[part][0]) or 0) > 0:
            factor = graph.constant(math.log(graph.value(graph.args[part][0]) or 1))
            found.append(graph.add(factor, graph.args[graph.args[part][1]][0]))
            any_exp = True
        else:
            return None
    return found if any_exp else None
