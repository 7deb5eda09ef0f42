"""The tree of steps of one derivative. No recursion: a formula may be as deep as the language allows."""

from __future__ import annotations

from calcopt.calculus.steps.derivation import Derivation, Part, Plan
from calcopt.calculus.steps.rules import plan
from calcopt.calculus.steps.scope import Scope
from calcopt.expression.tree import Expr


def derivation(function: Expr, variable: str, *, edges: bool = True) -> Derivation:
    """d function / d variable, rule by rule on the tree as it was typed; equal parts are derived once.

    ``edges`` False leaves out what happens where branches meet. Raises MathError for a variable that is a bound of a
    sum.
    """
    scope = Scope(function, edges=edges)
    root = Part(function, variable)
    plans: dict[Part, Plan] = {}
    done: dict[Part, Derivation] = {}
    stack = [root]
    while stack:
        part = stack[-1]
        if part in done:
            stack.pop()
            continue
        chosen = plans.get(part)
        if chosen is None:
            chosen = plans[part] = plan(part, scope)
            waiting = [inner for inner in chosen.parts if inner not in done]
            if waiting:
                stack.extend(reversed(waiting))
                continue
        stack.pop()
        done[part] = _carried_out(part, chosen, tuple(done[inner] for inner in chosen.parts))
    return done[root]


def _carried_out(part: Part, chosen: Plan, steps: tuple[Derivation, ...]) -> Derivation:
    slopes = [step.derivative for step in steps]
    note = chosen.note if isinstance(chosen.note, str) else chosen.note(slopes)
    return Derivation(
        chosen.rule,
        part.function,
        part.variable,
        chosen.combine(slopes),
        steps,
        chosen.combine,
        note,
        chosen.names,
    )
