"""Correct digits on the NIST reference sets, ours beside NumPy's lstsq, SciPy's least_squares and, where they are
installed, statsmodels and scikit-learn. A digit count is −log₁₀ of the relative error, the least over the parameters.

Every nonlinear set is run from both published starts, and ours from a guessed one too (its digits are those of the sum
of squares, for terms of a kind may come in another order). Peers get exact derivatives as we do, tolerances of 1e-15,
and standard errors from the SVD of the Jacobian, as SciPy's curve_fit takes them.
"""

from __future__ import annotations

import csv
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML
from scipy.optimize import least_squares

import calcopt
from calcopt.learn.curve_kernel import CurveKernel
from calcopt.learn.curve_model import parse_model

NIST = Path(__file__).parents[1] / "tests" / "problems" / "nist"
Answer = tuple[Sequence[float], Sequence[float] | None]
"""Parameters and their standard errors."""


def digits(found: Sequence[float] | None, certified: Sequence[str]) -> float:
    """The least over the parameters, from 0 to 15."""
    if found is None:
        return math.nan
    worst = 15.0
    for value, text in zip(found, certified, strict=True):
        c = float(text)
        error = abs(value - c) / (abs(c) or 1.0)
        worst = min(worst, 15.0 if error == 0 else -math.log10(error) if math.isfinite(error) else 0.0)
    return max(worst, 0.0)


def sets(name: str) -> list[Mapping[str, Any]]:
    loaded: list[Mapping[str, Any]] = YAML(typ="safe").load((NIST / name).read_text(encoding="utf-8"))["datasets"]
    return loaded


def table(name: str) -> dict[str, np.ndarray]:
    with (NIST / name).open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}


# -- linear ------------------------------------------------------------------------------------------------------------


def design(problem: Mapping[str, Any], data: Mapping[str, np.ndarray]) -> np.ndarray:
    columns = []
    for parameter in problem["params"]:
        number = int(parameter[1:])
        if number == 0:
            columns.append(np.ones(len(data["y"])))
        else:
            columns.append(data[f"x{number}"] if problem["name"] == "Longley" else data["x"] ** number)
    return np.column_stack(columns)


def by_lstsq(x: np.ndarray, y: np.ndarray) -> Answer:
    return np.linalg.lstsq(x, y, rcond=None)[0].tolist(), None


def by_statsmodels(x: np.ndarray, y: np.ndarray) -> Answer:
    import statsmodels.api as sm

    fit = sm.OLS(y, x).fit()
    return fit.params.tolist(), fit.bse.tolist()


def by_scikit_learn(x: np.ndarray, y: np.ndarray) -> Answer:
    from sklearn.linear_model import LinearRegression

    return LinearRegression(fit_intercept=False).fit(x, y).coef_.tolist(), None


LINEAR: dict[str, Callable[[np.ndarray, np.ndarray], Answer]] = {
    "lstsq": by_lstsq,
    "statsmodels": by_statsmodels,
    "scikit-learn": by_scikit_learn,
}


def linear() -> None:
    print(f"\n{'linear set':<12}{'calcopt':>16}" + "".join(f"{name:>16}" for name in LINEAR))
    for problem in sets("index.yaml"):
        if problem["kind"] != "linear":
            continue
        certified, errors = list(problem["certified"].values()), list(problem["stddev"].values())
        fit = calcopt.fit(f"{problem['response']} ~ {problem['model']}", str(NIST / problem["csv"]))
        ours = ([fit.parameters[p] for p in problem["params"]], [fit.standard_errors[p] for p in problem["params"]])
        data = table(problem["csv"])
        cells = [cell(ours, certified, errors)]
        for peer in LINEAR.values():
            try:
                cells.append(cell(peer(design(problem, data), data["y"]), certified, errors))
            except ImportError:
                cells.append("not installed")
        print(f"{problem['name']:<12}" + "".join(f"{text:>16}" for text in cells))


# -- nonlinear ---------------------------------------------------------------------------------------------------------


def by_least_squares(problem: Mapping[str, Any], data: Mapping[str, np.ndarray], start: int, method: str) -> Answer:
    model = parse_model(problem["model"], list(data))
    kernel, columns = CurveKernel(model), np.array([data[name] for name in model.columns])
    point = [float(problem["parameters"][name][start]) for name in model.parameters]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = least_squares(
            lambda theta: kernel.evaluate(columns, theta, 0).residual,
            point,
            jac=lambda theta: -kernel.evaluate(columns, theta, 1).jacobian,  # type: ignore[operator]
            method=method,  # type: ignore[call-overload]
            x_scale="jac",
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-15,
            max_nfev=5000,
        )
        variance = 2 * found.cost / (columns.shape[1] - len(point))
        _, s, vt = np.linalg.svd(found.jac, full_matrices=False)
        kept = s > np.finfo(float).eps * max(found.jac.shape) * s[0]
        spread = ((vt[kept].T / s[kept]) ** 2).sum(axis=1) * variance
        return found.x.tolist(), np.sqrt(spread).tolist()


def nonlinear() -> None:
    names = [f"{who}, start {k}" for k in (1, 2) for who in ("calcopt", "scipy lm", "scipy trf")]
    print(f"\n{'nonlinear':<12}" + "".join(f"{name:>20}" for name in names) + f"{'calcopt, guessed':>20}")
    for problem in sets("nonlinear.yaml"):
        entries, data = problem["parameters"], table(f"{problem['name']}.csv")
        certified, errors = [entry[2] for entry in entries.values()], [entry[3] for entry in entries.values()]
        cells = []
        for start in (0, 1):
            point = {name: float(entry[start]) for name, entry in entries.items()}
            fit = calcopt.fit(problem["model"], str(NIST / f"{problem['name']}.csv"), point)
            cells.append(
                cell(([fit.parameters[p] for p in entries], list(fit.standard_errors.values())), certified, errors)
            )
            for method in ("lm", "trf"):
                try:
                    cells.append(cell(by_least_squares(problem, data, start, method), certified, errors))
                except (ValueError, np.linalg.LinAlgError) as error:
                    cells.append(f"fails: {type(error).__name__}")
        guessed = calcopt.fit(problem["model"], str(NIST / f"{problem['name']}.csv"))
        last = digits([guessed.residual_sum_of_squares], [problem["residual_ss"]])
        print(f"{problem['name']:<12}" + "".join(f"{text:>20}" for text in cells) + f"{last:>20.1f}")


def cell(answer: Answer, certified: Sequence[str], errors: Sequence[str]) -> str:
    """Digits of the parameters, and of the standard errors where there are some."""
    parameters, found = answer
    second = "" if found is None else f" {digits([math.nan if e is None else e for e in found], errors):5.1f}"
    return f"{digits(parameters, certified):5.1f}{second}"


if __name__ == "__main__":
    print("correct digits of parameters, and of standard errors (the published digits are 15 for linear sets, 11 else)")
    linear()
    nonlinear()
