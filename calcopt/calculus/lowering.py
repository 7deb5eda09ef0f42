"""Expression trees → graphs, in two steps that share one list of entries.

``flatten`` writes a tree as a postfix program in which variables are slots (in order of appearance) and numbers are
occurrences; two formulas with equal entries have equal *shape* and differ in their variables and numbers only.
``build`` turns such a program into nodes of a :class:`Graph`. ``lower`` is both at once, for a single formula.
No recursion: any depth of nesting and any length of sum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from calcopt.calculus.graph import Graph
from calcopt.errors import MathError
from calcopt.expression.tree import (
    Call,
    Compare,
    Constant,
    Expr,
    Indexed,
    Number,
    Pow,
    Sum,
    Symbol,
    element_name,
)

Entry: TypeAlias = "tuple[str, Any, tuple[int, ...]]"

_CONSTANTS = {"pi": math.pi, "e": math.e}


@dataclass(slots=True)
class Program:
    """A formula as entries ``(operation, detail, positions of arguments)``; the last entry is the result.

    ``variables[s]`` is the leaf (Symbol, Indexed or Sum) behind slot ``s``; ``numbers[k]`` the leaf (Number, or the
    Symbol of an index of a sum) behind the k-th number.
    """

    entries: list[Entry] = field(default_factory=list)
    variables: list[Expr] = field(default_factory=list)
    numbers: list[Expr] = field(default_factory=list)

    @property
    def shape(self) -> tuple[Entry, ...]:
        return tuple(self.entries)


def flatten(
    root: Expr,
    *,
    bound: frozenset[str] = frozenset(),
    literal: bool = False,
    opaque: Callable[[Expr], bool] = lambda node: isinstance(node, Sum),
    rewrite: Callable[[Expr], Expr] = lambda node: node,
) -> Program:
    """The program of ``root``; names in ``bound`` are indices of sums, and so are numbers, not variables.

    With ``literal`` numbers are part of the shape. Exponents without variables always are: x^2 and x^3 are
    different shapes. ``opaque`` nodes (sums, by default) become slots, and the caller says what they are; ``rewrite``
    may replace a node by an equal one before it is entered.
    """
    program = Program()
    entries = program.entries
    done: dict[tuple[Expr, bool], int] = {}
    values: list[int] = []  # positions of finished arguments, as on the stack of a postfix machine
    stack: list[tuple[Expr, bool, bool]] = [(root, literal, False)]
    while stack:
        node, fixed, ready = stack.pop()
        if ready:
            positions = tuple(values[-len(node.args) :])
            del values[-len(node.args) :]
            entry: Entry = _composite(node, positions)
        elif (node, fixed) in done:
            values.append(done[node, fixed])
            continue
        elif isinstance(node, (Number, Constant)) or (isinstance(node, Symbol) and node.name in bound):
            if isinstance(node, Constant):
                entry = ("number", _CONSTANTS[node.name], ())
            elif isinstance(node, Number) and fixed:
                entry = ("number", node.value, ())
            else:
                entry = ("data", len(program.numbers), ())
                program.numbers.append(node)
            if isinstance(node, Number):
                # every occurrence is a number of its own: 0.3·x + 0.3 and 0.3·x + 0.4 have one shape
                values.append(len(entries))
                entries.append(entry)
                continue
        elif isinstance(node, (Symbol, Indexed)) or opaque(node):
            entry = ("var", len(program.variables), ())
            program.variables.append(node)
        else:
            node = rewrite(node)
            stack.append((node, fixed, True))
            if isinstance(node, Pow):
                stack.append((node.exponent, fixed or is_closed(node.exponent), False))
                stack.append((node.base, fixed, False))
            else:
                stack.extend((child, fixed, False) for child in reversed(node.args))
            continue
        values.append(len(entries))
        done[node, fixed] = len(entries)
        entries.append(entry)
    return program


def _composite(node: Expr, positions: tuple[int, ...]) -> Entry:
    if isinstance(node, (Call, Compare)):
        return (type(node).__name__, node.fields[0], positions)
    return (type(node).__name__, None, positions)


def is_closed(root: Expr) -> bool:
    """Whether an expression holds no variable, index or sum."""
    stack, seen = [root], set()
    while stack:
        node = stack.pop()
        if isinstance(node, (Symbol, Indexed, Sum)):
            return False
        if node not in seen:
            seen.add(node)
            stack.extend(node.args)
    return True


def build(graph: Graph, entries: Sequence[Entry], variables: Sequence[int], numbers: Sequence[int] = ()) -> int:
    """The root node of a program whose slots and numbers are the given nodes."""
    nodes: list[int] = []
    for operation, detail, positions in entries:
        args = [nodes[position] for position in positions]
        if operation == "number":
            nodes.append(graph.constant(detail))
        elif operation == "var":
            nodes.append(variables[detail])
        elif operation == "data":
            nodes.append(numbers[detail])
        elif operation == "Call":
            nodes.append(_call(graph, detail, args))
        elif operation == "Compare":
            left, right = args if detail[0] == "<" else (args[1], args[0])
            nodes.append(graph.compare("le" if "=" in detail else "lt", left, right))
        else:
            nodes.append(_BUILD[operation](graph, args))
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


# ---------------------------------------------------------------------------------------------------------------
# How every node of the tree is written with primitives
# ---------------------------------------------------------------------------------------------------------------


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


_BUILD: dict[str, Callable[[Graph, list[int]], int]] = {
    "Add": _sum,
    "Mul": _product,
    "Neg": lambda graph, args: graph.neg(args[0]),
    "Div": lambda graph, args: graph.div(args[0], args[1]),
    "Pow": lambda graph, args: graph.power(args[0], args[1]),
    "And": lambda graph, args: _fold(graph, "and", args),
    "Or": lambda graph, args: _fold(graph, "or", args),
    "Not": lambda graph, args: graph.logic("not", args[0]),
    "Piecewise": _piecewise,
}


def _call(graph: Graph, name: str, args: list[int]) -> int:
    x = args[0]
    if name in ("min", "max"):
        return graph.balanced(args, lambda left, right: graph.pick(name, left, right))
    if name == "atan2":
        return graph.node("atan2", (x, args[1]))
    if name == "log" and len(args) == 2:
        base = graph.value(args[1])
        if base in (2, 10):
            return graph.call(f"log{base}", x)
        return graph.div(graph.call("log", x), graph.call("log", args[1]))
    if name == "cbrt":
        return graph.node("root", (x,), Fraction(1, 3))
    if name == "sigmoid":
        return graph.call("sigmoid", x)
    special = _RECIPROCAL.get(name)
    return special(graph, x) if special else graph.call(name, x)


def _one_over(graph: Graph, a: int) -> int:
    return graph.div(graph.constant(1), a)


_RECIPROCAL: dict[str, Callable[[Graph, int], int]] = {
    "cot": lambda graph, x: graph.div(graph.call("cos", x), graph.call("sin", x)),
    "sec": lambda graph, x: _one_over(graph, graph.call("cos", x)),
    "csc": lambda graph, x: _one_over(graph, graph.call("sin", x)),
    "coth": lambda graph, x: _one_over(graph, graph.call("tanh", x)),
    "sech": lambda graph, x: _one_over(graph, graph.call("cosh", x)),
    "csch": lambda graph, x: _one_over(graph, graph.call("sinh", x)),
    "asec": lambda graph, x: graph.call("acos", _one_over(graph, x)),
    "acsc": lambda graph, x: graph.call("asin", _one_over(graph, x)),
    "asech": lambda graph, x: graph.call("acosh", _one_over(graph, x)),
    "acsch": lambda graph, x: graph.call("asinh", _one_over(graph, x)),
    "acoth": lambda graph, x: graph.call("atanh", _one_over(graph, x)),
}
"""Functions that are others of a reciprocal. ``acot`` is a primitive: atan(1/x), with acot(0) = π/2."""
