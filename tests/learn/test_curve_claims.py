"""What ``fit`` says of models and data that cannot be fitted, or not surely: refusals, warnings and statuses."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from curves import DECAY, NOISE, X, decay, residuals, values

import calcopt
from calcopt.errors import CalcoptError, DataError, MathError, ParseError, UsageError

# -- what is a model, and what is linear ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model", ["y ~ a + b*x", "y = 2(a + b x)/3 - c", "y ~ a*log(x + 1) + b*exp(-x)", "log(y) ~ a + b*x", "y ~ 1 + a*x"]
)
def test_linear_models_are_recognised(model: str) -> None:
    if "- c" in model:
        with pytest.raises(DataError, match="do not determine 'a' and 'c' apart"):
            calcopt.fit(model, {"x": X, "y": DECAY})
    else:
        assert calcopt.fit(model, {"x": X, "y": DECAY}).method == "exact"


def test_of_many_parameters_that_are_not_told_apart_a_few_are_named() -> None:
    rows = np.linspace(0, 3, 200)
    terms = " + ".join(f"b{k}*sin(x + {k})" for k in range(1, 101))
    with pytest.raises(DataError, match=r"and \d+ more apart: .* …\)") as caught:
        calcopt.fit(f"y ~ {terms}", {"x": rows, "y": np.cos(40 * rows)})
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("model", ["y ~ a*step(x - k)", "y ~ max(a, b*x)", "y ~ abs(a)*x", "y ~ a*floor(b)*x"])
def test_what_is_only_piecewise_linear_is_not_solved_at_once(model: str) -> None:
    """The Hessian of these is zero wherever it exists."""
    assert calcopt.fit(model, {"x": X, "y": 2.0 * (X > 3)}).method == "levenberg-marquardt"


def test_a_sum_of_terms_has_indexed_parameters() -> None:
    fit = calcopt.fit("y ~ sum(b[i]*x^i, i, 0, 3)", {"x": X, "y": 1 - X**3})
    assert list(fit.parameters) == ["b[0]", "b[1]", "b[2]", "b[3]"]
    assert values(fit) == pytest.approx([1, 0, 0, -1], abs=1e-12)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_a_guess_knows_where_the_data_are_and_prefers_positive_widths(offset: float) -> None:
    y = 3 * np.exp(-(((X - 2.5) / 0.8) ** 2)) + 0.02 * NOISE
    fit = calcopt.fit("y ~ a*exp(-((x - m)/s)^2)", {"x": X + offset, "y": y})
    assert values(fit) == pytest.approx([3, 2.5 + offset, 0.8], rel=0.05)
    assert fit.iterations < 10


def test_transformed_responses() -> None:
    fit = calcopt.fit("log(y) ~ a + b*x", {"x": X, "y": np.exp(1 - 0.3 * X)})
    assert fit.target == "log(y)"
    assert values(fit) == pytest.approx([1, -0.3], rel=1e-12)


def test_let_gives_a_parameter_its_value() -> None:
    fit = decay(let="c=1")
    assert list(fit.parameters) == ["a", "b"]


@pytest.mark.parametrize(
    ("model", "kind", "said"),
    [
        ("a*exp(-b*x)", ParseError, "a model is written y ~ expression"),
        ("y ~ a*x ~ b", ParseError, "one '~' or '='"),
        ("y(x) = a*x", ParseError, "type y ~ …"),
        ("yy ~ a*x", ParseError, "there is no column 'yy'; did you mean 'y'?"),
        ("y ~ x", UsageError, "the model has no parameters"),
        ("y ~ a*sinn(x)", ParseError, "did you mean 'sin'?"),
        ("y ~ a + b*0*x + c", DataError, "do not determine"),
        ("log(y - 9) ~ a*x", DataError, "'log(y - 9)' has no finite value in row 1"),
        ("y ~ a*sqrt(x - 3) + b", MathError, "'sqrt(x - 3)' is not finite, in row 1"),
    ],
)
def test_refusals(model: str, kind: type[CalcoptError], said: str) -> None:
    with pytest.raises(kind) as caught:
        calcopt.fit(model, {"x": X, "y": DECAY})
    assert said in caught.value.report()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"loss": "hubr"}, "did you mean 'huber'?"),
        ({"loss_scale": 1.0}, "--loss-scale belongs to a robust loss"),
        ({"loss": "huber", "loss_scale": -1.0}, "positive"),
        ({"box": "q=0..1"}, "there is no parameter 'q'"),
        ({"box": "a=1..0"}, "write 0..1"),
        ({"box": "a=1"}, "low..high"),
        ({"start": "a=1,b=2"}, "no value for 'c'"),
        ({"let": "x=1"}, "which is a column of the data"),
        ({"weights": "v"}, "there is no column 'v'"),
        ({"residuals": "r.txt"}, "name a .csv, .json or .ndjson file"),
        ({"tolerance": -1.0}, "0 or above"),
        ({"box": [1, 2, 3]}, "bounds have two ends"),
    ],
)
def test_refused_options(options: dict[str, Any], said: str) -> None:
    with pytest.raises(CalcoptError) as caught:
        decay(**options)
    assert said in caught.value.report()


def test_the_row_and_the_part_that_are_not_finite_at_the_start_are_named() -> None:
    with pytest.raises(MathError) as caught:
        calcopt.fit("y ~ a*log(x - b)", {"x": X + 1, "y": DECAY}, {"a": 1, "b": 2})
    assert (
        "'log(x - b)' is not finite at the start a = 1, b = 2, in row 1 of those used, where" in caught.value.report()
    )


# -- what the data cannot tell -------------------------------------------------------------------------------------


def test_parameters_that_only_act_together_are_named() -> None:
    fit = calcopt.fit("y ~ a*b*exp(-c*x)", {"x": X, "y": DECAY})
    assert fit.status == "singular"
    assert not fit.reached_goal
    assert "do not determine 'a' and 'b' apart" in fit.message
    assert all(error is None for error in fit.standard_errors.values())


def test_an_idle_parameter_is_named() -> None:
    fit = calcopt.fit("y ~ a*exp(-b*x) + 0*c^2", {"x": X, "y": DECAY}, "a=1,b=1,c=1")
    assert fit.status == "singular"
    assert "'c': the model's values do not depend on it" in fit.message


def test_too_few_rows() -> None:
    with pytest.raises(DataError, match="2 rows do not determine 3 parameters"):
        calcopt.fit("y ~ a*exp(-b*x) + c", {"x": [1, 2], "y": [3, 1]})
    exact = calcopt.fit("y ~ a + b*x + c*x^2", {"x": [1, 2, 4], "y": [3, 1, 7]})
    assert exact.degrees_of_freedom == 0
    assert exact.standard_errors["a"] is None
    assert "3 rows fix 3 parameters: nothing is left to judge the fit by" in exact.warnings


def test_slips_in_names_are_warned_of() -> None:
    fit = calcopt.fit("rate ~ a + b*tmep", {"temp": X, "rate": DECAY, "tmep2": X}, "a=1,b=1,tmep=1")
    assert any("'tmep' is taken as a parameter" in warning for warning in fit.warnings)


def test_a_point_that_is_no_minimum_is_not_called_one() -> None:
    """y = x² with f = cos(a): a = 0 is stationary (sin 0 = 0), but the sum of squares is largest there."""
    fit = calcopt.fit("y ~ cos(a)*x", {"x": [1.0, 2.0, 3.0], "y": [0.0, 0.1, -0.1]}, "a=0")
    assert fit.status != "converged"


def test_a_guess_that_explains_nothing_is_doubted() -> None:
    """The frequency is far beyond what is guessed; with a start it is found."""
    x = np.linspace(0, 100, 2000)
    data = {"x": x, "y": np.sin(37 * x)}
    (warning,) = calcopt.fit("y ~ a*sin(w*x + p)", data).warnings
    assert "a start of your own may find a better minimum" in warning
    assert calcopt.fit("y ~ a*sin(w*x + p)", data, "a=1,w=36.99,p=0").parameters["w"] == pytest.approx(37, rel=1e-9)


def test_a_column_named_like_a_constant_is_warned_of() -> None:
    fit = calcopt.fit("y ~ a + b*e^x", {"x": X, "y": DECAY, "e": X})
    assert fit.warnings == ("'e' in the model is the constant, not the column of that name",)


def test_several_starts_are_told_and_the_best_is_the_answer() -> None:
    fit = calcopt.fit("y ~ sin(w*x)", {"x": X, "y": np.sin(2 * X) + 0.01 * NOISE}, ["w=0.3", "w=1.9", "w=5"])
    assert len(fit.starts) == 3
    assert fit.parameters["w"] == pytest.approx(2, abs=0.01)
    assert fit.residual_sum_of_squares == min(run.residual_sum_of_squares for run in fit.starts)


@pytest.mark.parametrize("start", ["a=1e-9,b=40", "a=1,b=-3", "a=0,b=5", "a=-100,b=0"])
def test_far_starts(start: str) -> None:
    """From b = -3 the model reaches e^147, and from b = 40 it is 0 in almost every row."""
    fit = calcopt.fit("y ~ a*exp(-b*x^2)", {"x": X + 1, "y": 3 * np.exp(-0.1 * (X + 1) ** 2)}, start)
    assert fit.status == "converged"
    assert values(fit) == pytest.approx([3, 0.1], rel=1e-9)


def test_a_plateau_is_not_called_a_minimum() -> None:
    """Where exp(-400 x²) is 0 for all rows nothing depends on b."""
    fit = calcopt.fit("y ~ a*exp(-b*x^2) + c", {"x": X + 1, "y": DECAY}, "a=1,b=800,c=1")
    assert fit.status == "singular"
    assert "'b': the model's values do not depend on it" in fit.message
    assert fit.standard_errors["a"] is None
    assert fit.advice is not None
    assert "leave --start out" in fit.advice


def test_an_interrupted_run_tells_what_it_reached() -> None:
    def interrupt(row: calcopt.Iteration) -> None:
        if row.iteration == 2:
            raise KeyboardInterrupt

    fit = decay(start="a=1,b=0.1,c=0", on_iteration=interrupt)
    assert fit.status == "interrupted"
    assert fit.interrupted
    assert [row.iteration for row in fit.trace] == [0, 1, 2]
    assert fit.parameters == dict(zip("abc", fit.trace[2].x, strict=True))
    assert fit.standard_errors["a"] is None


def test_limits_end_a_run_and_say_so() -> None:
    fit = decay(start="a=1,b=9,c=0", max_iterations=1)
    assert fit.status == "max_iterations"
    assert fit.advice is not None
    assert fit.standard_errors["a"] is None


def test_the_trace_is_that_of_a_descent() -> None:
    events: list[calcopt.Iteration] = []
    fit = decay(start="a=1,b=0.1,c=0", on_iteration=events.append)
    assert [row.iteration for row in fit.trace] == list(range(len(fit.trace)))
    assert [row.iteration for row in events] == [row.iteration for row in fit.trace]
    sums = [row.value for row in fit.trace]
    assert all(after <= before * (1 + 1e-12) for before, after in pairwise(sums))
    for row in fit.trace[:3]:
        jacobian = np.column_stack([np.exp(-row.x[1] * X), -row.x[0] * X * np.exp(-row.x[1] * X), np.ones(25)])
        assert row.gradient == pytest.approx(-2 * jacobian.T @ residuals(row.x), rel=1e-9, abs=1e-9)


def test_residuals_are_written(tmp_path: Any) -> None:
    import csv
    import json

    fit = decay(residuals=str(tmp_path / "r.csv"))
    with (tmp_path / "r.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["row", "y", "x", "observed", "fitted", "residual", "standardized"]
    assert [float(row["residual"]) for row in rows] == pytest.approx(residuals(values(fit)).tolist(), abs=1e-14)
    decay(residuals=str(tmp_path / "r.json"))
    assert len(json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))) == 25
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.csv", "r.json"]


def test_a_column_called_as_a_field_of_the_residuals_is_refused(tmp_path: Any) -> None:
    place = tmp_path / "r.csv"
    with pytest.raises(CalcoptError, match="the column 'row' would have the same name"):
        calcopt.fit("y ~ a*row", {"row": [1, 2, 3], "y": [2.0, 4.1, 6.0]}, residuals=str(place))
    place.write_text("row,y\n1,2\n")
    with pytest.raises(CalcoptError, match="would be lost"):
        calcopt.fit("y ~ a*x", {"x": [1, 2, 3], "y": [2.0, 4.1, 6.0]}, residuals=str(place))
    assert place.read_text() == "row,y\n1,2\n"


@pytest.mark.parametrize("name", ["t.csv", "t.json", "t.ndjson"])
def test_residuals_replace_residuals_only(tmp_path: Any, name: str) -> None:
    place = tmp_path / name
    for _ in range(2):
        decay(residuals=str(place))  # those of an earlier run
    if name != "t.json":
        with pytest.raises(CalcoptError, match="the data are read from this file"):
            calcopt.fit("y ~ a*x", place, residuals=str(place))
    for content in ("x,y\n1,2\n2,3\n", '{"format":"calcopt-model"}'):
        place.write_text(content)
        with pytest.raises(CalcoptError, match="something else than residuals, and would be lost"):
            decay(residuals=str(place))
        assert place.read_text() == content


def test_a_search_that_ends_where_two_parameters_become_one_is_told_as_stalled() -> None:
    """Where c is all but 0 only the product b c matters, and the polishing steps lose the rank of the tangent."""
    generator = np.random.default_rng(0)
    for _ in range(12):
        x = generator.uniform(-5, 5, 30)
        fit = calcopt.fit(
            "y ~ a*x + b*exp(c*x)", {"x": x, "y": 2 * x + generator.normal(size=30)}, "a=1,b=1,c=0.1", max_iterations=15
        )
        assert fit.status in ("converged", "stalled", "singular", "max_iterations")
        assert fit.status != "stalled" or fit.iterations > 0


def test_a_parameter_that_no_double_can_hold_is_named() -> None:
    with pytest.raises(DataError, match="the value of 'a' or its error is too large for a double"):
        calcopt.fit("y ~ a*x + b", {"x": [1e-310, 2e-310, 3e-310], "y": [1.0, 2.0, 7.0]})


def test_steps_too_long_to_be_squared_are_told_without_overflow() -> None:
    data = {"x": [1e-160, 1e-300, 1e-160, 1e-160, 1e-160, 1e-160], "y": [2.0, 0.0, 1e-160, 2.0, 1e-160, 1e-160]}
    fit = calcopt.fit("y ~ a*exp(b*x)", data, "a=1,b=-1", loss="huber")
    assert fit.status in ("converged", "stalled", "singular", "max_iterations")


def test_sums_that_underflow_are_told_as_such() -> None:
    with pytest.raises(DataError, match="too small or too large for the sums of the fit"):
        calcopt.fit("log(y) ~ a*x", {"x": [5e-324] * 3, "y": [1.0, 2.0, 5e-324]})
    data = {
        "x": [1e150, 1e150],
        "y": [123456789012345678901234567890.0] * 2,
        "z": [123456789012345678901234567890.0, 1e150],
    }
    assert calcopt.fit("y ~ a/(b + x)", data, "a=1,b=1", weights="z").status != "converged"
