"""Exact derivatives on the graph: a reverse sweep for the gradient, and one more for each row of the Hessian.

Conventions where there is no derivative (they hold for kernels, not for the explanations a user reads):
|x|' = sign(x), 0 at 0; ``relu``' = ``step``, 1 at 0; ``floor``, ``ceil``, ``sign``, ``step`` have derivative 0, at
their jumps too; ``min`` and ``max`` have the derivative of the active argument, of the first one at a tie;
``piecewise`` that of the branch that holds the point.

Reference: A. Griewank, A. Walther, Evaluating Derivatives (SIAM, 2008), ch. 3 and 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calcopt.calculus.graph import Graph
from calcopt.calculus.lowering import lower
from calcopt.calculus.primitives import PARTIALS
from calcopt.expression.tree import Expr, free_names

_BRANCHING = ("select", "min", "max")
_SMALL = 300


@dataclass(frozen=True, slots=True)
class DerivativeGraph:
    """f, ∇f and ∇²f as nodes of one graph; slot ``i`` is ``variables[i]``.

    ``gradient[i]`` is None where the derivative is identically zero; ``hessian`` has the entries (i, j), i ≥ j,
    that are not identically zero.
    """

    graph: Graph
    value: int
    variables: tuple[str, ...]
    gradient: tuple[int | None, ...]
    hessian: dict[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class _Branches:
    """∂/∂leaf of the two sides of a choice; what is missing is zero."""

    condition: int
    first: dict[int, int]
    second: dict[int, int]

    def shares(self, graph: Graph, adjoint: int) -> Iterator[tuple[int, int]]:
        """(leaf, adjoint · ∂choice/∂leaf): selected after the product, so that 0·∞ of the other side stays out."""
        zero = graph.constant(0)
        for leaf in sorted({*self.first, *self.second}):
            sides = [graph.mul(adjoint, side[leaf]) if leaf in side else zero for side in (self.first, self.second)]
            yield leaf, graph.select(self.condition, *sides)


def derivative_graph(expr: Expr, variables: Sequence[str] | None = None, *, order: int = 2) -> DerivativeGraph:
    """The derivatives of ``expr`` up to ``order`` (0, 1 or 2) with respect to ``variables`` (default: all)."""
    names = tuple(free_names(expr) if variables is None else variables)
    graph, root = lower(expr, {name: slot for slot, name in enumerate(names)})
    first = gradient(graph, root, len(names)) if order >= 1 else []
    second = hessian(graph, first) if order >= 2 else {}
    return DerivativeGraph(graph, root, names, tuple(first), second)


def gradient(graph: Graph, root: int, count: int) -> list[int | None]:
    """∂root/∂x₀ … ∂root/∂x_{count−1} as nodes; None where it is identically zero."""
    slots = [graph.variable(slot) for slot in range(count)]
    memo: dict[int, _Branches] = {}
    wanted = (1 << count) - 1
    # a node's arguments have smaller numbers; in a small graph, passing over strangers is cheaper than a search
    below: Sequence[int] = range(root + 1) if root < _SMALL else graph.reachable([root])
    if graph.branching:
        below = graph.reachable([root])
        for node in below:
            if graph.ops[node] in _BRANCHING and graph.masks[node] & wanted:
                memo[node] = _branching(graph, node, slots, wanted, memo)
    found = _sweep(graph, below, root, slots, wanted, memo)
    return [found.get(slot) for slot in slots]


def hessian(graph: Graph, first: Sequence[int | None]) -> dict[tuple[int, int], int]:
    """The lower triangle (i, j), i ≥ j, of the Hessian whose gradient nodes are ``first``."""
    entries = {}
    for i, node in enumerate(first):
        if node is None:
            continue
        for j, entry in enumerate(gradient(graph, node, i + 1)):
            if entry is not None and graph.value(entry) != 0:
                entries[i, j] = entry
    return entries


def _sweep(
    graph: Graph,
    below: Sequence[int],
    root: int,
    slots: Sequence[int],
    wanted: int,
    memo: dict[int, _Branches],
) -> dict[int, int]:
    """Adjoints of the variables, from the root down; a node's adjoint is complete when its turn comes."""
    ops, args, masks = graph.ops, graph.args, graph.masks
    adjoints: dict[int, int] = {}
    if masks[root] & wanted:
        adjoints[root] = graph.constant(1)
    leaves: dict[int, int] = {}
    for node in reversed(below):
        adjoint = adjoints.pop(node, None)
        if adjoint is None:
            continue
        op = ops[node]
        if op == "var":
            leaves[node] = graph.add(leaves[node], adjoint) if node in leaves else adjoint
            continue
        if op in _BRANCHING:
            # the inactive branch must not leak 0·∞ into the result, so branches are derived apart and then selected
            for leaf, share in memo[node].shares(graph, adjoint):
                leaves[leaf] = graph.add(leaves[leaf], share) if leaf in leaves else share
            continue
        rule = PARTIALS.get(op)
        if rule is None:
            continue
        operands = args[node]
        for position, operand in enumerate(operands):
            if masks[operand] & wanted:
                share = rule(graph, node, operands, position, adjoint)
                adjoints[operand] = graph.add(adjoints[operand], share) if operand in adjoints else share
    return leaves


def _branching(graph: Graph, node: int, slots: Sequence[int], wanted: int, memo: dict[int, _Branches]) -> _Branches:
    """The partial derivatives of both sides of ``select``, ``min`` or ``max`` with respect to the variables."""
    op, args = graph.ops[node], graph.args[node]
    if op == "select":
        condition, a, b = args
    else:
        a, b = args
        condition = graph.compare("le", a, b) if op == "min" else graph.compare("le", b, a)
    return _Branches(
        condition,
        _sweep(graph, graph.reachable([a]), a, slots, wanted, memo),
        _sweep(graph, graph.reachable([b]), b, slots, wanted, memo),
    )
