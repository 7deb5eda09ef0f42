"""Nodes of formulas in an arena: a node is an integer, equal nodes are one node, arguments come before nodes.

So a loop over ``range`` is a traversal, and nothing needs recursion. ``Graph`` in ``graph.py`` adds the arithmetic.

Reference: A. Griewank, A. Walther, Evaluating Derivatives (SIAM, 2008), ch. 2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from calcopt.calculus.folding import Payload, Value, normal

CHOICE = 1
"""The bit of a node's mask that says: there is a ``select``, ``min`` or ``max`` at or below the node."""


def slot_bit(slot: int) -> int:
    """The bit of a node's mask that says: the node depends on the variable in ``slot``."""
    return 2 << slot


class Arena:
    """Nodes ``(op, payload, args)``; see ``calculus/primitives.py`` for what each ``op`` means.

    ``masks[node]`` tells what a node depends on, as the bits of an int: ``slot_bit`` and ``CHOICE``.
    ``tangents[slot]`` holds the derivatives of nodes that ``calculus/derivatives.py`` has taken so far.
    """

    __slots__ = ("_constants", "_ids", "args", "masks", "ops", "payloads", "tangents")

    def __init__(self) -> None:
        self.ops: list[str] = []
        self.args: list[tuple[int, ...]] = []
        self.payloads: list[Payload] = []
        self.masks: list[int] = []
        self.tangents: dict[int, dict[int, int | None]] = {}
        # by operation: {args: node}; where an operation has a payload, it stands in front of the arguments
        self._ids: defaultdict[str, dict[tuple[Any, ...], int]] = defaultdict(dict)
        self._constants: dict[Value | tuple[int, int], int] = {}

    def __len__(self) -> int:
        return len(self.ops)

    def node(self, op: str, args: tuple[int, ...] = (), payload: Payload = None) -> int:
        """The node itself, without any simplification."""
        known = self._ids[op]
        key = args if payload is None else (payload, *args)
        found = known.get(key)
        if found is None:
            known[key] = found = self._append(op, args, payload)
        return found

    def _append(self, op: str, args: tuple[int, ...], payload: Payload) -> int:
        mask = 0
        for arg in args:
            mask |= self.masks[arg]
        self.masks.append(mask)
        self.ops.append(op)
        self.args.append(args)
        self.payloads.append(payload)
        return len(self.ops) - 1

    def constant(self, value: Value) -> int:
        # hashing a Fraction is slow
        key = (value.numerator, value.denominator) if type(value) is Fraction else value
        found = self._constants.get(key)
        if found is None:
            exact = normal(value)
            found = self._append("const", (), value) if exact is value else self.constant(exact)
            self._constants[key] = found
        return found

    def variable(self, slot: int) -> int:
        number = self.node("var", (), slot)
        self.masks[number] = slot_bit(slot)
        return number

    def data(self, column: int) -> int:
        """A number that differs from element to element of a group."""
        return self.node("data", (), column)

    def choice(self, op: str, args: tuple[int, ...]) -> int:
        """``select``, ``min`` or ``max``."""
        number = self.node(op, args)
        self.masks[number] |= CHOICE
        return number

    def value(self, node: int) -> Value | None:
        """The constant a node stands for, or None."""
        return self.payloads[node] if self.ops[node] == "const" else None

    def reachable(self, roots: Iterable[int]) -> list[int]:
        """All nodes below ``roots``, arguments before nodes."""
        args = self.args
        seen: set[int] = set()
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack += args[node]
        return sorted(seen)
