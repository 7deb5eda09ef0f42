"""A formula as an ``Objective``: value, exact gradient and Hessian, counts of evaluations, rounding error."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from calcopt.expression.tree import Expr
from calcopt.numeric.columns import Floats
from calcopt.numeric.engine import Engine
from calcopt.numeric.layout import Layout, found_layout, given_layout
from calcopt.numeric.scalar import scalar_form
from calcopt.numeric.terms import Block, Splitter
from calcopt.records import Counts, Evaluation, Noise


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
        self._scalar = scalar_form(blocks, self._engine)
        for block in blocks:
            block.pieces.clear()  # groups hold what is needed of them

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
            if self._engine.shifting:
                self._engine.forward(point, 0)  # the shifts are those of this point
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
