"""Names for inner functions: u, v, w, then u₁, u₂, …, none of which the formula uses itself."""

from __future__ import annotations

from collections.abc import Collection
from itertools import count, islice

from calcopt.expression.tree import Expr, Indexed, Sum, Symbol, postorder


def used_names(root: Expr) -> frozenset[str]:
    """Every name in ``root``, free or bound."""
    found: set[str] = set()
    for node in postorder(root):
        if isinstance(node, (Symbol, Indexed)):
            found.add(node.name)
        elif isinstance(node, Sum):
            found.add(node.index)
    return frozenset(found)


def fresh_names(number: int, taken: Collection[str], *, skip: int = 0) -> list[str]:
    """``number`` names that are not ``taken``, after the first ``skip`` of them (in use further out)."""

    def candidates() -> list[str]:
        letters = [name for name in ("u", "v", "w") if name not in taken]
        numbered = (name for place in count(1) if (name := f"u{place}") not in taken)
        return [*letters, *islice(numbered, max(0, skip + number - len(letters)))]

    return candidates()[skip : skip + number]
