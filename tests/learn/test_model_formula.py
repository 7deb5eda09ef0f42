"""A model's formula, read back by calcopt's own grammar, is the model: the same values as ``predict``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import calcopt
from calcopt.api.perceptron import model as summary
from calcopt.api.perceptron import predict, train_perceptron
from calcopt.expression import parse
from calcopt.learn.model_formula import TooLongError, formulas, variables
from calcopt.learn.network import Network
from calcopt.numeric.evaluate import compile_functions
from tests.cli.running import run


def table(rows: int = 60) -> dict[str, Any]:
    generator = np.random.default_rng(8)
    columns: dict[str, Any] = {"petal length": generator.normal(5, 2, rows), "e": generator.normal(size=rows)}
    columns["town"] = generator.choice(["Aix", "Bari", "Cork"], rows).tolist()
    columns["y"] = columns["petal length"] * columns["e"] + (np.array(columns["town"]) == "Cork")
    columns["k"] = np.where(columns["y"] > 1, "up", "down").tolist()
    columns["three"] = np.array(["low", "mid", "top"])[np.digitize(columns["y"], [-2, 2])].tolist()
    return columns


def values_of(texts: list[str], inputs: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The formulas at rows of inputs, by calcopt's own kernels."""
    parsed = [parse(text, max_length=10**6) for text in texts]
    return np.column_stack(
        [np.ravel(compile_functions([item.body], item.variables)(inputs)) for item in parsed],
    )


@pytest.mark.parametrize("target", ["y", "k", "three"])
@pytest.mark.parametrize("hidden", ["", "3", "3,2"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_the_formula_gives_the_values_of_predict(tmp_path: Path, target: str, hidden: str, activation: str) -> None:
    if not hidden and activation != "sigmoid":
        pytest.skip("a perceptron has no activation")
    place, data = tmp_path / "m.json", table()
    train_perceptron(
        data, target=target, features=["petal length", "e", "town"], hidden=hidden, activation=activation,
        method="adam", epochs=15, l2=0.01, save=place,
    )  # fmt: skip
    shown = summary(place)
    generator = np.random.default_rng(1)
    fresh = {"petal length": generator.normal(5, 3, 40), "e": generator.normal(0, 4, 40)}
    towns = generator.choice(["Aix", "Bari", "Cork"], 40)
    predicted = list(predict(place, {**fresh, "town": towns.tolist()}))
    columns = [fresh["petal length"], fresh["e"], *(towns == name for name in ("Aix", "Bari", "Cork"))]
    found = values_of(list(shown.formulas.values()), np.column_stack(columns).astype(float))
    names = ["prediction"] if target == "y" else [f"probability_{name}" for name in shown.formulas]
    expected = np.array([[row[name] for name in names] for row in predicted])
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_diff_accepts_the_formula_that_quiet_prints(tmp_path: Path) -> None:
    place, data = str(tmp_path / "m.json"), table()
    numbers = {name: data[name] for name in ("petal length", "e", "k")}
    train_perceptron(numbers, target="k", hidden=2, method="adam", epochs=10, save=place)
    text = run("model", place, "--quiet").out.strip()
    outcome = run("diff", text, "--at", "petal_length=4.5,x2=0.25", "--json")
    assert outcome.status == 0, outcome.err
    (row,) = predict(place, {"petal length": [4.5], "e": [0.25]})
    assert json.loads(outcome.out)["value"] == pytest.approx(row["probability_up"], rel=1e-12)


def test_variables_are_names_of_the_grammar_and_all_different() -> None:
    features = ["x", "petal length", "petal_length", "e", "log", "größe", "x4", "c=a b", "c=a_b", "2", "", "lambda"]
    names = variables(features)
    assert len(set(names)) == len(features)
    assert names[:3] == ("x", "x2", "petal_length")
    assert (names[6], names[11]) == ("x4", "lambda")
    assert parse(f"f({', '.join(names)}) = {' + '.join(names)}").variables == names


@given(st.lists(st.text(max_size=8), min_size=1, max_size=8, unique=True))
@settings(max_examples=60)
def test_any_features_become_variables(features: list[str]) -> None:
    names = variables(features)
    assert len(set(names)) == len(features)
    assert parse(f"f({', '.join(names)}) = {' + '.join(names)}").variables == names


@given(st.lists(st.floats(-1e300, 1e300), min_size=4, max_size=4))
@settings(max_examples=60)
def test_every_number_keeps_its_digits(theta: list[float]) -> None:
    network = Network((3, 1), "sigmoid", "identity")
    (text,) = formulas(network, network.layers(np.array(theta)), ["a", "b", "c"])
    unit = np.concatenate([np.zeros((1, 3)), np.eye(3)])
    with np.errstate(over="ignore"):
        expected = theta[3] + np.concatenate([[0.0], theta[:3]])
    assert values_of([text], unit)[:, 0].tolist() == pytest.approx(expected.tolist(), rel=1e-15, abs=0.0)


def test_a_formula_that_would_be_too_long_is_left_out_and_said_so(tmp_path: Path) -> None:
    place, data = str(tmp_path / "m.json"), table()
    numbers = {name: data[name] for name in ("petal length", "e", "y")}
    train_perceptron(numbers, target="y", hidden="40,40", method="adam", epochs=1, save=place)
    shown = calcopt.model(place)
    assert shown.formulas == {}
    assert shown.formula_note is not None
    assert "20,000 characters" in run("model", place).out
    network = Network((2, 2000, 1), "tanh", "identity")
    with pytest.raises(TooLongError):
        formulas(network, network.layers(np.ones(network.parameters)), ["a", "b"])


def test_what_is_shown_of_a_model(tmp_path: Path) -> None:
    place, data = str(tmp_path / "m.json"), table()
    train_perceptron(
        data, target="three", features=["petal length", "town"], missing="mean", method="newton", l2=0.1, save=place
    )
    text = run("model", place).out
    for words in (
        "three from petal length, town=Aix",
        "trained on = data, 60 rows",
        "petal length 4.",
        "low, mid, top",
    ):
        assert words in text
    assert re.search(r"town_Cork +1 where town is 'Cork', else 0", text)
    assert "the probability of mid:" in text
    found = json.loads(run("model", place, "--json").out)
    assert (found["command"], found["classes"], found["parameters"]) == ("model", ["low", "mid", "top"], 15)
    assert [item["variable"] for item in found["inputs"]] == ["petal_length", "town_Aix", "town_Bari", "town_Cork"]
    assert set(found["formulas"]) == {"low", "mid", "top"}
    assert found["training"]["metrics"]["confusion_matrix"] is not None
    assert run("model", place, "--csv").out.splitlines()[0] == "feature,variable,meaning"
    assert len(run("model", place, "--quiet").out.splitlines()) == 3


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "x.json"
    other.write_text("{}")
    outcome = run("model", str(other))
    assert (outcome.status, outcome.out) == (2, "")
    assert "not a calcopt model" in outcome.err
