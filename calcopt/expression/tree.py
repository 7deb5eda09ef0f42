"""The expression tree: immutable, hash-consed nodes.

Equal expressions are the same object, so ``is`` and ``==`` mean structural equality, hashing is by identity, and
a shared subexpression is stored once. Nodes know no position in a text: one node may occur at many places. The
occurrences, with their spans, are :class:`Place` trees, made by the parser beside the nodes.

The tree keeps what was typed: ``x - y`` is ``Add(x, Neg(y))``, ``x/x`` stays ``Div(x, x)``, ``a + (b + c)`` is not
flattened. Simplification is calculus, not syntax.
"""

from __future__ import annotations

from dataclasses import dataclass

from calcopt.expression.nodes import (
    Add,
    And,
    Call,
    Compare,
    Constant,
    Div,
    Expr,
    Indexed,
    Mul,
    Neg,
    Not,
    Number,
    Or,
    Piecewise,
    Pow,
    Sum,
    Symbol,
)
from calcopt.expression.walks import element_name, free_names, natural_key, postorder, substitute

__all__ = [
    "Add",
    "And",
    "Call",
    "Compare",
    "Constant",
    "Div",
    "Expr",
    "Formula",
    "Indexed",
    "Mul",
    "Neg",
    "Not",
    "Number",
    "Or",
    "Piecewise",
    "Place",
    "Pow",
    "Sum",
    "Symbol",
    "element_name",
    "free_names",
    "natural_key",
    "postorder",
    "substitute",
]


@dataclass(frozen=True, slots=True)
class Place:
    """One occurrence of a node in a text: ``text[start:end]``; ``children`` match ``node.args`` one to one."""

    node: Expr
    start: int
    end: int
    children: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed function string: ``f(x, y) = …`` or just ``…``.

    ``variables`` are in the order of the head, else alphabetical with numbers by value (x2 before x10);
    names given a value by ``--let`` are not among them.
    """

    text: str
    body: Expr
    place: Place
    variables: tuple[str, ...]
    name: str = "f"

    def __str__(self) -> str:
        return str(self.body)

    def _repr_latex_(self) -> str:
        return self.body._repr_latex_()
