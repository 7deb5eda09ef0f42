"""Units: what the engine evaluates at once. A group of many equal elements has a kernel of its own; groups of a few
elements, when there are many of them, share one tape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from calcopt.numeric.codegen import Kernel, array_kernel
from calcopt.numeric.columns import Column, Floats
from calcopt.numeric.groups import Group

if TYPE_CHECKING:
    from calcopt.numeric.tape import Tape

_LARGE = 64  # elements from which on a group has a kernel of its own
_FEW = 8  # so few small groups that kernels of their own are faster

Places: TypeAlias = "list[tuple[NDArray[np.int64], NDArray[np.int64], Any]]"


def make_units(groups: Sequence[Group]) -> list[Unit]:
    """Units for the groups of f itself: large ones alone, the small ones pooled when they are many."""
    small = [group for group in groups if group.count < _LARGE]
    if len(small) <= _FEW:
        return [GroupUnit(group) for group in groups]
    alone: list[Unit] = [GroupUnit(group) for group in groups if group.count >= _LARGE]
    return [*alone, Pool(small)]


class GroupUnit:
    """One group with its kernels; ``run`` gives φ and its derivatives as arrays over the elements."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.owners = group.owners
        self.count = group.count
        self._kernels: dict[int, Kernel] = {}
        self._touched: list[Column] | None = None
        self._entries: list[tuple[Column, Column, bool, int]] | None = None

    def run(self, z: Floats, order: int) -> tuple[Any, ...]:
        if order not in self._kernels:
            self.compile(order)
        return self._kernels[order]([column.take(z) for column in self.group.columns], self.group.data)

    def compile(self, order: int) -> None:
        self._kernels[order] = array_kernel(self.group.graph, self.group.roots(order))

    def gradient_columns(self) -> list[Column]:
        if self._touched is None:
            self._touched = [self.group.columns[slot] for slot in self.group.gradient_slots]
        return self._touched

    def hessian_places(self) -> Places:
        """(rows, columns, whether on an element's own diagonal) of the entries ``fill_hessian`` writes."""
        return [(first.index[:length], second.index[:length], same) for first, second, same, length in self._pairs()]

    def hessian_size(self) -> int:
        return sum(length for _, _, _, length in self._pairs())

    def fill_hessian(self, result: tuple[Any, ...], factor: Any, out: Floats) -> None:
        """Writes the entries; elements that all act on one pair of variables are added up to one entry."""
        pairs = self._pairs()
        start = 0
        for (_, _, _, length), entry in zip(pairs, result[len(result) - len(pairs) :], strict=True):
            scaled = entry if factor is None else entry * factor
            if length < self.count:
                out[start] = total(scaled, self.count)
            else:
                out[start : start + length] = scaled
            start += length

    def _pairs(self) -> list[tuple[Column, Column, bool, int]]:
        if self._entries is None:
            columns = self.group.columns
            self._entries = []
            for i, j in self.group.hessian:
                fixed = columns[i].one is not None and columns[j].one is not None
                self._entries.append((columns[i], columns[j], i == j, 1 if fixed else self.count))
        return self._entries


class Pool:
    """Many small groups on one tape; the interface is that of :class:`GroupUnit`."""

    owners = None

    def __init__(self, groups: Sequence[Group]) -> None:
        self.groups = groups
        self.count = sum(group.count for group in groups)
        self._tapes: dict[int, Tape] = {}
        self._columns: list[Column] | None = None

    def run(self, z: Floats, order: int) -> tuple[Any, ...]:
        if order not in self._tapes:
            self.compile(order)
        return self._tapes[order].run(z)

    def compile(self, order: int) -> None:
        from calcopt.numeric.tape import record  # few formulas have that many terms

        self._tapes[order] = record(self.groups, order)

    def gradient_columns(self) -> list[Column]:
        if self._columns is None:
            index: list[int] = []
            for group in self.groups:
                for slot in group.gradient_slots:
                    index += group.columns[slot].components()
            self._columns = [Column(np.array(index, dtype=np.int64))] if index else []
        return self._columns

    def hessian_places(self) -> Places:
        rows: list[int] = []
        columns: list[int] = []
        diagonal: list[bool] = []
        for group in self.groups:
            for i, j in group.hessian:
                rows += group.columns[i].components()
                columns += group.columns[j].components()
                diagonal += [i == j] * group.count
        if not rows:
            return []
        return [(np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64), np.array(diagonal, dtype=np.bool_))]

    def hessian_size(self) -> int:
        return sum(len(group.hessian) * group.count for group in self.groups)

    def fill_hessian(self, result: tuple[Any, ...], factor: Any, out: Floats) -> None:
        assert factor is None  # f itself has no multiplier
        out[:] = result[2]


Unit: TypeAlias = "GroupUnit | Pool"


def total(values: Any, count: int) -> float:
    """Σ over the elements; a number stands for ``count`` equal ones."""
    return float(np.add.reduce(values)) if isinstance(values, np.ndarray) and values.ndim else float(values) * count
