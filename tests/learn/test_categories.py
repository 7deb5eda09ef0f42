"""Text columns as features, and missing numbers: what is learned, what is said, what the model keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calcopt.api.perceptron import predict, train_perceptron
from calcopt.errors import DataError
from calcopt.learn.categories import Category
from calcopt.learn.models import load_model

HOUSES: dict[str, Any] = {
    "area": [50.0, 80.0, 65.0, 120.0, 95.0, 70.0],
    "town": ["Rome", "Oslo", "Rome", "Bern", "Oslo", "Bern"],
    "price": [1.0, 3.0, 1.2, 7.5, 3.3, 5.1],
}
GAPS = {**HOUSES, "area": [50.0, None, 65.0, 120.0, None, 70.0]}


def columns_by_hand(table: dict[str, Any]) -> dict[str, Any]:
    levels = sorted(set(table["town"]))
    dummies = {f"town={level}": [float(cell == level) for cell in table["town"]] for level in levels}
    return {"area": table["area"], **dummies, "price": table["price"]}


@pytest.mark.parametrize("options", [{"method": "newton"}, {"hidden": 3, "method": "adam", "epochs": 20}])
def test_a_text_column_is_a_column_for_every_level(options: dict[str, Any]) -> None:
    fit = train_perceptron(HOUSES, target="price", features="area,town", **options)
    by_hand = train_perceptron(columns_by_hand(HOUSES), target="price", **options)
    assert fit.features == ("area", "town=Bern", "town=Oslo", "town=Rome") == by_hand.features
    assert (fit.weights, fit.bias) == (by_hand.weights, by_hand.bias)
    assert fit.categories == {"town": ("Bern", "Oslo", "Rome")}


def test_the_table_names_the_levels() -> None:
    from calcopt.render.people.perceptron import _summary

    fit = train_perceptron(GAPS, target="price", features="area,town", missing="mean", method="newton")
    summary = dict(_summary(fit))
    assert summary["one-hot"] == "town: Bern, Oslo, Rome"
    assert summary["filled in"] == "2 missing cells, by column means"


def test_text_that_nobody_named_is_refused_with_both_ways_out() -> None:
    with pytest.raises(DataError, match=r"'town' is not numeric") as caught:
        train_perceptron(HOUSES, target="price")
    assert caught.value.hint is not None
    assert "--features" in caught.value.hint
    assert "--text town" in caught.value.hint


def test_overlapping_classes_are_proved_so_in_spite_of_the_redundant_level() -> None:
    generator = np.random.default_rng(1)
    table = {"town": generator.choice(["a", "b", "c"], 200).tolist(), "x": generator.normal(size=200)}
    table["k"] = np.where(table["x"] + generator.normal(size=200) > 0, "yes", "no").tolist()
    fit = train_perceptron(table, target="k", features="x,town", method="newton")
    assert (fit.status, fit.separable) == ("converged", False)


def test_predictions_need_no_more_than_the_model(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    fit = train_perceptron(HOUSES, target="price", features="town,area", method="newton", save=place)
    weights: Any = fit.weights
    rows = list(predict(place, {"town": ["Oslo", "Bern"], "area": [10.0, 20.0]}))
    expected = [10 * weights["area"] + weights["town=Oslo"], 20 * weights["area"] + weights["town=Bern"]]
    assert [row["prediction"] for row in rows] == pytest.approx(np.array(expected) + fit.bias, rel=1e-14)
    model = load_model(place)
    assert (model.features, model.columns) == (["area"], ["area", "town"])
    assert model.categories[0].levels == ["Bern", "Oslo", "Rome"]


def test_an_unknown_level_is_refused_with_its_row_or_ignored(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    fit = train_perceptron(HOUSES, target="price", features="area,town", method="newton", save=place)
    strange = {"town": ["Oslo", "Wien"], "area": [10.0, 20.0]}
    with pytest.raises(DataError, match="row 2: column 'town' holds 'Wien'") as caught:
        list(predict(place, strange))
    assert "--unknown ignore" in str(caught.value.hint)
    rows = predict(place, strange, unknown="ignore")
    last = list(rows)[1]
    weights: Any = fit.weights
    assert last["prediction"] == pytest.approx(20 * weights["area"] + fit.bias, rel=1e-14)
    assert rows.warnings == ("1 cell with a level that the model does not know was ignored",)


def test_missing_numbers_are_the_mean_of_the_rows_learned_from(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    fit = train_perceptron(GAPS, target="price", features="area", missing="mean", method="newton", save=place)
    mean = (50 + 65 + 120 + 70) / 4
    filled = {**GAPS, "area": [mean if cell is None else cell for cell in GAPS["area"]]}
    by_hand = train_perceptron(filled, target="price", features="area", method="newton")
    assert (fit.weights, fit.means, fit.filled) == (by_hand.weights, {"area": mean}, 2)
    rows = predict(place, {"area": [None, mean]})
    first, second = (row["prediction"] for row in rows)
    assert first == second
    assert rows.warnings == ("1 missing cell was filled in with the column's mean",)
    with pytest.raises(DataError, match="row 1: column 'area' is missing"):
        list(predict(place, {"area": [None, mean]}, missing="error"))
    assert [row["row"] for row in predict(place, {"area": [None, mean]}, missing="skip")] == [2]


def test_held_out_rows_do_not_tell_the_mean() -> None:
    generator = np.random.default_rng(3)
    x = generator.normal(size=50)
    table = {"x": [None if place % 5 == 0 else value for place, value in enumerate(x)], "y": x}
    means = {
        train_perceptron(table, target="y", missing="mean", validation=0.4, seed=seed, method="newton").means["x"]  # type: ignore[index]
        for seed in range(3)
    }
    assert len(means) == 3


@pytest.mark.parametrize("form", ["csv", "ndjson", "memory"])
def test_every_kind_of_file_says_where_nothing_is(tmp_path: Path, form: str) -> None:
    rows = [("1.5", "a", "2"), ("", "b", "3"), ("2.5", "a", "4"), ("4", "b", "1")]
    if form == "csv":
        path = tmp_path / "t.csv"
        path.write_text("x,c,y\n" + "".join(",".join(row) + "\n" for row in rows))
        data: Any = str(path)
    elif form == "ndjson":
        path = tmp_path / "t.ndjson"
        path.write_text("".join(f'{{"x": {x or "null"}, "c": "{c}", "y": {y}}}\n' for x, c, y in rows))
        data = str(path)
    else:
        data = {"x": [1.5, None, 2.5, 4.0], "c": ["a", "b", "a", "b"], "y": [2, 3, 4, 1]}
    fit = train_perceptron(data, target="y", features="x,c", missing="mean", method="newton")
    assert fit.means == {"x": pytest.approx(8 / 3, rel=1e-15)}
    assert (fit.rows, fit.skipped, fit.filled) == (4, 0, 1)


def test_a_target_or_a_level_cannot_be_filled_in() -> None:
    with pytest.raises(DataError, match="row 2: the target 'y' is missing"):
        train_perceptron({"x": [1, 2, 3], "y": [1, None, 3]}, target="y", missing="mean")
    with pytest.raises(DataError, match="row 2: column 'c' is missing"):
        train_perceptron({"c": ["a", None, "b"], "y": [1, 2, 3]}, target="y", features="c", missing="mean")
    with pytest.raises(DataError, match="column 'x' is empty in every row"):
        train_perceptron({"x": np.array([np.nan] * 3), "y": [1, 2, 3]}, target="y", missing="mean")


def test_too_many_levels_are_refused_while_reading() -> None:
    table = {"id": [f"n{number}" for number in range(1200)], "y": list(range(1200))}
    with pytest.raises(DataError, match="'id' has more than 1,000 levels"):
        train_perceptron(table, target="y", features="id")


def test_levels_are_told_apart_without_the_blanks_around_them() -> None:
    category = Category("c", ("a", "b"))
    assert category.columns(category.codes([" a", "b ", "c"])).tolist() == [[1, 0], [0, 1], [0, 0]]


@pytest.mark.parametrize("levels", ["abc", "abcdef", "abcdefghijkl"])
@pytest.mark.parametrize("seed", range(5))
def test_the_weights_of_levels_do_not_hang_on_the_order_of_the_rows(levels: str, seed: int) -> None:
    """One level is redundant: of all the answers Newton's method gives the shortest, not one that rounding picks."""
    generator = np.random.default_rng(seed)
    town, x = generator.choice(list(levels), 60), generator.uniform(-5, 5, 60)
    table = {"town": town, "x": x, "y": 2 * x + generator.normal(size=60)}
    found = []
    for _ in range(6):
        order = generator.permutation(60)
        columns = {name: column[order].tolist() for name, column in table.items()}
        fit = train_perceptron(columns, target="y", features="x,town", method="newton")
        found.append([*fit.weights.values(), fit.bias])
    assert np.ptp(np.array(found, dtype=float), axis=0).max() < 1e-9
