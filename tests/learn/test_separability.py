"""Separable classes: proved, said, and with a finite optimum only under a penalty."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from calcopt.api.perceptron import train_perceptron

SENTIMENT = {"ya": [3, 0, 2, 1], "na": [0, 2, 1, 3], "mood": ["happy", "sad", "happy", "sad"]}
METHODS = ("gd", "sgd", "adam", "newton")


def separates(fit: Any, data: dict[str, Any], target: str) -> bool:
    z = fit.bias + sum(fit.weights[name] * np.array(data[name]) for name in fit.features)
    return bool(((z > 0) == (np.array(data[target]) == fit.classes[1])).all())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [True, False])
def test_the_sentiment_table_is_separable_and_has_no_optimum(method: str, scale: bool) -> None:
    """D4: without regularization the weights grow for ever, and the tool says so."""
    fit = train_perceptron(SENTIMENT, target="mood", method=method, scale=scale)
    assert (fit.status, fit.separable, fit.accuracy) == ("unbounded", True, 1.0)
    assert not fit.reached_goal
    assert separates(fit, SENTIMENT, "mood")
    assert "no minimum" in fit.message
    assert any("--l2 0.01" in warning for warning in fit.warnings)


def test_epochs_that_are_asked_for_show_the_weights_growing() -> None:
    sizes = [
        np.linalg.norm(list(train_perceptron(SENTIMENT, target="mood", epochs=epochs).weights.values()))
        for epochs in (10, 100, 1000)
    ]
    assert sizes[0] < sizes[1] < sizes[2]
    fit = train_perceptron(SENTIMENT, target="mood", epochs=50)
    assert (fit.epochs, fit.status) == (50, "unbounded")


@pytest.mark.parametrize("method", ["gd", "newton"])
def test_a_penalty_gives_a_finite_optimum_and_separable_is_still_said(method: str) -> None:
    fit = train_perceptron(SENTIMENT, target="mood", method=method, l2=0.01, tolerance=1e-10)
    assert (fit.status, fit.separable, fit.reached_goal) == ("converged", True, True)
    assert not any("grow for ever" in warning for warning in fit.warnings)
    raw = train_perceptron(SENTIMENT, target="mood", method=method, l2=0.01, scale=False, tolerance=1e-10)
    # By symmetry of the table (ya ↔ na, happy ↔ sad) the optimum has opposite weights; checked on the written-out F.
    x = np.column_stack([SENTIMENT["ya"], SENTIMENT["na"]])
    y = np.array([0.0, 1.0, 0.0, 1.0])
    w, b = np.array([raw.weights["ya"], raw.weights["na"]]), raw.bias
    error = 1 / (1 + np.exp(-(x @ w + b))) - y
    assert x.T @ error / 4 + 0.01 * w == pytest.approx([0, 0], abs=2e-10)
    assert error.mean() == pytest.approx(0, abs=2e-10)


def test_three_separable_classes() -> None:
    data = {"x": [0, 1, 10, 11, 20, 21], "z": [5, 4, -9, -8, 5, 6], "k": ["a", "a", "b", "b", "c", "c"]}
    for method in ("gd", "newton"):
        fit = train_perceptron(data, target="k", method=method)
        assert (fit.status, fit.separable, fit.accuracy) == ("unbounded", True, 1.0)
        assert train_perceptron(data, target="k", method=method, l2=0.01).status == "converged"


def test_quasi_separated_classes_are_not_called_converged() -> None:
    """x < 3 is a, x > 3 is b, and at x = 3 there is one of each: the weight grows, the loss tends to (2/6) ln 2."""
    data = {"x": [1, 2, 3, 3, 4, 5], "y": ["a", "a", "a", "b", "b", "b"]}
    fit = train_perceptron(data, target="y", method="newton")
    assert (fit.status, fit.separable) == ("stalled", None)
    assert fit.loss == pytest.approx(np.log(2) / 3, rel=1e-6)
    assert "smallest eigenvalue of the Hessian" in fit.message
    assert "--l2" in fit.message
    assert train_perceptron(data, target="y", l2=0.01).status == "converged"


def test_quasi_separated_classes_of_a_softmax_are_not_called_converged() -> None:
    """c stands apart from a and b, which share a place: the gradient vanishes only at infinity."""
    data = {"x": [1.0, 1.0, 0.0, 1.0], "y": ["b", "c", "a", "a"]}
    fit = train_perceptron(data, target="y", method="newton")
    assert (fit.status, fit.separable) == ("stalled", None)
    mixed = {"x": [0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0, 2.0], "same": [7] * 9, "y": list("abcbcacab")}
    assert train_perceptron(mixed, target="y", method="newton").status == "converged"


def test_one_wrong_row_is_enough_to_prove_the_opposite() -> None:
    data = {"x": [1.0, 2.0, 3.0, 4.0, 2.5, 9.0], "y": ["a", "a", "b", "b", "b", "a"]}
    fit = train_perceptron(data, target="y", method="newton")
    assert (fit.status, fit.separable) == ("converged", False)


def test_classes_split_by_less_than_rounding_are_not_called_separable() -> None:
    """At 10⁹ the gap of one unit in the last place is below what standardizing can resolve: no claim is made."""
    low = 1e9
    high = float(np.nextafter(low, 2e9))
    fit = train_perceptron({"x": [low, low, high, high], "y": ["a", "a", "b", "b"]}, target="y", epochs=200)
    assert fit.separable is None


@pytest.mark.parametrize("seed", range(8))
def test_claims_agree_with_a_linear_program(seed: int) -> None:
    """max t with sᵢ(w·xᵢ + b) ≥ t, |w|, |b| ≤ 1: the classes are separable exactly where t > 0."""
    from scipy.optimize import linprog

    generator = np.random.default_rng(seed)
    x = generator.normal(size=(12, 3))
    y = generator.random(12) < 0.5
    y[:2] = [True, False]
    signs = np.where(y, 1.0, -1.0)
    rows = np.column_stack([-signs[:, None] * np.column_stack([x, np.ones(12)]), np.ones(12)])
    best = linprog([0, 0, 0, 0, -1], A_ub=rows, b_ub=np.zeros(12), bounds=[(-1, 1)] * 4 + [(None, 1)])
    data = {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": np.where(y, "yes", "no").tolist()}
    fit = train_perceptron(data, target="y", method="newton")
    assert fit.separable is bool(-best.fun > 1e-9)
    assert fit.status == ("unbounded" if fit.separable else "converged")


# ------------------------------------------------------------------------------------------------ the plane by name


def sides(fit: Any, data: dict[str, Any], target: str) -> Any:
    """s·(w·x + b) of every row for the plane that was named."""
    found = fit.separation
    z = found.bias + sum(weight * np.array(data[name], dtype=float) for name, weight in found.direction.items())
    return np.where(np.array(data[target]) == fit.classes[1], z, -z)


@pytest.mark.parametrize("method", METHODS)
def test_the_separating_plane_is_named(method: str) -> None:
    fit = train_perceptron(SENTIMENT, target="mood", method=method)
    assert fit.separation is not None
    assert (fit.separation.kind, fit.separation.on_plane) == ("perfect", 0)
    assert (sides(fit, SENTIMENT, "mood") > 0).all()
    assert "'sad' lies where" in fit.message


@pytest.mark.parametrize("method", METHODS)
def test_a_quasi_separating_plane_is_named_with_its_rows_by_every_method(method: str) -> None:
    noise = np.random.default_rng(5).normal(size=6)
    data = {"x": [1, 2, 3, 3, 4, 5], "other": noise, "y": ["a", "a", "a", "b", "b", "b"]}
    data["other"][3] = data["other"][2]  # the two rows on the plane agree in everything
    fit = train_perceptron(data, target="y", method=method, epochs=30)
    assert fit.separation is not None
    assert (fit.separation.kind, fit.separation.on_plane, fit.separable) == ("quasi", 2, None)
    assert not fit.reached_goal
    distances = sides(fit, data, "y")
    assert distances.min() >= -1e-9
    assert sorted(np.flatnonzero(np.abs(distances) < 1e-9)) == [2, 3]
    assert "quasi-separated" in fit.message
    assert "2 of the rows being on it" in fit.message
    assert "--l2" in fit.message


def test_only_the_feature_that_separates_is_named() -> None:
    """A level that has one class only, as in medical tables: the plane is that column's."""
    generator = np.random.default_rng(0)
    town = generator.choice(["u", "v", "w"], 120)
    data = {"town": town.tolist(), "x": generator.normal(size=120)}
    data["k"] = np.where((town == "u") | (generator.random(120) < 0.5), "yes", "no").tolist()
    fit = train_perceptron(data, target="k", features="x,town", method="newton")
    assert fit.separation is not None
    assert set(fit.separation.direction) == {"town=v", "town=w"}
    assert (fit.status, fit.separation.on_plane) == ("stalled", int((town != "u").sum()))


def test_a_plane_that_training_has_not_reached_is_found_and_proved() -> None:
    x = np.random.default_rng(2).normal(size=(200, 3))
    data = {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": np.where(x[:, 0] + 0.02 * x[:, 2] > 0.4, "p", "q").tolist()}
    fit = train_perceptron(data, target="y", rate=0.001, epochs=2)
    assert (fit.status, fit.separable) == ("max_iterations", True)
    assert (sides(fit, data, "y") > 0).all()


def test_overlapping_classes_and_penalized_ones_have_no_such_plane() -> None:
    data = {"x": [1.0, 2.0, 3.0, 4.0, 2.5, 9.0], "y": ["a", "a", "b", "b", "b", "a"]}
    for options in ({"method": "newton"}, {"epochs": 3}):
        assert train_perceptron(data, target="y", **options).separation is None  # type: ignore[arg-type]
    quasi = {"x": [1, 2, 3, 3, 4, 5], "y": ["a", "a", "a", "b", "b", "b"]}
    assert train_perceptron(quasi, target="y", l2=0.01).separation is None


def test_of_three_classes_the_one_that_a_plane_separates_is_named() -> None:
    """'a' and 'b' lie upon each other, 'c' lies apart: its plane is verified on the rows."""
    generator = np.random.default_rng(5)
    x, y = generator.normal(size=60), generator.normal(size=60)
    y[40:] += 12
    table = {"x": x, "y": y, "k": [*"ab" * 20, *"c" * 20]}
    for method in ("newton", "gd"):
        fit = train_perceptron(table, target="k", method=method)
        assert not fit.reached_goal
        assert fit.separable is None
        words = fit.message.partition("a plane separates 'c' from the other classes, so weights grow for ever: ")[2]
        weight = re.match(r"'c' lies where (?:y ([−+]) ([0-9.e-]+)·x|y) − ([0-9.]+) > 0", words)
        assert weight is not None, fit.message
        slope = float(weight[2] or 0) * (-1 if weight[1] == "−" else 1)
        assert ((y + slope * x - float(weight[3]) > 0) == (np.arange(60) >= 40)).all()


def test_of_three_classes_one_may_be_quasi_separated() -> None:
    table = {"x": [0, 1, 1, 2, 1, 3, 1], "y": [0, 0, 0, 1, 5, 3, 0], "k": list("aabbccc")}
    fit = train_perceptron(table, target="k", method="newton")
    assert fit.status == "stalled"
    assert "'a' is quasi-separated from the other classes" in fit.message


def test_three_classes_of_which_none_is_apart_are_not_said_to_be() -> None:
    generator = np.random.default_rng(6)
    table = {"x": generator.normal(size=60), "y": generator.normal(size=60), "k": list("abc" * 20)}
    fit = train_perceptron(table, target="k", method="newton")
    assert fit.status == "converged"
    assert "separate" not in train_perceptron(table, target="k", epochs=3).message
