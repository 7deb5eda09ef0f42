"""A curve on real data: what Belgian working families spent on food in 1857 (Engel), against SciPy and statsmodels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import curve_fit

import calcopt
from tests.cli.running import run
from tests.real.real_data import Columns, statistics_set, write


@pytest.fixture
def engel() -> Columns:
    return statistics_set("engel")


def test_a_power_of_the_income(engel: Columns, tmp_path: Path) -> None:
    place, model = write(engel, tmp_path / "engel.csv"), str(tmp_path / "m.json")
    found = json.loads(run("fit", "foodexp ~ a*income^b", place, "--json", "--save", model).out)
    theta, covariance = curve_fit(
        lambda x, a, b: a * x**b,
        engel["income"],
        engel["foodexp"],
        p0=[1, 1],
        jac=lambda x, a, b: np.column_stack([x**b, a * x**b * np.log(x)]),
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
    )
    # MINPACK stops where S changes by less than ε: √ε in the parameters, relative to their correlated errors
    assert list(found["parameters"].values()) == pytest.approx(theta, rel=1e-7)
    assert list(found["standard_errors"].values()) == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-6)
    saved = json.loads(Path(model).read_text(encoding="utf-8"))
    assert np.array(saved["covariance"]) == pytest.approx(covariance, rel=1e-6)


def test_its_logarithm_against_statsmodels(engel: Columns, tmp_path: Path) -> None:
    model = str(tmp_path / "m.json")
    found = calcopt.fit("log(foodexp) ~ a + b*log(income)", engel, save=model)
    x = np.column_stack([np.ones(235), np.log(engel["income"])])
    expected = sm.OLS(np.log(engel["foodexp"]), x).fit()
    assert list(found.parameters.values()) == pytest.approx(expected.params, rel=1e-12)
    assert list(found.standard_errors.values()) == pytest.approx(expected.bse, rel=1e-12)
    rows = list(calcopt.predict(model, engel, interval="prediction"))
    frame = expected.get_prediction(x).summary_frame(alpha=0.05)
    assert [row["lower_log(foodexp)"] for row in rows] == pytest.approx(frame["obs_ci_lower"].to_numpy(), rel=1e-12)
    assert [row["prediction_foodexp"] for row in rows] == pytest.approx(np.exp(frame["mean"].to_numpy()), rel=1e-12)
    share = np.mean(
        [
            row["lower_log(foodexp)"] <= np.log(y) <= row["upper_log(foodexp)"]
            for row, y in zip(rows, engel["foodexp"], strict=True)
        ]
    )
    assert 0.9 <= share <= 0.99  # of the rows themselves: near 95 %


def test_a_robust_line_against_statsmodels(engel: Columns) -> None:
    """Huber's loss with its scale given: statsmodels' norm is the same function of the residual over that scale."""
    scale = 100.0
    found = calcopt.fit("foodexp ~ a + b*income", engel, loss="huber", loss_scale=scale)
    x = np.column_stack([np.ones(235), engel["income"]])
    weights = np.ones(235)
    theta = np.zeros(2)
    for _ in range(200):  # iteratively reweighted least squares, to its fixed point
        theta = sm.WLS(engel["foodexp"], x, weights=weights).fit().params
        size = np.abs(engel["foodexp"] - x @ theta)
        weights = np.minimum(1.0, scale / np.maximum(size, 1e-300))
    assert list(found.parameters.values()) == pytest.approx(theta, rel=1e-9)
