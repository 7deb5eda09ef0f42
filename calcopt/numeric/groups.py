"""Element groups: pieces of equal shape become arrays over K elements, derived once for all of them.

φ_g(z[index[k]], data[k]), k = 1 … K. Numbers that are the same in all elements are folded into the shape's graph, the
others are data columns.

Reference: A. Griewank, Ph. L. Toint, On the unconstrained optimization of partially separable functions (1982).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from calcopt.calculus.derivatives import gradient, hessian
from calcopt.calculus.folding import Value
from calcopt.calculus.graph import Graph
from calcopt.calculus.lowering import build
from calcopt.expression.tree import Expr, Number
from calcopt.numeric.columns import Column, Floats
from calcopt.numeric.indices import Integers
from calcopt.numeric.terms import Piece, Slot

Resolve = Callable[[Slot], "int | Integers"]


@dataclass(slots=True)
class Group:
    """One shape: its value in a graph, the slots' columns, data columns, and the components the elements add to.

    The columns numbered in ``held`` are constants for all derivatives.
    """

    graph: Graph
    root: int
    columns: list[Column]
    data: list[Floats]
    owners: Column | None
    count: int
    held: frozenset[int] = frozenset()
    _gradient: list[int | None] | None = field(default=None)
    _hessian: dict[tuple[int, int], int] | None = field(default=None)

    @property
    def gradient(self) -> list[int | None]:
        """∂φ/∂slot as nodes, derived on first use."""
        if self._gradient is None:
            self._gradient = gradient(self.graph, self.root, len(self.columns))
            for slot in self.held:
                self._gradient[slot] = None
        return self._gradient

    @property
    def hessian(self) -> dict[tuple[int, int], int]:
        """∂²φ/∂slot_i∂slot_j, i ≥ j, where not identically zero."""
        if self._hessian is None:
            entries = hessian(self.graph, self.gradient)
            self._hessian = {(i, j): node for (i, j), node in entries.items() if j not in self.held}
        return self._hessian

    def parts(self, order: int) -> list[list[int]]:
        """The nodes to evaluate: φ, the gradient's, and the Hessian's entries that are not identically zero."""
        parts = [[self.root]]
        if order >= 1:
            parts.append([node for node in self.gradient if node is not None])
        if order >= 2:
            parts.append(list(self.hessian.values()))
        return parts

    def roots(self, order: int) -> list[int]:
        """The same in one list."""
        return [node for part in self.parts(order) for node in part]

    @property
    def gradient_slots(self) -> list[int]:
        return [slot for slot, node in enumerate(self.gradient) if node is not None]


def make_groups(graph: Graph, pieces: Sequence[Piece], resolve: Resolve, held: Collection[int] = ()) -> list[Group]:
    """Groups by shape, in order of first appearance, in one graph.

    ``resolve`` says where a slot lives in z; values of the blocks in ``held`` are constants for derivatives.
    """
    by_shape: dict[Any, list[Piece]] = {}
    for piece in pieces:
        by_shape.setdefault((piece.owners is None, *piece.program.entries), []).append(piece)
    return [_group(graph, alike, resolve, held) for alike in by_shape.values()]


def _group(graph: Graph, pieces: list[Piece], resolve: Resolve, held: Collection[int]) -> Group:
    first = pieces[0].program
    counts = [piece.instances.count for piece in pieces]
    columns: list[Integers | int] = []
    slots: list[int] = []
    for slot in range(len(first.variables)):
        index = _joined([resolve(piece.slots[slot]) for piece in pieces], counts)
        number = 0
        while number < len(columns) and not _equal(columns[number], index):
            number += 1
        if number == len(columns):
            columns.append(index)
        slots.append(number)
    data = _Data(graph, counts)
    numbers = [data.node([(piece.program.numbers[k], piece) for piece in pieces]) for k in range(len(first.numbers))]
    weight = data.weights([piece.weight for piece in pieces])
    root = graph.mul(weight, build(graph, first.entries, [graph.variable(slot) for slot in slots], numbers))
    owners = None
    if pieces[0].owners is not None:
        owners = Column(np.concatenate([piece.owners for piece in pieces if piece.owners is not None]))
    axes = [Column(index) for index in columns]
    group = Group(graph, root, axes, data.columns, owners, sum(counts))
    if held:
        group.held = frozenset(k for k, slot in zip(slots, pieces[0].slots, strict=True) if slot[0] in held)
    return group


def _equal(a: Integers | int, b: Integers | int) -> bool:
    return a == b if isinstance(a, int) or isinstance(b, int) else np.array_equal(a, b)


def _joined(parts: list[int | Integers], counts: list[int]) -> Integers | int:
    if len(parts) == 1:
        if isinstance(parts[0], int) and counts[0] == 1:
            return parts[0]
        return np.ascontiguousarray(np.broadcast_to(np.asarray(parts[0], dtype=np.int64), (counts[0],)))
    if all(isinstance(part, int) for part in parts) and len(parts) == sum(counts):
        return np.array(parts, dtype=np.int64)
    return np.concatenate([np.broadcast_to(np.asarray(part), (n,)) for part, n in zip(parts, counts, strict=True)])


class _Data:
    """The numbers of a group: constants of the graph where all elements agree, else data columns."""

    def __init__(self, graph: Graph, counts: list[int]) -> None:
        self.graph, self.counts = graph, counts
        self.columns: list[Floats] = []

    def node(self, occurrences: list[tuple[Expr, Piece]]) -> int:
        leaf = occurrences[0][0]
        if isinstance(leaf, Number) and (len(occurrences) == 1 or all(other is leaf for other, _ in occurrences)):
            return self.graph.constant(leaf.value)
        if len(occurrences) == sum(self.counts) and all(isinstance(other, Number) for other, _ in occurrences):
            return self._column(np.array([float(other.fields[0]) for other, _ in occurrences]))
        return self._column(
            np.concatenate(
                [
                    np.full(n, float(other.value))
                    if isinstance(other, Number)
                    else np.broadcast_to(piece.instances.values[other.fields[0]].astype(np.float64), (n,))
                    for (other, piece), n in zip(occurrences, self.counts, strict=True)
                ]
            )
        )

    def weights(self, values: list[Value]) -> int:
        if len(values) == 1 or all(value == values[0] for value in values):
            return self.graph.constant(values[0])
        return self._column(np.repeat([float(value) for value in values], self.counts))

    def _column(self, values: Floats) -> int:
        for number, other in enumerate(self.columns):
            if np.array_equal(other, values):
                return self.graph.data(number)
        if np.all(values == values[0]):
            return self.graph.constant(float(values[0]))
        self.columns.append(values)
        return self.graph.data(len(self.columns) - 1)
