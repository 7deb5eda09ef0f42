"""Exact derivatives on the graph: a sweep, forward or reverse, for the gradient, and one for each row of the Hessian.

Conventions where there is no derivative (they hold for kernels, not for the explanations a user reads):
|x|' = sign(x), 0 at 0; ``relu``' = ``step``, 1 at 0; ``floor``, ``ceil``, ``sign``, ``step`` have derivative 0, at
their jumps too; ``min`` and ``max`` have the derivative of the active argument, of the first one at a tie;
``piecewise`` that of the branch that holds the point.

Reference: A. Griewank, A. Walther, Evaluating Derivatives (SIAM, 2008), ch. 3 and 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

from calcopt.calculus.arena import CHOICE, slot_bit
from calcopt.calculus.graph import Graph
from calcopt.calculus.lowering import lower
from calcopt.calculus.primitives import PARTIALS
from calcopt.expression.tree import Expr, free_names

_BRANCHING = ("select", "min", "max")
_FEW = 3  # variables


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
    found = partials(graph, root, count)
    return [found.get(slot) for slot in range(count)]


def partials(graph: Graph, root: int, count: int, *, few: bool | None = None) -> dict[int, int]:
    """``{slot: ∂root/∂x_slot}`` for the slots below ``count``, in order, without those that are identically zero.

    For a few variables forwards, from the leaves up, which shares more between the formulas of one graph; for many
    (and for choices between branches) backwards, from the root down.
    """
    if (count <= _FEW if few is None else few) and not graph.masks[root] & CHOICE:
        slopes = ((slot, _tangent(graph, root, slot)) for slot in range(count))
        return {slot: slope for slot, slope in slopes if slope is not None}
    wanted = slot_bit(count) - slot_bit(0)
    memo: dict[int, _Branches] = {}
    if graph.masks[root] & CHOICE:
        for node in graph.reachable([root]):
            if graph.ops[node] in _BRANCHING and graph.masks[node] & wanted:
                memo[node] = _branching(graph, node, wanted, memo)
    found: dict[Any, int] = {graph.payloads[leaf]: slope for leaf, slope in _sweep(graph, root, wanted, memo).items()}
    return {slot: found[slot] for slot in sorted(found)}


def hessian(graph: Graph, first: Sequence[int | None]) -> dict[tuple[int, int], int]:
    """The lower triangle (i, j), i ≥ j, of the Hessian whose gradient nodes are ``first``."""
    few = len(first) <= _FEW
    return {
        (i, j): entry
        for i, node in enumerate(first)
        if node is not None
        for j, entry in partials(graph, node, i + 1, few=few).items()
        if graph.value(entry) != 0
    }


def _tangent(graph: Graph, root: int, slot: int) -> int | None:
    """∂root/∂x_slot; the derivatives of all nodes below are kept in the graph."""
    bit, masks, args = slot_bit(slot), graph.masks, graph.args
    if not masks[root] & bit:
        return None
    known = graph.tangents.get(slot)
    if known is None:
        known = graph.tangents[slot] = {graph.variable(slot): graph.constant(1)}
    stack = [root]
    while stack:
        node = stack[-1]
        if node in known:
            stack.pop()
            continue
        operands = args[node]
        below = len(stack)
        for operand in operands:
            if operand not in known and masks[operand] & bit:
                stack.append(operand)
        if len(stack) > below:
            continue
        stack.pop()
        total: int | None = None
        rule = PARTIALS.get(graph.ops[node])
        for position, operand in enumerate(operands if rule else ()):
            inner = known.get(operand)
            if inner is not None:
                share = rule(graph, node, operands, position, inner)  # type: ignore[misc]
                total = share if total is None else graph.add(total, share)
        known[node] = total
    return known[root]


def _sweep(graph: Graph, root: int, wanted: int, memo: dict[int, _Branches]) -> dict[int, int]:
    """Adjoints of the variables, from the root down; a node's adjoint is complete when its turn comes."""
    ops, args, masks = graph.ops, graph.args, graph.masks
    leaves: dict[int, int] = {}
    if not masks[root] & wanted:
        return leaves
    adjoints = {root: graph.constant(1)}
    heap = [-root]  # arguments have smaller numbers: the largest node has no adjoint to wait for
    while heap:
        node = -heappop(heap)
        adjoint = adjoints.pop(node)
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
                if operand in adjoints:
                    adjoints[operand] = graph.add(adjoints[operand], share)
                else:
                    adjoints[operand] = share
                    heappush(heap, -operand)
    return leaves


def _branching(graph: Graph, node: int, wanted: int, memo: dict[int, _Branches]) -> _Branches:
    """The partial derivatives of both sides of ``select``, ``min`` or ``max`` with respect to the variables."""
    op, args = graph.ops[node], graph.args[node]
    if op == "select":
        condition, a, b = args
    else:
        a, b = args
        condition = graph.compare("le", a, b) if op == "min" else graph.compare("le", b, a)
    return _Branches(condition, _sweep(graph, a, wanted, memo), _sweep(graph, b, wanted, memo))
