"""A step of a derivation: one rule applied to one function, and how its derivative follows from its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from calcopt.expression.tree import Expr

Combine = Callable[[Sequence[Expr]], Expr]
"""The derivatives of the parts → the derivative of the whole."""


@dataclass(frozen=True, slots=True)
class Part:
    """A function still to be derived by ``variable``: ``names`` says how many names are in use above it, and
    ``proof`` asks why the function's own rule holds."""

    function: Expr
    variable: str
    names: int = 0
    proof: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule asks for (``parts``) and what it makes of the answers (``combine``)."""

    rule: str
    parts: tuple[Part, ...]
    combine: Combine
    note: str | Callable[[Sequence[Expr]], str] = ""
    """What else is to be said, or how that is said once the derivatives of the parts are known."""
    names: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Derivation:
    """d function / d variable = derivative, by ``rule``, from the derivations of its parts (``steps``).

    ``names`` are abbreviations such as u = x², outermost first, each in terms of the next.
    """

    rule: str
    function: Expr
    variable: str
    derivative: Expr
    steps: tuple[Derivation, ...]
    combine: Combine
    note: str = ""
    names: tuple[tuple[str, Expr], ...] = ()

    def recompute(self) -> Expr:
        """The derivative, made again from the derivatives of the parts: the same node, or the step is wrong."""
        return self.combine([step.derivative for step in self.steps])

    def walk(self) -> Iterator[Derivation]:
        """Every distinct step below and this one, parts before wholes; no recursion."""
        seen: set[int] = set()
        stack: list[tuple[Derivation, bool]] = [(self, False)]
        while stack:
            step, ready = stack.pop()
            if ready:
                yield step
            elif id(step) not in seen:
                seen.add(id(step))
                stack.append((step, True))
                stack.extend((part, False) for part in reversed(step.steps))
