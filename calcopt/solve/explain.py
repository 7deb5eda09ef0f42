"""One iteration worked out in full: what each method computed on its way from x_{k−1} to x_k.

The numbers are worked out anew from the point, the method's state and the step that was accepted; they are those of f
itself, whatever the goal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from calcopt.records.explained import Explained, Inequality
from calcopt.solve.vectors import hessian_is_finite, norm

if TYPE_CHECKING:
    from collections.abc import Callable

    from calcopt.solve.method import Method, Move
    from calcopt.solve.tasks import Point, Task

Fields = dict[str, Any]
SHOWN = 50
"""Eigenvalues are worked out up to this many variables."""


class Step(NamedTuple):
    """What a run keeps of one iteration: its number, the point and the state before it, and the accepted move (None
    at iteration 0, the start)."""

    iteration: int
    before: Point
    state: Any
    move: Move | None


class Made(NamedTuple):
    """A step as the one method sees it that made it, with wrappers taken off."""

    task: Task
    method: Any
    before: Point
    state: Any
    move: Move

    @property
    def sign(self) -> float:
        """−1 where f is maximized: methods then work on −f."""
        return -1.0 if self.task.goal == "maximize" else 1.0

    @property
    def minus(self) -> str:
        return "−" if self.sign > 0 else "+"


def explain(task: Task, method: Method, step: Step, *, asked: int) -> Explained:
    """``step`` in full; a note says so where the run ended before iteration ``asked``."""
    with np.errstate(all="ignore"):
        fields = _point(task, step.before)
        if step.move is None:
            fields["rule"] = "the start"
        else:
            made = unwrapped(Made(task, method, step.before, step.state, step.move))
            fields |= _arrival(made)
            fields |= _worked(made)
    notes = tuple(fields.pop("notes", ()))
    if asked != step.iteration:
        notes = (f"the run ended before iteration {asked}: this is its last step", *notes)
    tag = "" if step.move is None else step.move.tag
    return Explained(
        iteration=step.iteration,
        step=tag,
        variables=tuple(task.variables),
        norm_name="|f'|" if len(task.variables) == 1 else "‖∇f‖",
        notes=notes,
        **fields,
    )


def _point(task: Task, before: Point) -> Fields:
    """f and ∇f at x_{k−1}; for roots F and J."""
    if task.goal == "root":
        assert before.residual is not None
        one = len(before.residual) == 1
        return {
            "x": before.x,
            "value": float(before.residual[0]) if one else before.value,
            "gradient": before.jacobian[0] if one and before.jacobian is not None else None,
            "gradient_norm": None,
            "residual": before.residual,
            "jacobian": before.jacobian,
        }
    sign = -1.0 if task.goal == "maximize" else 1.0
    return {
        "x": before.x,
        "value": sign * before.value,
        "gradient": sign * before.gradient,
        "gradient_norm": norm(before.gradient),
    }


def _arrival(made: Made) -> Fields:
    """Where the step led."""
    after = made.move.point
    if made.task.goal == "root":
        assert after.residual is not None
        one = len(after.residual) == 1
        return {"new_x": after.x, "new_value": float(after.residual[0]) if one else after.value}
    return {"new_x": after.x, "new_value": made.sign * after.value, "new_norm": norm(after.gradient)}


def curvature(made: Made) -> Fields:
    """The Hessian at x_{k−1} and its eigenvalues."""
    hessian = made.before.hessian
    if hessian is None or not hessian_is_finite(hessian):
        return {}
    found: Fields = {"hessian": made.sign * hessian}
    if isinstance(hessian, np.ndarray) and hessian.shape[0] <= SHOWN:
        found["eigenvalues"] = np.linalg.eigvalsh(made.sign * (hessian + hessian.T) / 2)
    return found


def unwrapped(made: Made) -> Made:
    """The step of the method inside a schedule, a relay or a chain of variables."""
    from calcopt.solve.relay import Relay
    from calcopt.solve.scheduled import Scheduled, factor
    from calcopt.solve.together import Together

    method, state = made.method, made.state
    if isinstance(method, Scheduled):
        rate = method.inner.rate * factor(method.schedule, state.k + 1)
        return unwrapped(_inside(made, replace(method.inner, rate=rate)))
    if isinstance(method, Together) and made.move.tag != "A":
        return unwrapped(_inside(made, method.inner))
    if isinstance(method, Relay):
        taken_over = made.move.state.second and "damping" not in made.move.detail and not state.second
        if not (state.second or taken_over):
            return unwrapped(_inside(made, method.first))
        before = made.before
        if before.hessian is None:
            before = made.task.evaluate(before.x, method.second.order)
        inner = state.inner if state.second else method.second.init(made.task, before)
        return unwrapped(_inside(made, method.second)._replace(state=inner, before=before))
    return made


def _inside(made: Made, method: Any) -> Made:
    """The step of ``method``, whose states are inside those of the wrapper."""
    move = made.move._replace(state=made.move.state.inner)
    return made._replace(method=method, state=made.state.inner, move=move)


def _worked(made: Made) -> Fields:
    """The working of the method that made the step."""
    if made.move.tag == "A":
        return {"rule": "x_k = x_{k−1} + c·(1, …, 1), or c·(1, …, 1): all variables moved together, c by a line search"}
    from calcopt.solve import explain_gradients, explain_newton, explain_roots

    workings: dict[str, Callable[[Made], Fields]] = {
        **explain_gradients.WORKINGS,
        **explain_newton.WORKINGS,
        **explain_roots.WORKINGS,
    }
    working = workings.get(type(made.method).__name__)
    return {"rule": f"the step of {made.method.name}"} if working is None else working(made)


def armijo(made: Made, c: float) -> Inequality:
    """f(x_k) ≤ f(x_{k−1}) + c ∇f·s with s = x_k − x_{k−1}; for a maximum the other way round."""
    before, after, sign = made.before, made.move.point, made.sign
    slope = float(before.gradient @ (after.x - before.x))
    relation = "≤" if sign > 0 else "≥"
    return Inequality(
        "Armijo",
        f"f(x_k) {relation} f(x_{{k−1}}) + c ∇f(x_{{k−1}})·(x_k − x_{{k−1}}),  c = {c:g}",
        sign * after.value,
        "≤" if sign > 0 else "≥",
        sign * (before.value + c * slope),
    )


def drowned(tests: tuple[Inequality, ...]) -> tuple[str, ...]:
    """The note for a step that was taken although a test does not hold in doubles."""
    if all(test.holds for test in tests):
        return ()
    return (
        "a test that does not hold in doubles compares numbers whose difference drowns in rounding error: there the "
        "step was taken because it does not raise f beyond that error and makes the gradient smaller",
    )
