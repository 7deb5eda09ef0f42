"""The whole explanation of one derivative: the rules, then the simplification, order after order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from calcopt.calculus.steps.derivation import Derivation
from calcopt.calculus.steps.tree import derivation
from calcopt.expression.tree import Expr

HIGHER_ORDER = "higher order"
SIMPLIFY = "simplify"
TRIVIAL = frozenset({"constant", "identity"})
LINEAR = frozenset({"sum", "scalar multiple"})


def explain(function: Expr, by: Sequence[str], simplified: Callable[[tuple[str, ...]], Expr]) -> Derivation:
    """∂^k function/∂by₁…∂by_k step by step; the last step gives ``simplified(by)``, the form that is printed.

    A derivative of higher order starts from the simplified one of the order below. Raises MathError as ``derivation``.
    """
    stages: list[Derivation] = []
    current = function
    for order, name in enumerate(by, start=1):
        stages.append(_simplify(derivation(current, name), simplified(tuple(by[:order]))))
        current = stages[-1].derivative
    if len(stages) == 1:
        return stages[0]
    return Derivation(HIGHER_ORDER, function, by[0], current, tuple(stages), lambda found: found[-1])


def _simplify(tree: Derivation, target: Expr) -> Derivation:
    """``tree``, and above it the step to the simplified form where that is another one."""
    if tree.derivative is target:
        return tree
    return Derivation(SIMPLIFY, tree.function, tree.variable, target, (tree,), lambda found: target)


def trivial(root: Derivation) -> frozenset[int]:
    """The ids of the trivial steps below: constants, the variable itself, and sums and multiples of these."""
    found: set[int] = set()
    for step in root.walk():
        if step.rule in TRIVIAL or (step.rule in LINEAR and all(id(part) in found for part in step.steps)):
            found.add(id(step))
    return frozenset(found)
