"""Zeros of one function and of systems: pure as in the course, safeguarded against everything else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from solve_objectives import HandmadeSystem, start

from calcopt.errors import MathError
from calcopt.solve import Stopping
from calcopt.solve.root import solve_root


def scalar(f: object, slope: object) -> HandmadeSystem:
    return HandmadeSystem("x", lambda x: [f(x[0])], lambda x: [[slope(x[0])]])  # type: ignore[operator]


def circle_and_hyperbola() -> HandmadeSystem:
    return HandmadeSystem(
        "xy",
        lambda x: [x[0] ** 2 + x[1] ** 2 - 4, x[0] * x[1] - 1],
        lambda x: [[2 * x[0], 2 * x[1]], [x[1], x[0]]],
    )


@pytest.mark.parametrize(
    ("f", "slope", "x0", "zero"),
    [
        (lambda x: x * x - 2, lambda x: 2 * x, 1.0, 2**0.5),
        (lambda x: x**3 - 2 * x + 2, lambda x: 3 * x * x - 2, 0.0, -1.7692923542386314),
        (lambda x: np.cos(x) - x, lambda x: -np.sin(x) - 1, 0.0, 0.7390851332151607),
        (np.arctan, lambda x: 1 / (1 + x * x), 3.0, 0.0),
        (np.log, lambda x: 1 / x, 5.0, 1.0),
        (np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2), 1.0, 0.0),
        (lambda x: x**20 - 1, lambda x: 20 * x**19, 0.5, 1.0),
    ],
)
def test_safeguarded_newton_finds_the_zero(f: object, slope: object, x0: float, zero: float) -> None:
    result = solve_root(scalar(f, slope), start(x0))
    assert result.status == "converged"
    assert result.reached_goal
    assert result.x[0] == pytest.approx(zero, abs=1e-8)
    assert result.residual is not None
    assert abs(result.residual[0]) <= 1e-8
    assert result.value == result.residual[0]
    assert result.verdict.classification is None


@pytest.mark.parametrize(
    ("f", "slope", "x0", "status", "word"),
    [
        (lambda x: x * x + 1, lambda x: 2 * x, 1.0, "stalled", "local minimum of |f|"),
        (lambda x: 1 / x, lambda x: -1 / x**2, 1.0, "diverged", "towards infinity"),
        (np.exp, np.exp, 0.0, "diverged", "towards infinity"),
        (lambda x: np.sign(x) + 0.1 * x, lambda x: 0.1, 3.0, "stalled", "jump or a pole"),
        (lambda x: 1 / (x - 0.3) + 1e-3 * x, lambda x: -1 / (x - 0.3) ** 2 + 1e-3, 0.2, None, ""),
    ],
)
def test_no_zero_is_claimed_where_there_is_none_near(
    f: object, slope: object, x0: float, status: str | None, word: str
) -> None:
    result = solve_root(scalar(f, slope), start(x0))
    if status is None:
        assert result.status != "converged" or abs(f(result.x[0])) <= 1e-8  # type: ignore[operator]
    else:
        assert result.status == status
        assert word in result.message
        assert result.advice is not None


def test_pure_newton_does_what_the_textbook_says() -> None:
    assert solve_root(scalar(np.arctan, lambda x: 1 / (1 + x * x)), start(3), method="pure").status != "converged"
    cycle = solve_root(scalar(lambda x: x**3 - 2 * x + 2, lambda x: 3 * x * x - 2), start(0), method="pure")
    assert cycle.status == "stalled"
    assert "period 2" in cycle.message
    flat = solve_root(scalar(lambda x: x * x - 1, lambda x: 2 * x), start(0), method="pure")
    assert flat.status == "singular"
    outside = solve_root(scalar(np.log, lambda x: 1 / x), start(5), method="pure")
    assert outside.status == "left_domain"


@given(st.floats(-50, 50), st.floats(0.1, 5), st.floats(-40, 40))
def test_a_monotone_function_is_always_solved(zero: float, slope: float, x0: float) -> None:
    f = scalar(lambda x: np.arctan(slope * (x - zero)), lambda x: slope / (1 + (slope * (x - zero)) ** 2))
    result = solve_root(f, start(x0))
    assert result.status == "converged"
    assert result.iterations < 120
    assert result.x[0] == pytest.approx(zero, abs=1e-6)


@pytest.mark.parametrize("x0", [(1.0, 2.0), (0.0, 0.0), (1.0, 1.0), (-3.0, 0.5)])
def test_systems(x0: tuple[float, float]) -> None:
    result = solve_root(circle_and_hyperbola(), start(*x0), functions=2)
    assert result.status == "converged"
    assert result.x[0] * result.x[1] == pytest.approx(1, abs=1e-8)
    assert float(result.x @ result.x) == pytest.approx(4, abs=1e-8)
    assert result.message.startswith("‖F‖ = ")
    assert result.value == pytest.approx(0, abs=1e-8)


def test_a_singular_jacobian() -> None:
    pure = solve_root(circle_and_hyperbola(), start(1, 1), functions=2, method="pure")
    assert pure.status == "singular"
    assert "smallest singular value" in pure.message


def test_systems_without_a_zero_stall() -> None:
    apart = HandmadeSystem(
        "xy", lambda x: [x[0] ** 2 + x[1] ** 2 - 4, x[0] + x[1] - 10], lambda x: [[2 * x[0], 2 * x[1]], [1.0, 1.0]]
    )
    result = solve_root(apart, start(1, 2), functions=2)
    assert result.status == "stalled"
    assert "local minimum of ‖F‖" in result.message
    assert result.iterations < 100


@pytest.mark.parametrize("method", ["pure", "safeguarded"])
def test_more_and_fewer_functions_than_variables(method: str) -> None:
    circle = HandmadeSystem("xy", lambda x: [x[0] ** 2 + x[1] ** 2 - 1], lambda x: [[2 * x[0], 2 * x[1]]])
    assert solve_root(circle, start(1, 2), functions=1, method=method).status == "converged"  # type: ignore[arg-type]
    three = HandmadeSystem(
        "xy",
        lambda x: [x[0] ** 2 - x[1], x[1] ** 2 - x[0], x[0] + x[1] - 2],
        lambda x: [[2 * x[0], -1.0], [-1.0, 2 * x[1]], [1.0, 1.0]],
    )
    result = solve_root(three, start(3, 4), functions=3, method=method)  # type: ignore[arg-type]
    assert result.status == "converged"
    np.testing.assert_allclose(result.x, [1, 1], atol=1e-7)


def test_limits_and_starts() -> None:
    stop = Stopping(max_iterations=1)
    assert solve_root(circle_and_hyperbola(), start(9, 1), functions=2, stop=stop).status == "max_iterations"
    with pytest.raises(MathError, match="not defined at the start"):
        solve_root(scalar(np.log, lambda x: 1 / x), start(-1))
    with pytest.raises(MathError, match="not finite at the start"):
        solve_root(scalar(lambda x: 1 / x, lambda x: -1 / x**2), start(0))
