"""A formula over arrays of boxes: its graph, compiled once, walked once for each block of boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from calcopt.calculus.derivatives import gradient, hessian
from calcopt.calculus.lowering import lower
from calcopt.expression.tree import Expr
from calcopt.numeric.intervals import arithmetic
from calcopt.numeric.intervals.choices import NEAR, PIECEWISE
from calcopt.numeric.intervals.domains import JUMP, KINK, NOWHERE, STEEP, UNDEFINED, joined, merged, raised, selected
from calcopt.numeric.intervals.elementary import ELEMENTARY, PI
from calcopt.numeric.intervals.exact import ExactGraph

Floats: TypeAlias = "NDArray[np.float64]"
Booleans: TypeAlias = "NDArray[np.bool_]"

BLOCK = 2048  # boxes at a time: the intermediate results stay in the cache

_ARITHMETIC = {
    "add": arithmetic.add,
    "sub": arithmetic.subtract,
    "mul": arithmetic.multiply,
    "div": arithmetic.divide,
    "neg": arithmetic.negate,
    "powi": arithmetic.integer_power,
    "root": arithmetic.rational_root,
}
_RULES: dict[str, Any] = {**_ARITHMETIC, **ELEMENTARY, **PIECEWISE}
_WITH_PAYLOAD = ("powi", "root")


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """f over m boxes: every value lies in [lo, hi], shape (m,); the flags as in the package's description."""

    lo: Floats
    hi: Floats
    everywhere: Booleans
    nowhere: Booleans
    continuous: Booleans
    unbroken: Booleans
    lipschitz: Booleans
    smooth: Booleans


@dataclass(frozen=True, slots=True, eq=False)
class Slopes(Values):
    """And ∇f: every (generalized) gradient lies in [gradient_lo, gradient_hi], shape (m, n)."""

    gradient_lo: Floats
    gradient_hi: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Curvatures(Slopes):
    """And ∇²f, where f is ``smooth``: in [hessian_lo, hessian_hi], shape (m, n, n)."""

    hessian_lo: Floats
    hessian_hi: Floats


Answer = TypeVar("Answer", bound=Values)


@dataclass(frozen=True, slots=True)
class _Step:
    """One node of the walk: values[node] = rule(*operands); ``own`` nodes are f's, the others its derivatives'."""

    node: int
    rule: Any
    op: str
    payload: Any
    args: tuple[int, ...]
    own: bool


class IntervalFunction:
    """f(x) of the variables ``names`` in interval arithmetic; see the package's description for what is promised.

    Raises MathError for a name without a value (as ``lower``), and for what cannot be enclosed.
    """

    def __init__(self, expr: Expr, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.graph = ExactGraph()
        _, self._root = lower(expr, {name: slot for slot, name in enumerate(self.names)}, self.graph)
        self._own = frozenset(self.graph.reachable([self._root]))
        self.graph.deriving = True
        self._gradient: list[int | None] | None = None
        self._hessian: dict[tuple[int, int], int] | None = None
        self._plans: dict[int, tuple[dict[int, Any], dict[int, Any], list[_Step]]] = {}

    def value(self, lo: Floats, hi: Floats) -> Values:
        """Enclosures of f over the boxes [lo, hi], each of shape (m, n)."""
        return self._answer(Values, 0, lo, hi)

    def gradient(self, lo: Floats, hi: Floats) -> Slopes:
        """Enclosures of f and ∇f."""
        return self._answer(Slopes, 1, lo, hi)

    def hessian(self, lo: Floats, hi: Floats) -> Curvatures:
        """Enclosures of f, ∇f and ∇²f."""
        return self._answer(Curvatures, 2, lo, hi)

    # -- compiling -----------------------------------------------------------------------------------------------

    def _roots(self, order: int) -> list[int]:
        roots = [self._root]
        if order >= 1:
            if self._gradient is None:
                self._gradient = gradient(self.graph, self._root, len(self.names))
            roots += [node for node in self._gradient if node is not None]
        if order >= 2:
            if self._hessian is None:
                assert self._gradient is not None
                self._hessian = hessian(self.graph, self._gradient)
            roots += self._hessian.values()
        return roots

    def _plan(self, order: int) -> tuple[dict[int, Any], dict[int, Any], list[_Step]]:
        """Values and flags of what has no variable, and the steps for the rest."""
        if order not in self._plans:
            self._plans[order] = self._planned(self._roots(order))
        return self._plans[order]

    def _planned(self, roots: Sequence[int]) -> tuple[dict[int, Any], dict[int, Any], list[_Step]]:
        graph = self.graph
        values: dict[int, Any] = {}
        flags: dict[int, Any] = {}
        steps: list[_Step] = []
        closed: list[_Step] = []
        fixed: set[int] = set()
        for node in graph.reachable(roots):
            op, payload, args = graph.ops[node], graph.payloads[node], graph.args[node]
            if op == "var":
                continue
            if op in ("const", "pi"):
                values[node] = PI if op == "pi" else arithmetic.rational(payload)  # type: ignore[arg-type]
                fixed.add(node)
                continue
            own = node in self._own
            rule = _RULES[op] if own else NEAR.get(op, _RULES[op])
            step = _Step(node, rule, op, payload, args, own)
            if fixed.issuperset(args):
                fixed.add(node)
                closed.append(step)
            else:
                steps.append(step)
        with np.errstate(all="ignore"):
            _walk(closed, values, flags)
        return values, flags, steps

    # -- evaluating ----------------------------------------------------------------------------------------------

    def _answer(self, kind: type[Answer], order: int, lo: Floats, hi: Floats) -> Answer:
        lo, hi = self._checked(lo), self._checked(hi)
        blocks = [self._block(kind, order, lo[part], hi[part]) for part in _blocks(len(lo))]
        if len(blocks) == 1:
            return blocks[0]
        names = [item.name for item in fields(kind)]
        return kind(**{name: np.concatenate([getattr(block, name) for block in blocks]) for name in names})

    def _checked(self, ends: Floats) -> Floats:
        ends = np.asarray(ends, dtype=np.float64)
        if ends.ndim != 2 or ends.shape[1] != len(self.names):
            raise ValueError(f"boxes must have shape (m, {len(self.names)}), not {ends.shape}")
        return ends

    def _block(self, kind: type[Answer], order: int, lo: Floats, hi: Floats) -> Answer:
        constants, fixed_flags, steps = self._plan(order)
        values, flags = dict(constants), dict(fixed_flags)
        for slot in range(len(self.names)):
            values[self.graph.variable(slot)] = np.stack([lo[:, slot], hi[:, slot]])
        with np.errstate(all="ignore"):
            _walk(steps, values, flags)
        m, n = lo.shape
        found: dict[str, Any] = dict(_flag_fields(flags.get(self._root, 0), m))
        found |= _ends("", np.broadcast_to(values[self._root], (2, m)))
        if order >= 1:
            slopes = np.zeros((2, m, n))
            for slot, node in enumerate(self._gradient or ()):
                if node is not None:
                    slopes[:, :, slot] = values[node]
            found |= _ends("gradient_", slopes)
        if order >= 2:
            curvatures = np.zeros((2, m, n, n))
            for (i, j), node in (self._hessian or {}).items():
                curvatures[:, :, i, j] = curvatures[:, :, j, i] = values[node]
            found |= _ends("hessian_", curvatures)
        return kind(**found)


def _walk(steps: Sequence[_Step], values: dict[int, Any], flags: dict[int, Any]) -> None:
    """Fills in values, and the flags of f's own nodes where there are any."""
    for step in steps:
        operands = [values[arg] for arg in step.args]
        if step.op in _WITH_PAYLOAD:
            values[step.node] = step.rule(operands[0], step.payload)
        else:
            values[step.node] = step.rule(*operands)
        if not step.own:
            continue
        below = [flags.get(arg, 0) for arg in step.args]
        if step.op == "select":
            flags[step.node] = selected(operands[0], *below)
            continue
        if step.op in ("and", "or"):
            flags[step.node] = joined(*below)
            continue
        found = merged([raised(step.op, step.payload, operands), *below])
        if not isinstance(found, int) and found.any():
            flags[step.node] = found


def _flag_fields(flags: Any, m: int) -> Iterator[tuple[str, Booleans]]:
    bits = np.broadcast_to(np.asarray(flags, dtype=np.uint8), (m,))
    yield "everywhere", (bits & UNDEFINED) == 0
    yield "nowhere", (bits & NOWHERE) != 0
    yield "continuous", (bits & (UNDEFINED | JUMP)) == 0
    yield "unbroken", (bits & JUMP) == 0
    yield "lipschitz", (bits & (UNDEFINED | JUMP | STEEP)) == 0
    yield "smooth", (bits & (UNDEFINED | JUMP | STEEP | KINK)) == 0


def _ends(prefix: str, both: Floats) -> dict[str, Floats]:
    return {f"{prefix}lo": both[0], f"{prefix}hi": both[1]}


def _blocks(count: int) -> Iterator[slice]:
    for first in range(0, max(count, 1), BLOCK):
        yield slice(first, first + BLOCK)
