"""``calcopt fit`` at the shell: formats, exit statuses, errors, problem files and pipes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import run

DECAY = b"x,y,w\n0,5.1,1\n1,3.9,1\n2,3.1,2\n3,2.4,1\n4,2.1,1\n5,1.7,1\n6,1.5,1\n8,1.2,3\n"
MODEL = "y ~ a*exp(-b*x) + c"


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "decay.csv"
    path.write_bytes(DECAY)
    return str(path)


def test_the_answer_in_every_format(data: str) -> None:
    found = json.loads(run("fit", MODEL, data, "--start", "a=1,b=0.1,c=0", "--json").out)
    assert (found["command"], found["model"], found["status"], found["converged"]) == ("fit", MODEL, "converged", True)
    quiet = dict(line.split() for line in run("fit", MODEL, data, "--start", "1,0.1,0", "--quiet").out.splitlines())
    assert {name: float(value) for name, value in quiet.items()} == found["parameters"]
    table = run("fit", MODEL, data, "--start", "1,0.1,0").out
    assert "a   4.1771979   0.068552" in table
    csv = run("fit", MODEL, data, "--start", "1,0.1,0", "--csv").out.splitlines()
    assert csv[0] == "parameter,estimate,standard_error,t_value,p_value,lower,upper"
    assert csv[1].startswith(f"a,{found['parameters']['a']!r},")


def test_events_know_the_parameters_and_end_with_the_result(data: str) -> None:
    lines = run("fit", MODEL, "-", "--start", "a=1,b=0.1,c=0", "--ndjson", stdin=DECAY).out.splitlines()
    events = [json.loads(line) for line in lines]
    assert list(events[0]["x"]) == ["a", "b", "c"]
    assert events[-1]["event"] == "result"
    assert events[-1]["parameters"] == events[-2]["x"]
    several = run("fit", MODEL, data, "--start", "1,1,1", "--start", "2,2,2", "--ndjson").out.splitlines()
    assert {event.get("run") for event in map(json.loads, several)} == {0, 1, None}


def test_without_a_start_one_is_guessed_and_said(data: str) -> None:
    outcome = run("fit", MODEL, data)
    assert outcome.status == 0
    assert "start guessed: 800 guesses with a, c solved for" in outcome.out


def test_standard_input_weights_let_and_bounds() -> None:
    outcome = run("fit", MODEL, "-", "--weights", "w", "--let", "c=1", "--box", "a=0..4", "--json", stdin=DECAY)
    found = json.loads(outcome.out)
    assert list(found["parameters"]) == ["a", "b"]
    assert found["at_bound"] == ["a"]
    assert found["parameters"]["a"] == 4
    assert found["standard_errors"]["a"] is None
    assert "warning: at a bound: a = 4" in outcome.err


def test_a_problem_file(tmp_path: Path, data: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(f"command: fit\nmodel: {MODEL}\ndata: {data}\nstart: {{a: 1, b: 0.1, c: 0}}\nbox: {{a: 0..}}\n")
    assert run("fit", str(path), "--quiet").out == run("fit", MODEL, data, "--start", "1,0.1,0", "--quiet").out
    path.write_text(f"model: {MODEL}\ndata: {data}\nbox: {{a: 3..1}}\n")
    assert "p.yaml:3:" in run("fit", str(path)).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["y ~ a*exp(-b*x"], "'(' is never closed"),
        (["a*exp(-b*x)"], "a model is written y ~ expression"),
        (["yy ~ a*x"], "did you mean 'y'?"),
        (["y ~ a + b*x + c*2*x"], "do not determine 'b' and 'c' apart"),
        (["y ~ a*log(x - b)", "--start", "a=1,b=2"], "'log(x - b)' is not finite at the start a = 1, b = 2, in row 1"),
        (["y ~ a*x", "--loss", "hubr"], "did you mean 'huber'?"),
        (["y ~ a*x", "--weights", "ww"], "there is no column 'ww'; did you mean 'w'?"),
        (["y ~ a*x", "--latex"], "--latex prints formulas"),
    ],
)
def test_refusals_print_nothing_on_standard_output(words: list[str], said: str, data: str) -> None:
    outcome = run("fit", words[0], data, *words[1:])
    assert outcome.status == 2
    assert outcome.out == ""
    assert said in outcome.err


def test_a_model_without_data_is_refused() -> None:
    outcome = run("fit", "y ~ a*x")
    assert outcome.status == 2
    assert "needs a model and a table of data; such as calcopt fit 'y ~ a*x' data.csv" in outcome.err


def test_what_was_not_reached_is_status_3_and_printed(data: str) -> None:
    outcome = run("fit", "y ~ a*b*exp(-c*x)", data)
    assert outcome.status == 3
    assert "the data do not determine 'a' and 'b' apart" in outcome.out
    short = run("fit", MODEL, data, "--start", "1,0.1,0", "--max-iterations", "1", "--quiet")
    assert short.status == 3
    assert "max_iterations" in short.err


def test_a_name_that_is_almost_a_column_is_warned_of() -> None:
    rows = b"temp,rate\n10,1.1\n20,2.3\n30,4.1\n40,9.2\n50,17.9\n"
    said = "'tempp' is taken as a parameter, for no column has that name; did you mean 'temp'?"
    outcome = run("fit", "rate ~ exp(tempp)", "-", "--start", "tempp=1", stdin=rows)
    assert outcome.status == 0
    assert outcome.err == f"warning: {said}\n"
    refused = run("fit", "rate ~ a + tempp", "-", stdin=rows)
    assert refused.status == 2
    assert refused.err.rstrip().endswith(said)


def test_residuals_are_written_and_the_place_is_checked_first(tmp_path: Path, data: str) -> None:
    place = tmp_path / "r.csv"
    assert run("fit", "y ~ a + b*x", data, "--residuals", str(place)).status == 0
    assert place.read_text(encoding="utf-8").count("\n") == 9
    outcome = run("fit", "y ~ a + b*x", data, "--residuals", str(tmp_path / "none" / "r.csv"))
    assert outcome.status == 2
    assert outcome.out == ""
