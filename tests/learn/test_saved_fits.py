"""Saved lines and curves: what is written reads back and predicts; its covariance, intervals and formula are right."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student

import calcopt
from calcopt.api.models import export
from calcopt.errors import CalcoptError, DataError, FileError, UsageError
from calcopt.expression import parse
from calcopt.learn.models import SavedFit, load_model
from calcopt.numeric.evaluate import compile_functions

X = np.linspace(0.5, 6.0, 25)
NOISE = np.random.default_rng(7).normal(size=25)
DATA = {"x": X, "y": 4 * np.exp(-0.7 * X) + 1 + 0.05 * NOISE, "w": np.linspace(1, 3, 25)}
MODEL = "y ~ a*exp(-b*x) + c"
PLANE = {"petal length": X, "e": np.sin(3 * X), "y": 2 * X - 3 * np.sin(3 * X) + 1 + 0.1 * NOISE}


@pytest.fixture
def curve(tmp_path: Path) -> Path:
    place = tmp_path / "curve.json"
    assert calcopt.fit(MODEL, DATA, "a=1,b=1,c=0", save=place).model_file == str(place)
    return place


def predicted(place: Path, data: Any, field: str = "prediction", **options: Any) -> np.ndarray:
    return np.array([row[field] for row in calcopt.predict(place, data, **options)], dtype=float)


def jacobian(a: float, b: float) -> np.ndarray:
    return np.column_stack([np.exp(-b * X), -a * X * np.exp(-b * X), np.ones(25)])


def test_a_curve_reads_back_with_all_that_the_fit_found(curve: Path) -> None:
    fit = calcopt.fit(MODEL, DATA, "a=1,b=1,c=0")
    saved = load_model(curve)
    assert isinstance(saved, SavedFit)
    assert (saved.kind, saved.model, saved.target, saved.columns) == ("curve", MODEL, "y", ["x"])
    assert dict(zip(saved.names, saved.theta, strict=True)) == fit.parameters
    assert {each.name: each.standard_error for each in saved.parameters} == fit.standard_errors
    assert saved.residual_standard_deviation == fit.residual_standard_deviation
    assert (saved.degrees_of_freedom, saved.fit.rows, saved.fit.loss) == (22, 25, "linear")
    j = jacobian(fit.parameters["a"], fit.parameters["b"])
    s = fit.residual_standard_deviation
    assert saved.covariance == pytest.approx(s**2 * np.linalg.inv(j.T @ j), rel=1e-10)


def test_a_curve_predicts_its_values(curve: Path) -> None:
    a, b, c = load_model(curve).theta
    rows = list(calcopt.predict(curve, {"x": [2.0, 0.0]}))
    assert [list(row) for row in rows] == [["row", "prediction"]] * 2
    assert [row["prediction"] for row in rows] == pytest.approx([a * math.exp(-2 * b) + c, a + c], rel=1e-15)


@pytest.mark.parametrize("interval", ["confidence", "prediction"])
def test_intervals_of_a_curve_by_the_delta_method(curve: Path, interval: str) -> None:
    saved = load_model(curve)
    a, b, _ = saved.theta
    j = jacobian(a, b)
    variance = np.einsum("ij,jk,ik->i", j, np.array(saved.covariance), j)
    if interval == "prediction":
        variance += saved.residual_standard_deviation**2
    half = student.ppf(0.95, 22) * np.sqrt(variance)
    options: Any = {"interval": interval, "level": 0.9}
    values = predicted(curve, DATA)
    assert predicted(curve, DATA, "lower", **options) == pytest.approx(values - half, rel=1e-11)
    assert predicted(curve, DATA, "upper", **options) == pytest.approx(values + half, rel=1e-11)


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("intercept", [True, False])
def test_a_line_and_its_covariance(tmp_path: Path, weights: str | None, intercept: bool) -> None:
    place, table = tmp_path / "line.json", {**PLANE, "w": DATA["w"]}
    names = ["petal length", "e"]
    fit = calcopt.fit_line(table, x=names, y="y", weights=weights, intercept=intercept, save=place)
    saved = load_model(place)
    assert (saved.kind, saved.model, saved.columns) == ("line", None, names)
    assert dict(zip(saved.names, saved.theta, strict=True)) == fit.parameters
    x = np.column_stack([table[name] for name in names] + [np.ones(25)] * intercept)
    w = np.ones(25) if weights is None else table["w"]
    expected = fit.residual_standard_deviation**2 * np.linalg.inv(x.T @ (x * w[:, None]))
    assert saved.covariance == pytest.approx(expected, rel=1e-10)
    assert predicted(place, table) == pytest.approx(x @ saved.theta, rel=1e-14)
    half = student.ppf(0.975, saved.degrees_of_freedom) * np.sqrt(np.einsum("ij,jk,ik->i", x, expected, x))
    assert predicted(place, table, "upper", interval="confidence") == pytest.approx(x @ saved.theta + half, rel=1e-10)


def test_an_interval_far_from_zero_keeps_its_digits(tmp_path: Path) -> None:
    """At x near 10⁹ the variance by the covariance matrix itself would lose all 16 digits."""
    place, moved = tmp_path / "line.json", {"x": X * 64 + 2.0**30, "y": DATA["y"]}
    calcopt.fit_line({"x": X * 64, "y": DATA["y"]}, save=place)
    expected = predicted(place, {"x": X * 64}, "upper", interval="confidence")
    calcopt.fit_line(moved, save=place)
    assert predicted(place, moved, "upper", interval="confidence") == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("response", "back"),
    [
        ("log(y)", np.exp),
        ("log10(y)", lambda z: 10**z),
        ("log2(y)", np.exp2),
        ("sqrt(y)", np.square),
        ("cbrt(y)", lambda z: z**3),
        ("exp(y)", np.log),
        ("1/y", lambda z: 1 / z),
    ],
)
def test_a_transformed_response_is_named_and_taken_back(tmp_path: Path, response: str, back: Any) -> None:
    place = tmp_path / "m.json"
    calcopt.fit(f"{response} ~ exp(a + b*x)", DATA, "0,0", save=place)
    answers = calcopt.predict(place, DATA, interval="confidence")
    rows = list(answers)
    field = f"prediction_{response}"
    assert list(rows[0]) == ["row", field, "prediction_y", f"lower_{response}", f"upper_{response}"]
    assert answers.answer == field
    assert [row["prediction_y"] for row in rows] == pytest.approx([back(row[field]) for row in rows], rel=1e-15)
    assert f"what is predicted is {response}" in answers.warnings[0]
    first, second = calcopt.model(place).formulas.values()
    for text, name in ((first, field), (second, "prediction_y")):
        formula = parse(text)
        found = np.ravel(compile_functions([formula.body], formula.variables)(X[:, None]))
        assert found == pytest.approx([row[name] for row in rows], rel=1e-13)


def test_a_response_without_a_way_back_is_named_all_the_same(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    calcopt.fit("log(y/(6 - y)) ~ a + b*x", DATA, save=place)
    answers = calcopt.predict(place, DATA)
    assert answers.fields == ("row", "prediction_log(y/(6 - y))")
    list(answers)
    assert answers.warnings == ("what is predicted is log(y/(6 - y))",)


def test_what_lies_outside_the_range_of_the_response_is_left_empty(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    calcopt.fit("sqrt(y) ~ a + b*log(x)", DATA, save=place)
    answers = calcopt.predict(place, {"x": [1.0, 1e9, -1.0, 0.0]})
    rows = [[row["prediction_sqrt(y)"], row["prediction_y"]] for row in answers]
    assert None not in rows[0]
    assert rows[1][0] < 0
    assert rows[1][1] is None
    assert rows[2:] == [[None, None], [None, None]]
    assert answers.warnings[1] == "3 predictions without a finite value were left empty"


def test_constants_are_folded_in_exactly(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    calcopt.fit("y ~ a*x^k + m", DATA, let={"k": "1/3", "m": "-pi/2"}, save=place)
    saved = load_model(place)
    assert saved.constants == {"k": "1/3", "m": "-pi/2"}
    (a,) = saved.theta
    assert predicted(place, {"x": [8.0, 27.0]}) == pytest.approx([2 * a - math.pi / 2, 3 * a - math.pi / 2], rel=1e-15)
    text = calcopt.model(place).formulas["y"]
    assert "1/3" in text
    assert parse(text).variables == ("x",)


def test_names_that_the_grammar_lacks_are_renamed_in_the_formula(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    calcopt.fit_line(PLANE, y="y", save=place)
    shown = calcopt.model(place)
    assert [item.variable for item in shown.inputs] == ["petal_length", "x2"]
    formula = parse(shown.formulas["y"])
    inputs = np.column_stack([PLANE["petal length"], PLANE["e"]])
    found = np.ravel(compile_functions([formula.body], formula.variables)(inputs))
    assert found == pytest.approx(predicted(place, PLANE), rel=1e-14)


def test_a_greek_column_and_a_large_model(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    calcopt.fit("y ~ a*σ + b", {"σ": X, "y": DATA["y"]}, save=place)
    assert load_model(place).columns == ["σ"]
    assert len(predicted(place, {"σ": X})) == 25
    assert calcopt.model(place).formula_note is None
    calcopt.fit(f"y ~ a*({'+'.join(['x'] * 9_990)})", DATA, save=place)
    assert calcopt.model(place).formulas == {}
    assert "20,000" in str(calcopt.model(place).formula_note)


# -- what is not saved, and what is refused ---------------------------------------------------------------------------


def test_what_the_data_do_not_determine_is_not_saved(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    fit = calcopt.fit("y ~ a*b*x", DATA, save=place)
    assert (fit.status, fit.model_file) == ("singular", None)
    assert fit.warnings[-1] == f"the model was not saved to {place}: the data do not determine its parameters"
    line = calcopt.fit_line({"x": X, "y": DATA["y"]}, method="gd", rate=10.0, save=place)
    assert (line.status, line.model_file) == ("diverged", None)
    assert line.warnings[-1].endswith("the fit diverged")
    assert not place.exists()


def test_what_stopped_short_is_saved_without_errors(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    fit = calcopt.fit(MODEL, DATA, "a=1,b=9,c=0", max_iterations=1, save=place)
    assert (fit.status, fit.model_file) == ("max_iterations", str(place))
    saved = load_model(place)
    assert (saved.fit.status, saved.covariance) == ("max_iterations", None)
    assert len(predicted(place, DATA)) == 25
    with pytest.raises(UsageError, match="no covariance"):
        calcopt.predict(place, DATA, interval="confidence")
    line = calcopt.fit_line({"x": X, "y": DATA["y"]}, method="gd", rate=1e-3, max_iterations=1, save=place)
    assert (line.status, load_model(place).covariance) == ("max_iterations", None)


def test_a_parameter_at_its_bound_has_no_variance(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    calcopt.fit(MODEL, DATA, "a=1,b=1,c=0", box="c=1.5..", save=place)
    saved = load_model(place)
    assert saved.parameters[2].standard_error is None
    assert [row[2] for row in saved.covariance] == [None, None, None]
    assert saved.covariance[0][0] == pytest.approx(saved.parameters[0].standard_error ** 2, rel=1e-14)
    assert (predicted(place, DATA, "upper", interval="confidence") > predicted(place, DATA)).all()


def test_the_scatter_of_a_new_row_is_refused_where_it_is_not_known(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    for options in ({"weights": "w"}, {"loss": "huber"}):
        calcopt.fit("y ~ a + b*x", DATA, save=place, **options)
        with pytest.raises(UsageError, match="scatter of a new row is not known"):
            calcopt.predict(place, DATA, interval="prediction")
        assert (predicted(place, DATA, "lower", interval="confidence") < predicted(place, DATA)).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"interval": "tolerance"}, "unknown interval"),
        ({"interval": "confidence", "level": 95.0}, "between 0 and 1"),
        ({"level": 0.9}, "belongs to an interval"),
    ],
)
def test_intervals_asked_for_wrongly(curve: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        calcopt.predict(curve, DATA, **options)


def test_a_perceptron_gives_no_interval(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    calcopt.train_perceptron({"x": X, "y": DATA["y"]}, target="y", method="newton", save=place)
    with pytest.raises(UsageError, match="gives no intervals"):
        calcopt.predict(place, DATA, interval="confidence")


@pytest.mark.parametrize("call", ["fit", "fit_line"])
def test_places_are_checked_before_the_fit(tmp_path: Path, call: str) -> None:
    steps: list[Any] = []
    data = tmp_path / "data.csv"
    data.write_text("x,y\n1,2\n2,3\n3,5\n4,4\n", encoding="utf-8")

    def run(save: Path, **more: Any) -> None:
        if call == "fit":
            calcopt.fit("y ~ exp(a*x)", data, save=save, on_iteration=steps.append, **more)
        else:
            calcopt.fit_line(data, method="gd", save=save, on_iteration=steps.append, **more)

    for place, words in ((tmp_path, "folder"), (tmp_path / "no" / "m.json", "does not exist"), (data, "would be lost")):
        with pytest.raises(FileError, match=words):
            run(place)
    if call == "fit":
        with pytest.raises(UsageError, match="the model and the residuals"):
            run(tmp_path / "r.csv", residuals=str(tmp_path / "r.csv"))
    assert steps == []
    assert data.read_text(encoding="utf-8").startswith("x,y\n")
    assert [place.name for place in tmp_path.iterdir()] == ["data.csv"]


def test_a_model_without_predictors_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to predict from"):
        calcopt.fit("y ~ a", DATA, save=tmp_path / "m.json")


def test_data_that_do_not_fit_are_refused(curve: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="lacks the column 'x'"):
        calcopt.predict(curve, {"z": [1.0]})
    table = tmp_path / "t.csv"
    table.write_text("x\n1\nsoon\n", encoding="utf-8")
    with pytest.raises(DataError, match="'soon'"):
        list(calcopt.predict(curve, table))
    table.write_text("x,z\n1,1\n,2\n3,3\n", encoding="utf-8")
    answers = calcopt.predict(curve, table, missing="skip")
    assert [row["row"] for row in answers] == [1, 3]
    assert answers.warnings == ("1 row with missing cells was skipped",)


def test_rows_are_read_only_as_they_are_asked_for(curve: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("x\n" + "3\n" * 5000 + "end\n", encoding="utf-8")
    assert next(calcopt.predict(curve, table))["row"] == 1


def test_onnx_is_for_perceptrons(curve: Path, tmp_path: Path) -> None:
    for make, words in ((lambda: None, "this is a curve"), (lambda: calcopt.fit_line(PLANE, save=curve), "a line")):
        make()
        with pytest.raises(UsageError, match=words):
            export(curve, tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


def changed(place: Path, **fields: Any) -> None:
    model = json.loads(place.read_text(encoding="utf-8"))
    model.update(fields)
    place.write_text(json.dumps(model), encoding="utf-8")


PARAMETERS = [{"name": name, "value": 1.0, "standard_error": None} for name in "abc"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"version": 2}, "has version 2, and this calcopt reads version 1"),
        ({"kind": "forest"}, "of the kind 'forest', which this calcopt does not know"),
        ({"model": None}, "a curve has no model"),
        ({"model": "y ~ a*exp(-b*x"}, "its model cannot be read"),
        ({"model": "y ~ a*exp(-k*x) + c"}, "not those of"),
        ({"columns": ["x", "x"]}, "listed twice"),
        ({"columns": []}, "there are no columns"),
        ({"columns": ["x", "q"]}, "not those of"),
        ({"parameters": []}, "there are no parameters"),
        ({"parameters": PARAMETERS[:2]}, "not those of"),
        ({"parameters": PARAMETERS}, "not that of the standard errors"),
        ({"covariance": [[1.0]]}, "does not have the shape 3 × 3"),
        ({"covariance_factor": [[1.0], [1.0, 2.0], [0.0]]}, "does not have the shape 3 × 3"),
        ({"covariance": None}, "not both there"),
        ({"kind": "line"}, "a line does not have one parameter a column"),
        ({"secret": 1}, "damaged"),
        ({"target": 7}, "damaged"),
        ({"residual_standard_deviation": -1.0}, "damaged"),
    ],
)
def test_damaged_and_newer_files_are_refused(curve: Path, fields: dict[str, Any], words: str) -> None:
    changed(curve, **fields)
    for use in (lambda: calcopt.predict(curve, DATA), lambda: calcopt.model(curve)):
        with pytest.raises(FileError, match=words):
            use()


def test_a_truncated_or_overflowing_file_is_refused(curve: Path) -> None:
    whole = curve.read_text(encoding="utf-8")
    curve.write_text(whole[: len(whole) // 2], encoding="utf-8")
    with pytest.raises(FileError):
        load_model(curve)
    curve.write_text(whole.replace(repr(load_value(whole)), "1e999"), encoding="utf-8")
    with pytest.raises(FileError, match="damaged"):
        load_model(curve)


def load_value(text: str) -> float:
    value: float = json.loads(text)["parameters"][0]["value"]
    return value


def test_a_failed_write_leaves_the_old_model(curve: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = curve.read_bytes()
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(CalcoptError, match="No space left"):
        calcopt.fit("y ~ a + b*x", DATA, save=curve)
    assert curve.read_bytes() == before
    assert [place.name for place in curve.parent.iterdir()] == [curve.name]
