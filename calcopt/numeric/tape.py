"""Many different small shapes as one tape: per level and operation one NumPy call over all nodes of all elements.

A thousand different terms would cost a thousand kernels to compile and to call. Here their graphs are laid side by
side, sorted by (level, operation), and each such run of nodes is one array operation on gathered arguments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calcopt.numeric.columns import Column, Floats
from calcopt.numeric.functions import ARRAY
from calcopt.numeric.groups import Group
from calcopt.numeric.indices import Integers

_LARGE = 64  # elements from which on a group has a kernel of its own
_FEW = 8  # so few small groups that kernels of their own are faster

_ARITY = {"select": 3} | dict.fromkeys(
    ("add", "sub", "mul", "div", "pow", "atan2", "logaddexp", "min", "max", "lt", "le", "eq", "and", "or"), 2
)


@dataclass(frozen=True, slots=True)
class Step:
    """values[start:stop] = function(values[a₁], values[a₂], …, parameters)."""

    function: Callable[..., Any]
    op: str
    parameters: tuple[int, ...]
    start: int
    stop: int
    args: tuple[Integers, ...]


@dataclass(frozen=True, slots=True)
class Tape:
    """A program over one vector of values; ``template`` holds constants and data in place."""

    template: Floats
    inputs: Integers  # where variables go …
    sources: Integers  # … and where in z they come from
    steps: tuple[Step, ...]
    outputs: tuple[Integers, ...]  # φ, gradient entries, Hessian entries

    def run(self, z: Floats) -> tuple[Floats, ...]:
        values = self.template.copy()
        values[self.inputs] = z[self.sources]
        for step in self.steps:
            values[step.start : step.stop] = step.function(*(values[a] for a in step.args), *step.parameters)
        return tuple(values[where] for where in self.outputs)


class Pool:
    """A unit made of many small groups; the interface is that of ``engine.GroupUnit``."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self.groups = groups
        self.owners = None
        self.count = sum(group.count for group in groups)
        self.tapes: dict[int, Tape] = {}
        self._columns: list[Column] | None = None

    @staticmethod
    def gather(groups: Sequence[Group], single: Callable[[Group], Any]) -> list[Any]:
        """Units for ``groups``: large ones alone, the small ones pooled when they are many."""
        small = [group for group in groups if group.count < _LARGE]
        if len(small) <= _FEW:
            return [single(group) for group in groups]
        return [*(single(group) for group in groups if group.count >= _LARGE), Pool(small)]

    def run(self, z: Floats, order: int) -> tuple[Floats, ...]:
        if order not in self.tapes:
            self.compile(order)
        return self.tapes[order].run(z)

    def compile(self, order: int) -> None:
        self.tapes[order] = record(self.groups, order)

    def gradient_columns(self) -> list[Column]:
        if self._columns is None:
            index: list[int] = []
            for group in self.groups:
                for slot in group.gradient_slots:
                    index.extend(group.columns[slot].components())
            self._columns = [Column(np.array(index, dtype=np.int64))] if index else []
        return self._columns

    def hessian_size(self) -> int:
        return sum(len(group.hessian) * group.count for group in self.groups)

    def fill_hessian(self, result: tuple[Floats, ...], factor: Any, out: Floats) -> None:
        """Writes the entries of ``hessian_places``; pools belong to f itself, so there is no multiplier."""
        assert factor is None
        out[:] = result[2]

    def hessian_places(self) -> list[tuple[Integers, Integers, Any]]:
        rows: list[int] = []
        columns: list[int] = []
        diagonal: list[bool] = []
        for group in self.groups:
            for i, j in group.hessian:
                rows.extend(group.columns[i].components())
                columns.extend(group.columns[j].components())
                diagonal.extend([i == j] * group.count)
        if not rows:
            return []
        return [(np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64), np.array(diagonal, dtype=np.bool_))]


def record(groups: Sequence[Group], order: int) -> Tape:
    """The tape of all elements of ``groups``."""
    recorder = _Recorder()
    for group in groups:
        recorder.add(group, order)
    return recorder.tape(order)


class _Recorder:
    """Collects prototypes (the graph of each group, once), then repeats them for every element."""

    def __init__(self) -> None:
        self.codes: defaultdict[tuple[str, Any], int] = defaultdict(count().__next__)
        self.code: list[int] = []
        self.inner: list[bool] = []  # no leaf
        self.args: tuple[list[int], list[int], list[int]] = ([], [], [])
        self.sizes: list[int] = []
        self.counts: list[int] = []
        self.base = 0  # the first node of the next group's first element
        self.inputs: list[int] = []
        self.sources: list[int] = []
        self.fixed: list[int] = []
        self.numbers: list[float] = []
        self.outputs: tuple[list[int], list[int], list[int]] = ([], [], [])

    def add(self, group: Group, order: int) -> None:
        roots = group.roots(order)
        graph, size = group.graph, len(group.graph)
        starts = range(self.base, self.base + size * group.count, size)
        first, second, third = self.args
        self.code.extend(map(self.codes.__getitem__, zip(graph.ops, graph.payloads, strict=True)))
        self.inner.extend(map(bool, graph.args))
        first.extend([args[0] if args else 0 for args in graph.args])
        second.extend([args[-1] if args else 0 for args in graph.args])
        third.extend([args[1] if len(args) == 3 else args[0] if args else 0 for args in graph.args])
        for node in [node for node, args in enumerate(graph.args) if not args]:
            self._leaf(group, node, starts)
        self._outputs(group, roots, starts, order)
        self.sizes.append(size)
        self.counts.append(group.count)
        self.base += size * group.count

    def _leaf(self, group: Group, node: int, starts: range) -> None:
        op, payload = group.graph.ops[node], group.graph.payloads[node]
        places = [start + node for start in starts]
        if op == "var":
            self.inputs.extend(places)
            self.sources.extend(group.columns[payload].components())  # type: ignore[index]
            return
        self.fixed.extend(places)
        if op == "data":
            self.numbers.extend(group.data[payload].tolist())  # type: ignore[index]
        else:
            number = float(op == "true") if payload is None else float(payload)
            self.numbers.extend([number] * group.count)

    def _outputs(self, group: Group, roots: list[int], starts: range, order: int) -> None:
        width = len(group.gradient_slots) if order else 0
        for kind, part in enumerate((roots[:1], roots[1 : 1 + width], roots[1 + width :])):
            for root in part:
                self.outputs[kind].extend(start + root for start in starts)

    def tape(self, order: int) -> Tape:
        sizes, counts = np.array(self.sizes), np.array(self.counts)
        element_size = np.repeat(sizes, counts)
        element_proto = np.repeat(np.cumsum(sizes) - sizes, counts)
        element_base = np.cumsum(element_size) - element_size
        # node of an element = node of its prototype, moved
        local = np.arange(self.base) - np.repeat(element_base, element_size)
        proto = local + np.repeat(element_proto, element_size)
        shift = np.repeat(element_base, element_size)
        code = np.array(self.code)[proto]
        args = [np.array(column)[proto] + shift for column in self.args]
        outputs = [np.array(where, dtype=np.int64) for where in self.outputs[: order + 1]]
        level = _levels(args, np.array(self.inner)[proto])
        level[~_needed(args, outputs)] = -1
        ranks = np.argsort(level * len(self.codes) + code, kind="stable")
        place = np.empty(self.base, dtype=np.int64)
        place[ranks] = np.arange(self.base)
        template = np.zeros(self.base)
        template[place[self.fixed]] = self.numbers
        steps = self._steps(level[ranks], code[ranks], [place[column[ranks]] for column in args])
        inputs = np.array(self.inputs, dtype=np.int64)
        return Tape(
            template,
            place[inputs],
            np.array(self.sources, dtype=np.int64),
            steps,
            tuple(place[where] for where in outputs),
        )

    def _steps(self, level: Integers, code: Integers, args: list[Integers]) -> tuple[Step, ...]:
        names = list(self.codes)
        change = np.flatnonzero((np.diff(level) != 0) | (np.diff(code) != 0)) + 1
        bounds = [0, *change.tolist(), level.size]
        steps = []
        for start, stop in pairwise(bounds):
            if level[start] <= 0:
                continue
            op, payload = names[int(code[start])]
            arity = _ARITY.get(op, 1)
            used = {1: args[:1], 2: args[:2], 3: [args[0], args[2], args[1]]}[arity]
            steps.append(Step(ARRAY[op], op, _parameters(op, payload), start, stop, tuple(a[start:stop] for a in used)))
        return tuple(steps)


def _parameters(op: str, payload: Any) -> tuple[int, ...]:
    if op == "powi":
        return (payload,)
    if op == "root":
        exponent = Fraction(payload)
        return (exponent.numerator, exponent.denominator)
    return ()


def _levels(args: list[Integers], above: NDArray[np.bool_]) -> Integers:
    """The length of the longest way down from each node; 0 for leaves."""
    level = np.zeros(above.size, dtype=np.int64)
    inner = np.flatnonzero(above)
    below = [column[inner] for column in args]
    depth = 0
    while inner.size:
        depth += 1
        fresh = 1 + np.maximum(np.maximum(level[below[0]], level[below[1]]), level[below[2]])
        level[inner] = fresh
        # after d rounds a node has min(its level, d): only those at d can still grow
        growing = fresh == depth
        inner, below = inner[growing], [column[growing] for column in below]
    return level


def _needed(args: list[Integers], outputs: Sequence[Integers]) -> NDArray[np.bool_]:
    """Nodes that some output depends on."""
    needed = np.zeros(args[0].size, dtype=np.bool_)
    front = np.unique(np.concatenate(outputs))
    while front.size:
        needed[front] = True
        below = np.concatenate([column[front] for column in args])
        front = np.unique(below[~needed[below]])
    return needed
