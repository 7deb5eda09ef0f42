"""Networks as array code: values, losses and gradients against closed forms, complex steps and difference quotients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcopt.learn.network import Layer, Network, backward, forward, initial_parameters, loss_and_gradient, predictions
from calcopt.learn.network_functions import losses, margins, residuals, sigmoid, slope, softmax
from calcopt.learn.shares import shares_of
from calcopt.learn.training_curvature import curvature_bound, hessian
from calcopt.learn.training_problem import TrainingProblem

RANDOM = np.random.default_rng(7)


def test_sigmoid_is_exact_at_both_ends() -> None:
    assert sigmoid(np.array([0.0, 800.0, -800.0, -40.0])) == pytest.approx([0.5, 1.0, 0.0, np.exp(-40.0)], rel=1e-15)


@given(st.floats(-30, 30))
def test_the_slope_of_sigmoid_is_sigma_times_one_minus_sigma(z: float) -> None:
    """D2: σ' = σ(1−σ), against a complex step of 1/(1+e⁻ᶻ)."""
    step = (1.0 / (1.0 + np.exp(-(z + 1e-30j)))).imag / 1e-30
    assert slope("sigmoid", sigmoid(np.array([z])))[0] == pytest.approx(step, rel=1e-13, abs=2.3e-16)
    assert sigmoid(np.array([z]))[0] * sigmoid(np.array([-z]))[0] == pytest.approx(step, rel=1e-13)


def test_losses_keep_their_digits_where_the_prediction_is_one() -> None:
    z = np.array([[50.0], [-50.0], [800.0], [-800.0]])
    assert losses("sigmoid", z, np.array([1.0, 1.0, 0.0, 0.0])) == pytest.approx([np.exp(-50.0), 50.0, 800.0, 0.0])
    assert residuals("sigmoid", z[:1], np.array([1.0]))[0, 0] == pytest.approx(-np.exp(-50.0), rel=1e-14)
    three = np.array([[60.0, 0.0, 0.0], [900.0, 0.0, -900.0]])
    assert losses("softmax", three, np.array([0, 2])) == pytest.approx([2 * np.exp(-60.0), 1800.0], abs=1e-15)
    assert residuals("softmax", three[:1], np.array([0]))[0, 0] == pytest.approx(-2 * np.exp(-60.0), rel=1e-14)
    assert softmax(three).sum(axis=1) == pytest.approx([1.0, 1.0])


def test_margins_of_two_and_of_three_classes() -> None:
    assert margins(np.array([[2.0], [2.0]]), np.array([1.0, 0.0])).tolist() == [2.0, -2.0]
    assert margins(np.array([[1.0, 4.0, 2.0]] * 2), np.array([1, 2])).tolist() == [2.0, -2.0]


def test_regression_perceptron_has_the_gradient_of_the_course() -> None:
    """D1: L = ½(y−ŷ)², ∂L/∂wᵢ = −xᵢ(y−ŷ), ∂L/∂b = −(y−ŷ)."""
    x, y, w, b = np.array([2.0, -3.0]), 1.5, np.array([0.25, 0.5]), 0.125
    prediction = w @ x + b
    loss, gradient = loss_and_gradient(Network((2, 1), "sigmoid", "identity"), np.append(w, b), x[None], np.array([y]))
    assert loss == 0.5 * (y - prediction) ** 2
    assert gradient.tolist() == [*(-x * (y - prediction)), -(y - prediction)]


@pytest.mark.parametrize("y", [0.0, 1.0])
def test_classification_perceptron_has_the_gradient_of_the_course(y: float) -> None:
    """D3: L = −y ln ŷ − (1−y) ln(1−ŷ), ∂L/∂wᵢ = −xᵢ(y−ŷ), ∂L/∂b = −(y−ŷ)."""
    x, w, b = np.array([2.0, -3.0]), np.array([0.25, 0.5]), 0.125
    prediction = 1.0 / (1.0 + np.exp(-(w @ x + b)))
    loss, gradient = loss_and_gradient(Network((2, 1), "sigmoid", "sigmoid"), np.append(w, b), x[None], np.array([y]))
    assert loss == pytest.approx(-y * np.log(prediction) - (1 - y) * np.log(1 - prediction), rel=1e-14)
    assert gradient == pytest.approx([*(-x * (y - prediction)), -(y - prediction)], rel=1e-14)


def test_network_of_depth_two_has_the_gradient_of_the_course() -> None:
    """D5: ∂L/∂w₁₁ = −x₁w₁a₁(1−a₁)(y−ŷ), ∂L/∂b₁ = −w₁a₁(1−a₁)(y−ŷ), ∂L/∂wᵢ = −aᵢ(y−ŷ), ∂L/∂b = −(y−ŷ)."""
    network = Network((2, 2, 1), "sigmoid", "sigmoid")
    theta, x, y = RANDOM.normal(size=9), np.array([0.7, -1.1]), 1.0
    (inner, inner_bias), (outer, outer_bias) = network.layers(theta)
    a = 1.0 / (1.0 + np.exp(-(x @ inner + inner_bias)))
    w = outer[:, 0]
    error = y - 1.0 / (1.0 + np.exp(-(a @ w + outer_bias[0])))
    by_layer = network.layers(loss_and_gradient(network, theta, x[None], np.array([y]))[1])
    assert by_layer[0].weights == pytest.approx(-np.outer(x, w * a * (1 - a)) * error, rel=1e-13)
    assert by_layer[0].bias == pytest.approx(-w * a * (1 - a) * error, rel=1e-13)
    assert by_layer[1].weights[:, 0] == pytest.approx(-a * error, rel=1e-13)
    assert by_layer[1].bias[0] == pytest.approx(-error, rel=1e-13)


def complex_loss(network: Network, theta: np.ndarray, rows: np.ndarray, targets: np.ndarray) -> complex:
    """The summed loss written a second time, plainly and for complex θ: no code shared with the network."""
    a, layers = rows.astype(complex), network.layers(theta)
    phi = {
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "tanh": np.tanh,
        "relu": lambda z: np.where(z.real > 0, z, 0),
    }[network.activation]
    for layer in layers[:-1]:
        a = phi(a @ layer.weights + layer.bias)
    z = a @ layers[-1].weights + layers[-1].bias
    if network.output == "identity":
        return complex((0.5 * (targets - z[:, 0]) ** 2).sum())
    if network.output == "sigmoid":
        p = 1 / (1 + np.exp(-z[:, 0]))
        return complex((-targets * np.log(p) - (1 - targets) * np.log(1 - p)).sum())
    return complex((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), targets]).sum())


ARCHITECTURES = [
    Network((3, *hidden, 4 if output == "softmax" else 1), activation, output)
    for hidden, activation, output in itertools.product(
        [(), (5,), (4, 3), (2, 3, 4, 2)], ["sigmoid", "tanh", "relu"], ["identity", "sigmoid", "softmax"]
    )
]


def some_data(network: Network, rows: int = 17) -> tuple[np.ndarray, np.ndarray]:
    x = RANDOM.normal(size=(rows, 3))
    if network.output == "identity":
        return x, RANDOM.normal(size=rows)
    classes = 4 if network.output == "softmax" else 2
    y = RANDOM.integers(classes, size=rows)
    return x, y if classes > 2 else y.astype(float)


@pytest.mark.parametrize("network", ARCHITECTURES, ids=str)
def test_back_propagation_equals_the_complex_step(network: Network) -> None:
    """D6, for every activation and output and up to four hidden layers."""
    theta = RANDOM.normal(size=network.parameters)
    rows, targets = some_data(network)
    loss, gradient = loss_and_gradient(network, theta, rows, targets)
    assert loss == pytest.approx(complex_loss(network, theta.astype(complex), rows, targets).real, rel=1e-12)
    expected = np.empty_like(gradient)
    for i in range(network.parameters):
        moved = theta.astype(complex)
        moved[i] += 1e-40j
        expected[i] = complex_loss(network, moved, rows, targets).imag / 1e-40
    assert gradient == pytest.approx(expected, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("network", [n for n in ARCHITECTURES if not n.hidden and n.activation == "tanh"], ids=str)
def test_hessian_is_the_derivative_of_the_gradient(network: Network) -> None:
    theta = RANDOM.normal(size=network.parameters)
    problem = TrainingProblem(network, shares_of(*some_data(network, rows=40)), l2=0.125)
    exact, step = hessian(problem, problem.evaluate(theta)), 1e-6
    for i in range(network.parameters):
        unit = np.zeros_like(theta)
        unit[i] = step
        quotient = (problem.evaluate(theta + unit).gradient - problem.evaluate(theta - unit).gradient) / (2 * step)
        assert exact[:, i] == pytest.approx(quotient, rel=1e-7, abs=1e-9)
    assert np.linalg.eigvalsh(exact)[-1] <= 1.01 * curvature_bound(problem)


def test_objective_sums_over_blocks_and_adds_the_penalty_on_weights_only() -> None:
    network = Network((3, 2, 1), "tanh", "sigmoid")
    theta = RANDOM.normal(size=network.parameters)
    rows, targets = some_data(network, rows=5000)  # three blocks
    loss, gradient = loss_and_gradient(network, theta, rows, targets)
    point = TrainingProblem(network, shares_of(rows, targets), l2=0.5).evaluate(theta)
    weights = np.where(network.is_weight(), theta, 0.0)
    assert point.loss == pytest.approx(loss / 5000, rel=1e-13)
    assert point.objective == pytest.approx(loss / 5000 + 0.25 * weights @ weights, rel=1e-13)
    assert point.gradient == pytest.approx(gradient / 5000 + 0.5 * weights, rel=1e-11, abs=1e-14)
    assert point.accuracy == np.mean((predictions(network, theta, rows)[:, 1] > 0.5) == targets)


def test_layers_are_views_and_flatten_undoes_them() -> None:
    network = Network((2, 3, 1), "relu", "identity")
    theta = np.arange(network.parameters, dtype=float)
    layers = network.layers(theta)
    assert [layer.weights.shape for layer in layers] == [(2, 3), (3, 1)]
    assert network.flatten(layers).tolist() == theta.tolist()
    layers[0].weights[0, 0] = 9.0
    assert theta[0] == 9.0
    assert isinstance(layers[0], Layer)


def test_starting_weights_are_zero_for_a_perceptron_and_scaled_for_layers() -> None:
    generator = np.random.default_rng(0)
    assert not initial_parameters(Network((5, 1), "sigmoid", "sigmoid"), generator).any()
    glorot = Network((40, 60, 1), "tanh", "sigmoid")
    first = glorot.layers(initial_parameters(glorot, generator))[0]
    assert np.abs(first.weights).max() <= np.sqrt(6 / 100)
    assert first.weights.std() == pytest.approx(np.sqrt(2 / 100), rel=0.05)
    assert not first.bias.any()
    he = Network((40, 60, 1), "relu", "sigmoid")
    assert he.layers(initial_parameters(he, generator))[0].weights.std() == pytest.approx(np.sqrt(2 / 40), rel=0.05)


def test_backward_does_not_touch_what_it_is_given() -> None:
    network = Network((2, 3, 1), "sigmoid", "identity")
    theta, rows = RANDOM.normal(size=network.parameters), RANDOM.normal(size=(4, 2))
    values = forward(network, theta, rows)
    before = [value.copy() for value in (theta, rows, *values)]
    backward(network, theta, values, np.ones((4, 1)))
    for now, then in zip((theta, rows, *values), before, strict=True):
        assert np.array_equal(now, then)
