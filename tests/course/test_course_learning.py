"""Rows D1, D3, D4 and D6: perceptrons and networks on data."""

from __future__ import annotations

import math

import pytest
from course_problems import SAMPLES, answer

import calcopt


def test_d1_regression_perceptron() -> None:
    trained = answer("d1-regression-perceptron")
    assert (trained.status, trained.task) == ("converged", "regression")
    assert trained.weights == pytest.approx({"x1": 2.0, "x2": -1.0}, abs=1e-7)
    assert trained.bias == pytest.approx(3.0, abs=1e-7)
    assert trained.loss < 1e-14


def test_d1_one_step_is_the_course_formula() -> None:
    """From w = 0, b = 0: Δwᵢ = α xᵢ (y − ŷ) and Δb = α (y − ŷ), averaged over two rows."""
    rows = {"x1": [2.0, 1.0], "x2": [3.0, -1.0], "y": [5.0, 4.0]}
    trained = calcopt.train_perceptron(
        rows, target="y", task="regression", method="gd", rate=0.1, epochs=1, scale=False
    )
    assert trained.weights == pytest.approx({"x1": 0.05 * (2 * 5 + 4), "x2": 0.05 * (3 * 5 - 4)}, rel=1e-14)
    assert trained.bias == pytest.approx(0.05 * (5 + 4), rel=1e-14)


def test_d3_one_step_is_the_course_formula() -> None:
    """From w = 0, b = 0 the probability is 1/2: Δw = α x (y − 1/2) and Δb = α (y − 1/2), averaged over the rows."""
    rows = {"x1": [2.0, 1.0], "x2": [3.0, -1.0], "y": ["b", "a"]}
    trained = calcopt.train_perceptron(rows, target="y", method="gd", rate=0.1, epochs=1, scale=False)
    assert trained.classes == ("a", "b")
    assert trained.weights == pytest.approx({"x1": 0.05 * (2 * 0.5 - 0.5), "x2": 0.05 * (3 * 0.5 + 0.5)}, rel=1e-12)
    assert trained.bias == pytest.approx(0.0, abs=1e-15)


def test_d4_separable_without_regularization() -> None:
    trained = answer("d4-sentiment")
    assert (trained.rows, trained.classes, trained.features) == (4, ("happy", "sad"), ("ya", "na"))
    assert trained.separable is True
    assert not trained.reached_goal
    assert "separable" in " ".join(trained.warnings)
    assert "--l2" in " ".join(trained.warnings)
    assert trained.accuracy == 1.0


def test_d4_from_raw_sentences() -> None:
    trained = answer("d4-sentiment-words")
    assert (trained.status, trained.accuracy) == ("converged", 1.0)
    assert set(trained.features) == {"ya", "na"}
    assert trained.weights["na"] > 0 > trained.weights["ya"]  # the second class is sad
    assert trained.weights["na"] == pytest.approx(-trained.weights["ya"], rel=1e-6)


def test_d4_words_and_counts_are_the_same_table() -> None:
    table = SAMPLES / "d4-sentiment.csv"
    counted = calcopt.train_perceptron(table, target="mood", features=["na", "ya"], l2=0.01, method="newton")
    words = calcopt.train_perceptron(table, target="mood", text="sentence", l2=0.01, method="newton")
    assert words.weights == pytest.approx(dict(counted.weights), rel=1e-9)
    assert words.bias == pytest.approx(counted.bias, rel=1e-9)
    log_odds = counted.weights["na"] * 0 + counted.weights["ya"] * 3 + counted.bias
    assert 1 / (1 + math.exp(-log_odds)) < 0.5  # "Ya Ya Ya" is happy


def test_d6_two_hidden_layers() -> None:
    trained = answer("d6-back-propagation")
    assert (trained.status, trained.hidden, trained.accuracy) == ("converged", (4, 3), 1.0)
    assert [len(layer) for layer in trained.weights] == [2, 4, 3]


def test_d6_needs_the_hidden_layers() -> None:
    single = calcopt.train_perceptron(SAMPLES / "d6-exclusive-or.csv", target="class", method="newton")
    assert single.separable is not True
    assert single.accuracy < 1.0
