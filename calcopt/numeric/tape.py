"""Many different small shapes as one tape: per level and operation one NumPy call over all nodes of all elements.

A thousand different terms would cost a thousand kernels to compile and to call. Here the nodes that each group needs
are repeated for its elements and sorted by (level, operation); each such run is one operation on gathered arguments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy as np

from calcopt.calculus.graph import Graph
from calcopt.numeric.columns import Floats
from calcopt.numeric.functions import ARRAY, parameters
from calcopt.numeric.groups import Group
from calcopt.numeric.indices import Integers

_POWERS = ("powi", "root")  # their payload, the exponent, is a part of the operation


@dataclass(frozen=True, slots=True)
class Step:
    """values[start:stop] = function(values[a₁], values[a₂], …, parameters)."""

    function: Callable[..., Any]
    parameters: tuple[int, ...]
    start: int
    stop: int
    args: tuple[Integers, ...]


@dataclass(frozen=True, slots=True)
class Tape:
    """A program over one vector of values; ``template`` holds constants and data in place."""

    template: Floats
    inputs: slice  # where variables go …
    sources: Integers  # … and where in z they come from
    steps: tuple[Step, ...]
    outputs: tuple[Integers, ...]  # φ, gradient entries, Hessian entries

    def run(self, z: Floats) -> tuple[Floats, ...]:
        values = self.template.copy()
        values[self.inputs] = z[self.sources]
        for step in self.steps:
            values[step.start : step.stop] = step.function(*(values[a] for a in step.args), *step.parameters)
        return tuple(values[where] for where in self.outputs)


def record(groups: Sequence[Group], order: int) -> Tape:
    """The tape of all elements of ``groups``, which share one graph."""
    parts = [group.parts(order) for group in groups]  # derives: only now the graph is complete
    nodes = _Nodes(groups[0].graph)
    outputs = [
        np.array([nodes.size * g + root for g, roots in enumerate(parts) for root in roots[kind]], dtype=np.int64)
        for kind in range(order + 1)
    ]
    places = _Places(nodes, np.concatenate(outputs), np.array([group.count for group in groups]))
    operands = places.operands()
    template = np.zeros(places.size)
    inputs, sources = slice(0), list[int]()
    steps = []
    for run in places.runs():
        node = int(places.node[run[0]])
        op, payload = nodes.ops[node], nodes.payloads[node]
        start, stop = places.span(run)
        if nodes.arity[node]:
            args = tuple(column[start:stop] for column in operands[: nodes.arity[node]])
            steps.append(Step(ARRAY[op], parameters(op, payload), start, stop, args))
        elif op == "var":
            inputs = slice(start, stop)
            for owner, slot in places.leaves(run):
                sources += groups[owner].columns[slot].components()
        elif op == "data":
            template[start:stop] = np.concatenate([groups[owner].data[column] for owner, column in places.leaves(run)])
        elif op == "const":
            template[start:stop] = np.repeat([float(value) for _, value in places.leaves(run)], places.count[run])
        else:
            template[start:stop] = op == "true"
    results = tuple(places.of(places.find(pairs)) for pairs in outputs)
    return Tape(template, inputs, np.array(sources, dtype=np.int64), tuple(steps), results)


class _Nodes:
    """The nodes of a graph as arrays."""

    def __init__(self, graph: Graph) -> None:
        self.size = size = len(graph)
        self.arity = np.fromiter(map(len, graph.args), np.int64, size)
        self.first = np.cumsum(self.arity) - self.arity
        self.args = np.fromiter(chain.from_iterable(graph.args), np.int64, int(self.arity.sum()))
        codes: defaultdict[Any, int] = defaultdict(count().__next__)
        self.code = np.fromiter(map(codes.__getitem__, graph.ops), np.int64, size)
        for op in _POWERS:
            for node in np.flatnonzero(self.code == codes[op]).tolist():
                self.code[node] = codes[op, graph.payloads[node]]
        self.kinds = len(codes)
        self.ops, self.payloads = graph.ops, graph.payloads
        self.level = self._levels()

    def operands(self, nodes: Integers) -> tuple[Integers, Integers]:
        """The arguments of ``nodes``, one node after the other, and how many each has."""
        arity = self.arity[nodes]
        return self.args[_ranges(self.first[nodes], arity)], arity

    def _levels(self) -> Integers:
        """The length of the longest way down from each node; 0 for leaves."""
        level = np.zeros(self.size, dtype=np.int64)
        inner = np.flatnonzero(self.arity)
        first, last = self.first[inner], self.first[inner] + self.arity[inner] - 1
        below = [self.args[first], self.args[(first + last + 1) // 2], self.args[last]]
        depth = 0
        while inner.size:
            depth += 1
            fresh = 1 + np.maximum(np.maximum(level[below[0]], level[below[1]]), level[below[2]])
            level[inner] = fresh
            # after d rounds a node has min(its level, d): only those at d can still grow
            growing = fresh == depth
            inner, below = inner[growing], [column[growing] for column in below]
        return level


class _Places:
    """Where the elements of pairs (group, node) are on the tape; a pair is written as group · size + node.

    All arrays are in the order of the sorted pairs, and indices into them stand for pairs.
    """

    def __init__(self, nodes: _Nodes, outputs: Integers, counts: Integers) -> None:
        self.nodes = nodes
        self.pairs = _needed(nodes, outputs)
        self.owner, self.node = np.divmod(self.pairs, nodes.size)
        self.count = counts[self.owner]
        kind = nodes.level[self.node] * nodes.kinds + nodes.code[self.node]
        self.order = np.argsort(kind.astype(np.min_scalar_type(kind.max())), kind="stable")  # short keys sort faster
        self._bounds = np.flatnonzero(np.diff(kind[self.order])) + 1
        lengths = self.count[self.order]
        self._start = np.empty_like(lengths)
        self._start[self.order] = np.cumsum(lengths) - lengths
        self.size = int(lengths.sum())

    def runs(self) -> list[Integers]:
        """The pairs of one level and operation, run by run, in the order of the tape."""
        return np.split(self.order, self._bounds) if self.order.size else []

    def span(self, run: Integers) -> tuple[int, int]:
        """The places of a run lie side by side: from where to where."""
        return int(self._start[run[0]]), int(self._start[run[-1]] + self.count[run[-1]])

    def of(self, index: Integers) -> Integers:
        """The places of the pairs' elements."""
        return _ranges(self._start[index], self.count[index])

    def find(self, pairs: Integers) -> Integers:
        return np.searchsorted(self.pairs, pairs).astype(np.int64, copy=False)

    def operands(self) -> list[Integers]:
        """For every place on the tape the places of its first, second and third argument, where it has one."""
        columns = []
        for k in range(3):
            index = np.flatnonzero(self.nodes.arity[self.node] > k)
            node = self.node[index]
            column = np.zeros(self.size, dtype=np.int64)
            below = self.pairs[index] - node + self.nodes.args[self.nodes.first[node] + k]
            column[self.of(index)] = self.of(self.find(below))
            columns.append(column)
        return columns

    def leaves(self, run: Integers) -> list[tuple[int, Any]]:
        """(group, payload) of leaves."""
        payloads = self.nodes.payloads
        return [(g, payloads[n]) for g, n in zip(self.owner[run].tolist(), self.node[run].tolist(), strict=True)]


def _needed(nodes: _Nodes, outputs: Integers) -> Integers:
    """All pairs that some output depends on, sorted."""
    found = []
    pending = outputs
    for level in range(int(nodes.level[pending % nodes.size].max()), -1, -1):
        here = nodes.level[pending % nodes.size] == level
        front = _distinct(pending[here])  # whatever needs them is on a higher level, and has been seen
        found.append(front)
        node = front % nodes.size
        operands, arity = nodes.operands(node)
        pending = np.concatenate([pending[~here], np.repeat(front - node, arity) + operands])
    return np.sort(np.concatenate(found))


def _distinct(values: Integers) -> Integers:
    """``np.unique`` of short arrays, without its detours."""
    values = np.sort(values)
    fresh: Integers = values[np.diff(values, prepend=-1) != 0]
    return fresh


def _ranges(starts: Integers, lengths: Integers) -> Integers:
    """start, start + 1, … for each of ``starts``, laid one after the other."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - ends + lengths, lengths) + np.arange(ends[-1] if ends.size else 0)
