"""The working of the methods for zeros (see :mod:`calcopt.solve.explain`)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from calcopt.records.explained import Inequality, LinearSystem
from calcopt.solve.explain import Fields, Made
from calcopt.solve.root_pure import newton_root_step
from calcopt.solve.vectors import norm, short

if TYPE_CHECKING:
    from collections.abc import Callable

    from calcopt.records import Vector


def _parts(made: Made) -> tuple[Vector, Vector]:
    jacobian, residual = made.before.jacobian, made.before.residual
    assert jacobian is not None
    assert residual is not None
    return jacobian, residual


def _one(made: Made) -> bool:
    return _parts(made)[0].size == 1


def _system(made: Made) -> LinearSystem | None:
    """J p = −F and its solution (least squares where J is not square)."""
    jacobian, residual = _parts(made)
    p = newton_root_step(jacobian, residual)
    if p is None:
        return None
    exact = norm(jacobian @ p + residual) <= 1e-6 * norm(residual)
    return LinearSystem("J p = −F", jacobian, -residual, p, tuple(made.task.variables), exact)


def _rule(made: Made, alpha: str = "") -> str:
    if _one(made):
        return f"x_k = x_{{k−1}} − {alpha}f(x_{{k−1}})/f'(x_{{k−1}})"
    return f"x_k = x_{{k−1}} + {alpha}p,  J p = −F(x_{{k−1}})"


def _pure(made: Made) -> Fields:
    return {"rule": _rule(made), "system": _system(made)}


def _damped(made: Made) -> Fields:
    """Full or halved Newton steps on ‖F‖, Levenberg–Marquardt where J is singular."""
    before, after, c = made.before.value, made.move.point.value, made.method.c
    detail = made.move.detail
    if "alpha" in detail:
        alpha = detail["alpha"]
        formula = f"‖F(x_k)‖ ≤ (1 − c α) ‖F(x_{{k−1}})‖,  c = {c:g}"
        test = Inequality("decrease", formula, after, "≤", (1 - c * alpha) * before)
        return {
            "rule": _rule(made, "α "),
            "quantities": {"α": alpha},
            "system": _system(made),
            "inequalities": (test,),
        }
    if "shift" not in detail:
        return {"rule": "x_k = x_{k−1} + s, s along a direction that J does not see: there ‖F‖ is lower"}
    jacobian, residual = _parts(made)
    mu, d = detail["shift"], made.move.point.x - made.before.x
    columns = np.sqrt(np.sum(jacobian**2, axis=0))
    scale = np.where(columns > 0, columns, 1.0)
    matrix, right = jacobian.T @ jacobian + mu * np.diag(scale**2), -(jacobian.T @ residual)
    slope = float(made.before.gradient @ d)
    test = Inequality("decrease", f"‖F(x_k)‖ ≤ ‖F(x_{{k−1}})‖ + c ∇‖F‖·p,  c = {c:g}", after, "≤", before + c * slope)
    return {
        "rule": "x_k = x_{k−1} + p,  (JᵀJ + μD²) p = −JᵀF",
        "quantities": {"μ": mu},
        "system": LinearSystem("(JᵀJ + μD²) p = −JᵀF", matrix, right, d, tuple(made.task.variables)),
        "inequalities": (test,),
        "notes": ("no Newton step lowers ‖F‖ (or J has no inverse): the best of damped steps was taken",),
    }


def _bracketed(made: Made) -> Fields:
    """Newton inside a bracket, the middle where Newton would leave it or crawl."""
    state, tag = made.state, made.move.tag
    ends, x = state.ends, float(made.before.x[0])
    quantities: dict[str, float] = {}
    notes: list[str] = []
    low, high = -math.inf, math.inf
    if ends is not None:
        low, high = (float(end.x[0]) for end in ends)
        quantities = {"bracket from": low, "to": high}
        notes.append(f"f changes sign between {low:.10g} and {high:.10g}: the step stays between them")
    if tag == "J":
        return {"rule": "|f| has a local minimum or f' = 0: to both sides of it, wider and wider, for a lower |f|"}
    if tag == "S":
        newton = newton_root_step(*_parts(made))
        reason = "f' = 0" if newton is None else _refused(x + float(newton[0]), low, high, newton, state.steps[0])
        return {"rule": "x_k = the middle of the bracket", "quantities": quantities, "notes": (*notes, reason)}
    alpha = made.move.detail.get("alpha", 1.0)
    after, before = made.move.point, made.before
    test: tuple[Inequality, ...] = ()
    if ends is None and (_f(after.residual) < 0) == (_f(before.residual) < 0):
        formula = "|f(x_k)| < (1 − c) |f(x_{k−1})|,  c = 0.0001"
        test = (Inequality("decrease", formula, after.value, "≤", (1 - 1e-4) * before.value),)
    elif ends is None:
        notes.append("f changes its sign on this step: from here on a zero is bracketed")
    return {
        "rule": _rule(made, "" if alpha == 1.0 else "α "),
        "quantities": ({} if alpha == 1.0 else {"α": alpha}) | quantities,
        "system": _system(made),
        "inequalities": test,
        "notes": tuple(notes),
    }


def _f(residual: Vector | None) -> float:
    assert residual is not None
    return float(residual[0])


def _refused(newton: float, low: float, high: float, p: Vector, before_last: float) -> str:
    """Why the Newton step was not taken."""
    if not low < newton < high:
        return f"the Newton step leads to {newton:.8g}, outside the bracket"
    if abs(float(p[0])) > 0.5 * before_last:
        return f"the Newton step {short(float(p[0]))} is longer than half the step before last: it would crawl"
    return "f is not finite at the Newton step"


WORKINGS: dict[str, Callable[[Made], Fields]] = {
    "PureRoot": _pure,
    "DampedNewton": _damped,
    "BracketedNewton": _bracketed,
}
