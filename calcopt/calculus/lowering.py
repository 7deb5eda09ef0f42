"""Programs → nodes of a :class:`Graph`: how every kind of expression is written with primitives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from calcopt.calculus.graph import Graph
from calcopt.calculus.programs import Entry, flatten
from calcopt.errors import MathError
from calcopt.expression.tree import Expr, Indexed, element_name


def build(graph: Graph, entries: Sequence[Entry], variables: Sequence[int], numbers: Sequence[int] = ()) -> int:
    """The root node of a program whose slots and numbers are the given nodes."""
    nodes: list[int] = []
    for operation, detail, positions in entries:
        if operation == "var":
            nodes.append(variables[detail])
        elif operation == "data":
            nodes.append(numbers[detail])
        elif operation == "number":
            nodes.append(graph.constant(detail))
        else:
            nodes.append(_BUILD[operation](graph, [nodes[position] for position in positions], detail))
    return nodes[-1]


def lower(expr: Expr, slots: Mapping[str, int], graph: Graph | None = None) -> tuple[Graph, int]:
    """``expr`` as a graph whose variable ``slots[name]`` stands for ``name``: ``(graph, root)``.

    Sums are written out first. A name without a slot is a MathError.
    """
    from calcopt.expression.expand import expand_sums

    graph = Graph() if graph is None else graph
    program = flatten(expand_sums(expr), literal=True)
    variables = []
    for leaf in program.variables:
        name = element_name(leaf) if isinstance(leaf, Indexed) else leaf.fields[0]
        if name is None or name not in slots:
            raise MathError(f"no value is known for '{leaf}'", hint=f"the variables are {', '.join(slots) or 'none'}")
        variables.append(graph.variable(slots[name]))
    return graph, build(graph, program.entries, variables)


def _sum(graph: Graph, args: list[int]) -> int:
    """Short sums from the left, as typed; long ones as a balanced tree."""
    if len(args) > 8:
        return graph.total(args)
    result = args[0]
    for arg in args[1:]:
        result = graph.add(result, arg)
    return result


def _product(graph: Graph, args: list[int]) -> int:
    if len(args) > 8:
        return graph.balanced(args, graph.mul)
    result = args[0]
    for arg in args[1:]:
        result = graph.mul(result, arg)
    return result


def _fold(graph: Graph, op: str, args: list[int]) -> int:
    result = args[0]
    for arg in args[1:]:
        result = graph.logic(op, result, arg)
    return result


def _piecewise(graph: Graph, args: list[int]) -> int:
    result = args[-1]
    for position in range(len(args) - 3, -1, -2):
        result = graph.select(args[position], args[position + 1], result)
    return result


def _compare(graph: Graph, args: list[int], operator: str) -> int:
    left, right = args if operator[0] == "<" else args[::-1]
    return graph.compare("le" if "=" in operator else "lt", left, right)


def _call(graph: Graph, args: list[int], name: str) -> int:
    special = _SPECIAL.get(name)
    return special(graph, args) if special else graph.call(name, args[0])


_BUILD: dict[str, Callable[[Graph, list[int], Any], int]] = {
    "Add": lambda graph, args, _: graph.add(*args) if len(args) == 2 else _sum(graph, args),
    "Mul": lambda graph, args, _: graph.mul(*args) if len(args) == 2 else _product(graph, args),
    "Neg": lambda graph, args, _: graph.neg(*args),
    "Div": lambda graph, args, _: graph.div(*args),
    "Pow": lambda graph, args, _: graph.power(*args),
    "Call": _call,
    "Compare": _compare,
    "And": lambda graph, args, _: _fold(graph, "and", args),
    "Or": lambda graph, args, _: _fold(graph, "or", args),
    "Not": lambda graph, args, _: graph.logic("not", *args),
    "Piecewise": lambda graph, args, _: _piecewise(graph, args),
}


def _log(graph: Graph, args: list[int]) -> int:
    """log(x), or log(x, base)."""
    if len(args) == 1:
        return graph.call("log", args[0])
    base = graph.value(args[1])
    if base in (2, 10):
        return graph.call(f"log{base}", args[0])
    return graph.div(graph.call("log", args[0]), graph.call("log", args[1]))


def _one_over(graph: Graph, a: int) -> int:
    return graph.div(graph.constant(1), a)


_SPECIAL: dict[str, Callable[[Graph, list[int]], int]] = {
    "min": lambda graph, args: graph.balanced(args, lambda a, b: graph.pick("min", a, b)),
    "max": lambda graph, args: graph.balanced(args, lambda a, b: graph.pick("max", a, b)),
    "atan2": lambda graph, args: graph.node("atan2", tuple(args)),
    "log": _log,
    "cbrt": lambda graph, args: graph.node("root", tuple(args), Fraction(1, 3)),
    "cot": lambda graph, args: graph.div(graph.call("cos", *args), graph.call("sin", *args)),
    "sec": lambda graph, args: _one_over(graph, graph.call("cos", *args)),
    "csc": lambda graph, args: _one_over(graph, graph.call("sin", *args)),
    "coth": lambda graph, args: _one_over(graph, graph.call("tanh", *args)),
    "sech": lambda graph, args: _one_over(graph, graph.call("cosh", *args)),
    "csch": lambda graph, args: _one_over(graph, graph.call("sinh", *args)),
    "asec": lambda graph, args: graph.call("acos", _one_over(graph, *args)),
    "acsc": lambda graph, args: graph.call("asin", _one_over(graph, *args)),
    "asech": lambda graph, args: graph.call("acosh", _one_over(graph, *args)),
    "acsch": lambda graph, args: graph.call("asinh", _one_over(graph, *args)),
    "acoth": lambda graph, args: graph.call("atanh", _one_over(graph, *args)),
}
"""Functions that are not primitives themselves. ``acot`` is one: atan(1/x), with acot(0) = π/2."""
