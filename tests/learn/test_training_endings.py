"""The rarer ways a run ends, and the safeguards of the methods, tested on the pieces themselves."""

from __future__ import annotations

import numpy as np
import pytest

from calcopt.api.perceptron import train_perceptron
from calcopt.errors import DataError
from calcopt.learn.network import Network
from calcopt.learn.shares import shares_of
from calcopt.learn.training_backtracking import BacktrackingDescent
from calcopt.learn.training_newton import Newton
from calcopt.learn.training_problem import TrainingProblem

X = np.random.default_rng(2).normal(size=(80, 2))
CURVE = {"a": X[:, 0], "b": X[:, 1], "y": X[:, 0] - X[:, 1] + 0.1 * X[:, 0] ** 2}
OVERLAP = {"a": X[:, 0], "k": np.where(X[:, 0] + 2 * X[:, 1] > 0, "up", "down")}


@pytest.mark.parametrize(("method", "hidden"), [("newton", ""), ("gd", "2")])
def test_a_tolerance_below_rounding_ends_as_stalled(method: str, hidden: str) -> None:
    fit = train_perceptron(
        {"a": X[:8, 0], "y": X[:8, 1]},
        target="y",
        method=method,
        hidden=hidden,
        tolerance=1e-300,
        l2=0.1,
        epochs=20_000,
    )
    assert fit.status == "stalled"
    assert "no step lowers the loss beyond rounding" in fit.message
    assert not fit.reached_goal


def test_a_rate_that_keeps_jumping_is_named_as_the_cure() -> None:
    fit = train_perceptron(OVERLAP, target="k", rate=300.0, epochs=50)
    assert fit.status == "max_iterations"
    assert "the rate 300 is large for this data: try --rate" in fit.message


def test_newton_shortens_a_step_that_would_overshoot() -> None:
    """From a saturated start the full Newton step of the log loss overshoots; the accepted one lowers F."""
    network = Network((1, 1), "sigmoid", "sigmoid")
    problem = TrainingProblem(network, shares_of(X[:, :1], (X[:, 0] + 2 * X[:, 1] > 0).astype(float)))
    far = problem.evaluate(np.array([-8.0, 3.0]))
    point, _ = Newton().step(problem, far, None)
    assert point is not None
    assert point.objective < far.objective
    for _ in range(30):
        after, _ = Newton().step(problem, point, None)
        if after is None:
            break
        point = after
    assert point.gradient_norm < 1e-14


def test_backtracking_never_raises_the_objective() -> None:
    network = Network((2, 5, 1), "relu", "identity")
    problem = TrainingProblem(network, shares_of(X, CURVE["y"]), l2=0.01)
    point = problem.evaluate(np.random.default_rng(0).normal(size=network.parameters))
    method = BacktrackingDescent(rate=1e6)
    rate = method.start(problem)
    for _ in range(50):
        after, rate = method.step(problem, point, rate)
        assert after is not None
        assert after.objective < point.objective
        point = after


def test_a_class_that_was_wholly_held_out_is_named() -> None:
    data = {"x": [1.0, 2.0, 3.0, 4.0], "k": ["a", "a", "a", "b"]}
    outcomes = set()
    for seed in range(20):
        try:
            train_perceptron(data, target="k", validation=0.25, seed=seed)
            outcomes.add("trained")
        except DataError as error:
            outcomes.add(error.message)
    assert outcomes == {"trained", "all rows of class 'b' were held out"}
