"""Second-order verdicts: a claim only beyond rounding error."""

from __future__ import annotations

import numpy as np
import pytest
from solve_objectives import Handmade, Vector, function_of_one, quadratic, start

import calcopt
from calcopt.solve import Stopping, solve
from calcopt.solve.gd_fixed import Fixed
from calcopt.solve.newton_pure import PureNewton
from calcopt.solve.newton_safeguarded import SafeguardedNewton
from calcopt.solve.runs import gather

HERE = Stopping(max_iterations=0)


def cosine() -> Handmade:
    return function_of_one(np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x))


def test_descent_from_a_saddle_stays_and_says_so() -> None:
    saddle = quadratic(np.diag([2.0, -2.0]), start(0, 0))
    result = solve(saddle, start(0, 0), Fixed())
    assert result.status == "converged"
    assert result.verdict.classification == "saddle point"
    assert not result.reached_goal
    assert "-2, 2 have both signs" in result.verdict.detail


@pytest.mark.parametrize("x0", [0.0, 1e-10, 0.5])
def test_safeguarded_newton_leaves_a_maximum(x0: float) -> None:
    result = solve(cosine(), start(x0), SafeguardedNewton())
    assert result.status == "converged"
    assert result.verdict.classification == "local minimum"
    assert result.value == pytest.approx(-1)
    assert abs(result.x[0]) % (2 * np.pi) == pytest.approx(np.pi)


def test_pure_newton_says_maximum() -> None:
    result = solve(cosine(), start(0.5), PureNewton())
    assert result.status == "converged"
    assert result.verdict.classification == "local maximum"
    assert not result.reached_goal
    assert solve(cosine(), start(0.5), PureNewton(), goal="maximize").reached_goal


def test_safeguarded_newton_leaves_a_strict_saddle_along_negative_curvature() -> None:
    def f(x: Vector) -> float:
        return float(x[0] ** 2 + x[1] ** 4 - 2 * x[1] ** 2)

    double_well = Handmade(
        "xy", f, lambda x: [2 * x[0], 4 * x[1] ** 3 - 4 * x[1]], lambda x: [[2.0, 0.0], [0.0, 12 * x[1] ** 2 - 4]]
    )
    result = solve(double_well, start(0, 0), SafeguardedNewton())
    assert result.trace[1].step == "J"
    assert result.value == pytest.approx(-1)
    assert result.verdict.classification == "local minimum"


@pytest.mark.parametrize("power", [4, 6])
def test_a_flat_minimum_is_degenerate(power: int) -> None:
    f = function_of_one(
        lambda x: x**power, lambda x: power * x ** (power - 1), lambda x: power * (power - 1) * x ** (power - 2)
    )
    result = solve(f, start(1), SafeguardedNewton())
    assert result.status == "converged"
    assert result.verdict.classification == "degenerate"
    assert "Newton step changes the Hessian" in result.verdict.detail
    assert "zero" in solve(f, start(0), SafeguardedNewton()).verdict.detail


def test_an_inflection_is_not_called_a_minimum() -> None:
    f = function_of_one(lambda x: x**3, lambda x: 3 * x**2, lambda x: 6 * x)
    result = solve(f, start(1), SafeguardedNewton())
    assert result.status == "unbounded"
    assert "J" in {row.step for row in result.trace}
    assert solve(f, start(1), PureNewton()).verdict.classification == "degenerate"


def test_a_gradient_that_is_only_small_is_no_minimum() -> None:
    ill = quadratic(np.array([[2 + 2e-12, 2 - 2e-12], [2 - 2e-12, 2 + 2e-12]]), start(1, 1))
    crude = solve(ill, start(100, -98), Fixed())
    assert crude.status == "converged"
    assert crude.verdict.classification is None
    assert "still 140 away" in crude.verdict.detail
    assert crude.advice is not None
    careful = solve(ill, start(100, -98), SafeguardedNewton())
    assert careful.status == "converged"
    np.testing.assert_allclose(careful.x, [1, 1], atol=1e-3)


def test_an_eigenvalue_within_rounding_is_not_counted() -> None:
    thin = quadratic(np.diag([1.0, 1e-17]), start(0, 0))
    assert solve(thin, start(0, 0), Fixed(), stop=HERE).verdict.classification == "degenerate"
    negative = quadratic(np.diag([1.0, -1e-17]), start(0, 0))
    assert solve(negative, start(0, 0), Fixed(), stop=HERE).verdict.classification == "degenerate"


@pytest.mark.parametrize("bend", [0.0, 1.0, -1.0])
def test_a_kink_is_not_a_critical_point(bend: float) -> None:
    f = function_of_one(lambda x: abs(x) + bend * x * x, lambda x: np.sign(x) + 2 * bend * x, lambda x: 2 * bend)
    for method in (Fixed(), SafeguardedNewton(), PureNewton()):
        result = solve(f, start(0), method)
        assert result.status == "non_smooth"
        assert "jumps by 1 beside x = 0" in result.message
        assert result.verdict.classification is None
    if bend >= 0:
        slid = solve(f, start(0.7), SafeguardedNewton())
        assert slid.status == "non_smooth"
        assert slid.x[0] == pytest.approx(0, abs=1e-12)


def test_runs_name_the_best_and_count_the_different() -> None:
    results = [solve(cosine(), start(s), SafeguardedNewton()) for s in (2.0, 3.0, -2.0)]
    runs = gather(results)
    assert runs.best is not None
    assert runs.remarks[0] == "3 starts found 2 different minima"
    failed = gather([*results, solve(cosine(), start(1), Fixed(), stop=HERE)])
    assert failed.remarks[-1] == "start 4 did not reach a minimum"
    none = gather([solve(cosine(), start(1), Fixed(), stop=HERE)] * 2)
    assert none.best is None


@pytest.mark.parametrize("method", ["newton", "gd"])
@pytest.mark.parametrize("function", ["floor(x) + x^2", "step(x) + x^2", "x^2 + if(x < 0, -1, 0)"])
def test_a_value_that_jumps_beside_the_point_is_no_minimum(function: str, method: str) -> None:
    """f falls by 1 just left of 0, where the slope is zero."""
    solve = calcopt.newton if method == "newton" else calcopt.gradient_descent
    result = solve(function, [1.3])
    assert isinstance(result, calcopt.Result)
    assert result.status == "non_smooth"
    assert result.verdict.classification != "local minimum"
    assert "f jumps by 1 beside" in result.message


def test_steep_but_smooth_functions_do_not_jump() -> None:
    for function, begin in [("1e12*(x-1)^2", 3), ("cosh(50*x)", 0.3), ("1e-12*x^2", 5), ("x^2*(1+1e3*x^2)", 1)]:
        result = calcopt.newton(function, [begin])
        assert isinstance(result, calcopt.Result)
        assert result.verdict.classification == "local minimum", function


def test_a_curvature_that_jumps_at_the_point_decides_nothing() -> None:
    """x² right of 0, −x² left of it: reached from the right, where the curvature is positive."""
    result = calcopt.newton("sign(x)*x^2 + 0.5*(x-y)^2 + 3*x^3", "1,1")
    assert isinstance(result, calcopt.Result)
    assert result.verdict.classification != "local minimum"


@pytest.mark.parametrize(
    ("function", "start"),
    [
        ("1e8*(if(x<1, x^2, 2x-1) - (x-1)^2) + 0*y", "-2,0"),
        ("1e100*(-sqrt(x^2+y^2+1) + 3/x - sin(3*x))", "-32.6,82"),
    ],
)
def test_a_slope_that_is_only_rounding_error_is_no_zero(function: str, start: str) -> None:
    """f falls for ever; far out the computed gradient is noise, and once it happens to be zero."""
    result = calcopt.gradient_descent(function, start, method="backtracking")
    assert isinstance(result, calcopt.Result)
    assert result.status != "converged"
    assert not result.reached_goal


def test_a_curvature_that_jumps_at_an_exact_zero_of_the_slope() -> None:
    """Where x > 0 the two curvatures by x cancel; at x = 0 itself, sign(0) = 0 makes it look like a maximum."""
    result = calcopt.gradient_descent("0.5*x*y - sqrt(x^2+y^2+1) + 0.5*sign(x)*x^2", "0,0")
    assert isinstance(result, calcopt.Result)
    assert result.verdict.classification != "local maximum"
