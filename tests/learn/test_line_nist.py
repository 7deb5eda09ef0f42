"""NIST Statistical Reference Datasets: certified parameters and standard errors, in correct digits."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from calcopt.data.table import memory_table, open_table
from calcopt.learn.line import fit_line
from calcopt.records import LineFit

NIST = Path(__file__).parents[1] / "problems" / "nist"
SETS: dict[str, Mapping[str, Any]] = {
    each["name"]: each for each in YAML(typ="safe").load((NIST / "index.yaml").read_text())["datasets"]
}

DIGITS = {
    "Norris": (13, 13),
    "NoInt1": (14, 14),
    "Longley": (13, 13),
    "Wampler1": (12, 12),
    "Wampler4": (11, 12),
    "Filip": (7, 7),
}
"""Least correct digits of parameters and of standard errors. Filip's powers, rounded to doubles, carry no more than
about 7; its polynomial is fitted to more digits only by knowing that it is one."""


def correct_digits(value: float | None, certified: str) -> float:
    """The log relative error, −log₁₀ |value − c|/|c|, at most 15; for c = 0 the log of the absolute error."""
    assert value is not None
    c = float(certified)
    error = abs(value - c) / (abs(c) or 1.0)
    return 15.0 if error == 0 else min(15.0, -math.log10(error))


def fitted(name: str) -> LineFit:
    """The data set's model, with powers of x as columns of their own."""
    problem = SETS[name]
    with (NIST / problem["csv"]).open() as file:
        rows = list(csv.DictReader(file))
    columns: dict[str, list[float]] = {}
    for parameter in problem["params"]:
        number = int(parameter[1:])
        if number and name == "Longley":
            columns[parameter] = [float(row[f"x{number}"]) for row in rows]
        elif number:
            columns[parameter] = [float(row["x"]) ** number for row in rows]
    table = memory_table({**columns, "y": [float(row["y"]) for row in rows]})
    return fit_line(table, intercept="B0" in problem["params"])


@pytest.mark.parametrize("name", DIGITS)
def test_certified_digits(name: str) -> None:
    fit, problem = fitted(name), SETS[name]
    estimates, errors = DIGITS[name]
    for parameter, value in problem["certified"].items():
        found = "intercept" if parameter == "B0" else parameter
        assert correct_digits(fit.parameters[found], value) >= estimates, parameter
        assert correct_digits(fit.standard_errors[found], problem["stddev"][parameter]) >= errors, parameter
    assert correct_digits(fit.residual_standard_deviation, problem["residual_sd"]) >= errors
    # 1 − R² is about 0.003 for Filip, so that R² has two to three digits more than the residual sum of squares.
    assert correct_digits(fit.r_squared, problem["r_squared"]) >= min(12, errors + 2)
    assert fit.degrees_of_freedom == problem["residual_df"]
    assert fit.rows == problem["n"]


@pytest.mark.parametrize("name", ["Norris", "NoInt1", "Longley"])
def test_files_give_the_same_bits_as_memory(name: str) -> None:
    whole = fitted(name)
    problem = SETS[name]
    features = problem["columns"][1:]
    table = open_table(str(NIST / problem["csv"]))
    fit = fit_line(table, x=features, y="y", intercept="B0" in problem["params"])
    assert list(fit.parameters.values()) == list(whole.parameters.values())
    assert list(fit.standard_errors.values()) == list(whole.standard_errors.values())


def test_near_collinearity_is_said() -> None:
    (warning,) = fitted("Filip").warnings
    assert warning == "the features are nearly collinear: about 6 digits of the coefficients can be trusted"


def test_t_p_and_intervals_of_longley() -> None:
    """t = estimate / standard error; p and the interval from Student's t with 9 degrees of freedom."""
    from scipy.stats import t as student

    fit = fitted("Longley")
    for name, estimate in fit.parameters.items():
        error, t, p, interval = (
            column[name] for column in (fit.standard_errors, fit.t_values, fit.p_values, fit.confidence_intervals)
        )
        assert error is not None
        assert interval is not None
        assert t == pytest.approx(estimate / error, rel=1e-14)
        assert p == pytest.approx(2 * student.sf(abs(estimate / error), 9), rel=1e-12)
        half = student.ppf(0.975, 9) * error
        assert interval == pytest.approx((estimate - half, estimate + half), rel=1e-12)
