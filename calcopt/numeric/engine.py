"""Evaluates a partially separable function: blocks of element groups over z = (x, values of inner blocks).

Without inner blocks (most formulas) this is a sum over groups. With them s = S(x, s) is computed block by block,
gradients come from the reverse sweep over blocks, and with T = ds/dx and W the Hessian of the Lagrangian f + λᵀS in z

    ∇²f = W_xx + W_xs T + (W_xs T)ᵀ + Tᵀ W_ss T.

Reference: A. Griewank, A. Walther, Evaluating Derivatives (SIAM, 2008), ch. 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from calcopt.calculus.graph import Graph
from calcopt.errors import MathError
from calcopt.numeric.columns import Floats
from calcopt.numeric.groups import make_groups
from calcopt.numeric.hessians import SymmetricPattern, symmetric_pattern
from calcopt.numeric.indices import Integers
from calcopt.numeric.layout import Layout
from calcopt.numeric.terms import Block, Slot
from calcopt.numeric.units import GroupUnit, make_units, total

_MOST_ENTRIES = 30_000_000  # of a Hessian that inner blocks fill


class Engine:
    """The compiled blocks of one function of ``layout.variables``."""

    def __init__(self, blocks: Sequence[Block], layout: Layout) -> None:
        self.n = len(layout.variables)
        self._layout = layout
        self.blocks = blocks
        self.offsets = [self.n]
        for block in blocks:
            self.offsets.append(self.offsets[-1] + block.size)
        self.size = self.offsets[-2]  # of z: the last block is f itself
        graph = Graph()
        # what only shifts exponentials is a constant for all derivatives: it has values, but no groups
        held = {number for number, block in enumerate(blocks) if block.largest}
        self.shifting = bool(held)
        self.groups = [[] if block.largest else make_groups(graph, block.pieces, self.place, held) for block in blocks]
        self.units: list[list[Any]] = [[GroupUnit(group) for group in groups] for groups in self.groups]
        self.units[-1] = make_units(self.groups[-1])
        self._shifts = [
            [GroupUnit(group) for group in make_groups(graph, block.pieces, self.place)] if block.largest else []
            for block in blocks
        ]
        self._pattern: SymmetricPattern | None = None
        self.noise_pattern: SymmetricPattern | None = None

    def place(self, slot: Slot) -> Integers | int:
        """Where the values of a slot are in z."""
        if isinstance(slot, str):
            return self._layout.scalar(slot)
        name, where = slot
        if isinstance(name, str):
            return self._layout.elements(name, where)  # type: ignore[arg-type]
        return self.offsets[name] + where  # type: ignore[operator]

    def derive(self, order: int) -> None:
        """Derives and compiles up to ``order`` now, not at the first evaluation."""
        for units in self.units:
            for unit in units:
                unit.compile(order)
        if order >= 2:
            _ = self.pattern

    # -- values and gradients --------------------------------------------------------------------------------------

    def evaluate(self, x: Floats, order: int) -> tuple[float, Floats | None, Any]:
        """f, ∇f (order ≥ 1) and ∇²f (order 2) at x; the caller silences floating-point warnings."""
        _, results = self.forward(x, order)
        value = float(self.blocks[-1].constants[0])
        for unit, result in zip(self.units[-1], results[-1], strict=True):
            value += float(total(result[0], unit.count))
        if order == 0:
            return value, None, None
        adjoints = self.reverse(results)
        gradient = adjoints[: self.n]
        if order == 1:
            return value, gradient, None
        return value, gradient, self._hessian(results, adjoints)

    def forward(self, x: Floats, order: int) -> tuple[Floats, list[list[tuple[Any, ...]]]]:
        """z, and what every unit of every block returned at it."""
        if self.size == self.n:
            return x, [[unit.run(x, order) for unit in self.units[-1]]]
        z = np.zeros(self.size)
        z[: self.n] = x
        results = []
        for number, (block, units) in enumerate(zip(self.blocks, self.units, strict=True)):
            results.append([unit.run(z, order) for unit in units])
            if block.largest:
                block.constants[:] = self._largest(number, z)
            if number < len(self.blocks) - 1:
                inner = z[self.offsets[number] : self.offsets[number + 1]]
                inner += block.constants
                for unit, result in zip(units, results[-1], strict=True):
                    add_components(inner, unit, result[0])
        return z, results

    def _largest(self, number: int, z: Floats) -> Floats:
        """The largest of a block's elements, rounded down; 0 where it is not finite."""
        found = np.full(self.blocks[number].size, -np.inf)
        for unit in self._shifts[number]:
            values = np.broadcast_to(unit.run(z, 0)[0], (unit.count,))
            owners = np.zeros(unit.count, dtype=np.int64) if unit.owners is None else unit.owners.index
            np.maximum.at(found, owners, values)
        return np.where(np.isfinite(found), np.floor(found), 0.0)

    def reverse(self, results: list[list[tuple[Any, ...]]]) -> Floats:
        """∂f/∂z of the Lagrangian sweep: the gradient in the first n components, multipliers λ after them."""
        adjoints = np.zeros(self.size)
        for number in range(len(self.blocks) - 1, -1, -1):
            for unit, result in zip(self.units[number], results[number], strict=True):
                factor = self.multiplier(number, unit, adjoints)
                for column, values in zip(unit.gradient_columns(), result[1:], strict=False):
                    column.add_to(adjoints, values if factor is None else values * factor)
        return adjoints

    def multiplier(self, number: int, unit: Any, adjoints: Floats) -> Any:
        """λ of the block's components for each element of a unit; None for f itself."""
        if number == len(self.blocks) - 1:
            return None
        components = adjoints[self.offsets[number] : self.offsets[number + 1]]
        return components[0] if unit.owners is None else unit.owners.take(components)

    # -- Hessians --------------------------------------------------------------------------------------------------

    @property
    def pattern(self) -> SymmetricPattern:
        """Of W, in z."""
        if self._pattern is None:
            places = [place for units in self.units for unit in units for place in unit.hessian_places()]
            self._pattern = symmetric_pattern(places, self.size)
        return self._pattern

    def hessian_entries(self, results: list[list[tuple[Any, ...]]], adjoints: Floats) -> Floats:
        """The values of W's entries in the pattern's order."""
        values = np.empty(self.pattern.entries)
        start = 0
        for number, units in enumerate(self.units):
            for unit, result in zip(units, results[number], strict=True):
                stop = start + unit.hessian_size()
                unit.fill_hessian(result, self.multiplier(number, unit, adjoints), values[start:stop])
                start = stop
        return values

    def _hessian(self, results: list[list[tuple[Any, ...]]], adjoints: Floats) -> Any:
        weights = self.pattern.assemble(self.hessian_entries(results, adjoints))
        if self.size == self.n:
            return weights
        n = self.n
        inner = self.inner_jacobian(results)
        mixed = weights[:n, n:] @ inner
        full = weights[:n, :n] + mixed + mixed.T + inner.T @ (weights[n:, n:] @ inner)
        if n <= 100 and not isinstance(full, np.ndarray):
            return full.toarray()
        return full if isinstance(full, np.ndarray) else full.tocsr()

    def inner_jacobian(self, results: list[list[tuple[Any, ...]]]) -> Any:
        """T = ds/dx, (m, n): rows block by block, because later blocks use earlier ones."""
        m = self.size - self.n
        dense = self.pattern.dense
        rows: list[Any] = []
        for number in range(len(self.blocks) - 1):
            own = self._block_jacobian(number, results[number], dense=dense)
            row = own[:, : self.n]
            if rows and self.offsets[number] > self.n:
                row = row + own[:, self.n : self.offsets[number]] @ _stack(rows, dense=dense)
            rows.append(row)
        inner = _stack(rows, dense=dense)
        if not dense:
            fill = float((np.diff(inner.tocsr().indptr).astype(float) ** 2).sum())
            if fill > _MOST_ENTRIES:
                raise MathError(
                    f"the Hessian of a function of sums of {self.n:,} variables is dense, too large to store",
                    hint="use a method that needs the gradient only",
                )
        assert inner.shape == (m, self.n)
        return inner

    def _block_jacobian(self, number: int, results: list[tuple[Any, ...]], *, dense: bool) -> Any:
        size = self.blocks[number].size
        parts: list[tuple[Any, Any, Any]] = []
        for unit, result in zip(self.units[number], results, strict=True):
            owners = np.zeros(unit.count, dtype=np.int64) if unit.owners is None else unit.owners.index
            for column, values in zip(unit.gradient_columns(), result[1:], strict=False):
                parts.append((np.broadcast_to(values, owners.shape), owners, column.index))
        values, rows, columns = (
            np.concatenate([part[k] for part in parts]) if parts else np.zeros(0, dtype=np.int64) for k in range(3)
        )
        if dense:
            flat = np.bincount(rows * self.size + columns, weights=values, minlength=size * self.size)
            return flat.reshape(size, self.size)
        from scipy.sparse import coo_array

        return coo_array((values, (rows, columns)), shape=(size, self.size)).tocsr()


def _stack(rows: list[Any], *, dense: bool) -> Any:
    if dense:
        return np.concatenate(rows)
    from scipy.sparse import vstack

    return vstack(rows, format="csr")


def add_components(components: Floats, unit: Any, values: Any) -> None:
    """Adds the elements' values to the components they belong to."""
    if unit.owners is None:
        components[0] += total(values, unit.count)
    else:
        unit.owners.add_to(components, values)
