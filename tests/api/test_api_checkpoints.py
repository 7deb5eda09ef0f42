"""Checkpoints: a run that goes on from one makes the same iterates, to the last bit, whatever the method."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from calcopt import gradient_descent, minimize, newton
from calcopt.errors import FileError, UsageError
from calcopt.records import Result
from calcopt.solve.catalog import DescentMethod, LocalMethod, NewtonMethod

ROSENBROCK = "(1-x)^2 + 100(y-x^2)^2"
CHAIN = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2, i, 1, 599)"
FLAT = "(x^2 + y - 11)^2*exp(-x/9) + y^4 + x/7"
Solver = Callable[..., Any]

RUNS: dict[str, tuple[Solver, str, str, dict[str, Any]]] = {
    **{
        f"gd {name}": (gradient_descent, ROSENBROCK, "-1.2,1", {"method": name, "rate": 1e-4})
        for name in get_args(DescentMethod)
    },
    "gd schedule": (gradient_descent, ROSENBROCK, "-1.2,1", {"rate": 1e-3, "schedule": "cosine"}),
    "gd box": (gradient_descent, ROSENBROCK, "-1.2,1", {"method": "nesterov", "rate": 1e-4, "box": "-1.5..0.5"}),
    "gd maximize": (gradient_descent, f"-({ROSENBROCK})", "-1.2,1", {"method": "backtracking", "maximize": True}),
    **{f"newton {name}": (newton, ROSENBROCK, "-1.2,1", {"method": name}) for name in get_args(NewtonMethod)},
    **{f"minimize {name}": (minimize, ROSENBROCK, "-1.2,1", {"method": name}) for name in get_args(LocalMethod)},
    "relay": (minimize, "(x*y-1)^2 + (x+y-5)^2 + (x-y)^2", "9,-7", {}),
    "trust region, bounds": (newton, FLAT, "5,-2", {"method": "trust-region", "box": "-6..6"}),
    "many variables": (minimize, CHAIN, "x[i]=-1.2", {"max_iterations": 40}),
    "squares": (minimize, "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2, i, 1, 39)", "x[i]=-1.2", {"max_iterations": 50}),
    "gd nesterov schedule": (
        *(gradient_descent, ROSENBROCK, "-1.2,1"),
        {"method": "nesterov", "rate": 1e-4, "schedule": "sqrt"},
    ),
    "root": (newton, "x^3 - x - 1; y^2 - x", "9,9", {"root": True}),
    "root pure": (newton, "x^3 - x - 1; y^2 - x", "9,9", {"root": True, "method": "pure"}),
    "root bracketed": (newton, "atan(x) + x/50", "9", {"root": True}),
}


def run(name: str, **options: Any) -> Result:
    solver, function, start, fixed = RUNS[name]
    given = {} if "resume" in options else {"start": start}
    found = solver(function, **given, **{"max_iterations": 60, **fixed, **options})
    assert isinstance(found, Result)
    return found


@pytest.mark.parametrize("cut", [1, 4])
@pytest.mark.parametrize("name", RUNS)
def test_a_run_goes_on_with_the_same_iterates(name: str, cut: int, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    whole = run(name)
    first = run(name, checkpoint=file, max_iterations=cut)
    assert first.iterations == min(cut, whole.iterations)
    rest = run(name, resume=file)
    assert [row.iteration for row in rest.trace] == [row.iteration for row in whole.trace]
    for ours, theirs in zip(rest.trace, whole.trace, strict=True):
        np.testing.assert_array_equal(ours.x, theirs.x)
        assert (ours.value, ours.step, dict(ours.detail)) == (theirs.value, theirs.step, dict(theirs.detail))
    assert (rest.status, rest.message, rest.counts.value) == (whole.status, whole.message, whole.counts.value)
    np.testing.assert_array_equal(rest.x, whole.x)


def test_a_checkpoint_of_a_resumed_run_can_be_resumed(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    run("gd adam", checkpoint=file, max_iterations=5)
    for last in (10, 20, 60):
        again = run("gd adam", resume=file, checkpoint=file, max_iterations=last)
    np.testing.assert_array_equal(again.x, run("gd adam").x)
    assert not list(tmp_path.glob(".*")), "no half-written file is left"


def test_a_long_history_is_not_stored_whole(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    options: dict[str, Any] = {"rate": 1e-5, "max_iterations": 30_000}
    gradient_descent(ROSENBROCK, "-1.2,1", checkpoint=file, **options)
    assert len(json.loads(file.read_text())["rows"]) <= 25_000
    resumed = gradient_descent(ROSENBROCK, resume=file, rate=1e-5, max_iterations=30_010)
    assert isinstance(resumed, Result)
    assert resumed.iterations == 30_010


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"function": "x^2 + 2y^2"}, "its function is"),
        ({"rate": 0.2}, "its method is Fixed(rate=0.1), not Fixed(rate=0.2)"),
        ({"method": "adam"}, "its method is"),
        ({"maximize": True}, "its goal is minimize, not maximize"),
        ({"box": "-5..5"}, "its box is"),
        ({"let": "a=3"}, "other values of constants"),
    ],
)
def test_another_question_is_refused(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    asked: dict[str, Any] = {"function": "x^2 + a*y^2", "rate": 0.1, "let": "a=2"}
    gradient_descent(start="1,1", checkpoint=file, **asked)
    with pytest.raises(FileError) as caught:
        gradient_descent(resume=file, **{**asked, **options})
    assert said in caught.value.message


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"calcopt checkpoint": 99}', '{"calcopt checkpoint": 1, "rows": []}', "\x00"],
)
def test_what_is_no_checkpoint_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(content)
    with pytest.raises(FileError):
        gradient_descent("x^2", resume=file)


def test_a_damaged_checkpoint_never_builds_anything_else(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    gradient_descent("x^2", "1", checkpoint=file, max_iterations=3)
    document = json.loads(file.read_text())
    document["state"] = {"record": "Popen", "fields": {"args": "true"}}
    file.write_text(json.dumps(document))
    with pytest.raises(FileError, match="no whole checkpoint"):
        gradient_descent("x^2", resume=file)


def test_what_cannot_be_written_is_said_before_the_run(tmp_path: Path) -> None:
    rows: list[Any] = []
    with pytest.raises(FileError, match="cannot be written"):
        gradient_descent("x^2", "1", checkpoint=tmp_path / "no" / "run.json", on_iteration=rows.append)
    assert not rows


def test_starts_and_checkpoints(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="several starts"):
        gradient_descent("x^2", ["1", "2"], checkpoint=tmp_path / "a.json")
    with pytest.raises(UsageError, match="several starts"):
        minimize("x^2", "1", starts=3, checkpoint=tmp_path / "a.json")
    with pytest.raises(UsageError, match="no checkpoints"):
        minimize("x^2", box="-1..1", checkpoint=tmp_path / "a.json")
    gradient_descent("x^2", "1", checkpoint=tmp_path / "a.json", max_iterations=2)
    with pytest.raises(UsageError, match="knows its start"):
        gradient_descent("x^2", "1", resume=tmp_path / "a.json")
    with pytest.raises(UsageError, match="there is no start"):
        gradient_descent("x^2")


def test_ctrl_c_leaves_a_checkpoint_of_the_last_iterate(tmp_path: Path) -> None:
    file = tmp_path / "run.json"

    def interrupt(row: Any) -> None:
        if row.iteration == 7:
            raise KeyboardInterrupt

    stopped = gradient_descent(ROSENBROCK, "-1.2,1", rate=1e-4, checkpoint=file, on_iteration=interrupt)
    assert isinstance(stopped, Result)
    assert stopped.status == "interrupted"
    assert json.loads(file.read_text())["iteration"] == 7
    resumed = gradient_descent(ROSENBROCK, rate=1e-4, resume=file, max_iterations=20)
    straight = gradient_descent(ROSENBROCK, "-1.2,1", rate=1e-4, max_iterations=20)
    assert isinstance(resumed, Result)
    assert isinstance(straight, Result)
    np.testing.assert_array_equal(resumed.x, straight.x)


def test_after_kill_9_the_run_goes_on(tmp_path: Path) -> None:
    """A real process, killed once it has saved a checkpoint on its way."""
    file = tmp_path / "run.json"
    words = ["gd", ROSENBROCK, "--start", "-1.2,1", "--rate", "1e-5", "--max-iterations", "100000000", "--ndjson"]
    command = [sys.executable, "-m", "calcopt", *words, "--checkpoint", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        for count, _ in enumerate(process.stdout):
            if count % 500 == 0 and count and json.loads(file.read_text())["iteration"] > 0:
                break
        process.kill()
    reached = json.loads(file.read_text())["iteration"]
    assert reached > 0
    resumed = gradient_descent(ROSENBROCK, rate=1e-5, resume=file, max_iterations=reached + 50)
    straight = gradient_descent(ROSENBROCK, "-1.2,1", rate=1e-5, max_iterations=reached + 50)
    assert isinstance(resumed, Result)
    assert isinstance(straight, Result)
    assert resumed.iterations == straight.iterations == reached + 50
    np.testing.assert_array_equal(resumed.x, straight.x)
    assert math.isfinite(resumed.value)
