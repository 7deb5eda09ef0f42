"""Linear regression on real data against statsmodels, and on Longley's against NIST's certified values.

Backward stable solvers of a least-squares problem differ by about κ ε in the parameters, κ being the condition of the
columns scaled to equal length and the residuals being no larger than the data; sums over n rows round by √n ε.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from ruamel.yaml import YAML

import calcopt
from tests.cli.running import run
from tests.real.real_data import EPS, Columns, learning_set, matrix, statistics_set, values, write

NIST = Path(__file__).parents[1] / "problems" / "nist" / "index.yaml"
SETS = {
    "diabetes": (learning_set, "target", ".csv"),
    "longley": (statistics_set, "TOTEMP", ".csv"),
    "randhie": (statistics_set, "mdvis", ".parquet"),
}


def question(name: str) -> tuple[Columns, str, Any, float]:
    """The columns, the target, statsmodels' fit and the tolerance of its parameters."""
    load, target, _ = SETS[name]
    columns = load(name)
    x = matrix(columns, without=target, constant=True)
    condition = np.linalg.cond(x / np.linalg.norm(x, axis=0))
    tolerance = max(16.0, math.sqrt(len(x))) * condition * EPS
    return columns, target, sm.OLS(np.asarray(columns[target], float), x).fit(), tolerance


def close(found: np.ndarray, expected: np.ndarray, tolerance: float) -> bool:
    return bool(np.allclose(found, expected, rtol=tolerance, atol=0))


def compare(found: dict[str, Any], expected: Any, tolerance: float) -> None:
    """Parameters, errors, t, p, intervals, R² and s of a JSON document."""
    assert close(values(found["parameters"]), expected.params, tolerance)
    assert close(values(found["standard_errors"]), expected.bse, tolerance)
    t = values(found["t_values"])
    assert close(t, expected.tvalues, 2 * tolerance)
    p = values(found["p_values"])
    # d log p/d log t grows like t² in the tails, and a p below the smallest double is 0
    for mine, theirs, size in zip(p, expected.pvalues, np.abs(t), strict=True):
        assert mine == pytest.approx(theirs, rel=max(1e-12, 2 * tolerance * (1 + size * size)), abs=1e-300)
    intervals = np.array(list(found["confidence_intervals"].values()))
    widths = expected.bse[:, None] + np.abs(expected.params[:, None])
    assert (np.abs(intervals - expected.conf_int()) <= 4 * tolerance * widths).all()
    assert found["r_squared"] == pytest.approx(expected.rsquared, rel=tolerance)
    assert found["residual_standard_deviation"] == pytest.approx(math.sqrt(expected.scale), rel=tolerance)


@pytest.mark.parametrize("name", SETS)
def test_fit_line_agrees_with_statsmodels(name: str, tmp_path: Path) -> None:
    columns, target, expected, tolerance = question(name)
    place = write(columns, tmp_path / f"{name}{SETS[name][2]}")
    outcome = run("fit-line", place, "--y", target, "--json")
    assert outcome.status == 0, outcome.err
    found = json.loads(outcome.out)
    assert (found["status"], found["rows"]) == ("converged", len(columns[target]))
    compare(found, expected, tolerance)


@pytest.mark.parametrize("name", SETS)
def test_fit_of_the_same_model_agrees_too(name: str, tmp_path: Path) -> None:
    columns, target, expected, tolerance = question(name)
    place = write(columns, tmp_path / f"{name}{SETS[name][2]}")
    features = [column for column in columns if column != target]
    model = f"{target} ~ {' + '.join(f'b_{column}*{column}' for column in features)} + constant"
    found = json.loads(run("fit", model, place, "--json").out)
    assert found["method"] == "exact"
    names = [*(f"b_{column}" for column in features), "constant"]
    for field in ("parameters", "standard_errors", "t_values", "p_values", "confidence_intervals"):
        found[field] = {name: found[field][name] for name in names}
    compare(found, expected, tolerance)
    assert found["aic"] == pytest.approx(expected.aic + 2, rel=1e-10)  # we count the variance as a parameter too
    assert found["bic"] == pytest.approx(expected.bic + math.log(found["rows"]), rel=1e-10)


@pytest.mark.parametrize("command", ["fit-line", "fit"])
def test_longley_has_the_certified_values(command: str, tmp_path: Path) -> None:
    """NIST certifies 15 digits."""
    columns = statistics_set("longley")
    place = write(columns, tmp_path / "longley.csv")
    features = list(columns)[1:]
    if command == "fit-line":
        outcome = run("fit-line", place, "--y", "TOTEMP", "--json")
        names = [*features, "intercept"]
    else:
        terms = " + ".join(f"b{k}*{column}" for k, column in enumerate(features, start=1))
        outcome = run("fit", f"TOTEMP ~ {terms} + b0", place, "--json")
        names = [*(f"b{k}" for k in range(1, 7)), "b0"]
    found = json.loads(outcome.out)
    sets = YAML(typ="safe").load(NIST.read_text(encoding="utf-8"))["datasets"]
    certified = next(each for each in sets if each["name"] == "Longley")
    order = [names[-1], *names[:-1]]
    for name, value, error in certified_values(certified, order):
        assert found["parameters"][name] == pytest.approx(value, rel=1e-12)
        assert found["standard_errors"][name] == pytest.approx(error, rel=1e-12)


def certified_values(certified: Any, order: list[str]) -> list[tuple[str, float, float]]:
    pairs = zip(certified["certified"].values(), certified["stddev"].values(), strict=True)
    return [(name, float(value), float(error)) for name, (value, error) in zip(order, pairs, strict=True)]


@pytest.mark.parametrize("interval", ["confidence", "prediction"])
@pytest.mark.parametrize("command", ["fit-line", "fit"])
def test_intervals_of_a_saved_fit_agree_with_statsmodels(command: str, interval: str, tmp_path: Path) -> None:
    columns, target, _, _ = question("diabetes")
    place, model = write(columns, tmp_path / "diabetes.csv"), str(tmp_path / "m.json")
    chosen = ["bmi", "bp", "s5"]
    if command == "fit-line":
        assert run("fit-line", place, "--x", ",".join(chosen), "--y", target, "--save", model).status == 0
    else:
        assert run("fit", f"{target} ~ a*bmi + b*bp + c*s5 + d", place, "--save", model).status == 0
    x = np.column_stack([*(columns[name] for name in chosen), np.ones(442)])
    frame = sm.OLS(columns[target], x).fit().get_prediction(x).summary_frame(alpha=0.1)
    rows = list(calcopt.predict(model, place, interval=interval, level=0.9))  # type: ignore[arg-type]
    kind = "mean" if interval == "confidence" else "obs"
    for field, theirs in (("prediction", "mean"), ("lower", f"{kind}_ci_lower"), ("upper", f"{kind}_ci_upper")):
        assert [row[field] for row in rows] == pytest.approx(frame[theirs].to_numpy(), rel=1e-12, abs=1e-10)


def test_a_linear_perceptron_is_the_same_line(tmp_path: Path) -> None:
    columns, target, expected, tolerance = question("diabetes")
    place = write(columns, tmp_path / "diabetes.csv")
    outcome = run("train-perceptron", place, "--target", target, "--method", "newton", "--json")
    found = json.loads(outcome.out)
    assert (found["task"], found["status"]) == ("regression", "converged")
    assert close(np.append(values(found["weights"]), found["bias"]), expected.params, 100 * tolerance)
    assert found["metrics"]["r_squared"] == pytest.approx(expected.rsquared, rel=1e-12)
