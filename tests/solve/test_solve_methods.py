"""Problems × methods: every method on problems it must solve, with bounds, and for a maximum too."""

from __future__ import annotations

import numpy as np
import pytest
from solve_objectives import Handmade, Vector, exp_log, quadratic, quartic, regression, rosenbrock, start

from calcopt.errors import UsageError
from calcopt.records import Result
from calcopt.solve import Method, Stopping, solve
from calcopt.solve.box import Box
from calcopt.solve.catalog import descent_method, newton_method
from calcopt.solve.gd_fixed import Fixed
from calcopt.solve.newton_pure import PureNewton
from calcopt.solve.newton_safeguarded import SafeguardedNewton

LONG = Stopping(max_iterations=20_000)
GRADIENT_METHODS = {
    "fixed": 0.02,
    "momentum": 0.01,
    "nesterov": 0.01,
    "adam": 0.05,
    "backtracking": None,
    "barzilai-borwein": None,
}
METHODS: dict[str, Method] = {
    **{name: descent_method(name, rate) for name, rate in GRADIENT_METHODS.items()},
    **{name: newton_method(name) for name in ("pure", "safeguarded")},
}
PROBLEMS = {
    "regression": (regression, (0.0, 0.0), (0.5, 7 / 3)),
    "exp-log": (exp_log, (0.3,), (0.567143290409783873,)),
    "quartic": (quartic, (0.9, 0.8), (0.0, 0.0)),
    "offset": (lambda: quadratic(np.diag([1.0, 9.0]), start(3, -2), 7.0), (0.0, 0.0), (3.0, -2.0)),
}


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("name", METHODS)
def test_every_method_solves_easy_problems(name: str, problem: str) -> None:
    make, x0, expected = PROBLEMS[problem]
    result = solve(make(), start(*x0), METHODS[name], stop=LONG)
    assert result.status == "converged", result.message
    assert result.verdict.classification == "local minimum"
    assert result.gradient_norm is not None
    assert result.gradient_norm <= 1e-8
    np.testing.assert_allclose(result.x, expected, atol=1e-6)
    check_bookkeeping(result)


@pytest.mark.parametrize("name", METHODS)
def test_maximizing_reports_f_itself(name: str) -> None:
    hill = Handmade(
        "xy",
        lambda x: 5 - x[0] ** 2 - 4 * (x[1] - 1) ** 2,
        lambda x: [-2 * x[0], -8 * (x[1] - 1)],
        lambda x: [[-2.0, 0.0], [0.0, -8.0]],
    )
    result = solve(hill, start(1, 2), METHODS[name], goal="maximize", stop=LONG)
    assert (result.status, result.goal, result.verdict.classification) == ("converged", "maximize", "local maximum")
    assert result.reached_goal
    assert result.value == pytest.approx(5, abs=1e-12)
    assert result.trace[0].value == 0.0
    np.testing.assert_allclose(result.trace[0].gradient, [-2, -8])
    np.testing.assert_allclose(result.hessian, [[-2, 0], [0, -8]])
    np.testing.assert_allclose(result.verdict.eigenvalues, [-8, -2])
    assert "-8, -2 are all < -" in result.verdict.detail


@pytest.mark.parametrize("name", [name for name in METHODS if name != "pure"])
def test_a_box_is_kept_and_its_active_bound_is_named(name: str) -> None:
    box = Box(start(-1, -1), start(0.2, 5))
    result = solve(regression(), start(0, 0), METHODS[name], box=box, stop=LONG)
    assert result.status == "converged"
    np.testing.assert_allclose(result.x, [0.2, (20 - 12 * 0.2) / 6], atol=1e-7)
    assert "bound active: m = 0.2 (upper)" in result.message
    assert result.message.startswith("projected ‖∇f‖ = ")
    assert result.verdict.classification == "local minimum"
    assert "held at a bound" in result.verdict.detail
    for row in result.trace:
        assert (row.x >= box.lower).all()
        assert (row.x <= box.upper).all()


def test_a_saddle_in_a_box_ends_in_a_corner() -> None:
    saddle = Handmade("xy", lambda x: x[0] * x[1], lambda x: [x[1], x[0]], lambda x: [[0.0, 1.0], [1.0, 0.0]])
    result = solve(saddle, start(0, 0), SafeguardedNewton(), box=Box(start(-1, -2), start(3, 2)))
    assert result.trace[1].step == "J"
    np.testing.assert_allclose(result.x, [3, -2])
    assert result.verdict.classification == "local minimum"
    assert "every variable is held" in result.verdict.detail


def test_a_start_outside_the_box_is_projected() -> None:
    result = solve(regression(), start(9, 9), SafeguardedNewton(), box=Box(start(-1, -1), start(1, 5)))
    np.testing.assert_array_equal(result.trace[0].x, [1, 5])
    np.testing.assert_allclose(result.x, [0.5, 7 / 3])


def test_newton_and_barzilai_borwein_solve_rosenbrock() -> None:
    for name in ("safeguarded", "pure", "barzilai-borwein"):
        result = solve(rosenbrock(), start(-1.2, 1), METHODS[name], stop=LONG)
        assert result.status == "converged"
        np.testing.assert_allclose(result.x, [1, 1], atol=1e-6)
    safe = solve(rosenbrock(), start(-1.2, 1), METHODS["safeguarded"])
    values = [row.value for row in safe.trace]
    assert values == sorted(values, reverse=True)
    assert safe.iterations < 40


def test_pure_newton_ends_on_a_cycle_and_the_safeguarded_one_does_not() -> None:
    def cycle() -> Handmade:
        return Handmade(
            "x", lambda x: x[0] ** 4 / 4 - x[0] ** 2 + 2 * x[0], lambda x: [x[0] ** 3 - 2 * x[0] + 2],
            lambda x: [[3 * x[0] ** 2 - 2]],
        )  # fmt: skip

    pure = solve(cycle(), start(0), PureNewton())
    assert pure.status == "stalled"
    assert "period 2" in pure.message
    safe = solve(cycle(), start(0), SafeguardedNewton())
    assert safe.status == "converged"
    assert safe.x[0] == pytest.approx(-1.7692923542386314)


def test_pure_newton_meets_a_singular_hessian() -> None:
    flat = Handmade("xy", lambda x: x[0] ** 2 + x[1], lambda x: [2 * x[0], 1.0], lambda x: [[2.0, 0.0], [0.0, 0.0]])
    result = solve(flat, start(1, 1), PureNewton())
    assert result.status == "singular"
    assert "no inverse at x = 1, y = 1" in result.message
    assert result.advice is not None


def test_methods_are_found_by_name() -> None:
    assert descent_method("fixed", None) == Fixed(rate=0.01)
    with pytest.raises(UsageError, match="unknown method 'momentun'") as error:
        descent_method("momentun", None)
    assert error.value.hint == "did you mean 'momentum'?"
    with pytest.raises(UsageError, match="rate must be a number above 0"):
        descent_method("fixed", -1.0)
    with pytest.raises(UsageError, match="unknown method"):
        newton_method("secant")


def check_bookkeeping(result: Result) -> None:
    """The trace is consistent with itself and with the result."""
    previous: Vector | None = None
    for number, row in enumerate(result.trace):
        assert row.iteration == number
        assert np.isfinite(row.x).all()
        assert np.isfinite(row.value)
        if previous is None:
            assert row.step == " "
            assert row.step_norm is None
        else:
            assert row.step in "NBRDGMJS"
            assert row.step_norm == pytest.approx(float(np.linalg.norm(row.x - previous)), rel=1e-12)
        previous = row.x
    assert result.iterations == len(result.trace) - 1
    np.testing.assert_array_equal(result.x, result.trace[-1].x)
    assert result.value == result.trace[-1].value
    assert result.counts.value >= len(result.trace)
