"""Models fitted to data: recovery, invariance, and the same numbers by independent ways."""

from __future__ import annotations

import math

import numpy as np
import pytest
from curves import DECAY, NOISE, X, decay, residuals, values
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import matrix, mp, mpf
from scipy.optimize import least_squares

import calcopt
from calcopt.data import kept
from calcopt.data.table import memory_table
from calcopt.learn.curve_rows import Rows

# -- recovery ------------------------------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(a=st.floats(0.2, 50), b=st.floats(0.1, 3), c=st.floats(-20, 20), unit=st.sampled_from([1e-6, 1.0, 1e6]))
def test_exact_data_give_the_parameters_back(a: float, b: float, c: float, unit: float) -> None:
    """No start is given: the guess must not depend on the unit of x."""
    x = X * unit
    fit = calcopt.fit("y ~ a*exp(-b*x) + c", {"x": x, "y": a * np.exp(-(b / unit) * x) + c})
    assert fit.status == "converged"
    assert fit.parameters["a"] == pytest.approx(a, rel=1e-6)
    assert fit.parameters["b"] * unit == pytest.approx(b, rel=1e-6)
    assert fit.parameters["c"] == pytest.approx(c, rel=1e-6, abs=1e-6 * a)


@pytest.mark.parametrize(
    ("model", "true"),
    [
        ("y ~ a*x^b", {"a": 2.5, "b": 1.7}),
        ("y ~ a*x/(b + x)", {"a": 12.0, "b": 0.8}),
        ("y ~ a/(1 + exp(b - c*x))", {"a": 9.0, "b": 4.0, "c": 1.5}),
        ("y ~ a*exp(-((x - m)/s)^2) + c", {"a": 3.0, "m": 2.5, "s": 0.6, "c": 1.0}),
        ("y ~ a*sin(w*x + p)", {"a": 2.0, "w": 2.2, "p": 0.4}),
        ("y ~ a*erf(b*x)", {"a": 2.0, "b": 0.4}),
        ("y ~ if(x < k, a*x, a*k + b*(x - k))", {"a": 2.0, "b": -1.0, "k": 3.1}),
        ("log(y) ~ a - b*x^c", {"a": 1.0, "b": 0.2, "c": 1.3}),
    ],
)
def test_models_are_recovered_without_a_start(model: str, true: dict[str, float]) -> None:
    from calcopt.expression import parse
    from calcopt.numeric.evaluate import compile_functions

    x = X + 0.1
    names = [*true, "x"]
    body = parse(model.split("~")[1]).body
    y = compile_functions([body], names)(np.column_stack([*(np.full(25, v) for v in true.values()), x]))[0]
    fit = calcopt.fit(model, {"x": x, "y": np.exp(y) if model.startswith("log") else y})
    assert fit.status == "converged"
    assert fit.residual_sum_of_squares < 1e-20 * float(y @ y)


# -- invariance ----------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(
    k=st.sampled_from([1e-9, 1e-3, 7.0, 1e6]), m=st.sampled_from([1e-8, 0.3, 1e7]), order=st.permutations(range(len(X)))
)
def test_units_and_the_order_of_rows_do_not_matter(k: float, m: float, order: list[int]) -> None:
    """x → kx, y → my: a and c scale by m, b by 1/k; from a start scaled alike the iterations are the same."""
    plain = decay(start={"a": 1, "b": 1, "c": 0})
    scaled = calcopt.fit(
        "y ~ a*exp(-b*x) + c", {"x": k * X[order], "y": m * DECAY[order]}, {"a": m, "b": 1 / k, "c": 0}
    )
    factors = np.array([m, 1 / k, m])
    assert values(scaled) == pytest.approx(values(plain) * factors, rel=1e-12)
    errors = np.array([*plain.standard_errors.values()], dtype=float) * factors
    assert [*scaled.standard_errors.values()] == pytest.approx(errors.tolist(), rel=1e-11)
    assert scaled.r_squared == pytest.approx(plain.r_squared, rel=1e-12)
    assert [row.step for row in scaled.trace] == [row.step for row in plain.trace]


def test_a_whole_weight_is_a_repeated_row() -> None:
    weights = np.arange(25) % 3 + 1
    weighted = calcopt.fit("y ~ a*exp(-b*x) + c", {"x": X, "y": DECAY, "w": weights}, weights="w")
    repeated = calcopt.fit("y ~ a*exp(-b*x) + c", {"x": np.repeat(X, weights), "y": np.repeat(DECAY, weights)})
    assert values(weighted) == pytest.approx(values(repeated), rel=1e-12)
    assert weighted.residual_sum_of_squares == pytest.approx(repeated.residual_sum_of_squares, rel=1e-12)


def test_the_same_bits_from_memory_and_from_a_file_of_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    """12,000 rows are several blocks; the second time they do not fit the memory they are given."""
    x = np.random.default_rng(3).uniform(0, 5, 12_000)
    table = {"x": x, "y": 2 * np.exp(-x) + 1}
    memory = Rows(memory_table(table), ["x", "y"], None)
    monkeypatch.setattr(kept, "IN_MEMORY", 1 << 16)
    disk = Rows(memory_table(table), ["x", "y"], None)
    one, other = list(memory.blocks()), list(disk.blocks())
    assert len(one) == len(other) == 6
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert np.array_equal(memory.sample(100), disk.sample(100))
    assert disk.values(7000) == memory.values(7000) == {"x": x[7000], "y": table["y"][7000]}


def test_the_same_bits_at_every_run() -> None:
    x = np.random.default_rng(3).uniform(0, 5, 5_000)
    data = {"x": x, "y": 2 * np.exp(-x) + 1 + 0.1 * np.random.default_rng(4).normal(size=5_000)}
    one, other = (calcopt.fit("y ~ a*exp(-b*x) + c", data) for _ in range(2))
    assert one.parameters == other.parameters
    assert one.standard_errors == other.standard_errors


# -- independent ways ----------------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(
    offset=st.sampled_from([0.0, 10.0, 1e5]),
    degree=st.integers(1, 5),
    seed=st.integers(0, 10**6),
)
def test_linear_models_agree_with_normal_equations_in_many_digits(offset: float, degree: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, z = offset + rng.uniform(0, 3, 30), rng.normal(size=30)
    y = rng.normal(size=30) + x
    model = " + ".join(["c0", *(f"c{k}*x^{k}" for k in range(1, degree + 1)), "d*sin(z)"])
    fit = calcopt.fit(f"y ~ {model}", {"x": x, "y": y, "z": z})
    assert fit.method == "exact"
    with mp.workdps(120):  # the squared condition number reaches 1e50
        rows = [
            [*(mpf(float(v)) ** k for k in range(degree + 1)), mp.sin(mpf(float(w)))] for v, w in zip(x, z, strict=True)
        ]
        a, right = matrix(rows), matrix([mpf(float(v)) for v in y])
        information = a.T * a
        exact = mp.lu_solve(information, a.T * right)
        rest = right - a * exact
        variance = (rest.T * rest)[0] / (30 - degree - 2)
        covariance = information**-1 * variance
    for place, name in enumerate([*(f"c{k}" for k in range(degree + 1)), "d"]):
        assert fit.parameters[name] == pytest.approx(float(exact[place]), rel=1e-10)
        assert fit.standard_errors[name] == pytest.approx(float(mp.sqrt(covariance[place, place])), rel=1e-10)


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_a_line_is_that_of_fit_line(offset: float) -> None:
    data = {"x": X + offset, "z": np.sin(X), "y": DECAY}
    line, fit = calcopt.fit_line(data, y="y"), calcopt.fit("y ~ intercept + b*x + v*z", data)
    for ours, theirs in (("b", "x"), ("v", "z"), ("intercept", "intercept")):
        assert fit.parameters[ours] == pytest.approx(line.parameters[theirs], rel=1e-12)
        assert fit.standard_errors[ours] == pytest.approx(line.standard_errors[theirs], rel=1e-11)
        assert fit.p_values[ours] == pytest.approx(line.p_values[theirs], rel=1e-9)
    assert fit.r_squared == pytest.approx(line.r_squared, rel=1e-12)


def test_least_squares_agree_with_scipy() -> None:
    other = least_squares(residuals, [1, 1, 0], xtol=1e-15, ftol=1e-15, gtol=1e-15)
    fit = decay()
    assert values(fit) == pytest.approx(other.x, rel=1e-7)
    covariance = np.linalg.inv(other.jac.T @ other.jac) * 2 * other.cost / 22
    assert [*fit.standard_errors.values()] == pytest.approx(np.sqrt(np.diag(covariance)).tolist(), rel=1e-5)
    widths = np.sqrt(np.diag(covariance))
    assert np.array(fit.correlations) == pytest.approx(covariance / np.outer(widths, widths), rel=1e-4)


@pytest.mark.parametrize(("loss", "theirs"), [("huber", "huber"), ("soft-l1", "soft_l1"), ("cauchy", "cauchy")])
def test_robust_losses_agree_with_scipy_and_shrug_at_outliers(loss: str, theirs: str) -> None:
    spoiled = DECAY.copy()
    spoiled[[3, 11]] += 5
    other = least_squares(
        lambda t: spoiled - (t[0] * np.exp(-t[1] * X) + t[2]),
        [4, 0.7, 1],
        loss=theirs,
        f_scale=0.1,
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
    )
    fit = calcopt.fit("y ~ a*exp(-b*x) + c", {"x": X, "y": spoiled}, loss=loss, loss_scale=0.1)
    assert fit.status == "converged"
    assert fit.cost == pytest.approx(2 * other.cost, rel=1e-9)
    assert values(fit) == pytest.approx(other.x, rel=1e-4)
    found = calcopt.fit("y ~ a*exp(-b*x) + c", {"x": X, "y": spoiled}, loss=loss)
    assert found.loss_scale is not None
    assert 0.02 < found.loss_scale < 0.4
    assert found.parameters["c"] == pytest.approx(1, abs=0.1)
    assert abs(calcopt.fit("y ~ a*exp(-b*x) + c", {"x": X, "y": spoiled}).parameters["c"] - 1) > 0.1
    assert found.r_squared is None
    assert found.aic is None


def test_a_robust_line_needs_no_start() -> None:
    y = 3 + 2 * X + 0.01 * NOISE
    y[4] += 100
    fit = calcopt.fit("y ~ a + b*x", {"x": X, "y": y}, loss="huber")
    assert fit.parameters["b"] == pytest.approx(2, abs=0.02)
    assert all(error is not None and error < 0.02 for error in fit.standard_errors.values())


def test_bounds_hold_and_agree_with_scipy() -> None:
    other = least_squares(residuals, [3, 0.5, 1.1], bounds=([0, 0, 1.05], [np.inf, 0.65, 5]), xtol=1e-14, ftol=1e-14)
    fit = decay(box="a=0..,b=0..0.65,c=1.05..5")
    assert fit.status == "converged"
    assert values(fit) == pytest.approx(other.x, rel=1e-5)
    assert set(fit.at_bound) == {
        name
        for name, one, low, high in zip("abc", other.x, (0, 0, 1.05), (np.inf, 0.65, 5), strict=True)
        if abs(one - low) < 1e-6 or abs(one - high) < 1e-6
    }
    assert all((fit.standard_errors[name] is None) == (name in fit.at_bound) for name in "abc")
    assert any("at a bound" in warning for warning in fit.warnings)


def test_information_criteria_are_those_of_the_normal_likelihood() -> None:
    from scipy.stats import norm

    fit = decay()
    deviation = math.sqrt(fit.residual_sum_of_squares / 25)
    likelihood = float(norm.logpdf(residuals(values(fit)), scale=deviation).sum())
    assert fit.aic == pytest.approx(2 * 4 - 2 * likelihood, rel=1e-12)
    assert fit.bic == pytest.approx(4 * math.log(25) - 2 * likelihood, rel=1e-12)
