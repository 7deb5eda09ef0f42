"""A formula as an ``Objective``: value, exact gradient and Hessian, counts of evaluations, rounding error."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce

import numpy as np

from calcopt.calculus.derivatives import gradient, hessian
from calcopt.calculus.graph import Graph
from calcopt.expression.tree import Expr
from calcopt.numeric.codegen import Kernel, scalar_kernel
from calcopt.numeric.columns import Floats
from calcopt.numeric.engine import Engine
from calcopt.numeric.layout import Layout, found_layout, given_layout
from calcopt.numeric.terms import Block, Splitter
from calcopt.records import Counts, Evaluation, Noise

_SCALAR_OPERATIONS = 150  # below, one function on Python floats beats arrays
_SCALAR_VARIABLES = 12


def function_objective(body: Expr, variables: Sequence[str] | None = None, *, label: str = "") -> FunctionObjective:
    """The function R^n → R given by ``body``.

    ``variables`` fixes the order of x; None finds them (natural order; ``x[1]`` … ``x[n]`` for indexed sums), and a
    name ``x[]`` among them stands for all elements of x that are used. MathError for an unknown name, or indices
    that are no integers.
    """
    with uncollected():
        splitter = Splitter()
        splitter.split(body)
        if variables is None or any(name.endswith("[]") for name in variables):
            scalars = splitter.scalars | {name for name in variables or () if not name.endswith("[]")}
            layout = found_layout(scalars, splitter.elements)
        else:
            layout = given_layout(variables)
        return FunctionObjective(splitter.blocks, layout, label or body)


class FunctionObjective:
    """See :class:`calcopt.records.Objective`. Small formulas run on Python floats, others as element groups."""

    def __init__(self, blocks: Sequence[Block], layout: Layout, label: str | Expr) -> None:
        self.variables: Sequence[str] = layout.variables
        self._label = label
        self.counts = Counts()
        self._engine = Engine(blocks, layout)
        self._prepared: set[int] = set()
        self._scalar = _scalar_form(self._engine)

    @property
    def label(self) -> str:
        return str(self._label)

    @property
    def groups(self) -> int:
        """How many different shapes of terms the formula has."""
        return sum(len(groups) for groups in self._engine.groups)

    def evaluate(self, x: Floats, order: int) -> Evaluation:
        """f (order ≥ 0), ∇f (order ≥ 1), ∇²f (order 2: dense (n, n), or CSR for many variables)."""
        self.counts.value += 1
        self.counts.gradient += order >= 1
        self.counts.hessian += order >= 2
        if self._scalar is not None:
            return self._scalar.evaluate(x, order)
        if order not in self._prepared:
            self.prepare(order)
        with np.errstate(all="ignore"):
            value, first, second = self._engine.evaluate(np.asarray(x, dtype=np.float64), order)
        return Evaluation(value, first, second)

    def prepare(self, order: int) -> None:
        """Derives and compiles for ``order`` now, not at its first evaluation."""
        if self._scalar is not None:
            self._scalar.compile(order)
        else:
            with uncollected():
                self._engine.derive(order)
        self._prepared.add(order)

    def noise(self, x: Floats) -> Noise:
        """First-order bounds on the rounding errors of f, ∇f and ∇²f (2-norm) as ``evaluate`` computes them."""
        from calcopt.numeric.noise import rounding_errors

        point = np.asarray(x, dtype=np.float64)
        with np.errstate(all="ignore"):
            self._engine.forward(point, 0)  # shifts of exponentials are those of this point
            return rounding_errors(self._engine, point)


@contextmanager
def uncollected() -> Iterator[None]:
    """Pauses the cycle collector: deriving makes many objects that all stay, and looking through them costs a third."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


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


def _scalar_form(engine: Engine) -> ScalarForm | None:
    """The function as one graph when it is small: elements written out, inner blocks in place."""
    operations = sum(group.count * len(group.entries) for groups in engine.groups for group in groups)
    if operations > _SCALAR_OPERATIONS or engine.n > _SCALAR_VARIABLES:
        return None
    graph = Graph()
    z = [graph.variable(slot) for slot in range(engine.n)]
    for block, groups in zip(engine.blocks, engine.groups, strict=True):
        parts: list[list[int]] = [[] for _ in range(block.size)]
        for group in groups:
            for k in range(group.count):
                owner = 0 if group.owners is None else int(group.owners.index[k])
                parts[owner].append(group.element(k, graph, z))
        for own, constant in zip(parts, block.constants, strict=True):
            z.append(reduce(graph.add, [*own, graph.constant(float(constant))]))
    return ScalarForm(graph, z[-1], engine.n)
