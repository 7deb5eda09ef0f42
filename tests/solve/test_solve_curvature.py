"""The quadratic model: Newton steps, bounded steps, and the hard case of the trust region."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from calcopt.solve.curvature import DenseModel, Step, quadratic_model
from calcopt.solve.sparse import SparseModel

Models = pytest.mark.parametrize("kind", [DenseModel, lambda h: SparseModel(csr_array(h))])


def value(h: np.ndarray, g: np.ndarray, step: Step) -> float:
    return float(g @ step.p + 0.5 * step.p @ h @ step.p)


@Models
def test_the_hard_case_goes_to_the_boundary_along_the_lowest_eigenvector(kind: type) -> None:
    h, g = np.diag([2.0, -2.0, 3.0]), np.array([1.0, 0.0, 0.0])
    model = kind(h)
    assert model.newton(g) is None
    step = model.bounded(g, 4.0)
    assert step.bounded
    assert step.length == pytest.approx(4.0, rel=1e-6)
    assert abs(step.p[1]) > 1.0
    best = -0.5 * 16 - 1 / 8 * 0.5  # the boundary point of least value, in the scaled variables
    assert value(h, g, step) <= 0.9 * best


@Models
def test_a_short_newton_step_is_taken_whole(kind: type) -> None:
    h, g = np.array([[4.0, 1.0], [1.0, 3.0]]), np.array([1.0, 2.0])
    step = kind(h).bounded(g, 100.0)
    assert not step.bounded
    np.testing.assert_allclose(step.p, -np.linalg.solve(h, g), rtol=1e-12)


def test_a_singular_hessian_has_a_least_squares_step_where_one_exists() -> None:
    h = np.array([[1.0, 1.0], [1.0, 1.0]])
    inside = DenseModel(h).newton(np.array([2.0, 2.0]))
    assert inside is not None
    np.testing.assert_allclose(h @ inside.p, [-2, -2], atol=1e-12)
    assert DenseModel(h).newton(np.array([1.0, -1.0])) is None
    outside = DenseModel(h).bounded(np.array([1.0, -1.0]), 0.5)
    assert outside.length == pytest.approx(0.5, rel=1e-5)


@given(
    arrays(np.float64, (4, 4), elements=st.floats(-2, 2)),
    arrays(np.float64, 4, elements=st.floats(-2, 2)),
    st.floats(1e-3, 10),
)
def test_bounded_steps_minimize_the_model(m: np.ndarray, g: np.ndarray, radius: float) -> None:
    """(S + μI) p = −g with μ ≥ 0, S + μI positive semidefinite, μ (radius − ‖p‖) = 0: Moré & Sorensen's conditions."""
    h = (m + m.T) / 2
    model = DenseModel(h)
    step = model.bounded(g, radius)
    d = model.scale
    scaled, q = h / d[:, None] / d[None, :], step.p * d
    assert np.linalg.norm(q) <= radius * (1 + 1e-5)
    assert step.shift >= 0
    size = max(1.0, float(np.linalg.norm(scaled)))
    assert np.linalg.eigvalsh(scaled)[0] + step.shift >= -1e-8 * size
    residual = (scaled + step.shift * np.eye(4)) @ q + g / d
    assert np.linalg.norm(residual) <= 1e-6 * max(1.0, float(np.linalg.norm(g / d)), size * radius)


def test_the_kind_of_matrix_decides_the_model() -> None:
    assert isinstance(quadratic_model(np.eye(2)), DenseModel)
    assert isinstance(quadratic_model(csr_array(np.eye(2))), SparseModel)


def test_units_are_scaled_away() -> None:
    h = np.array([[2.0, 1.0], [1.0, 3.0]])
    units = np.array([1e6, 1e-4])
    g = np.array([1.0, -2.0])
    plain = DenseModel(h).bounded(g, 0.3)
    scaled = DenseModel(h * units[:, None] * units[None, :]).bounded(g * units, 0.3)
    np.testing.assert_allclose(scaled.p * units, plain.p, rtol=1e-5)
