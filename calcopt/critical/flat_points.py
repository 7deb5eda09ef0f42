"""Degenerate critical points of one variable: proofs with exact constants and one interval of a higher derivative."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.expression.tree import Expr

HIGHEST_ORDER = 9


def is_exactly_zero(expr: Expr, name: str, at: Fraction) -> bool:
    """Whether ``expr`` folds to the rational 0 at a rational point; False where that is not seen."""
    from calcopt.calculus.lowering import build
    from calcopt.calculus.programs import flatten
    from calcopt.expression.expand import expand_sums
    from calcopt.numeric.intervals.exact import ExactGraph

    graph = ExactGraph()
    program = flatten(expand_sums(expr), literal=True)
    if any(str(leaf) != name for leaf in program.variables):
        return False
    try:
        root = build(graph, program.entries, [graph.constant(at)] * len(program.variables))
    except ArithmeticError:
        return False
    return graph.value(root) == 0


def isolated_zero(partials: Partials, at: Fraction, low: float, high: float) -> bool:
    """Whether f' is zero in [low, high] at the rational point only.

    By Taylor's theorem f'(x) = f⁽ᵏ⁾(ξ)/(k−1)! · (x − a)ᵏ⁻¹ where f', …, f⁽ᵏ⁻¹⁾ are exactly zero at a, and f⁽ᵏ⁾ has one
    sign on the interval.
    """
    from calcopt.numeric.intervals import IntervalFunction

    (name,) = partials.names
    box = np.array([[low]]), np.array([[high]])
    if not IntervalFunction(partials.body, partials.names).value(*box).smooth[0]:
        return False
    for order in range(1, HIGHEST_ORDER + 1):
        tree = partials.tree((name,) * order)
        try:
            values = IntervalFunction(tree, partials.names).value(*box)
        except ArithmeticError:
            return False
        if values.everywhere[0] and (values.lo[0] > 0 or values.hi[0] < 0):
            return order > 1
        if not is_exactly_zero(tree, name, at):
            return False
    return False
