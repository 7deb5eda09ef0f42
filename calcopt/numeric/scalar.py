"""A small function as one graph: a kernel on Python floats is then faster than arrays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from calcopt.calculus.derivatives import gradient, hessian
from calcopt.calculus.graph import Graph
from calcopt.calculus.lowering import build
from calcopt.expression.tree import Number
from calcopt.numeric.codegen import Kernel, scalar_kernel
from calcopt.numeric.columns import Floats
from calcopt.numeric.engine import Engine
from calcopt.numeric.terms import Block, Piece
from calcopt.records import Evaluation

_OPERATIONS = 150  # below, one function on Python floats beats arrays
_VARIABLES = 12


class ScalarForm:
    """One graph for the whole function and a kernel on Python floats for each order."""

    def __init__(self, graph: Graph, root: int, n: int) -> None:
        self.graph, self.root, self.n = graph, root, n
        self._first: list[int | None] | None = None
        self._second: dict[tuple[int, int], int] = {}
        self._kernels: dict[int, Kernel] = {}

    def evaluate(self, x: Floats, order: int) -> Evaluation:
        kernel = self._kernels.get(order) or self.compile(order)
        results = kernel(np.asarray(x, dtype=np.float64).tolist(), ())
        if order == 0:
            return Evaluation(results[0])
        n = self.n
        first = np.array(results[1 : n + 1], dtype=np.float64)
        if order == 1:
            return Evaluation(results[0], first)
        second = np.zeros((n, n))
        for (i, j), value in zip(self._second, results[n + 1 :], strict=True):
            second[i, j] = second[j, i] = value
        return Evaluation(results[0], first, second)

    def compile(self, order: int) -> Kernel:
        roots = [self.root]
        if order >= 1:
            if self._first is None:
                self._first = gradient(self.graph, self.root, self.n)
            zero = self.graph.constant(0)
            roots += [zero if node is None else node for node in self._first]
        if order >= 2:
            self._second = self._second or hessian(self.graph, self._first or [])
            roots += self._second.values()
        self._kernels[order] = kernel = scalar_kernel(self.graph, roots)
        return kernel


def scalar_form(blocks: Sequence[Block], engine: Engine) -> ScalarForm | None:
    """The function as one graph when it is small: elements written out, inner blocks in place."""
    operations = sum(piece.instances.count * len(piece.program.entries) for block in blocks for piece in block.pieces)
    if operations > _OPERATIONS or engine.n > _VARIABLES:
        return None
    graph = Graph()
    z = [graph.variable(slot) for slot in range(engine.n)]
    for block in blocks:
        parts: list[list[int]] = [[] for _ in range(block.size)]
        for piece in block.pieces if not block.largest else ():  # the graph has its own ways against overflow
            for k in range(piece.instances.count):
                owner = 0 if piece.owners is None else int(piece.owners[k])
                parts[owner].append(_element(piece, k, graph, z, engine))
        for own, constant in zip(parts, block.constants, strict=True):
            z.append(reduce(graph.add, [*own, graph.constant(float(constant))]))
    return ScalarForm(graph, z[-1], engine.n)


def _element(piece: Piece, k: int, graph: Graph, z: Sequence[int], engine: Engine) -> int:
    """Instance k of a piece."""
    count = piece.instances.count
    variables = [z[np.broadcast_to(engine.place(slot), (count,))[k]] for slot in piece.slots]
    numbers = [
        graph.constant(leaf.value if isinstance(leaf, Number) else int(piece.instances.values[leaf.fields[0]][k]))
        for leaf in piece.program.numbers
    ]
    return graph.mul(graph.constant(piece.weight), build(graph, piece.program.entries, variables, numbers))
