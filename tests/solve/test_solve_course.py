"""The numbers of the course, rows C1–C5, E1, E2, E6 and E7, to every digit printed there."""

from __future__ import annotations

import numpy as np
import pytest
from solve_objectives import (
    Handmade,
    HandmadeSystem,
    Vector,
    exp_log,
    quartic,
    regression,
    sauna,
    start,
)

from calcopt.solve import Stopping, solve
from calcopt.solve.gd_fixed import Fixed
from calcopt.solve.newton_pure import PureNewton
from calcopt.solve.newton_safeguarded import SafeguardedNewton
from calcopt.solve.root import solve_root
from calcopt.solve.runs import gather

LONG = Stopping(max_iterations=10_000)
OMEGA = 0.567143290409783873


def test_c1_exp_minus_log() -> None:
    result = solve(exp_log(), start(0.05), Fixed(rate=0.005), stop=LONG)
    rows = result.trace
    assert rows[0].gradient[0] == pytest.approx(-18.94873, abs=5e-6)
    assert rows[1].x[0] == pytest.approx(0.1447436, abs=5e-8)
    assert rows[1].gradient[0] == pytest.approx(-5.753023, abs=5e-7)
    assert rows[2].x[0] == pytest.approx(0.1735088, abs=5e-8)
    assert (result.status, result.iterations) == ("converged", 756)
    assert result.x[0] == pytest.approx(OMEGA, abs=5e-9)
    assert result.value == pytest.approx(2.3303661248, abs=5e-11)
    assert result.verdict.classification == "local minimum"


def test_c2_sauna() -> None:
    result = solve(sauna(), start(0.5, 0.6), Fixed(rate=0.05), stop=LONG)
    rows = result.trace
    np.testing.assert_allclose(rows[0].gradient, [-0.1134, -0.0935], atol=1e-12)
    np.testing.assert_allclose(rows[1].x, [0.50567, 0.604675], atol=1e-12)
    np.testing.assert_allclose(rows[2].x, [0.5114795, 0.6094823], atol=5e-8)
    assert (result.status, result.iterations) == ("converged", 155)
    np.testing.assert_allclose(result.x, [4, 4], atol=1e-8)
    assert result.value == pytest.approx(3313 / 45, abs=1e-12)
    np.testing.assert_allclose(result.verdict.eigenvalues, [64 / 15, 64 / 15], rtol=1e-7)


def test_c3_a_large_rate_diverges_and_a_small_one_crawls() -> None:
    far = solve(regression(), start(0, 0), Fixed(rate=0.1), stop=LONG)
    assert far.status == "diverged"
    assert far.iterations < 20
    assert "exceeds 2/L" in far.message
    assert far.advice is not None
    assert far.advice.startswith("try --rate 0.054")
    slow = solve(regression(), start(0, 0), Fixed(rate=1e-6), stop=LONG)
    assert slow.status == "max_iterations"
    assert slow.advice is not None
    assert "crawls: try --rate 0.054" in slow.advice


def test_c3_several_starts_find_several_minima() -> None:
    def f(x: Vector) -> float:
        return float(x[0] ** 4 - 2 * x[0] ** 2 + 0.3 * x[0])

    two = Handmade("x", f, lambda x: [4 * x[0] ** 3 - 4 * x[0] + 0.3], lambda x: [[12 * x[0] ** 2 - 4]])
    runs = gather([solve(two, start(s), Fixed(rate=0.05), stop=LONG) for s in (-2.0, 0.5, 2.0)])
    assert runs.best == 0
    assert runs.remarks[0] == "3 starts found 2 different minima"
    assert "need not be the global one" in runs.remarks[1]


def test_c4_regression_by_descent() -> None:
    result = solve(regression(), start(0, 0), Fixed(rate=0.01), stop=LONG)
    assert (result.status, result.iterations) == ("converged", 2592)
    np.testing.assert_allclose(result.x, [0.5, 2.3333333], atol=5e-8)
    assert result.value == pytest.approx(25 / 6, abs=1e-12)


def test_c5_cost_of_a_line_by_descent() -> None:
    x, y = np.array([1.0, 2.0, 3.0]), np.array([2.0, 5.0, 3.0])

    def residual(p: Vector) -> Vector:
        return p[0] * x + p[1] - y

    cost = Handmade(
        "mb",
        lambda p: float(residual(p) @ residual(p)) / 6,
        lambda p: [float(residual(p) @ x) / 3, float(residual(p).sum()) / 3],
        lambda p: [[float(x @ x) / 3, float(x.sum()) / 3], [float(x.sum()) / 3, 1.0]],
    )
    result = solve(cost, start(0, 0), Fixed(rate=0.06), stop=LONG)
    assert result.status == "converged"
    np.testing.assert_allclose(result.x, [0.5, 7 / 3], atol=1e-6)
    assert result.value == pytest.approx(25 / 6 / 6, abs=1e-12)


def test_e1_zero_of_a_function() -> None:
    square = HandmadeSystem("x", lambda x: [x[0] ** 2 - 2], lambda x: [[2 * x[0]]])
    result = solve_root(square, start(1.0), method="pure")
    expected = [1.0]
    while len(expected) < 6:
        expected.append(expected[-1] - (expected[-1] ** 2 - 2) / (2 * expected[-1]))
    assert result.status == "converged"
    assert [float(row.x[0]) for row in result.trace] == pytest.approx(expected[: len(result.trace)], abs=1e-15)
    assert result.x[0] == pytest.approx(2**0.5, abs=1e-9)


def test_e2_a_minimum_as_a_zero_of_the_derivative() -> None:
    listed = [0.05, 0.0972476, 0.1831767, 0.3205197, 0.4772977, 0.5578498, 0.5670599, 0.5671433]
    result = solve(exp_log(), start(0.05), PureNewton())
    found = [float(row.x[0]) for row in result.trace]
    assert found[: len(listed)] == pytest.approx(listed, abs=5.1e-8)
    assert result.status == "converged"
    assert result.x[0] == pytest.approx(OMEGA, abs=1e-15)
    zero = HandmadeSystem("x", lambda x: [np.exp(x[0]) - 1 / x[0]], lambda x: [[np.exp(x[0]) + 1 / x[0] ** 2]])
    same = solve_root(zero, start(0.05), method="pure")
    assert [float(row.x[0]) for row in same.trace] == pytest.approx(found, rel=1e-14)


@pytest.mark.parametrize("method", [PureNewton(), SafeguardedNewton()])
def test_e6_e7_two_variables(method: PureNewton | SafeguardedNewton) -> None:
    listed = [
        (4, 4, 0),
        (2.582739, 2.621289, 5.1e-7),
        (1.592256, 1.674816, 1.1e-6),
        (0.870589, 1.001821, 5.1e-7),
        (0.335194, 0.493976, 5.1e-7),
        (0.0412359, 0.125459, 5.1e-7),
        (1.94664e-4, 3.01029e-3, 5.1e-9),
        (-2.485e-8, 3.554e-8, 5.1e-12),
        (4.16e-17, -2.05e-17, 5e-19),
    ]
    result = solve(quartic(), start(4, 4), method)
    np.testing.assert_allclose(result.trace[0].gradient, [277.6, 213.6], rtol=1e-14)
    np.testing.assert_allclose(quartic().evaluate(start(4, 4), 2).hessian, [[198.4, -2.6], [-2.6, 157.6]], rtol=1e-14)
    assert (result.status, result.iterations) == ("converged", 8)
    for row, (x, y, digits) in zip(result.trace, listed, strict=True):
        np.testing.assert_allclose(row.x, [x, y], rtol=0, atol=digits)
    assert "".join(row.step for row in result.trace) == " NNNNNNNN"
    assert result.verdict.classification == "local minimum"
    np.testing.assert_allclose(result.verdict.eigenvalues, [6 - 5**0.5, 6 + 5**0.5], rtol=1e-12)


@pytest.mark.parametrize(
    ("matrix", "kind", "eigenvalues"),
    [
        ([[4.0, -1.0], [-1.0, 6.0]], "local minimum", (5 - 2**0.5, 5 + 2**0.5)),
        ([[-4.0, -1.0], [-1.0, -6.0]], "local maximum", (-5 - 2**0.5, -5 + 2**0.5)),
        ([[4.0, 0.0], [0.0, -4.0]], "saddle point", (-4, 4)),
    ],
)
def test_e3_e4_e5_pure_newton_says_what_it_found(
    matrix: list[list[float]], kind: str, eigenvalues: tuple[float, float]
) -> None:
    a = np.array(matrix)
    f = Handmade("xy", lambda x: 0.5 * float(x @ a @ x), lambda x: a @ x, lambda x: a.copy())
    result = solve(f, start(1, 2), PureNewton())
    assert result.status == "converged"
    assert result.verdict.classification == kind
    assert result.verdict.eigenvalues == pytest.approx(eigenvalues, abs=1e-12)
    assert result.reached_goal == (kind == "local minimum")
