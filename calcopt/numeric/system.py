"""Several formulas as a ``System``: residual F(x) and exact Jacobian, for Newton's method on F(x) = 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calcopt.calculus.derivatives import partials
from calcopt.calculus.graph import Graph
from calcopt.calculus.lowering import lower
from calcopt.expression.tree import Expr, free_names, natural_key
from calcopt.numeric.codegen import Kernel, scalar_kernel
from calcopt.numeric.columns import Floats
from calcopt.records import Counts, SystemEvaluation


def function_system(
    bodies: Sequence[Expr], variables: Sequence[str] | None = None, *, label: str = ""
) -> FunctionSystem:
    """F: R^n → R^m with one component for each of ``bodies``; ``variables`` (default: all, in natural order) fix x."""
    if variables is None:
        from calcopt.expression.expand import expand_sums

        found = {name for body in bodies for name in free_names(expand_sums(body))}
        variables = tuple(sorted(found, key=natural_key))
    return FunctionSystem(bodies, variables, label or "; ".join(map(str, bodies)))


class FunctionSystem:
    """See :class:`calcopt.records.System`. One graph for all components: they share what they have in common."""

    def __init__(self, bodies: Sequence[Expr], variables: Sequence[str], label: str) -> None:
        self.variables: Sequence[str] = variables
        self.label = label
        self.counts = Counts()
        self._graph = Graph()
        slots = {name: slot for slot, name in enumerate(variables)}
        self._roots = [lower(body, slots, self._graph)[1] for body in bodies]
        self._places: list[tuple[int, int]] = []
        self._kernels: dict[int, Kernel] = {}

    def evaluate(self, x: Floats, order: int) -> SystemEvaluation:
        """F (m,) and, for order 1, the Jacobian (m, n); nan and inf are quiet."""
        self.counts.value += 1
        self.counts.gradient += order >= 1
        kernel = self._kernels.get(order) or self._compile(order)
        results = kernel(np.asarray(x, dtype=np.float64).tolist(), ())
        m = len(self._roots)
        residual = np.array(results[:m], dtype=np.float64)
        if order == 0:
            return SystemEvaluation(residual)
        jacobian = np.zeros((m, len(self.variables)))
        for place, value in zip(self._places, results[m:], strict=True):
            jacobian[place] = value
        return SystemEvaluation(residual, jacobian)

    def _compile(self, order: int) -> Kernel:
        roots = list(self._roots)
        if order >= 1:
            self._places = []
            for row, root in enumerate(self._roots):
                for column, node in partials(self._graph, root, len(self.variables)).items():
                    self._places.append((row, column))
                    roots.append(node)
        self._kernels[order] = kernel = scalar_kernel(self._graph, roots)
        return kernel
