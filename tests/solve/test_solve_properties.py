"""What must hold for every convex quadratic, and for every claim on random quartics."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from solve_objectives import Handmade, Vector, quadratic

from calcopt.solve import Stopping, solve
from calcopt.solve.box import Box
from calcopt.solve.catalog import descent_method, newton_method
from calcopt.solve.gd_fixed import Fixed

UNIT = st.floats(-1, 1)
SMALL = st.integers(-5, 5).map(float)


@st.composite
def convex_quadratics(draw: st.DrawFn) -> tuple[Vector, Vector, Vector]:
    """(A, center, start) with eigenvalues of A between 0.5 and about 20."""
    n = draw(st.integers(1, 4))
    root = draw(arrays(np.float64, (n, n), elements=UNIT))
    matrix = root @ root.T * 5 + 0.5 * np.eye(n)
    return matrix, draw(arrays(np.float64, n, elements=SMALL)), draw(arrays(np.float64, n, elements=SMALL))


@given(convex_quadratics())
def test_newton_solves_a_quadratic_in_one_step(problem: tuple[Vector, Vector, Vector]) -> None:
    matrix, center, x0 = problem
    for name in ("pure", "safeguarded"):
        result = solve(quadratic(matrix, center), x0, newton_method(name))
        assert result.status == "converged"
        assert result.iterations <= 2
        np.testing.assert_allclose(result.x, center, atol=1e-8)
        assert result.verdict.classification == "local minimum"


@settings(max_examples=40)
@given(convex_quadratics(), st.sampled_from(["fixed", "momentum", "nesterov", "backtracking", "barzilai-borwein"]))
def test_descent_solves_every_convex_quadratic(problem: tuple[Vector, Vector, Vector], name: str) -> None:
    matrix, center, x0 = problem
    rate = None if name in ("backtracking", "barzilai-borwein") else 1 / np.linalg.eigvalsh(matrix)[-1]
    result = solve(quadratic(matrix, center), x0, descent_method(name, rate), stop=Stopping(1e-8, 50_000))
    assert result.status == "converged", result.message
    np.testing.assert_allclose(result.x, center, atol=1e-7)


@given(convex_quadratics(), st.floats(1.05, 50))
def test_a_fixed_rate_beyond_two_over_l_is_called_divergence(
    problem: tuple[Vector, Vector, Vector], factor: float
) -> None:
    matrix, center, x0 = problem
    values, vectors = np.linalg.eigh(matrix)
    if abs(vectors[:, -1] @ (x0 - center)) < 1e-3:  # hardly anything along the direction that diverges
        return
    result = solve(quadratic(matrix, center), x0, Fixed(rate=2 * factor / values[-1]), stop=Stopping(1e-8, 5000))
    assert result.status == "diverged"
    better = float(str(result.advice).split("--rate ")[1].split(":")[0])
    assert 0 < better < 2 / values[-1]


@given(convex_quadratics(), st.floats(0.1, 4))
def test_newton_in_a_box_satisfies_the_kkt_conditions(problem: tuple[Vector, Vector, Vector], width: float) -> None:
    matrix, center, x0 = problem
    box = Box(-width * np.ones(len(center)), width * np.ones(len(center)))
    result = solve(quadratic(matrix, center), x0, newton_method("safeguarded"), box=box)
    assert result.status == "converged", result.message
    g = matrix @ (result.x - center)
    assert (np.abs(result.x) <= width).all()
    inside = np.abs(result.x) < width
    np.testing.assert_allclose(g[inside], 0, atol=2e-8)
    assert (g[result.x == width] <= 2e-8).all()
    assert (g[result.x == -width] >= -2e-8).all()


@settings(max_examples=60)
@given(arrays(np.float64, (3, 3), elements=st.integers(-3, 3)), arrays(np.float64, 3, elements=st.integers(-2, 2)))
def test_no_claim_on_a_random_quartic_is_false(coupling: Vector, x0: Vector) -> None:
    """f = Σ xᵢ⁴/4 + ½ xᵀBx with B indefinite: saddles and maxima everywhere, every critical point is checkable."""
    b = (coupling + coupling.T) / 2

    def f(x: Vector) -> float:
        return float(np.sum(x**4) / 4 + 0.5 * x @ b @ x)

    objective = Handmade("xyz", f, lambda x: x**3 + b @ x, lambda x: np.diag(3 * x**2) + b)
    for name in ("pure", "safeguarded"):
        result = solve(objective, x0, newton_method(name))
        if result.status == "converged":
            assert np.linalg.norm(result.x**3 + b @ result.x) <= 1e-8
        if result.verdict.classification == "local minimum":
            assert np.linalg.eigvalsh(np.diag(3 * result.x**2) + b)[0] > 0
        if name == "safeguarded":
            assert result.status == "converged", result.message
            assert result.reached_goal
            assert result.value <= f(x0)
            assert np.linalg.eigvalsh(np.diag(3 * result.x**2) + b)[0] > -1e-6


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.floats(-1e6, 1e6))
def test_units_do_not_matter_to_newton(center: float, scale: float, offset: float) -> None:
    matrix = np.diag([scale, 1 / scale])
    result = solve(quadratic(matrix, np.array([center, -center]), offset), np.zeros(2), newton_method("safeguarded"))
    assert result.status == "converged"
    assert result.x == pytest.approx([center, -center], rel=1e-6, abs=1e-6)
