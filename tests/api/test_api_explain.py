"""``explain``: one iteration worked out, every number held against the row of the table and against the formula."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
import pytest
from mpmath import mpf

from calcopt import gradient_descent, minimize, newton
from calcopt.calculus.precise import evaluate_float
from calcopt.errors import UsageError
from calcopt.expression import parse
from calcopt.records import Result
from calcopt.records.explained import Explained
from calcopt.render.console import as_text
from calcopt.render.people.explained import explained_view
from calcopt.render.people.layout import Layout
from calcopt.solve.catalog import DescentMethod, LocalMethod, NewtonMethod

ROSENBROCK = "(1-x)^2 + 100(y-x^2)^2"
WELLS = "x^4 + y^4 - x^2 - y^2 + x*y/3"
COURSE = "x^4 + 0.8y^4 + 4x^2 + 2y^2 - x y - 0.2x^2 y"


def explained(result: object) -> tuple[Result, Explained]:
    assert isinstance(result, Result)
    assert result.explained is not None
    return result, result.explained


def shown(record: Explained) -> str:
    return as_text(explained_view(record, Layout(80)), width=80, colour=False)


def check(result: Result, record: Explained) -> None:
    """What is said of the step agrees with the rows of the trace, with the system, and with the tests."""
    before, after = result.trace[record.iteration - 1], result.trace[record.iteration]
    assert record.step == after.step
    np.testing.assert_array_equal(record.x, before.x)
    np.testing.assert_array_equal(record.new_x, after.x)
    assert record.value == pytest.approx(before.value, rel=1e-12)
    assert record.new_value == pytest.approx(after.value, rel=1e-12)
    if record.system is not None and record.system.exact:
        left = record.system.matrix @ record.system.solution
        np.testing.assert_allclose(left, record.system.right, rtol=1e-6, atol=1e-9)
    assert all(test.holds for test in record.inequalities) or record.notes
    assert record.new_x is not None
    assert max(map(len, shown(record).split("\n"))) <= 80


def test_descent_as_in_the_course() -> None:
    _, record = explained(gradient_descent("exp(x) - log(x)", "0.05", rate=0.005, explain=1))
    assert record.gradient_formulas == ("exp(x) - 1/x",)
    assert shown(record) == (
        "iteration 1 worked out  G gradient step\n"
        "rule       x_1 = x_0 − α ∇f(x_0)\n"
        "point      x = 0.05:  f = 4.04700337\n"
        "slope      f' = exp(x) - 1/x = -18.948729\n"
        "with       α = 0.005\n"
        "new point  x = 0.05 − 0.005·(-18.948729) = 0.14474364\n"
        "           f(x_1) = 3.088534321,  |f'| = 5.753023\n"
    )


def test_newton_as_in_the_course() -> None:
    _, record = explained(newton(COURSE, "4,4", method="pure", explain=1))
    assert shown(record) == (
        "iteration 1 worked out  N full Newton step\n"
        "rule       x_1 = x_0 + p,  H p = −∇f(x_0)\n"
        "point      x = 4,  y = 4:  f = 528\n"
        "gradient   ∂f/∂x = 4*x^3 - 2*x*y/5 + 8*x - y   = 277.6\n"
        "           ∂f/∂y = -x^2/5 - x + 16*y^3/5 + 4*y = 213.6\n"
        "           ‖∇f‖ = 350.26664\n"
        "Hessian    ⎡ 12*x^2 - 2*y/5 + 8   -2*x/5 - 1  ⎤\n"
        "           ⎣     -2*x/5 - 1      48*y^2/5 + 4 ⎦\n"
        "           ⎡ 198.4   -2.6 ⎤\n"
        "           ⎣  -2.6  157.6 ⎦\n"
        "           eigenvalues 157.43498, 198.56502: all > 0, f curves upwards here\n"
        "system     H p = −∇f\n"
        "           ⎡ 198.4   -2.6 ⎤ p = ⎡ -277.6 ⎤\n"
        "           ⎣  -2.6  157.6 ⎦     ⎣ -213.6 ⎦\n"
        "           p = (-1.4172613, -1.3787112)\n"
        "new point  x = 4 + (-1.4172613) = 2.5827387\n"
        "           y = 4 + (-1.3787112) = 2.6212888\n"
        "           f(x_1) = 112.4235897,  ‖∇f‖ = 105.92228\n"
    )


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("iteration", [1, 4])
@pytest.mark.parametrize("method", get_args(DescentMethod))
def test_every_descent_method_follows_its_rule(method: DescentMethod, iteration: int, maximize: bool) -> None:
    f = f"-({ROSENBROCK})" if maximize else ROSENBROCK
    options: dict[str, Any] = {"method": method, "maximize": maximize, "max_iterations": 6, "explain": iteration}
    result, record = explained(gradient_descent(f, "-1.2,1", rate=1e-4, **options))
    check(result, record)
    uphill = 1.0 if maximize else -1.0
    assert record.gradient is not None
    a = record.quantities["α"]
    if record.rule.endswith("α ∇f(x_{k−1})"):
        np.testing.assert_allclose(record.new_x, record.x + uphill * a * record.gradient, rtol=1e-12)
    elif method == "momentum":
        v = record.vectors
        expected = record.quantities["β"] * v["v_{k−1}"] + uphill * a * record.gradient
        np.testing.assert_allclose(v["v_k"], expected, rtol=1e-12)
        np.testing.assert_allclose(record.new_x, record.x + v["v_k"], rtol=1e-12)
    elif method == "nesterov":
        np.testing.assert_allclose(record.new_x, record.vectors["y"] + uphill * a * record.vectors["∇f(y)"], rtol=1e-12)
    elif method == "adam":
        m, v = record.vectors["m̂ = m/(1−β₁ᵏ)"], record.vectors["v̂ = v/(1−β₂ᵏ)"]
        np.testing.assert_allclose(record.new_x, record.x + uphill * a * m / (np.sqrt(v) + 1e-8), rtol=1e-12)
    else:
        root = np.sqrt(record.vectors["v"]) + 1e-8
        np.testing.assert_allclose(record.new_x, record.x + uphill * a * record.gradient / root, rtol=1e-12)


@pytest.mark.parametrize("function", [ROSENBROCK, WELLS])
@pytest.mark.parametrize("iteration", [1, 2, 3])
@pytest.mark.parametrize("method", get_args(NewtonMethod))
def test_every_newton_method_solves_the_system_it_shows(method: NewtonMethod, iteration: int, function: str) -> None:
    result, record = explained(newton(function, "-0.3,0.2", method=method, explain=iteration))
    check(result, record)
    if record.system is not None:
        step = record.quantities.get("α", 1.0) * record.system.solution
        np.testing.assert_allclose(record.new_x, record.x + step, rtol=1e-9, atol=1e-12)
    at = {"x": mpf(float(record.x[0])), "y": mpf(float(record.x[1]))}
    assert record.hessian_formulas is not None
    in_numbers = [[evaluate_float(parse(cell).body, at) for cell in row] for row in record.hessian_formulas]
    np.testing.assert_allclose(in_numbers, record.hessian, rtol=1e-9)


def test_a_maximum_shows_the_numbers_of_f() -> None:
    _, record = explained(newton("-x^2 - 2y^2 + cos(x*y)", "0.5,0.4", maximize=True, explain=1))
    assert record.eigenvalues is not None
    assert (record.eigenvalues < 0).all()
    assert record.new_value is not None
    assert record.new_value > record.value


@pytest.mark.parametrize("iteration", [1, 3])
@pytest.mark.parametrize("method", get_args(LocalMethod))
def test_minimize_explains_whatever_method_it_takes(method: LocalMethod, iteration: int) -> None:
    check(*explained(minimize(ROSENBROCK, "-1.2,1", method=method, explain=iteration)))


SQUARES = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2, i, 1, 39)"


@pytest.mark.parametrize("iteration", [1, 3, 12, 40])
def test_methods_inside_methods_are_explained(iteration: int) -> None:
    check(*explained(minimize(SQUARES, "x[i]=-1.2", explain=iteration)))
    check(*explained(gradient_descent(ROSENBROCK, "-1.2,1", method="nesterov", schedule="sqrt", explain=iteration)))


def test_many_variables_are_explained_without_formulas() -> None:
    chain = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2, i, 1, 599)"
    result, record = explained(minimize(chain, "x[i]=-1.2", explain=2, max_iterations=3))
    assert record.gradient_formulas is None
    assert record.new_x is not None
    assert record.new_x.size == 600
    assert max(map(len, shown(record).split("\n"))) <= 80
    np.testing.assert_array_equal(record.new_x, result.trace[2].x)


@pytest.mark.parametrize(
    ("system", "start", "method"),
    [
        ("x^3 - 2", "1", "pure"),
        ("x^3 - 2", "1", "safeguarded"),
        ("atan(x)", "2", "safeguarded"),
        ("x^2 + y^2 - 4; x*y - 1", "2,1", "pure"),
        ("x^2 + y^2 - 4; x*y - 1", "2,1", "safeguarded"),
        ("x^2; x*y - 1; y^2 - 1", "2,2", "safeguarded"),
    ],
)
@pytest.mark.parametrize("iteration", [1, 2])
def test_zeros(system: str, start: str, method: Any, iteration: int) -> None:
    check(*explained(newton(system, start, root=True, method=method, explain=iteration)))


def test_the_middle_of_a_bracket_is_explained() -> None:
    _, record = explained(newton("atan(x)", "2", root=True, explain=2))
    assert record.new_x is not None
    assert float(record.new_x[0]) == (record.quantities["bracket from"] + record.quantities["to"]) / 2
    assert any("outside the bracket" in remark for remark in record.notes)
    assert shown(record).startswith("iteration 2 worked out  S middle of the bracket")


def test_a_bound_that_stops_the_step_is_said() -> None:
    _, record = explained(gradient_descent("x^2", "3", rate=0.4, box="x=2..5", explain=1))
    assert record.new_x is not None
    assert float(record.new_x[0]) == 2.0
    assert "the point was projected onto the box" in record.notes


def test_a_run_that_ended_before_says_so() -> None:
    result, record = explained(newton("x^2", "1", explain=50))
    assert record.iteration == result.iterations < 50
    assert record.notes[0] == "the run ended before iteration 50: this is its last step"


def test_the_start_has_no_step() -> None:
    _, record = explained(newton("x^2", "1", explain=0))
    assert record.new_x is None
    assert record.iteration == 0
    assert "new point" not in shown(record)


def test_explaining_changes_neither_the_answer_nor_the_counts() -> None:
    plain, (told, _) = newton(COURSE, "4,4"), explained(newton(COURSE, "4,4", explain=2))
    assert isinstance(plain, Result)
    assert plain.counts == told.counts
    np.testing.assert_array_equal(plain.x, told.x)


def test_a_search_of_a_box_has_no_iteration_to_explain() -> None:
    with pytest.raises(UsageError, match="no iteration to work out"):
        minimize("x^2", box="-1..1", explain=1)


def test_a_negative_iteration_is_refused() -> None:
    with pytest.raises(UsageError, match="0 or more"):
        newton("x^2", "1", explain=-1)


def test_curvature_of_one_variable_is_a_quotient() -> None:
    _, record = explained(newton("exp(x) - log(x)", "0.05", method="pure", explain=1))
    assert record.hessian is not None
    slope = math.exp(0.05) - 1 / 0.05
    bend = math.exp(0.05) + 1 / 0.05**2
    assert record.new_x is not None
    assert float(record.new_x[0]) == pytest.approx(0.05 - slope / bend, rel=1e-14)
    assert "p = 18.948729/401.05127 = 0.047247647" in shown(record)
