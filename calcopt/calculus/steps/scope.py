"""What the rules ask about a formula: does a part depend on the variable, and which names are free."""

from __future__ import annotations

from calcopt.calculus.steps.names import fresh_names, used_names
from calcopt.expression.tree import Expr, Indexed, Sum, Symbol, element_name


def is_variable(node: Expr, variable: str) -> bool:
    """True for the variable itself: a plain name, or an element ``x[3]``."""
    if isinstance(node, Symbol):
        return node.name == variable
    return isinstance(node, Indexed) and element_name(node) == variable


def _may_be(node: Expr, variable: str) -> bool:
    """True for ``x[i+1]``, which may stand for ``x[3]``, until the sum it is in is written out."""
    return isinstance(node, Indexed) and variable.startswith(f"{node.name}[") and element_name(node) is None


class Scope:
    """Answers about the parts of one formula, each found once; ``edges`` asks to examine where branches meet."""

    def __init__(self, root: Expr, *, edges: bool = True) -> None:
        self.edges = edges
        self._taken = used_names(root)
        self._depends: dict[str, dict[Expr, bool]] = {}

    def depends(self, node: Expr, variable: str) -> bool:
        """Whether ``variable`` occurs free in ``node``."""
        known = self._depends.setdefault(variable, {})
        found = known.get(node)
        if found is not None:
            return found
        stack = [node]
        while stack:
            top = stack[-1]
            waiting = [child for child in top.args if child not in known]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if is_variable(top, variable) or _may_be(top, variable):
                known[top] = True
            else:  # of a sum the body does not see an outer variable of the index's name
                seen = top.args[1:] if isinstance(top, Sum) and top.index == variable else top.args
                known[top] = any(known[child] for child in seen)
        return known[node]

    def names(self, number: int, skip: int) -> list[str]:
        """New names for inner functions."""
        return fresh_names(number, self._taken, skip=skip)
