"""Sparse Hessians: the same answers as dense ones, in time linear in n."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array, diags_array
from solve_objectives import Handmade, Vector

from calcopt.solve import Stopping, solve
from calcopt.solve.curvature import DenseModel
from calcopt.solve.newton_pure import PureNewton
from calcopt.solve.newton_safeguarded import SafeguardedNewton
from calcopt.solve.sparse import SparseModel, extreme_eigenvalues, factor, solve_sparse


def tridiagonal_quartic(n: int, curvature: float) -> Handmade:
    """Σ (x_{i+1} − x_i)² + Σ (x_i⁴/4 − curvature x_i²/2)."""

    def f(x: Vector) -> float:
        return float(np.sum(np.diff(x) ** 2) + np.sum(x**4 / 4 - curvature * x**2 / 2))

    def g(x: Vector) -> Vector:
        d = np.diff(x)
        return 2 * (np.append(0.0, d) - np.append(d, 0.0)) + x**3 - curvature * x

    def h(x: Vector) -> csr_array:
        links = np.full(n, 4.0)
        links[[0, -1]] = 2.0
        off = np.full(n - 1, -2.0)
        return csr_array(diags_array([off, links + 3 * x**2 - curvature, off], offsets=[-1, 0, 1]))

    return Handmade([f"x{i}" for i in range(n)], f, g, h)


def extended_rosenbrock(n: int) -> tuple[Handmade, Vector]:
    def f(x: Vector) -> float:
        a, b = x[::2], x[1::2]
        return float(np.sum(100 * (b - a * a) ** 2 + (1 - a) ** 2))

    def g(x: Vector) -> Vector:
        a, b = x[::2], x[1::2]
        out = np.empty_like(x)
        out[::2], out[1::2] = -400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a)
        return out

    def h(x: Vector) -> csr_array:
        a, b = x[::2], x[1::2]
        main = np.empty_like(x)
        main[::2], main[1::2] = 1200 * a * a - 400 * b + 2, 200.0
        off = np.zeros(n - 1)
        off[::2] = -400 * a
        return csr_array(diags_array([off, main, off], offsets=[-1, 0, 1]))

    return Handmade([f"x{i}" for i in range(n)], f, g, h), np.tile([-1.2, 1.0], n // 2)


def test_safeguarded_newton_on_a_thousand_variables() -> None:
    f, x0 = extended_rosenbrock(1000)
    result = solve(f, x0, SafeguardedNewton(), command="newton")
    assert result.status == "converged"
    np.testing.assert_allclose(result.x, 1, atol=1e-6)
    assert result.verdict.classification == "local minimum"
    assert result.verdict.eigenvalues is None
    assert "from 0.3" in result.verdict.detail
    assert result.iterations < 40


def test_pure_newton_on_sparse() -> None:
    f = tridiagonal_quartic(300, -1.0)
    result = solve(f, np.linspace(-1, 1, 300), PureNewton())
    assert result.status == "converged"
    np.testing.assert_allclose(result.x, 0, atol=1e-7)


def test_a_saddle_is_left_with_a_sparse_hessian() -> None:
    f = tridiagonal_quartic(200, 1.0)
    result = solve(f, np.zeros(200), SafeguardedNewton(), stop=Stopping(max_iterations=500))
    assert result.trace[1].step == "J"
    assert result.status == "converged"
    assert result.verdict.classification == "local minimum"
    np.testing.assert_allclose(np.abs(result.x), 1, atol=1e-6)


def test_a_saddle_is_recognised_with_a_sparse_hessian() -> None:
    f = tridiagonal_quartic(200, 1.0)
    result = solve(f, np.zeros(200), PureNewton())
    assert result.status == "converged"
    assert result.verdict.classification == "saddle point"
    assert not result.reached_goal


@pytest.mark.parametrize("seed", range(6))
def test_sparse_and_dense_models_agree(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = 30
    off = random.normal(size=n - 1)
    matrix = diags_array([off, random.normal(size=n) + (3.0 if seed % 2 else 0.0), off], offsets=[-1, 0, 1]).tocsr()
    g = random.normal(size=n)
    dense, sparse = DenseModel(matrix.toarray()), SparseModel(csr_array(matrix))
    assert dense.positive == sparse.positive
    lowest = dense.most_negative()[0]
    assert sparse.most_negative()[0] == pytest.approx(lowest, rel=1e-6, abs=1e-9)
    values = np.linalg.eigvalsh(matrix.toarray())
    low, high, error = extreme_eigenvalues(csr_array(matrix))
    assert low == pytest.approx(values[0], rel=2e-3)
    assert (high > 0) == (values[-1] > 0)
    assert error < 1e-11
    for radius in (0.01, 0.5):
        a, b = dense.bounded(g, radius), sparse.bounded(g, radius)
        assert a.length == pytest.approx(radius, rel=1e-5)
        assert b.length == pytest.approx(radius, rel=0.11)

        def model(p: Vector) -> float:
            return float(g @ p + 0.5 * p @ (matrix @ p))

        assert model(b.p) <= 0.8 * model(a.p)


def test_factor_tells_definiteness() -> None:
    eye = csr_array(diags_array(np.ones(5)))
    assert factor(eye) is not None
    assert factor(-eye) is None
    assert factor(eye, -1.0) is None
    assert solve_sparse(0 * eye, np.ones(5)) is None
    np.testing.assert_allclose(solve_sparse(2 * eye, np.ones(5)), 0.5)
