"""The working of the methods that use the gradient alone (see :mod:`calcopt.solve.explain`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from calcopt.records.explained import Inequality
from calcopt.solve.explain import Fields, Made, armijo, drowned

if TYPE_CHECKING:
    from collections.abc import Callable

    from calcopt.records import Vector

PROJECTED = "the point was projected onto the box"


def _projected(made: Made, free: Vector) -> tuple[str, ...]:
    """Whether the bounds changed the point ``free`` that the formula gives."""
    return (PROJECTED,) if not np.array_equal(made.task.project(free), free) else ()


def _steepest(made: Made) -> Fields:
    alpha = made.move.detail["alpha"]
    return {
        "rule": f"x_k = x_{{k−1}} {made.minus} α ∇f(x_{{k−1}})",
        "quantities": {"α": alpha},
        "notes": _projected(made, made.before.x - alpha * made.before.gradient),
    }


def _backtracking(made: Made) -> Fields:
    tests = (armijo(made, made.method.search.c),)
    found = _steepest(made)
    tried = _trials(made, made.state)
    return {**found, "inequalities": tests, "notes": (*found["notes"], *tried, *drowned(tests))}


def _trials(made: Made, first: float) -> tuple[str, ...]:
    """How α came about: the first trial, and how often it was halved."""
    alpha, halvings = made.move.detail["alpha"], 0
    while first * 0.5**halvings > alpha * 1.5 and halvings < 200:
        halvings += 1
    if not halvings:
        return (f"the first trial, α = {first:.6g}, passed the test",)
    times = "once" if halvings == 1 else f"{halvings} times"
    return (f"the first trial was α = {first:.6g}; it was halved {times} until the test held",)


def _barzilai_borwein(made: Made) -> Fields:
    before, after, sign = made.before, made.move.point, made.sign
    search, values = made.method.search, made.state.values
    slope = float(before.gradient @ (after.x - before.x))
    way, most = ("≤", "max") if sign > 0 else ("≥", "min")
    test = Inequality(
        "Armijo, not monotone",
        f"f(x_k) {way} {most} f of the last {len(values)} + c ∇f(x_{{k−1}})·(x_k − x_{{k−1}}),  c = {search.c:g}",
        sign * after.value,
        "≤" if sign > 0 else "≥",
        sign * (max(values) + search.c * slope),
    )
    found = _steepest(made)
    secant = "α comes from the step before: s·s / s·y, s = x_{k−1} − x_{k−2}, y the change of ∇f along it"
    origin = () if len(values) == 1 else (secant,)
    notes = (*found["notes"], *origin, *_trials(made, made.state.alpha), *drowned((test,)))
    return {**found, "inequalities": (test,), "notes": notes}


def wolfe(made: Made, p: Vector) -> tuple[Inequality, ...]:
    """The two conditions of strong Wolfe along p; with bounds Armijo's alone is asked."""
    search = made.method.search
    first = armijo(made, search.c1)
    if made.task.bounded:
        return (first,)
    return (
        first,
        Inequality(
            "curvature",
            f"|∇f(x_k)·p| ≤ c₂ |∇f(x_{{k−1}})·p|,  c₂ = {search.c2:g}",
            abs(float(made.move.point.gradient @ p)),
            "≤",
            search.c2 * abs(float(made.before.gradient @ p)),
        ),
    )


def _strong_wolfe(made: Made) -> Fields:
    tests = wolfe(made, -made.before.gradient)
    found = _steepest(made)
    return {**found, "inequalities": tests, "notes": (*found["notes"], *unfinished(tests))}


def unfinished(tests: tuple[Inequality, ...]) -> tuple[str, ...]:
    """The note for a search that ended at a lower point before the slope was flat enough; or in rounding error."""
    if len(tests) > 1 and tests[0].holds and not tests[1].holds:
        return ("the search ended at a lower f before the slope was flat enough: the curvature test does not hold",)
    return drowned(tests)


def _momentum(made: Made) -> Fields:
    detail, state = made.move.detail, made.state
    velocity = detail["beta"] * state - detail["alpha"] * made.before.gradient
    return {
        "rule": f"v_k = β v_{{k−1}} {made.minus} α ∇f(x_{{k−1}}),  x_k = x_{{k−1}} + v_k",
        "quantities": {"α": detail["alpha"], "β": detail["beta"]},
        "vectors": {"v_{k−1}": state, "v_k": velocity},
        "notes": _projected(made, made.before.x + velocity),
    }


def _nesterov(made: Made) -> Fields:
    detail, before = made.move.detail, made.before
    y = made.task.project(before.x + detail["beta"] * made.state.last)
    ahead = before if detail["beta"] == 0 else made.task.evaluate(y, 1)
    restarted = () if made.move.state.t != 1.0 else ("the step goes against −∇f(y): the momentum is dropped after it",)
    return {
        "rule": f"y = x_{{k−1}} + β (x_{{k−1}} − x_{{k−2}}),  x_k = y {made.minus} α ∇f(y)",
        "quantities": {"α": detail["alpha"], "β": detail["beta"]},
        "vectors": {"y": ahead.x, "∇f(y)": made.sign * ahead.gradient},
        "notes": (*_projected(made, ahead.x - detail["alpha"] * ahead.gradient), *restarted),
    }


def _adam(made: Made) -> Fields:
    method, state, g, k = made.method, made.state, made.before.gradient, made.state.k + 1
    m = method.beta1 * state.m + (1 - method.beta1) * g
    v = method.beta2 * state.v + (1 - method.beta2) * g * g
    m_hat, v_hat = m / (1 - method.beta1**k), v / (1 - method.beta2**k)
    free = made.before.x - method.rate * m_hat / (np.sqrt(v_hat) + method.epsilon)
    return {
        "rule": f"m ← β₁m + (1−β₁)∇f,  v ← β₂v + (1−β₂)(∇f)²,  x_k = x_{{k−1}} {made.minus} α m̂/(√v̂+ε)",
        "quantities": {"α": method.rate, "β₁": method.beta1, "β₂": method.beta2, "ε": method.epsilon},
        "vectors": {"m": made.sign * m, "v": v, "m̂ = m/(1−β₁ᵏ)": made.sign * m_hat, "v̂ = v/(1−β₂ᵏ)": v_hat},
        "notes": _projected(made, free),
    }


def _rmsprop(made: Made) -> Fields:
    method, g = made.method, made.before.gradient
    v = method.decay * made.state + (1 - method.decay) * g * g
    return {
        "rule": f"v ← ρv + (1−ρ)(∇f)²,  x_k = x_{{k−1}} {made.minus} α ∇f/(√v + ε)",
        "quantities": {"α": method.rate, "ρ": method.decay, "ε": method.epsilon},
        "vectors": {"v": v},
        "notes": _projected(made, made.before.x - method.rate * g / (np.sqrt(v) + method.epsilon)),
    }


def _lbfgs(made: Made) -> Fields:
    if made.move.tag == "J":
        return {"rule": "x_k = x_{k−1} + s, s along negative curvature: the point was no minimum, f is lower beside it"}
    from calcopt.solve.lbfgs import two_loop

    alpha, step = made.move.detail["alpha"], made.move.point.x - made.before.x
    held = made.task.held(made.before)
    g = made.before.gradient if held is None else np.where(held, 0.0, made.before.gradient)
    # where the memory led nowhere it was forgotten: the pairs that explain the step are those that were used
    used = next((pairs for pairs in (made.state, ()) if _leads(made, -two_loop(g, pairs), alpha)), made.state)
    p = -two_loop(g, used)
    if held is not None:
        p[held] = 0.0
    tests = wolfe(made, p)
    pairs = f"H from the last {len(used)} step{'' if len(used) == 1 else 's'} (two-loop recursion)"
    return {
        "rule": "x_k = x_{k−1} + α p,  p = " + (made.minus if made.sign > 0 else "") + ("H ∇f" if used else "∇f"),
        "quantities": {"α": alpha},
        "vectors": {"p": p, "α p": step},
        "inequalities": tests,
        "notes": (pairs if used else "no step is remembered yet: p is steepest descent's", *unfinished(tests)),
    }


def _leads(made: Made, p: Vector, alpha: float) -> bool:
    return bool(np.allclose(made.task.project(made.before.x + alpha * p), made.move.point.x, rtol=1e-12, atol=0.0))


WORKINGS: dict[str, Callable[[Made], Fields]] = {
    "Fixed": _steepest,
    "Backtracking": _backtracking,
    "BarzilaiBorwein": _barzilai_borwein,
    "WolfeDescent": _strong_wolfe,
    "Momentum": _momentum,
    "Nesterov": _nesterov,
    "Adam": _adam,
    "RMSProp": _rmsprop,
    "LimitedBFGS": _lbfgs,
}
