"""A model compiled: response, f(x; θ), ∂f/∂θ and ∂²f/∂θ² of a block of rows, from exact derivatives on the graph.

Variables of the graph are the parameters (slots 0 … p − 1) and the data columns after them; the kernel takes numbers
for the former and arrays for the latter, in double or extended precision. Another process makes the same kernel from
the model's text: code is never sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from calcopt.calculus.arena import slot_bit
from calcopt.calculus.derivatives import gradient, hessian
from calcopt.calculus.graph import Graph
from calcopt.calculus.lowering import lower
from calcopt.numeric.codegen import Kernel, array_kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_model import CurveModel

    Array = NDArray[Any]
    Theta = Sequence[Any] | Array
    """The parameters: floats, extended floats, or objects of mpmath."""


_KINKS = frozenset({"abs", "sign", "floor", "ceil", "step", "relu", "min", "max", "select"})
"""Primitives that are piecewise: a zero Hessian says nothing about what lies between the pieces."""


@dataclass(slots=True)
class Values:
    """Rows of a block: residual y − f (n,), Jacobian ∂f/∂θ (n, p), and the entries (i, j), i ≥ j, of ∂²f/∂θ² (n,)."""

    residual: Array
    jacobian: Array | None = None
    second: dict[tuple[int, int], Array] | None = None


class CurveKernel:
    """See the module. ``kinked`` are the parameters that act through |·|, min, step and the like."""

    def __init__(self, model: CurveModel) -> None:
        self._recipe = (model.text, model.columns, model.constants)
        self.parameters = len(model.parameters)
        names = (*model.parameters, *model.names)
        slots = {name: slot for slot, name in enumerate(names)}
        self.graph = Graph()
        self.response = lower(model.response, slots, self.graph)[1]
        self.body = lower(model.body, slots, self.graph)[1]
        self.gradient = gradient(self.graph, self.body, self.parameters)
        self.hessian = hessian(self.graph, self.gradient)
        self.kinked = self._kinked()
        self._kernels: dict[int, Kernel] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return kernel_of, self._recipe

    @property
    def linear(self) -> bool:
        """A proof: f is smooth in its parameters, and its Hessian in them is identically zero, entry by entry."""
        return not self.hessian and not self.kinked

    @cached_property
    def extended(self) -> bool:
        """Whether all can be computed in extended precision; erf cannot."""
        one = np.ones((len(self._recipe[1]), 1), dtype=np.longdouble)
        try:
            self.evaluate(one, [np.longdouble(1)] * self.parameters, 2)
        except TypeError:
            return False
        return True

    def _kinked(self) -> frozenset[int]:
        nodes = [node for node in self.graph.reachable([self.body]) if self.graph.ops[node] in _KINKS]
        slots = range(self.parameters)
        return frozenset(slot for slot in slots if any(self.graph.masks[node] & slot_bit(slot) for node in nodes))

    def roots(self, order: int) -> list[int]:
        """The nodes of response, f, and the derivatives that are not identically zero."""
        roots = [self.response, self.body]
        if order >= 1:
            roots += [node for node in self.gradient if node is not None]
        if order >= 2:
            roots += self.hessian.values()
        return roots

    def evaluate(self, columns: Array, theta: Theta, order: int) -> Values:
        """``columns`` (m, n) in the order of the model's names; non-finite values come back quietly."""
        if order not in self._kernels:
            self._kernels[order] = array_kernel(self.graph, self.roots(order))
        with np.errstate(all="ignore"):
            results = self._kernels[order]([*theta, *columns], ())
            return self.gather(results, columns.shape[1], columns.dtype, order)

    def response_values(self, columns: Array) -> Array:
        """The response of each row (n,)."""
        if -1 not in self._kernels:
            self._kernels[-1] = array_kernel(self.graph, [self.response])
        with np.errstate(all="ignore"):
            out = np.empty(columns.shape[1], dtype=columns.dtype)
            out[:] = self._kernels[-1]([0.0] * self.parameters + [*columns], ())[0]
            return out

    def gather(self, results: Sequence[Any], count: int, kind: Any, order: int) -> Values:
        """The values of ``roots(order)`` as arrays; a number stands for all rows."""
        residual = np.empty(count, dtype=kind)
        residual[:] = results[0]
        residual -= results[1]
        if order == 0:
            return Values(residual)
        jacobian = np.zeros((count, self.parameters), dtype=kind)
        place = 2
        for slot, node in enumerate(self.gradient):
            if node is not None:
                jacobian[:, slot] = results[place]
                place += 1
        if order == 1:
            return Values(residual, jacobian)
        entries = {pair: np.broadcast_to(results[place + k], (count,)) for k, pair in enumerate(self.hessian)}
        return Values(residual, jacobian, entries)


@lru_cache(maxsize=32)
def kernel_of(text: str, columns: tuple[str, ...], constants: tuple[tuple[str, str], ...]) -> CurveKernel:
    """The kernel of the model ``text``: made once in each process, and used by all passes."""
    from calcopt.expression import parse
    from calcopt.learn.curve_model import parse_model

    values = {name: parse(value).body for name, value in constants}
    return CurveKernel(parse_model(text, columns, values))
