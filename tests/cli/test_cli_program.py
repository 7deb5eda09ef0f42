"""The commands, from words to streams and exit status, in this process."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest
from running import run

from calcopt.cli.commands import COMMANDS, load

NEWTON = ("newton", "x^4 + 0.8y^4 + 4x^2 + 2y^2 - x y - 0.2x^2 y", "--start", "4,4", "--method", "pure")


# ----------------------------------------------------------------------------------------------------- usage


def test_alone_prints_help() -> None:
    outcome = run()
    assert outcome.status == 0
    assert outcome.err == ""
    assert all(name in outcome.out for name in COMMANDS)


def test_the_table_says_what_the_commands_say() -> None:
    for name in COMMANDS:
        assert load(name).name == name
        assert run(name, "--help").out.startswith(f"Usage: calcopt {name} ")
        assert run(name, "-h").status == 0


def test_version() -> None:
    assert run("--version").out.startswith("calcopt ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["newtn", "x"], "no such command 'newtn'; did you mean 'newton'?"),
        (["optimise", "x"], "no such command 'optimise'; the commands are diff, gd,"),
        (["diff"], "missing argument FUNCTION; see calcopt diff --help"),
        (["diff", "x", "y"], "unexpected argument y"),
        (["diff", "x", "--ordr", "2"], "no such option --ordr; did you mean '--order'?"),
        (["--versoin"], "no such option --versoin; did you mean '--version'?"),
        (["diff", "x", "--order"], "option --order needs a value"),
        (["diff", "x", "--order", "two"], "expected"),
        (["diff", "x", "--order", "1.5"], "'1.5' is not a whole number"),
        (["gd", "x^2", "--start", "1", "--rate", "nan"], "'nan' is not a finite number"),
        (["gd", "x^2", "--start", "1", "--rate", "1/0"], "1/0"),
        (["diff", "x", "--color", "red"], "--color is one of auto, always, never, not 'red'"),
        (["gd", "x", "--method", "adm"], "barzilai-borwein, not 'adm'; did you mean 'adam'?"),
        (["diff", "x", "--json", "--csv"], "--json and --csv exclude each other"),
        (["gd", "x^2", "--start", "1", "--latex"], "--latex prints formulas"),
        (["gd", "x^2"], "calcopt gd needs --start"),
        (["diff", "x", "--tangent"], "--tangent needs a point"),
        (["diff", "no/such.yaml"], "no such file"),
        (["fit-line", "no/such.csv"], "no/such.csv"),
        (["diff", "-"], "standard input is empty"),
    ],
)
def test_wrong_usage(words: list[str], said: str) -> None:
    outcome = run(*words)
    assert outcome.status == 2
    assert outcome.out == ""
    assert outcome.err.startswith("error: ") or '"error"' in outcome.err
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_a_parse_error_has_carets_and_a_hint() -> None:
    outcome = run("diff", "3*x + sinn(x)")
    assert outcome.status == 2
    assert outcome.err == "error: unknown function 'sinn'; did you mean 'sin'?\n  3*x + sinn(x)\n        ^^^^\n"


@pytest.mark.parametrize("flag", ["--json", "--ndjson"])
def test_errors_as_json(flag: str) -> None:
    outcome = run("diff", "3*x + sinn(x)", flag)
    assert outcome.out == ""
    assert json.loads(outcome.err)["error"] == {
        "kind": "parse",
        "message": "unknown function 'sinn'",
        "hint": "did you mean 'sin'?",
        "position": 6,
        "end": 10,
    }
    assert json.loads(run("difff", flag).err)["error"]["kind"] == "usage"


def test_errors_in_colour_only_for_the_word_and_the_carets() -> None:
    plain, coloured = run("diff", "sinn(x)"), run("diff", "sinn(x)", terminal=True)
    assert "\x1b" not in plain.err
    assert coloured.err.count("\x1b[1;31m") == 2
    assert "\x1b" not in run("diff", "sinn(x)", terminal=True, variables={"NO_COLOR": "1"}).err
    assert "\x1b" not in run("diff", "sinn(x)", "--color", "never", terminal=True).err
    assert "\x1b" in run("diff", "sinn(x)", "--color=always").err


# ----------------------------------------------------------------------------------------------------- formulas


@pytest.mark.parametrize("words", [["-x^2"], ["--", "-x^2"], ["-x*x"], ["--quiet", "-x^2"]])
def test_a_formula_may_begin_with_a_minus(words: list[str]) -> None:
    assert run("diff", "--quiet", *[word for word in words if word != "--quiet"]).out == "-2*x\n"


def test_diff_in_every_format() -> None:
    assert run("diff", "x^2", "--quiet").out == "2*x\n"
    assert run("diff", "x^2", "--latex").out == "f'\\left(x\\right) = 2 \\, x\n"
    assert run("diff", "x^2", "--latex", "--notation", "leibniz").out.startswith("\\frac{\\mathrm{d} f}{\\mathrm{d} x}")
    assert run("diff", "x^2", "--csv").out == "with_respect_to,expression\nx,2*x\n"
    found = json.loads(run("diff", "x^2 + y^2", "--at", "2,3", "--json").out)
    assert found["gradient"] == ["2*x", "2*y"]
    assert found["gradient_value"] == [4.0, 6.0]
    event = json.loads(run("diff", "x^2", "--ndjson").out)
    assert event["event"] == "result"
    assert "f'(x) = 2*x" in run("diff", "x^2").out
    assert "df/dx = 2*x" in run("diff", "x^2", "--notation", "leibniz").out


def test_the_tangent_is_shown_when_asked_for() -> None:
    assert "tangent" not in run("diff", "x^2", "--at", "2").out
    assert "tangent" in run("diff", "x^2", "--at", "2", "--tangent").out


def test_let_gives_letters_a_value() -> None:
    assert run("diff", "a*x^2", "--let", "a=3", "--quiet").out == "6*x\n"


# ----------------------------------------------------------------------------------------------------- solvers


def test_newton_reaches_the_minimum() -> None:
    outcome = run(*NEWTON, "--json")
    assert outcome.status == 0
    assert outcome.err == ""
    found = json.loads(outcome.out)
    assert found["status"] == "converged"
    assert found["iterations"] == 8
    assert math.hypot(*found["x"].values()) < 1e-8


def test_events_come_one_a_line() -> None:
    lines = [json.loads(line) for line in run(*NEWTON, "--ndjson").out.splitlines()]
    assert [line["event"] for line in lines] == ["iteration"] * 9 + ["result"]
    assert lines[1]["x"]["x"] == pytest.approx(2.582739, abs=1e-6)
    assert "run" not in lines[0]
    assert "trace" not in lines[-1]


def test_events_of_several_starts_are_numbered() -> None:
    words = ("gd", "x^4 - 3x^2 + x", "--start", "-1", "--start", "2", "--rate", "0.02", "--ndjson")
    lines = [json.loads(line) for line in run(*words).out.splitlines()]
    assert {line["run"] for line in lines[:-1]} == {0, 1}
    assert lines[-1]["best"] == 0
    assert len(lines[-1]["runs"]) == 2


def test_csv_of_a_run() -> None:
    rows = list(csv.DictReader(io.StringIO(run(*NEWTON, "--csv").out)))
    assert [row["iteration"] for row in rows] == [str(index) for index in range(9)]


def test_not_reached_is_3_and_printed_all_the_same() -> None:
    outcome = run("gd", "x^2", "--start", "1", "--rate", "1.5")
    assert outcome.status == 3
    assert "diverged" in outcome.out
    assert run("newton", "x^2 - y^2", "--start", "1,0", "--method", "pure").status == 3


def test_negative_starts() -> None:
    assert run("newton", "(x+1)^2 + (y+2)^2", "--start", "-3,-4", "--quiet").out == "x -1.0\ny -2.0\n"
    assert run("newton", "(x+1)^2", "--start=-3", "--quiet").out == "x -1.0\n"


def test_a_system() -> None:
    found = json.loads(run("newton", "--root", "x^2 + y^2 - 4; x*y - 1", "--start", "2,1", "--json").out)
    assert found["goal"] == "root"
    assert max(map(abs, found["residual"])) < 1e-8


def test_a_wide_table_is_cut_on_a_terminal_only() -> None:
    function = "sum((x[i] - i)^2, i, 1, 12)"
    words = ("newton", function, "--start", ",".join(["0"] * 12))
    assert max(map(len, run(*words, terminal=True, variables={"NO_COLOR": "1"}).out.split("\n"))) <= 80
    assert run(*words).status == 0


# ----------------------------------------------------------------------------------------------------- problem files


def test_a_problem_file_and_an_option_that_wins(tmp_path: Path) -> None:
    path = tmp_path / "problem.yaml"
    path.write_text("function: a*(x - 1)^2\nlet: {a: 2}\nstart: {x: 3}\nrate: 0.1\n")
    found = json.loads(run("gd", str(path), "--json").out)
    assert found["x"]["x"] == pytest.approx(1, abs=1e-7)
    assert found["trace"][0]["x"] == {"x": 3.0}
    moved = json.loads(run("gd", str(path), "--start", "5", "--let", "a=1", "--json").out)
    assert moved["trace"][0]["x"] == {"x": 5.0}
    assert moved["trace"][0]["value"] == 16.0


def test_a_problem_on_standard_input() -> None:
    yaml = b"function: (x - 1)^2\nstart: 3\n"
    assert run("newton", "-", "--quiet", stdin=yaml).out == "x 1.0\n"
    assert run("newton", "-", "--start", "3", "--quiet", stdin=b"(x - 1)^2\n").out == "x 1.0\n"
    assert run("newton", "-", "--quiet", stdin=b'{"function": "(x - 1)^2", "start": 3}').out == "x 1.0\n"
    assert "UTF-8" in run("newton", "-", stdin=b"\xff\xfe").err


def test_a_file_for_another_command_lacks_what_this_one_needs(tmp_path: Path) -> None:
    path = tmp_path / "line.yaml"
    path.write_text("command: diff\nfunction: x^2\n")
    outcome = run("gd", str(path))
    assert outcome.status == 2
    assert "has no 'start', which calcopt gd needs (it is meant for 'calcopt diff')" in outcome.err


def test_a_mistake_in_a_file_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / "problem.yaml"
    path.write_text("function: x^2\nstrat: 1\n")
    outcome = run("gd", str(path))
    assert f"{path}:2:1" in outcome.err
    assert "did you mean 'start'?" in outcome.err


def test_a_data_file_is_not_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x,y\n1,2\n")
    assert "is not a problem file" in run("gd", str(path)).err


def test_a_function_longer_than_a_command_line_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    path.write_text(json.dumps({"function": " + ".join(["(x - 1)^2"] * 3000), "start": 3}))
    assert run("newton", str(path), "--quiet").out == "x 1.0\n"


# ----------------------------------------------------------------------------------------------------- data


@pytest.fixture
def points(tmp_path: Path) -> str:
    path = tmp_path / "points.csv"
    path.write_text("x,y\n1,2\n2,5\n3,3\n")
    return str(path)


def test_fit_line(points: str) -> None:
    found = json.loads(run("fit-line", points, "--json").out)
    assert found["slope"] == pytest.approx(0.5)
    assert found["intercept"] == pytest.approx(7 / 3)
    assert json.loads(run("fit-line", "-", "--json", stdin=b"x,y\n1,2\n2,5\n3,3\n").out)["rows"] == 3
    assert "R²" in run("fit-line", points).out
    assert run("fit-line", points, "--quiet").out.startswith("x 0.5")


def test_fit_line_events_know_the_parameters() -> None:
    outcome = run("fit-line", "-", "--method", "gd", "--ndjson", stdin=b"x,y\n1,2\n2,5\n3,3\n")
    first = json.loads(outcome.out.splitlines()[0])
    assert list(first["x"]) == ["x", "intercept"]


def test_a_problem_file_names_its_table(points: str, tmp_path: Path) -> None:
    path = tmp_path / "line.yaml"
    path.write_text("command: fit-line\ndata: points.csv\ny: x\n")
    assert json.loads(run("fit-line", str(path), "--json").out)["target"] == "x"
    assert json.loads(run("fit-line", str(path), "--y", "y", "--json").out)["target"] == "y"


def test_train_save_predict(tmp_path: Path) -> None:
    moods = b"sentence,mood\nYa Ya Ya,happy\nNa na,sad\nYa na Ya,happy\nNa na ya na,sad\n"
    model = str(tmp_path / "mood.json")
    words = ("train-perceptron", "-", "--text", "sentence", "--target", "mood", "--l2", "0.01", "--save", model)
    outcome = run(*words, "--json", stdin=moods)
    assert outcome.status == 0
    assert json.loads(outcome.out)["accuracy"] == 1.0
    asked = b"sentence\nya ya na\nna\n"
    rows = list(csv.DictReader(io.StringIO(run("predict", model, "-", stdin=asked).out)))
    assert [row["prediction"] for row in rows] == ["happy", "sad"]
    assert run("predict", model, "-", "--quiet", stdin=asked).out == "happy\nsad\n"
    assert json.loads(run("predict", model, "-", "--json", stdin=asked).out)["rows"][1]["prediction"] == "sad"
    event = json.loads(run("predict", model, "-", "--ndjson", stdin=asked).out.splitlines()[0])
    assert event["event"] == "row"
    assert event["prediction"] == "happy"


def test_epochs_as_events() -> None:
    words = ("train-perceptron", "-", "--target", "y", "--epochs", "5", "--ndjson")
    lines = [json.loads(line) for line in run(*words, stdin=b"x,y\n1,2\n2,5\n3,3\n").out.splitlines()]
    assert lines[0]["event"] == "epoch"
    assert lines[-1]["event"] == "result"


def test_schema() -> None:
    assert json.loads(run("schema").out)["title"] == "calcopt problem"


# ----------------------------------------------------------------------------------------------------- faults


class Broken(io.StringIO):
    """A stream that fails as the given error says."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str, /) -> int:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (BrokenPipeError(32, "Broken pipe"), 141, ""),
        (KeyboardInterrupt(), 130, ""),
        (OSError(28, "No space left on device"), 2, "error: No space left on device\n"),
        (MemoryError(), 2, "error: not enough memory for this problem\n"),
    ],
)
def test_streams_that_fail(error: BaseException, status: int, said: str) -> None:
    from calcopt.cli.environment import Environment
    from calcopt.cli.main import program

    err = io.StringIO()
    environment = Environment(io.BytesIO(), Broken(error), err, variables={})
    assert program(["diff", "x^2", "--quiet"], environment) == status
    assert err.getvalue() == said


def test_a_fault_of_ours_is_reported_shortly() -> None:
    from calcopt.cli.environment import Environment
    from calcopt.cli.main import program

    for debug in (False, True):
        err = io.StringIO()
        variables = {"CALCOPT_DEBUG": "1"} if debug else {}
        environment = Environment(io.BytesIO(), Broken(ZeroDivisionError("division by zero")), err, variables=variables)
        assert program(["diff", "x^2", "--quiet"], environment) == 1
        assert "a fault of calcopt itself: ZeroDivisionError: division by zero" in err.getvalue()
        assert ("Traceback" in err.getvalue()) is debug


@pytest.mark.parametrize(("function", "point"), [("log(x)", "-1"), ("1/x", "0"), ("abs(x)", "0")])
def test_a_derivative_that_does_not_exist_is_no_quiet_answer(function: str, point: str) -> None:
    outcome = run("diff", function, "--at", point, "--quiet")
    assert (outcome.status, outcome.out) == (3, "nan\n")
    assert outcome.err.startswith(f"note: there is no derivative at x = {point}")
    assert run("diff", function, "--at", "2", "--quiet").status == 0


def test_events_of_a_search_that_has_no_start() -> None:
    """``minimize`` over a box, and from several spread starts: each run is told apart."""
    box = run("minimize", "x^4 - x^2", "--box", "-1..1", "--ndjson")
    assert box.status == 0
    assert json.loads(box.out.splitlines()[0])["lower"] <= -0.25
    spread = run("minimize", "x^4 - x^2", "--box", "-1..1", "--starts", "3", "--ndjson")
    events = [json.loads(line) for line in spread.out.splitlines()]
    assert {event["run"] for event in events if event["event"] == "iteration"} == {0, 1, 2}
