"""Rows B1–B5, B9–B11, C1–C5 and E1–E7: critical points, gradient descent and Newton's method."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from course_problems import answer, same_formula

import calcopt

OMEGA = 0.567143290409783873
SAUNA_VALUE = 3313 / 45


def critical(name: str) -> dict[tuple[float, ...], Any]:
    """Coordinates, rounded to 9 digits → critical point; the search must know that it is complete."""
    found = answer(name)
    assert found.complete, found.message
    return {tuple(round(found, 9) + 0.0 for found in point.x.values()): point for point in found.points}


def iterates(result: Any, count: int) -> np.ndarray:
    """The first iterates after the start, shape (count, n)."""
    return np.array([step.x for step in result.trace[1 : count + 1]])


# ---------------------------------------------------------------------------------------------------------------
# B: by hand
# ---------------------------------------------------------------------------------------------------------------


def test_a11_more_information() -> None:
    (point,) = answer("a11-more-information").points
    assert point.x == {"x": 0.0}
    assert point.hessian in (((0.0,),), (("0",),))
    assert point.classification == "local minimum"
    assert "order 4" in point.classification_detail


def test_b1_local_and_global() -> None:
    points = critical("b1-local-and-global")
    kinds = {round(x, 6): point.classification for (x,), point in points.items()}
    assert kinds == {-1.300840: "local minimum", 0.169938: "local maximum", 1.130901: "local minimum"}
    values = {round(x, 6): point.value for (x,), point in points.items()}
    assert values == pytest.approx({-1.300840: -3.513905, 0.169938: 0.084135, 1.130901: -1.070230}, abs=1e-6)
    assert all(abs(4 * x**3 - 6 * x + 1) < 1e-7 for (x,) in points)


@pytest.mark.parametrize(
    ("name", "x"), [("b2-two-power-lines", "(a + b)/2"), ("b3-three-power-lines", "(a + b + c)/3")]
)
def test_power_lines(name: str, x: str) -> None:
    found = answer(name)
    (point,) = found.points
    assert found.complete
    assert same_formula(point.exact["x"], x)
    assert (point.x, point.value, point.classification) == (None, None, "local minimum")


def test_b4_square_loss() -> None:
    (point,) = answer("b4-square-loss").points
    assert point.exact == {"x": "sum(a[i], i, 1, n)/n"}
    assert "2*n > 0" in point.classification_detail
    result = answer("b4-square-loss-of-numbers")
    assert (result.status, result.verdict.classification) == ("converged", "local minimum")
    assert result.x[0] == pytest.approx(np.mean([2, 3, 5, 7, 11]), rel=1e-15)
    assert result.value == pytest.approx(51.2, rel=1e-15)


def test_b5_coin() -> None:
    points = critical("b5-coin")
    assert set(points) == {(0.0,), (0.7,), (1.0,)}
    best = points[0.7,]
    assert (best.exact, best.classification) == ({"p": "7/10"}, "local maximum")
    assert best.value == pytest.approx(0.7**7 * 0.3**3, rel=1e-14)
    assert all(points[p,].classification not in ("local maximum", "local minimum") for p in (0.0, 1.0))


def test_b5_coin_through_the_logarithm() -> None:
    result = answer("b5-coin-log")
    assert (result.status, result.goal, result.verdict.classification) == ("converged", "maximize", "local maximum")
    assert result.x[0] == pytest.approx(0.7, rel=1e-14)
    assert result.value == pytest.approx(math.log(0.7**7 * 0.3**3), rel=1e-14)
    slope = calcopt.differentiate("7 log(p) + 3 log(1 - p)").derivatives[0].expression
    assert same_formula(slope, "7/p - 3/(1-p)")


def test_b9_horizontal_tangent_plane() -> None:
    points = critical("b9-horizontal-tangent-plane")
    assert {x: point.classification for x, point in points.items()} == {(0.0, 0.0): "local minimum"}


def test_b10_sauna() -> None:
    points = critical("b10-sauna")
    assert {(4.0, 4.0), (6.0, 6.0), (0.0, 6.0), (6.0, 0.0)} <= set(points)
    best = points[4.0, 4.0]
    assert (best.classification, best.exact_value) == ("local minimum", "3313/45")
    assert best.value == pytest.approx(SAUNA_VALUE, rel=1e-15)
    assert np.array(best.hessian, dtype=float) == pytest.approx(np.diag([64 / 15, 64 / 15]), rel=1e-14)
    assert [point.classification for point in points.values()].count("local minimum") == 1
    lines = {
        equation.replace(" ", "") for continuum in answer("b10-sauna").continua for equation in continuum.equations
    }
    assert lines == {"x=0", "y=0"}


def test_b11_regression_by_hand() -> None:
    (point,) = answer("b11-regression-by-hand").points
    assert point.exact == {"m": "1/2", "b": "7/3"}
    assert (point.exact_value, point.classification) == ("25/6", "local minimum")
    assert point.value == pytest.approx(4.1667, abs=5e-5)


def test_b11_is_the_squared_error_of_its_points() -> None:
    by_points = "(m+b-2)^2 + (2m+b-5)^2 + (3m+b-3)^2"
    assert same_formula(answer("b11-regression-by-hand").function, by_points)
    fit = answer("b11-points")
    assert fit.parameters == pytest.approx({"x": 0.5, "intercept": 7 / 3}, rel=1e-14)
    assert fit.cost == pytest.approx(25 / 6 / (2 * 3), rel=1e-14)


# ---------------------------------------------------------------------------------------------------------------
# C: gradient descent
# ---------------------------------------------------------------------------------------------------------------


def test_c1_exp_log() -> None:
    result = answer("c1-exp-log-descent")
    slopes = [step.gradient[0] for step in result.trace[:2]]
    assert slopes == pytest.approx([-18.94873, -5.753023], rel=5e-7)
    assert iterates(result, 2).ravel() == pytest.approx([0.1447436, 0.1735088], abs=5e-8)
    assert (result.status, result.iterations) == ("converged", 756)
    assert result.x[0] == pytest.approx(0.56714329, abs=5e-9)
    assert result.value == pytest.approx(2.3303661248, abs=5e-11)
    assert result.verdict.classification == "local minimum"
    assert result.trace[-1].gradient_norm <= 1e-8 < result.trace[-2].gradient_norm


def test_c2_sauna() -> None:
    result = answer("c2-sauna-descent")
    assert result.trace[0].gradient == pytest.approx([-0.1134, -0.0935], abs=5e-5)
    assert iterates(result, 2) == pytest.approx(np.array([[0.50567, 0.604675], [0.5114795, 0.6094823]]), abs=5e-7)
    assert (result.status, result.iterations) == ("converged", 155)
    assert result.x == pytest.approx([4.0, 4.0], abs=1e-8)
    assert result.value == pytest.approx(SAUNA_VALUE, rel=1e-14)


def test_c3_rates() -> None:
    large, small = answer("c3-rate-too-large"), answer("c3-rate-too-small")
    assert (large.status, large.reached_goal) == ("diverged", False)
    assert (small.status, small.iterations) == ("max_iterations", 1000)
    assert small.x[0] == pytest.approx((1 - 2e-4) ** 1000, rel=1e-12)
    assert "rate" in large.advice
    assert "rate" in small.advice


def test_c3_several_starts() -> None:
    runs = answer("c3-several-starts")
    assert [run.status for run in runs.runs] == ["converged", "converged"]
    assert [float(run.x[0]) for run in runs.runs] == pytest.approx([-1.300840, 1.130901], abs=5e-7)
    assert [run.value for run in runs.runs] == pytest.approx([-3.513905, -1.070230], abs=5e-7)
    assert runs.best == 0
    assert any("different minima" in remark for remark in runs.remarks)


def test_c4_regression() -> None:
    result = answer("c4-regression-descent")
    assert (result.status, result.iterations) == ("converged", 2592)
    assert dict(zip(result.variables, result.x, strict=True)) == pytest.approx({"m": 0.5, "b": 7 / 3}, abs=5e-8)


def test_c5_line_by_descent() -> None:
    fit = answer("c5-line-by-descent")
    assert (fit.status, fit.method) == ("converged", "gd")
    assert fit.parameters == pytest.approx({"x": 0.5, "intercept": 7 / 3}, abs=1e-7)
    assert fit.cost == pytest.approx(25 / 36, rel=1e-12)
    first = fit.trace[1].x - fit.trace[0].x
    assert first == pytest.approx([0.1 * (2 + 10 + 9) / 3, 0.1 * (2 + 5 + 3) / 3], rel=1e-12)


# ---------------------------------------------------------------------------------------------------------------
# E: Newton's method
# ---------------------------------------------------------------------------------------------------------------


def test_e1_zero() -> None:
    result = answer("e1-newton-zero")
    assert (result.status, result.goal) == ("converged", "root")
    assert iterates(result, 3).ravel() == pytest.approx([3 / 2, 17 / 12, 577 / 408], rel=1e-15)
    assert result.x[0] == pytest.approx(math.sqrt(2), abs=1e-8)


def test_e2_minimum() -> None:
    result = answer("e2-newton-minimum")
    expected = [0.0972476, 0.1831767, 0.3205197, 0.4772977, 0.5578498, 0.5670599, 0.5671433]
    assert iterates(result, 7).ravel() == pytest.approx(expected, abs=5e-8)
    assert (result.status, result.verdict.classification) == ("converged", "local minimum")
    assert result.x[0] == pytest.approx(OMEGA, rel=1e-15)


@pytest.mark.parametrize(
    ("name", "hessian", "eigenvalues", "kind"),
    [
        ("e3-hessian-minimum", [[4, -1], [-1, 6]], [5 - math.sqrt(2), 5 + math.sqrt(2)], "local minimum"),
        ("e4-hessian-maximum", [[-4, -1], [-1, -6]], [-5 - math.sqrt(2), -5 + math.sqrt(2)], "local maximum"),
        ("e5-hessian-saddle", [[4, 0], [0, -4]], [-4, 4], "saddle point"),
    ],
)
def test_hessians(name: str, hessian: list[list[float]], eigenvalues: list[float], kind: str) -> None:
    points = critical(name)
    assert set(points) == {(0.0, 0.0)}
    point = points[0.0, 0.0]
    assert point.classification == kind
    assert np.array(point.hessian, dtype=float) == pytest.approx(np.array(hessian, dtype=float), rel=1e-15)
    assert sorted(point.eigenvalues) == pytest.approx(eigenvalues, rel=1e-14)


def test_e6_many_variables() -> None:
    result = answer("e6-many-variables")
    assert result.variables == tuple(f"x[{i}]" for i in range(1, 7))
    assert (result.status, result.verdict.classification) == ("converged", "local minimum")
    assert result.x == pytest.approx(np.ones(6), abs=1e-9)


def test_e7_two_variables() -> None:
    result = answer("e7-two-variables")
    assert result.trace[0].gradient == pytest.approx([277.6, 213.6], rel=1e-15)
    (point,) = calcopt.differentiate(result.function, at="4,4").at
    assert np.array(point.hessian_value) == pytest.approx(np.array([[198.4, -2.6], [-2.6, 157.6]]), rel=1e-15)
    expected = [[2.582739, 2.621289], [1.592256, 1.674816], [0.870589, 1.001821], [0.335194, 0.493976]]
    assert iterates(result, 4) == pytest.approx(np.array(expected), abs=1e-6)
    assert iterates(result, 5)[4] == pytest.approx([0.0412359, 0.125459], rel=5e-6)
    assert iterates(result, 6)[5] == pytest.approx([1.94664e-4, 3.01029e-3], rel=5e-6)
    assert iterates(result, 7)[6] == pytest.approx([-2.485e-8, 3.554e-8], rel=5e-4)
    assert (result.status, result.iterations) == ("converged", 8)
    assert np.abs(result.x).max() < 1e-15
    assert result.verdict.classification == "local minimum"
