"""The variables of a formula, elements ``x[1] … x[n]`` of indexed names in sums included."""

from __future__ import annotations

from calcopt.expression.tree import Expr, free_names


def variables_of(body: Expr, text: str = "") -> tuple[str, ...]:
    return free_names(body)
