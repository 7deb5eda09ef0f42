"""Classification of real data against scikit-learn and statsmodels, and honesty where there is no answer.

With standardized columns z and n rows our loss (1/n) Σ L + ½ l2 ‖w‖² is scikit-learn's ½ ‖w‖² + C Σ L for C = 1/(n l2).
It is strongly convex in w, so a gradient of 1e-12 leaves an error of 1e-12/l2 at most in w.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import linprog
from sklearn.linear_model import LogisticRegression

from tests.cli.running import run
from tests.real.real_data import Columns, learning_set, matrix, statistics_set, values, write

GRADIENT = 1e-12


def trained(columns: Columns, tmp_path: Path, *options: str, target: str = "target", status: int = 0) -> dict[str, Any]:
    place = write(columns, tmp_path / "data.csv")
    outcome = run("train-perceptron", place, "--target", target, "--json", *options)
    assert outcome.status == status, outcome.err
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def scaled(found: dict[str, Any], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (classes, features) and biases for the standardized columns."""
    if len(found["classes"]) == 2:
        weights, bias = values(found["weights"])[None, :], np.array([found["bias"]])
    else:
        weights = np.array([values(found["weights"][name]) for name in found["classes"]])
        bias = values(found["bias"])
    return weights * x.std(axis=0), bias + weights @ x.mean(axis=0)


def standardized(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(axis=0)) / x.std(axis=0)


def separating_margin(x: np.ndarray, second: np.ndarray) -> bool:
    """Whether a plane separates the rows: feasibility of s (w·x + b) ≥ 1, by linear programming."""
    side = np.where(second, 1.0, -1.0)[:, None]
    rows = -side * np.column_stack([standardized(x), np.ones(len(x))])
    width = rows.shape[1]
    found = linprog(np.zeros(width), A_ub=rows, b_ub=-np.ones(len(x)), bounds=[(None, None)] * width)
    assert found.status in (0, 2), found.message
    return bool(found.status == 0)


@pytest.mark.parametrize("name", ["breast_cancer", "iris", "wine"])
@pytest.mark.parametrize("l2", [1e-2, 1e-4])
def test_with_l2_the_weights_are_those_of_scikit_learn(name: str, l2: float, tmp_path: Path) -> None:
    columns = learning_set(name)
    options = ("--method", "newton", "--l2", str(l2), "--tolerance", str(GRADIENT))
    found = trained(columns, tmp_path, *options)
    assert found["status"] == "converged"
    x = matrix(columns, without="target")
    theirs = LogisticRegression(C=1 / (len(x) * l2), solver="newton-cholesky", tol=GRADIENT, max_iter=1000)
    theirs.fit(standardized(x), columns["target"])
    weights, bias = scaled(found, x)
    error = 4 * GRADIENT / l2
    assert list(theirs.classes_) == found["classes"]
    assert np.abs(weights - theirs.coef_).max() <= error
    # of several biases only the differences matter
    centre = [each - each.mean() if len(each) > 1 else each for each in (bias, theirs.intercept_)]
    assert np.abs(centre[0] - centre[1]).max() <= 10 * error
    assert found["accuracy"] == theirs.score(standardized(x), columns["target"])


def test_breast_cancer_without_l2_is_said_to_be_separable_and_is(tmp_path: Path) -> None:
    columns = learning_set("breast_cancer")
    x, malignant = matrix(columns, without="target"), np.array(columns["target"]) == "malignant"
    assert separating_margin(x, malignant)
    for method in ("newton", "gd"):  # descent alone would not separate them in its 10,000 epochs
        found = trained(columns, tmp_path, "--method", method, status=3)
        assert found["status"] == {"newton": "unbounded", "gd": "max_iterations"}[method]
        assert found["separable"] is True
        assert found["warnings"] == ["the classes are separable: without --l2 the weights grow for ever; add --l2 0.01"]
        require_separation(found, columns, malignant)


def require_separation(found: dict[str, Any], columns: Columns, second: np.ndarray) -> None:
    """The plane that was printed separates the rows: in rational arithmetic, so beyond any rounding."""
    plane = found["separation"]
    assert plane["kind"] == "perfect"
    weights = {name: Fraction(value) for name, value in plane["direction"].items()}
    for row, side in enumerate(second):
        total = sum((weight * Fraction(float(columns[name][row])) for name, weight in weights.items()), Fraction(0))
        total += Fraction(plane["bias"])
        assert total > 0 if side else total < 0


@pytest.mark.parametrize(
    "features", [["mean radius", "mean texture", "mean smoothness"], ["worst area", "worst texture"]]
)
def test_a_few_columns_of_breast_cancer_are_not_separable(features: list[str], tmp_path: Path) -> None:
    columns = {name: learning_set("breast_cancer")[name] for name in [*features, "target"]}
    x, malignant = matrix(columns, without="target"), np.array(columns["target"]) == "malignant"
    assert not separating_margin(x, malignant)
    found = trained(columns, tmp_path, "--method", "newton", "--tolerance", str(GRADIENT))
    assert (found["status"], found["separable"]) == ("converged", False)
    theirs = sm.Logit(malignant.astype(float), np.column_stack([standardized(x), np.ones(len(x))]))
    expected = theirs.fit(method="newton", tol=1e-14, maxiter=100, disp=0).params
    weights, bias = scaled(found, x)
    assert np.append(weights, bias) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_any_columns_are_judged_as_linear_programming_judges_them(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    columns = learning_set("breast_cancer")
    chosen = generator.choice(list(columns)[:30], size=4 * seed + 2, replace=False)
    columns = {str(name): columns[str(name)] for name in [*chosen, "target"]}
    malignant = np.array(columns["target"]) == "malignant"
    separable = separating_margin(matrix(columns, without="target"), malignant)
    found = trained(columns, tmp_path, "--method", "newton", status=3 if separable else 0)
    assert found["separable"] == separable
    assert found["status"] == ("unbounded" if separable else "converged")
    if separable:
        require_separation(found, columns, malignant)


@pytest.mark.parametrize("method", ["newton", "gd"])
def test_what_one_column_settles_for_some_rows_is_quasi_separation(method: str, tmp_path: Path) -> None:
    """No benign tumour has a mean radius above 18, so the weight of that fact grows for ever, and the others do not."""
    columns = learning_set("breast_cancer")
    large = columns["mean radius"] > 18
    columns = {"texture": columns["mean texture"], "large": large * 1.0, "target": columns["target"]}
    malignant = np.array(columns["target"]) == "malignant"
    assert malignant[large].all()
    assert not separating_margin(matrix(columns, without="target"), malignant)
    found = trained(columns, tmp_path, "--method", method, status=3)
    assert found["status"] != "converged"
    assert found["separable"] is None
    assert found["separation"] == {
        "kind": "quasi", "direction": {"large": 1.0}, "bias": 0.0, "rows_on_plane": int((~large).sum()),
    }  # fmt: skip
    assert "quasi-separated, so weights grow for ever" in found["message"]


def test_setosa_is_separable_and_the_three_classes_are_not(tmp_path: Path) -> None:
    columns = learning_set("iris")
    x, kinds = matrix(columns, without="target"), np.array(columns["target"])
    assert separating_margin(x, kinds == "setosa")
    assert not separating_margin(x[kinds != "setosa"], kinds[kinds != "setosa"] == "virginica")
    two = {**columns, "target": np.where(kinds == "setosa", "setosa", "other").tolist()}
    found = trained(two, tmp_path, "--method", "newton", status=3)
    assert (found["status"], found["separable"]) == ("unbounded", True)
    require_separation(found, two, kinds == "setosa")
    # With all three the loss has no minimum either: setosa's weights grow for ever, and nothing else improves.
    found = trained(columns, tmp_path, "--method", "newton", status=3)
    assert found["status"] != "converged"
    assert not found["separable"]
    assert "some weights grow while the loss flattens out" in found["message"]
    assert "--l2" in found["message"]
    pair = {name: np.array(cells)[kinds != "setosa"].tolist() for name, cells in columns.items()}
    found = trained(pair, tmp_path, "--method", "newton")
    assert (found["status"], found["separable"]) == ("converged", False)
    least = found["loss"] * 100 / 150  # what is left of the loss of three classes when setosa costs nothing
    assert trained(columns, tmp_path, "--method", "newton", status=3)["loss"] == pytest.approx(least, rel=1e-4)


def test_wine_is_separable_in_three_classes(tmp_path: Path) -> None:
    columns = learning_set("wine")
    x, kinds = standardized(matrix(columns, without="target")), np.array(columns["target"])
    found = trained(columns, tmp_path, "--method", "newton", status=3)
    assert (found["status"], found["separable"], found["accuracy"]) == ("unbounded", True, 1.0)
    weights, bias = scaled(found, matrix(columns, without="target"))
    scores = x @ weights.T + bias
    own = scores[np.arange(len(x)), [found["classes"].index(kind) for kind in kinds]]
    assert ((scores >= own[:, None]).sum(axis=1) == 1).all()  # no other class reaches a row's own: separated


def test_randhie_against_the_logit_of_statsmodels(tmp_path: Path) -> None:
    """20,190 rows: did a family see a doctor at all?"""
    columns = statistics_set("randhie")
    seen = columns.pop("mdvis") > 0
    x = matrix(columns, without="", constant=True)
    expected = sm.Logit(seen.astype(float), x).fit(method="newton", tol=1e-14, maxiter=100, disp=0)
    table = {**columns, "seen": np.where(seen, "yes", "no").tolist()}
    found = trained(table, tmp_path, "--method", "newton", "--tolerance", str(GRADIENT), target="seen")
    assert (found["status"], found["separable"]) == ("converged", False)
    assert np.append(values(found["weights"]), found["bias"]) == pytest.approx(expected.params, rel=1e-10)
    assert found["loss"] == pytest.approx(-expected.llf / len(x), rel=1e-13)
