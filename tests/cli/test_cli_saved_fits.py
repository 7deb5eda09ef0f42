"""``fit --save`` and ``fit-line --save``, then ``predict`` and ``model``, at the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import run

DECAY = "x,y\n0,5.1\n1,3.9\n2,3.1\n3,2.4\n4,2.1\n5,1.7\n6,1.5\n8,1.2\n"


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "decay.csv"
    path.write_text(DECAY, encoding="utf-8")
    return str(path)


@pytest.fixture
def model(tmp_path: Path, data: str) -> str:
    place = str(tmp_path / "decay.json")
    outcome = run("fit", "y ~ a*exp(-b*x) + c", data, "--save", place)
    assert outcome.status == 0
    assert "saved as                    = " + place in outcome.out
    return place


def test_the_place_is_in_the_json_beside_the_text_of_the_model(tmp_path: Path, data: str) -> None:
    place = str(tmp_path / "m.json")
    found = json.loads(run("fit", "y ~ a + b*x", data, "--save", place, "--json").out)
    assert (found["model"], found["model_file"]) == ("y ~ a + b*x", place)
    assert json.loads(run("fit", "y ~ a + b*x", data, "--json").out)["model_file"] is None
    line = json.loads(run("fit-line", data, "--save", place, "--json").out)
    assert line["model_file"] == place
    assert "saved as                    = " + place in run("fit-line", data, "--save", place).out


def test_predictions_stream_as_csv_and_ndjson(model: str, data: str) -> None:
    lines = run("predict", model, data).out.splitlines()
    assert lines[0] == "row,prediction"
    assert len(lines) == 9
    events = [json.loads(line) for line in run("predict", model, data, "--ndjson").out.splitlines()]
    assert events[0] == {"event": "row", "row": 1, "prediction": float(lines[1].split(",")[1])}
    assert run("predict", model, data, "--quiet").out.splitlines() == [line.split(",")[1] for line in lines[1:]]
    wide = run("predict", model, data, "--interval", "prediction", "--level", "0.5").out.splitlines()
    assert wide[0] == "row,prediction,lower,upper"


def test_a_transformed_response_is_said(tmp_path: Path, data: str) -> None:
    place = str(tmp_path / "log.json")
    run("fit", "log(y) ~ a + b*x", data, "--save", place)
    outcome = run("predict", place, "-", stdin=b"x\n1\n")
    assert outcome.out.splitlines()[0] == "row,prediction_log(y),prediction_y"
    assert "warning: what is predicted is log(y); prediction_y is exp(prediction_log(y))" in outcome.err
    assert (
        run("predict", place, "-", "--quiet", stdin=b"x\n1\n").out == outcome.out.splitlines()[1].split(",")[1] + "\n"
    )
    assert len(run("model", place, "--quiet").out.splitlines()) == 1


def test_diff_accepts_the_formula(model: str) -> None:
    text = run("model", model, "--quiet").out.strip()
    outcome = run("diff", text, "--at", "2", "--json")
    assert outcome.status == 0, outcome.err
    row = json.loads(run("predict", model, "-", "--ndjson", stdin=b"x\n2\n").out)
    assert json.loads(outcome.out)["value"] == pytest.approx(row["prediction"], rel=1e-14)


def test_what_is_shown_of_a_curve(model: str, data: str) -> None:
    text = run("model", model).out
    for words in ("curve  y ~ a*exp(-b*x) + c", f"= {data}, 8 rows", "(5 degrees of freedom)", "std error", "f(x) = "):
        assert words in text
    found = json.loads(run("model", model, "--json").out)
    assert (found["command"], found["kind"], found["text"]) == ("model", "curve", "y ~ a*exp(-b*x) + c")
    assert len(found["covariance"]) == 3
    assert run("model", model, "--csv").out.splitlines()[0] == "parameter,estimate,standard_error"


def test_a_problem_file_says_where_to_save(tmp_path: Path, data: str) -> None:
    place = tmp_path / "m.json"
    problem = tmp_path / "p.yaml"
    problem.write_text(f"command: fit\nmodel: y ~ a + b*x\ndata: decay.csv\nsave: {place}\n", encoding="utf-8")
    assert run("fit", str(problem), "--quiet").status == 0
    assert json.loads(place.read_text(encoding="utf-8"))["kind"] == "curve"
    other = tmp_path / "other.json"
    assert run("fit", str(problem), "--quiet", "--save", str(other)).status == 0
    assert other.exists()


@pytest.mark.parametrize("command", [["fit", "y ~ a*x + b"], ["fit-line"]])
def test_the_data_are_never_replaced(command: list[str], data: str) -> None:
    outcome = run(*command, data, "--save", data)
    assert (outcome.status, outcome.out) == (2, "")
    assert "would be lost" in outcome.err
    assert Path(data).read_text(encoding="utf-8") == DECAY


def test_what_is_not_identifiable_is_not_saved_and_said(tmp_path: Path, data: str) -> None:
    place = tmp_path / "m.json"
    outcome = run("fit", "y ~ a*b*x", data, "--save", str(place), "--json")
    assert outcome.status == 3
    assert "warning: the model was not saved" in outcome.err
    assert json.loads(outcome.out)["model_file"] is None
    assert not place.exists()


def test_faults_have_status_2_and_say_what(model: str, tmp_path: Path) -> None:
    outcome = run("predict", model, "-", stdin=b"z\n1\n")
    assert (outcome.status, outcome.out) == (2, "")
    assert "lacks the column 'x'" in outcome.err
    outcome = run("model", model, "--export", str(tmp_path / "m.onnx"))
    assert (outcome.status, outcome.out) == (2, "")
    assert "--export writes perceptrons and networks, and this is a curve" in outcome.err
    text = Path(model).read_text(encoding="utf-8")
    Path(model).write_text(text.replace('"version": 1', '"version": 9'), encoding="utf-8")
    outcome = run("predict", model, "-", stdin=b"x\n1\n")
    assert (outcome.status, outcome.out) == (2, "")
    assert "version 9" in outcome.err
