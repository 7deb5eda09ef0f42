"""A formula → additive elements, found and not declared: the first half of a partially separable function.

The formula is split through ``Add``, ``Neg``, numeric factors and divisors, and ``sum(…)``; what cannot be split
further is an element: a small program with the variables it acts on, for one instance or for all of a sum at once.
A sum, or a long addition, *inside* a non-linear function becomes a block of its own: f = φ(x, s), s = Σ elements.
Its values are further variables of the elements around it, so ``sqrt(sum(x[i]^2, i, 1, n))`` costs what its terms cost.

Reference: A. R. Conn, N. I. M. Gould, Ph. L. Toint, LANCELOT (Springer, 1992), ch. 2: group partial separability.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from calcopt.calculus.folding import Value
from calcopt.calculus.graph import Graph
from calcopt.calculus.lowering import build
from calcopt.calculus.programs import Program, flatten, is_closed
from calcopt.errors import MathError
from calcopt.expression.expand import expand_sums
from calcopt.expression.tree import Add, Call, Div, Expr, Indexed, Mul, Neg, Number, Sum, Symbol, postorder
from calcopt.numeric.exponentials import exponents, shifted
from calcopt.numeric.indices import Instances, Integers, enumerate_sum, integers

Slot: TypeAlias = "str | tuple[str, tuple[Integers | int, ...]] | tuple[int, Integers | int]"
"""A scalar's name; an indexed name with its index columns; or the number of a block with the components in it."""

_LONG = 16  # an addition of more terms inside a function is a block of its own


@dataclass(slots=True)
class Piece:
    """weight · program, for each of ``instances``; ``owners`` are the components of the block they add to (None: 0)."""

    program: Program
    instances: Instances
    weight: Value
    owners: Integers | None
    slots: list[Slot]


@dataclass(slots=True)
class Block:
    """``size`` sums: component c is constants[c] plus the pieces' instances it owns.

    A block of ``largest`` is no sum: component c is the largest of its instances, rounded down, and counts as a number
    that only happens to differ from point to point. It shifts exponentials (``exponentials.py``), which never changes
    a value or a derivative.
    """

    size: int
    constants: NDArray[np.float64]
    pieces: list[Piece] = field(default_factory=list)
    largest: bool = False


@dataclass(slots=True)
class Splitter:
    """Splits one formula; afterwards the last of ``blocks`` is the formula itself, the others come before their use."""

    blocks: list[Block] = field(default_factory=list)
    scalars: set[str] = field(default_factory=set)
    elements: dict[str, list[tuple[Integers | int, ...]]] = field(default_factory=dict)
    _inner: dict[tuple[Expr, int], int] = field(default_factory=dict)
    _kept: list[Instances] = field(default_factory=list)  # keeps the ids in _inner alive
    _shifts: dict[Expr, tuple[int, Instances | None]] = field(default_factory=dict)  # m ↦ its block, and for whom
    _shifted: set[Expr] = field(default_factory=set)

    def split(self, root: Expr, instances: Instances | None = None, *, largest: bool = False) -> int:
        """Appends the block of ``root`` (one component for each instance) and returns its number."""
        outer = Instances() if instances is None else instances
        block = Block(outer.count, np.zeros(outer.count), largest=largest)
        owners = np.arange(outer.count) if outer.count > 1 else None
        work: list[tuple[Expr, Value, Instances, Integers | None]] = [(root, 1, outer, owners)]
        while work:
            node, weight, inside, owned = work.pop()
            kind = type(node)
            if kind is Add:
                work.extend((child, weight, inside, owned) for child in reversed(node.args))
            elif kind is Neg:
                work.append((node.args[0], -weight, inside, owned))
            elif isinstance(node, Sum):
                deeper, owner = enumerate_sum(node, inside)
                if deeper.count:
                    below = owned if owned is None or owner is None else owned[owner]
                    work.append((node.body, weight, deeper, below))
            elif (kind is Mul or kind is Div) and (factored := _numeric_factor(node)) is not None:
                rest, factor = factored
                work.append((rest, _times(weight, factor), inside, owned))
            else:
                piece = self._piece(node, weight, inside, owned)
                if piece.slots or largest or not all(isinstance(leaf, Number) for leaf in piece.program.numbers):
                    block.pieces.append(piece)
                else:
                    shares = inside.count if owned is None else np.bincount(owned, minlength=block.size)
                    block.constants += float(_times(weight, closed_value(node))) * shares
        self.blocks.append(block)
        return len(self.blocks) - 1

    def _piece(self, node: Expr, weight: Value, instances: Instances, owners: Integers | None) -> Piece:
        program = flatten(
            node, bound=instances.values, longest=_LONG, rewrite=lambda call: self._stable(call, instances)
        )
        slots = [self._slot(leaf, instances, owners) for leaf in program.variables]
        return Piece(program, instances, weight, owners, slots)

    def _slot(self, leaf: Expr, instances: Instances, owners: Integers | None) -> Slot:
        if leaf in self._shifts:
            number, made_for = self._shifts[leaf]
            if made_for is None or made_for.count == 1:
                return (number, 0)
            return (number, np.arange(instances.count) if made_for is instances or owners is None else owners)
        if isinstance(leaf, Symbol):
            self.scalars.add(leaf.name)
            return leaf.name
        if isinstance(leaf, Indexed):
            columns = tuple(integers(index, instances, f"an index of '{leaf}'") for index in leaf.args)
            self.elements.setdefault(leaf.name, []).append(columns)
            return (leaf.name, columns)
        return self._block_slot(leaf, instances)

    def _block_slot(self, leaf: Expr, instances: Instances) -> Slot:
        """A sum inside a function: one value if it does not depend on the enclosing indices, else one an instance."""
        alone = not _mentions(leaf, instances.names)
        key = (leaf, 0 if alone else id(instances))
        if key not in self._inner:
            self._kept.append(instances)
            self._inner[key] = self.split(leaf, None if alone else instances)
        return (self._inner[key], 0 if alone else np.arange(instances.count))

    def _stable(self, call: Call, instances: Instances) -> Expr:
        """log of a sum of exponentials: written out when short (the graph makes it stable), else shifted."""
        if call.name != "log" or len(call.args) != 1 or call in self._shifted:
            return call
        (inside,) = call.args
        reference = exponents(inside)
        if reference is None:
            return call
        try:
            short = expand_sums(inside, limit=_LONG)
        except MathError:
            short = inside
        if not _is_long(short):
            return call if short is inside else Call("log", short)
        made_for = instances if _mentions(inside, instances.names) else None
        m = Symbol(f"m{len(self._shifts)}′")  # no name a user can type
        self._shifts[m] = (self.split(reference, made_for, largest=True), made_for)
        self._kept.append(instances)
        result = Call("log", shifted(inside, m))
        self._shifted.add(result)
        return Add(m, result)  # type: ignore[no-any-return]


def closed_value(node: Expr) -> Value:
    """The value of an expression without variables, exact where arithmetic on rationals is."""
    graph = Graph()
    root = build(graph, flatten(node, literal=True).entries, [])
    value = graph.value(root)
    if value is None:
        from calcopt.numeric.codegen import scalar_kernel

        value = float(scalar_kernel(graph, [root])([], [])[0])
    return value


def _times(a: Value, b: Value) -> Value:
    exact = not (isinstance(a, float) or isinstance(b, float))
    return a * b if exact else float(a) * float(b)


def _numeric_factor(node: Expr) -> tuple[Expr, Value] | None:
    """(rest, c) when ``node`` is c · rest with a number c; None otherwise."""
    if isinstance(node, Div) and is_closed(node.denominator) and not is_closed(node.numerator):
        divisor = closed_value(node.denominator)
        if isinstance(divisor, float) or divisor == 0:
            return None
        return node.numerator, Fraction(1) / divisor
    if not isinstance(node, Mul):
        return None
    numbers = [arg for arg in node.args if isinstance(arg, Number) or is_closed(arg)]
    if not numbers or len(numbers) == len(node.args):
        return None
    factor: Value = 1
    for number in numbers:
        factor = _times(factor, number.value if isinstance(number, Number) else closed_value(number))
    rest = tuple(arg for arg in node.args if arg not in numbers)
    return (rest[0] if len(rest) == 1 else Mul(*rest)), factor


def _is_long(root: Expr) -> bool:
    """Whether there is a sum, or an addition of many terms, anywhere."""
    return any(isinstance(node, Sum) or (isinstance(node, Add) and len(node.args) > _LONG) for node in postorder(root))


def _mentions(root: Expr, names: frozenset[str]) -> bool:
    stack: list[Expr] = [root]
    seen: set[Expr] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, Symbol) and node.name in names:
            return True
        if node not in seen:
            seen.add(node)
            stack.extend(node.args)
    return False
