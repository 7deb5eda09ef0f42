"""The whole family of methods: bounds, schedules, line searches, relays, and the choice among them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from solve_objectives import Handmade, quadratic, regression, rosenbrock, start

from calcopt.errors import UsageError
from calcopt.expression import parse
from calcopt.numeric.objective import function_objective
from calcopt.numeric.squares import residual_system
from calcopt.records import Result
from calcopt.solve import Method, Stopping, solve
from calcopt.solve.box import Box
from calcopt.solve.catalog import descent_method, local_method
from calcopt.solve.choose import choose
from calcopt.solve.curvature import DenseModel
from calcopt.solve.lbfgs import Pair, two_loop
from calcopt.solve.levenberg_marquardt import LevenbergMarquardt
from calcopt.solve.newton_line_search import flipped
from calcopt.solve.scheduled import factor
from calcopt.solve.tasks import Minimize
from calcopt.solve.wolfe import StrongWolfe

LONG = Stopping(max_iterations=20_000)
FAST: dict[str, Method] = {
    name: local_method(name) for name in ("line-search", "trust-region", "truncated-newton", "l-bfgs")
}
DESCENT: dict[str, Method] = {
    "strong-wolfe": descent_method("strong-wolfe", None),
    "rmsprop": descent_method("rmsprop", 0.1, "cosine"),
    "fixed, cosine": descent_method("fixed", 0.03, "cosine"),
}
METHODS = FAST | DESCENT


@pytest.mark.parametrize("name", METHODS)
def test_every_method_solves_an_easy_problem(name: str) -> None:
    result = solve(regression(), start(0, 0), METHODS[name], stop=LONG)
    assert result.status == "converged", result.message
    assert result.verdict.classification == "local minimum"
    np.testing.assert_allclose(result.x, [0.5, 7 / 3], atol=1e-6)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_keeps_a_box(name: str) -> None:
    result = solve(regression(), start(0, 0), METHODS[name], box=Box(start(-1, -1), start(0.2, 5)), stop=LONG)
    assert result.status == "converged", result.message
    np.testing.assert_allclose(result.x, [0.2, (20 - 12 * 0.2) / 6], atol=1e-6)
    assert "bound active: m = 0.2 (upper)" in result.message
    assert all(-1 <= row.x[0] <= 0.2 for row in result.trace)


@pytest.mark.parametrize("name", FAST)
def test_the_valley_is_followed_to_its_end(name: str) -> None:
    result = solve(rosenbrock(), start(-1.2, 1), FAST[name])
    assert result.reached_goal
    np.testing.assert_allclose(result.x, [1, 1], atol=1e-8)


@pytest.mark.parametrize("name", FAST)
def test_a_saddle_at_the_start_is_left(name: str) -> None:
    double_well = Handmade(
        "xy",
        lambda v: v[0] ** 2 - v[1] ** 2 + v[1] ** 4,
        lambda v: [2 * v[0], -2 * v[1] + 4 * v[1] ** 3],
        lambda v: [[2.0, 0.0], [0.0, -2 + 12 * v[1] ** 2]],
    )
    result = solve(double_well, start(0, 0), FAST[name])
    assert result.verdict.classification == "local minimum"
    assert result.value == pytest.approx(-0.25, abs=1e-12)
    assert result.trace[1].step == "J"


@pytest.mark.parametrize("name", [*FAST, "strong-wolfe"])
def test_what_has_no_minimum_is_called_unbounded(name: str) -> None:
    cubic = Handmade("x", lambda x: x[0] ** 3, lambda x: [3 * x[0] ** 2], lambda x: [[6 * x[0]]])
    result = solve(cubic, start(-1), METHODS[name], stop=LONG)
    assert result.status == "unbounded"
    assert not result.reached_goal


@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 5))
def test_two_loops_are_the_inverse_of_bfgs(seed: int, n: int, steps: int) -> None:
    """Two ways to the same vector: the recursion, and the BFGS update of a full inverse matrix (N&W eq. 6.17)."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(n, n))
    hessian = matrix @ matrix.T + np.eye(n)
    pairs = [Pair(s, hessian @ s, float(s @ hessian @ s)) for s in random.normal(size=(steps, n))]
    newest = pairs[-1]
    inverse = np.eye(n) * newest.curvature / float(newest.y @ newest.y)
    for s, y, curvature in pairs:
        left = np.eye(n) - np.outer(s, y) / curvature
        inverse = left @ inverse @ left.T + np.outer(s, s) / curvature
    g = random.normal(size=n)
    np.testing.assert_allclose(two_loop(g, tuple(pairs)), inverse @ g, rtol=1e-8, atol=1e-8 * np.linalg.norm(inverse))


@given(st.floats(-3, 3), st.floats(0.05, 20), st.floats(1e-3, 100))
def test_what_the_search_finds_obeys_both_inequalities(x0: float, scale: float, first: float) -> None:
    objective = Handmade(
        "x",
        lambda x: scale * math.cos(x[0]) + 0.1 * x[0] ** 2,
        lambda x: [-scale * math.sin(x[0]) + 0.2 * x[0]],
        lambda x: [[-scale * math.cos(x[0]) + 0.2]],
    )
    task, rule = Minimize(objective), StrongWolfe()
    point = task.evaluate(start(x0), 1)
    slope = -float(point.gradient @ point.gradient)
    if abs(slope) < 1e-6:
        return
    found = rule.along(task, point, -point.gradient, first)
    assert found is not None
    assert found.point.value <= point.value + rule.c1 * found.alpha * slope
    assert abs(float(found.point.gradient @ -point.gradient)) <= -rule.c2 * slope


def test_a_flipped_step_goes_down_and_is_newton_where_the_hessian_is_positive() -> None:
    matrix = np.array([[2.0, 0.5], [0.5, 1.0]])
    g = start(1, -2)
    np.testing.assert_allclose(flipped(DenseModel(matrix), g).p, -np.linalg.solve(matrix, g), rtol=1e-12)
    indefinite = np.diag([4.0, -9.0])
    np.testing.assert_allclose(flipped(DenseModel(indefinite), g).p, [-1 / 4, 2 / 9], rtol=1e-12)


def test_schedules_are_what_they_are_called() -> None:
    assert [factor("1/t", k) for k in (1, 2, 4)] == [1, 0.5, 0.25]
    assert [factor("sqrt", k) for k in (1, 4)] == [1, 0.5]
    assert (factor("cosine", 1), factor("cosine", 501), factor("cosine", 1001)) == (1, pytest.approx(0.5), 1)
    assert factor("constant", 77) == 1
    with pytest.raises(UsageError, match="unknown schedule"):
        descent_method("fixed", 0.1, "cosinus")
    with pytest.raises(UsageError, match="a schedule has nothing to change"):
        descent_method("backtracking", None, "1/t")


def test_the_rate_of_a_schedule_is_in_the_rows() -> None:
    result = solve(regression(), start(0, 0), descent_method("fixed", 0.02, "1/t"), stop=Stopping(max_iterations=3))
    assert [row.detail["alpha"] for row in result.trace[1:]] == pytest.approx([0.02, 0.01, 0.02 / 3])


# -- sums of squares and the choice ---------------------------------------------------------------------------------


def fitted(text: str, x0: tuple[float, ...], name: str = "auto") -> tuple[Result, str]:
    formula = parse(text)
    objective = function_objective(formula.body, formula.variables)
    chosen = choose(objective, start(*x0), name=name, residuals=residual_system(formula.body, formula.variables))
    return solve(objective, start(*x0), chosen.method), chosen.reason


def test_levenberg_marquardt_needs_no_hessian_on_its_way() -> None:
    formula = parse("100*(y - x^2)^2 + (1 - x)^2")
    objective = function_objective(formula.body, formula.variables)
    residuals = residual_system(formula.body, formula.variables)
    assert residuals is not None
    seen: list[int] = []
    result = solve(
        objective,
        start(-1.2, 1),
        LevenbergMarquardt(residuals),
        on_iteration=lambda _: seen.append(objective.counts.hessian),
    )
    assert result.reached_goal
    assert set(seen[:-1]) == {0}
    assert {row.step for row in result.trace[1:]} <= {"L", "B"}


def test_newton_takes_over_where_the_residuals_stay_large() -> None:
    terms = " + ".join(
        f"((x1 + {t}*x2 - exp({t}))^2 + (x3 + x4*sin({t}) - cos({t}))^2)^2" for t in (i / 5 for i in range(1, 21))
    )
    alone, _ = fitted(terms, (25, 5, -5, -1), "levenberg-marquardt")
    relayed, reason = fitted(terms, (25, 5, -5, -1))
    assert "Levenberg–Marquardt, and Newton" in reason
    assert relayed.value == pytest.approx(85822.2, rel=1e-5)  # Moré, Garbow & Hillstrom 1981, problem 16
    assert relayed.iterations < alone.iterations / 4


def test_levenberg_marquardt_is_refused_for_other_functions() -> None:
    with pytest.raises(UsageError, match="needs a sum of squares"):
        fitted("exp(x) - x", (0.0,), "levenberg-marquardt")
    with pytest.raises(UsageError, match="unknown method") as error:
        fitted("x^2", (1.0,), "lbfgs")
    assert error.value.hint == "did you mean 'l-bfgs'?"


def test_a_box_holds_levenberg_marquardt() -> None:
    formula = parse("(x - 3)^2 + (x*y - 1)^2")
    objective = function_objective(formula.body, formula.variables)
    residuals = residual_system(formula.body, formula.variables)
    assert residuals is not None
    result = solve(objective, start(0.5, 0.5), LevenbergMarquardt(residuals), box=Box(start(0, 0), start(2, 9)))
    np.testing.assert_allclose(result.x, [2, 0.5], atol=1e-7)
    assert result.reached_goal


@pytest.mark.parametrize(
    ("n", "banded", "said"),
    [(3, True, "3 variables: safeguarded"), (2000, True, "within 1 diagonal"), (5000, False, "L-BFGS")],
)
def test_the_choice_says_why(n: int, banded: bool, said: str) -> None:
    if banded:
        formula = parse(f"sum((x[i]-x[i+1])^4 + exp(x[i]) - x[i], i, 1, {n - 1})")
        objective: Any = function_objective(formula.body, ["x[]"])
    else:
        objective = quadratic(np.ones((1, 1)), start(0))
        objective.evaluate = lambda x, order: (_ for _ in ()).throw(MemoryError)
    assert said in choose(objective, np.zeros(n)).reason
