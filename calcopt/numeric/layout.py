"""Where each variable lives in the vector x: scalars by name, elements of indexed names by arithmetic on arrays."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, overload

import numpy as np

from calcopt.errors import MathError, did_you_mean
from calcopt.expression.tree import natural_key
from calcopt.numeric.indices import Integers

_ELEMENT = re.compile(r"(.+)\[(-?\d+(?:,-?\d+)*)\]")


def split_element(name: str) -> tuple[str, tuple[int, ...]] | None:
    """``x[3,4]`` → ("x", (3, 4)); None for a plain name."""
    match = _ELEMENT.fullmatch(name)
    return (match[1], tuple(map(int, match[2].split(",")))) if match else None


@dataclass(frozen=True, slots=True)
class ElementNames(Sequence[str]):
    """Names in blocks; those of indexed elements are written when asked for: a million of them are no million strings.

    A block is a tuple of names, or ``(array name, index columns)``.
    """

    blocks: tuple[Any, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return self.ends[-1] if self.ends else 0

    @overload
    def __getitem__(self, position: int) -> str: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[str, ...]: ...
    def __getitem__(self, position: int | slice) -> str | tuple[str, ...]:
        if isinstance(position, slice):
            return tuple(self[i] for i in range(*position.indices(len(self))))
        position = position + len(self) if position < 0 else position
        if not 0 <= position < len(self):
            raise IndexError(position)
        number = int(np.searchsorted(self.ends, position, side="right"))
        block, start = self.blocks[number], self.ends[number - 1] if number else 0
        if isinstance(block, str):
            return block
        name, columns = block
        return f"{name}[{','.join(str(column[position - start]) for column in columns)}]"

    def __iter__(self) -> Iterator[str]:
        for block in self.blocks:
            if isinstance(block, str):
                yield block
            else:
                yield from (
                    f"{block[0]}[{','.join(map(str, row))}]"
                    for row in zip(*map(np.ndarray.tolist, block[1]), strict=True)
                )


class _Table(NamedTuple):
    """Positions of the elements of one indexed name: a dense box of its indices."""

    low: tuple[int, ...]
    shape: tuple[int, ...]
    positions: Integers

    def find(self, name: str, columns: Sequence[Integers | int]) -> Integers:
        flat: Any = 0
        if len(columns) != len(self.low):
            raise MathError(f"'{name}' has {len(self.low)} indices elsewhere", hint="use the same number everywhere")
        for column, low, size in zip(columns, self.low, self.shape, strict=True):
            offset = np.asarray(column) - low
            if np.any((offset < 0) | (offset >= size)):
                bad = int(np.asarray(column).reshape(-1)[np.flatnonzero((offset < 0) | (offset >= size))[0]])
                raise MathError(f"'{name}[…]' is used with index {bad}, which is not among the variables")
            flat = flat * size + offset
        found = np.asarray(self.positions[flat])
        if np.any(found < 0):
            raise MathError(f"an element of '{name}' that the formula uses is not among the variables")
        return found


@dataclass(slots=True, eq=False)
class Layout:
    """The order of variables, and where each is."""

    variables: Sequence[str]
    scalars: dict[str, int] = field(default_factory=dict)
    tables: dict[str, _Table] = field(default_factory=dict)

    def scalar(self, name: str) -> int:
        if name not in self.scalars:
            close = did_you_mean(name, self.scalars)
            known = ", ".join(list(self.scalars)[:8]) or "none"
            raise MathError(
                f"'{name}' is not among the variables",
                hint=f"did you mean '{close}'?" if close else f"they are {known}",
            )
        return self.scalars[name]

    def elements(self, name: str, columns: Sequence[Integers | int]) -> Integers:
        if name not in self.tables:
            raise MathError(f"no variable is named '{name}[…]'")
        return self.tables[name].find(name, columns)


def given_layout(variables: Sequence[str]) -> Layout:
    """The layout of names the caller has put in order."""
    layout = Layout(variables)
    groups: dict[str, list[tuple[tuple[int, ...], int]]] = {}
    for position, name in enumerate(variables):
        element = split_element(name)
        if element is None:
            layout.scalars[name] = position
        else:
            groups.setdefault(element[0], []).append((element[1], position))
    for name, pairs in groups.items():
        columns = np.array([index for index, _ in pairs], dtype=np.int64).T
        layout.tables[name] = _table(columns, np.array([position for _, position in pairs], dtype=np.int64))
    return layout


def found_layout(scalars: Iterable[str], elements: dict[str, list[tuple[Integers | int, ...]]]) -> Layout:
    """The layout of all names a formula uses, in natural order (x2 before x10, x[2] before x[10])."""
    columns = {name: _unique(uses) for name, uses in elements.items()}
    keys: list[tuple[Any, str]] = [(natural_key(name), name) for name in set(scalars)]
    keys += [(natural_key(f"{name}[0]"), f"{name}[") for name in columns]
    blocks: list[Any] = []
    ends: list[int] = []
    layout = Layout(())
    for _, name in sorted(keys):
        start = ends[-1] if ends else 0
        if name.endswith("["):
            array = name[:-1]
            size = columns[array].shape[1]
            layout.tables[array] = _table(columns[array], np.arange(start, start + size))
            blocks.append((array, tuple(columns[array])))
            ends.append(start + size)
        else:
            layout.scalars[name] = start
            blocks.append(name)
            ends.append(start + 1)
    names = ElementNames(tuple(blocks), tuple(ends))
    layout.variables = names if len(names) > 50_000 else tuple(names)
    return layout


def _unique(uses: list[tuple[Integers | int, ...]]) -> Integers:
    """All index tuples that occur, each once, in order: shape (number of indices, elements)."""
    if len({len(use) for use in uses}) > 1:
        raise MathError("an indexed name has a different number of indices at different places")
    parts = [np.stack([np.atleast_1d(column) for column in np.broadcast_arrays(*use)]) for use in _merged(uses)]
    low, shape, flat = _boxed(np.concatenate(parts, axis=1).astype(np.int64, copy=False))
    present = np.zeros(math.prod(shape), dtype=np.bool_)
    present[flat] = True
    return np.stack(np.unravel_index(np.flatnonzero(present), shape)) + low[:, None]


def _merged(uses: list[tuple[Integers | int, ...]]) -> list[tuple[Integers | int, ...]]:
    """Single elements are gathered into one array: a flat formula has many."""
    single = [use for use in uses if all(isinstance(index, int) for index in use)]
    arrays = [use for use in uses if not all(isinstance(index, int) for index in use)]
    return arrays + ([tuple(np.array(single, dtype=np.int64).T)] if single else [])


def _table(columns: Integers, positions: Integers) -> _Table:
    low, shape, flat = _boxed(columns)
    table = np.full(math.prod(shape), -1, dtype=np.int64)
    table[flat] = positions
    return _Table(tuple(low.tolist()), shape, table)


def _boxed(columns: Integers) -> tuple[Integers, tuple[int, ...], Integers]:
    """The lower corner and shape of the box that holds all index tuples, and their places in it, row by row."""
    low, high = columns.min(axis=1), columns.max(axis=1)
    shape = tuple((high - low + 1).tolist())
    if math.prod(shape) > 20 * columns.shape[1] + 1_000_000:
        raise MathError("the indices of a name are spread too widely", hint="number its elements without large gaps")
    flat = np.zeros(columns.shape[1], dtype=np.int64)
    for column, start, size in zip(columns, low, shape, strict=True):
        flat = flat * size + (column - start)
    return low, shape, flat
