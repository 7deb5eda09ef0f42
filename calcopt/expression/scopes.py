"""What the parser keeps while it reads: open brackets, and in each the operators that wait for an operand.

The parser is an operator-precedence parser with its own stacks, not a set of functions that call each other, so the
depth of a formula is bounded by :data:`~calcopt.expression.limits.MAX_LEVELS` and not by Python's recursion limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from calcopt.expression.tokens import Token
from calcopt.expression.tree import Place

# Binding strength, from loose to tight. A sign at the start of a term binds below the product (-2*x is -(2*x)), one
# after * / ^ binds to its factor only; APPLY is a function without parentheses, which takes the implied product that
# follows it: sin 2x is sin(2*x).
OR, AND, NOT, COMPARE, ADD, SIGN, MUL, APPLY, ARGUMENT_SIGN, ARGUMENT_MUL, FACTOR_SIGN, POW = range(1, 13)
SIGNS = (SIGN, ARGUMENT_SIGN, FACTOR_SIGN)


@dataclass(slots=True, eq=False)
class Pending:
    """An operator that still waits for its (last) operand.

    ``items`` are the operands so far: one for ``^`` and ``/``, many for ``+``, ``*``, ``<``, ``and``, ``or``.
    """

    precedence: int
    start: int
    items: list[Place] = field(default_factory=list)
    negate: bool = False
    """ADD: the operand to come is subtracted, from the sign at ``start`` on."""
    divide: bool = False
    """MUL: the operand to come is the denominator of the one item."""
    operators: list[Token] = field(default_factory=list)
    """COMPARE: one for each item."""
    function: str = ""
    """APPLY: the canonical name."""
    exponent: Place | None = None
    """APPLY: the 2 of ``sin^2 x``."""
    head: int = 0
    """APPLY: where the name of the function ends."""
    levels: int = 0
    """How many levels of nesting it holds open."""


@dataclass(slots=True, eq=False)
class Scope:
    """An open bracket. ``kind``: ``top``, ``group``, ``bar``, ``index``, ``call`` or a form (``if``, ``sum`` …)."""

    kind: str
    opening: Token
    start: int
    name: str = ""
    typed: str = ""
    """The function as it was typed: ``arcsin`` for asin."""
    exponent: Place | None = None
    operand: Place | None = None
    pending: list[Pending] = field(default_factory=list)
    arguments: list[Place] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The precedence of the innermost waiting operator, 0 when there is none."""
        return self.pending[-1].precedence if self.pending else 0
