"""Predictions from saved models: right values, right columns, streamed; data that does not fit is refused."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from calcopt.api.perceptron import predict, train_perceptron
from calcopt.errors import DataError

X = np.random.default_rng(0).normal(size=(60, 2)) * [1.0, 50.0] + [0.0, 1000.0]
TABLE = {
    "u": X[:, 0],
    "v": X[:, 1],
    "y": X[:, 0] + X[:, 1] / 50,
    "k": np.where(X[:, 0] > X[:, 1] / 50 - 20, "in", "out"),
}
THREE = {"u": X[:, 0], "v": X[:, 1], "k": np.array(["low", "mid", "top"])[np.digitize(X[:, 0], [-0.4, 0.4])]}


def test_regression_predicts_in_the_units_of_the_data(tmp_path: Path) -> None:
    fit = train_perceptron(TABLE, target="y", features="u,v", method="newton", save=tmp_path / "m")
    rows = list(predict(tmp_path / "m", {"v": [1000.0, 900.0], "u": [1.0, -2.0]}))
    assert [list(row) for row in rows] == [["row", "prediction"]] * 2
    assert [row["prediction"] for row in rows] == pytest.approx([21.0, 16.0], rel=1e-12)
    assert rows[0]["prediction"] == fit.bias + fit.weights["u"] * 1.0 + fit.weights["v"] * 1000.0


def test_two_classes_have_probabilities_that_sum_to_one(tmp_path: Path) -> None:
    fit = train_perceptron(TABLE, target="k", features="u,v", l2=0.01, save=tmp_path / "m")
    answers = predict(tmp_path / "m", TABLE)
    assert answers.fields == ("row", "prediction", "probability", "probability_in", "probability_out")
    rows = list(answers)
    assert [row["row"] for row in rows] == list(range(1, 61))
    z = fit.bias + fit.weights["u"] * X[:, 0] + fit.weights["v"] * X[:, 1]
    for row, logit in zip(rows, z, strict=True):
        second = 1 / (1 + math.exp(-logit))
        assert row["probability_out"] == pytest.approx(second, rel=1e-9)
        assert row["probability_in"] == pytest.approx(1 - second, rel=1e-9)
        assert row["prediction"] == ("out" if logit > 0 else "in")
        assert row["probability"] == max(row["probability_in"], row["probability_out"])
    assert np.mean([row["prediction"] == k for row, k in zip(rows, TABLE["k"], strict=True)]) == fit.accuracy
    assert answers.warnings == ()


@pytest.mark.parametrize("hidden", ["", "5"])
def test_three_classes(tmp_path: Path, hidden: str) -> None:
    fit = train_perceptron(THREE, target="k", hidden=hidden, l2=0.001, save=tmp_path / "m", epochs=300)
    rows = list(predict(tmp_path / "m", THREE))
    assert list(rows[0]) == [
        "row",
        "prediction",
        "probability",
        "probability_low",
        "probability_mid",
        "probability_top",
    ]
    for row in rows:
        assert sum(row[f"probability_{name}"] for name in fit.classes) == pytest.approx(1.0, rel=1e-14)
        assert row["probability"] == max(row[f"probability_{name}"] for name in fit.classes)
    assert np.mean([row["prediction"] == k for row, k in zip(rows, THREE["k"], strict=True)]) == fit.accuracy


def test_small_probabilities_keep_their_digits(tmp_path: Path) -> None:
    train_perceptron({"x": [0, 1, 2, 3], "k": ["a", "b", "a", "b"]}, target="k", save=tmp_path / "m", scale=False)
    (row,) = predict(tmp_path / "m", {"x": [80.0]})
    assert row["prediction"] == "b"
    assert 0 < row["probability_a"] < 1e-15


def test_rows_are_read_only_as_they_are_asked_for(tmp_path: Path) -> None:
    train_perceptron(TABLE, target="y", features="u,v", method="newton", save=tmp_path / "m")
    table = tmp_path / "t.csv"
    table.write_text("u,v\n1,2\n" + "3,4\n" * 5000, encoding="utf-8")
    answers = predict(tmp_path / "m", table)
    assert next(answers)["row"] == 1
    assert sum(1 for _ in answers) == 5000


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    train_perceptron(TABLE, target="y", features="u,v", method="newton", save=tmp_path / "m")
    with pytest.raises(DataError, match="lacks the columns 'u', 'v' that the model was trained on"):
        predict(tmp_path / "m", {"w": [1.0]})
    with pytest.raises(DataError, match="lacks the column 'v'"):
        predict(tmp_path / "m", {"u": [1.0]})


def test_bad_and_missing_cells(tmp_path: Path) -> None:
    train_perceptron(TABLE, target="y", features="u,v", method="newton", save=tmp_path / "m")
    table = tmp_path / "t.csv"
    table.write_text("u,v\n1,1000\n,1000\n2,1000\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        list(predict(tmp_path / "m", table))
    assert "t.csv:3" in caught.value.report()
    answers = predict(tmp_path / "m", table, missing="skip")
    assert [row["prediction"] for row in answers] == pytest.approx([21.0, 22.0])
    assert answers.warnings == ("1 row with missing cells was skipped",)
    assert [row["row"] for row in predict(tmp_path / "m", table, missing="skip")] == [1, 3]  # as in the file
    table.write_text("u,v\n1,1000\nsoon,1000\n", encoding="utf-8")
    with pytest.raises(DataError, match="'soon'"):
        list(predict(tmp_path / "m", table))
