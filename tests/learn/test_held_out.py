"""Held-out rows: metrics that are right, early stopping that keeps the best epoch, weights of classes, schedules."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcopt.api.perceptron import predict, train_perceptron
from calcopt.errors import UsageError
from calcopt.learn.auc import area_under_curve
from calcopt.learn.metrics import confusion_matrix
from calcopt.learn.models import load_model


def classes_table(rows: int = 240, *, names: tuple[str, ...] = ("no", "yes"), seed: int = 4) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, 2))
    logits = x @ generator.normal(size=(2, len(names))) + generator.gumbel(size=(rows, len(names)))
    return {"p": x[:, 0], "q": 50.0 + 9.0 * x[:, 1], "k": np.array(names)[logits.argmax(axis=1)].tolist()}


NUMBERS = {"x": np.linspace(0, 3, 60), "y": np.sin(np.linspace(0, 3, 60)) + 0.1 * np.cos(np.arange(60))}


@given(st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=1, max_size=40))
def test_the_area_under_the_curve_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool]]) -> None:
    scores, positive = np.array([s for s, _ in rows], dtype=float), np.array([p for _, p in rows])
    pairs = list(itertools.product(scores[positive], scores[~positive]))
    found = area_under_curve(scores, positive)
    if not pairs:
        assert found is None
        return
    assert found == pytest.approx(sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs), abs=1e-15)


def test_rounding_does_not_break_a_tie() -> None:
    scores, positive = np.array([1.0, 1.0 + 2.0**-52, 0.3]), np.array([False, True, False])
    assert area_under_curve(scores, positive, noise=1e-14) == 0.75
    assert area_under_curve(scores, positive) == 1.0


def test_the_confusion_matrix_counts_true_against_taken() -> None:
    assert confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), 3) == ((1, 1, 0), (0, 1, 0), (1, 0, 0))


@pytest.mark.parametrize("names", [("no", "yes"), ("ash", "beech", "cedar")])
@pytest.mark.parametrize("weights", [None, "balanced"])
def test_the_metrics_are_those_of_the_predictions(tmp_path: Path, names: tuple[str, ...], weights: str | None) -> None:
    table, place = classes_table(names=names), tmp_path / "m.json"
    fit = train_perceptron(table, target="k", method="newton", class_weights=weights, save=place)
    rows = list(predict(place, table))
    metrics = fit.metrics
    assert metrics is not None
    right = [row["prediction"] == label for row, label in zip(rows, table["k"], strict=True)]
    probability = [row[f"probability_{label}"] for row, label in zip(rows, table["k"], strict=True)]
    assert (metrics.rows, metrics.accuracy) == (240, sum(right) / 240)
    assert metrics.log_loss == pytest.approx(-sum(map(math.log, probability)) / 240, rel=1e-12)
    for i, j in itertools.product(range(len(names)), repeat=2):
        counted = sum(a == names[i] and r["prediction"] == names[j] for a, r in zip(table["k"], rows, strict=True))
        assert metrics.confusion_matrix is not None
        assert metrics.confusion_matrix[i][j] == counted
    if len(names) == 2:
        p = np.array([row["probability_yes"] for row in rows])
        assert metrics.area_under_curve == pytest.approx(area_under_curve(p, np.array(table["k"]) == "yes"), abs=1e-15)
    else:
        assert metrics.area_under_curve is None
    assert load_model(place).training.metrics == metrics


def test_r_squared_and_the_error_of_a_regression_are_in_units_of_the_data(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    fit = train_perceptron(NUMBERS, target="y", method="newton", save=place)
    residual = NUMBERS["y"] - np.array([row["prediction"] for row in predict(place, NUMBERS)])
    assert fit.metrics is not None
    assert fit.metrics.root_mean_squared_error == pytest.approx(math.sqrt((residual**2).mean()), rel=1e-12)
    assert fit.metrics.r_squared == pytest.approx(1 - (residual**2).sum() / NUMBERS["y"].var() / 60, rel=1e-12)


def test_held_out_rows_are_not_learned_from_and_are_measured_apart() -> None:
    table = classes_table()
    fit = train_perceptron(table, target="k", method="newton", validation=0.25)
    assert fit.metrics is not None
    assert fit.validation is not None
    assert (fit.metrics.rows, fit.validation.rows) == (180, 60)
    assert fit.trace[-1].validation_loss == pytest.approx(fit.validation.log_loss, rel=1e-12)
    assert fit.trace[-1].validation_accuracy == fit.validation.accuracy


@pytest.mark.parametrize("method", ["adam", "sgd"])
def test_early_stopping_keeps_the_weights_of_the_best_epoch(method: str) -> None:
    table = classes_table(60)
    common: dict[str, Any] = {"target": "k", "hidden": 16, "method": method, "rate": 0.1, "validation": 0.4, "seed": 2}
    fit = train_perceptron(table, patience=5, epochs=400, **common)
    held_out = [epoch.validation_loss for epoch in fit.trace]
    assert (fit.status, fit.reached_goal) == ("stopped_early", True)
    best = int(np.argmin(np.array(held_out, dtype=float)))
    assert (fit.best_epoch, fit.epochs) == (best, best + 5)
    assert min(held_out[: best + 1]) == held_out[best]
    assert fit.loss == fit.trace[best].loss
    assert f"after {best} epoch" in fit.message
    again = train_perceptron(table, epochs=best, **common)
    assert again.weights == fit.weights


def test_the_best_epoch_is_kept_when_the_epochs_run_out() -> None:
    fit = train_perceptron(
        classes_table(60), target="k", hidden=16, method="adam", rate=0.1, validation=0.4, patience=100, epochs=40
    )
    losses = [epoch.validation_loss for epoch in fit.trace]
    assert (fit.status, fit.epochs) == ("max_iterations", 40)
    assert fit.best_epoch == losses.index(min(losses, key=lambda loss: math.inf if loss is None else loss))
    assert f"those of epoch {fit.best_epoch}" in fit.message


def test_a_weight_of_two_is_a_row_given_twice() -> None:
    table = classes_table(80)
    doubled = [place for place, name in enumerate(table["k"]) for _ in range(2 if name == "yes" else 1)]
    twice = {name: np.array(values)[doubled].tolist() for name, values in table.items()}
    for l2 in (0.0, 0.1):
        common: dict[str, Any] = {"target": "k", "method": "newton", "scale": False, "l2": l2, "tolerance": 1e-9}
        weighted = train_perceptron(table, class_weights={"yes": 2}, **common)
        repeated = train_perceptron(twice, **common)
        assert weighted.weights == pytest.approx(repeated.weights, rel=1e-9)
        assert weighted.loss == pytest.approx(repeated.loss, rel=1e-12)
        assert weighted.class_weights == {"no": 1.0, "yes": 2.0}


@pytest.mark.parametrize("method", ["gd", "sgd", "adam"])
def test_balanced_weights_lead_every_method_to_the_same_place(method: str) -> None:
    table = classes_table(80)
    exact = train_perceptron(table, target="k", method="newton", l2=0.1, class_weights="balanced")
    near = train_perceptron(table, target="k", method=method, l2=0.1, class_weights="balanced", epochs=2000)
    assert near.loss == pytest.approx(exact.loss, abs=2e-3)
    counts = {name: table["k"].count(name) for name in ("no", "yes")}
    assert exact.class_weights == {name: 80 / (2 * count) for name, count in counts.items()}


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ("rare=2", "names 'rare', which is no class"),
        ("yes", "does not understand 'yes'"),
        ("yes=0", "not above 0"),
        ("yes=nan", "not above 0"),
        ("=2", "does not understand '=2'"),
    ],
)
def test_class_weights_that_make_no_sense(weights: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        train_perceptron(classes_table(20), target="k", class_weights=weights)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"patience": 3}, "needs rows held out"),
        ({"patience": 0, "validation": 0.2}, "1 or more"),
        ({"schedule": "cosine"}, "--method gd has no --schedule"),
        ({"schedule": "cosin", "method": "sgd"}, "does not know 'cosin'"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        train_perceptron(classes_table(20), target="k", **options)


def test_class_weights_are_refused_for_numbers() -> None:
    with pytest.raises(UsageError, match="for a classification"):
        train_perceptron(NUMBERS, target="y", class_weights="balanced")


@pytest.mark.parametrize(
    ("schedule", "factors"),
    [
        ("constant", [1, 1, 1]),
        ("1/t", [1, 1 / 2, 1 / 3]),
        ("sqrt", [1, 1 / math.sqrt(2), 1 / math.sqrt(3)]),
        ("cosine", [1, 0.75, 0.25]),
    ],
)
def test_the_rate_falls_as_the_schedule_says(schedule: str, factors: list[float]) -> None:
    """With one row a batch, one epoch of sgd is one step of size α·factor."""
    data = {"x": [1.0, 1.0], "y": [1.0, 1.0]}
    fit = train_perceptron(
        data, target="y", scale=False, method="sgd", batch=0, rate=0.1, schedule=schedule, epochs=3, tolerance=1e-30
    )
    w = 0.0
    for factor in factors:
        w += 0.1 * factor * (1.0 - 2.0 * w)  # weight and bias move alike
    assert fit.weights == {"x": pytest.approx(w, rel=1e-14)}
    assert fit.schedule == schedule


def test_the_document_holds_what_was_measured() -> None:
    from calcopt.render import documents

    fit = train_perceptron(classes_table(), target="k", method="newton", validation=0.25, class_weights="no=2")
    found = json.loads(json.dumps(documents.of(fit)))
    assert set(found["validation"]) == {"rows", "accuracy", "log_loss", "area_under_curve", "confusion_matrix"}
    assert sum(map(sum, found["validation"]["confusion_matrix"])) == 60
    assert found["class_weights"] == {"no": 2.0, "yes": 1.0}
    line = documents.of(train_perceptron(NUMBERS, target="y", method="newton"))
    assert line["validation"] is None
    assert set(line["metrics"]) == {"rows", "r_squared", "root_mean_squared_error"}


@pytest.mark.parametrize("hidden", ["", "5"])
def test_the_held_out_metrics_are_those_of_the_saved_model(tmp_path: Path, hidden: str) -> None:
    """Also where a feature varies in the held-out rows only: nothing was learned of it, and its weight is 0."""
    from calcopt.learn.perceptron_options import Options

    table, place, rows = classes_table(60), tmp_path / "m.json", 60
    held = np.sort(np.random.default_rng(Options(seed=7).seeds()[2]).permutation(rows)[:15])
    table["rare"] = [float(row in held[:4]) for row in range(rows)]
    fit = train_perceptron(
        table, target="k", hidden=hidden, method="adam", epochs=20, validation=0.25, seed=7, l2=0.01, save=place
    )
    predicted = [row for row in predict(place, table) if row["row"] - 1 in held]  # type: ignore[operator]
    truth = [table["k"][row] for row in held]
    loss = -np.mean([math.log(row[f"probability_{k}"]) for row, k in zip(predicted, truth, strict=True)])  # type: ignore[arg-type]
    assert fit.validation is not None
    assert fit.validation.log_loss == pytest.approx(loss, rel=1e-12)
    assert fit.trace[-1].validation_loss == pytest.approx(loss, rel=1e-12)
