"""Every row of the course has its file, its line in the index, and a command that runs as it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from course_problems import ROOT, SAMPLES, Sample, samples

ROWS = [
    f"{part}{number}" for part, last in zip("ABCDE", (11, 11, 5, 6, 7), strict=True) for number in range(1, last + 1)
]
NOT_REACHED = {"c3-rate-too-large", "c3-rate-too-small", "d4-sentiment"}
"""What the course shows to fail: these end with status 3."""


def calcopt(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "calcopt", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_every_row_has_a_file() -> None:
    assert sorted({sample.row for sample in samples()}) == sorted(ROWS)


def test_every_file_is_named_by_its_row_and_says_its_own_command() -> None:
    for sample in samples():
        assert sample.path.name.startswith(f"{sample.row.lower()}-")
        assert sample.words[1] == f"sample_problems/{sample.path.name}"
        assert f"\ncommand: {sample.words[0]}\n" in sample.path.read_text(encoding="utf-8")


def test_the_index_is_what_the_files_say() -> None:
    index = (SAMPLES / "README.md").read_text(encoding="utf-8")
    rows = [
        f"| {sample.row} | [{sample.path.name}]({sample.path.name}) | `calcopt {' '.join(sample.words)}` | "
        + sample.expected.replace("|", r"\|")
        + " |"
        for sample in samples()
    ]
    assert [line for line in index.splitlines() if re.match(r"\| [A-E]\d", line)] == rows


FIRST_OF_ITS_KIND = {sample.words[0]: sample for sample in reversed(samples())}


@pytest.mark.parametrize("sample", FIRST_OF_ITS_KIND.values(), ids=FIRST_OF_ITS_KIND)
def test_each_command_runs_in_a_shell(sample: Sample) -> None:
    done = calcopt(*sample.words, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["command"] == sample.words[0]


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.path.stem)
def test_every_file_ends_as_it_says(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    from io import BytesIO, StringIO

    from calcopt.cli.environment import Environment
    from calcopt.cli.main import program

    monkeypatch.chdir(ROOT)
    out, err = StringIO(), StringIO()
    plain = {"stdout_is_terminal": False, "stderr_is_terminal": False, "columns": 80, "variables": {}}
    status = program(sample.words, Environment(stdin=BytesIO(), stdout=out, stderr=err, **plain))
    assert status == (3 if sample.path.stem in NOT_REACHED else 0), err.getvalue()
    assert out.getvalue().strip()
    assert not err.getvalue() or sample.path.stem in NOT_REACHED


def test_the_schema_command_prints_the_schema_beside_the_files() -> None:
    done = calcopt("schema")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (SAMPLES / "problem.schema.json").read_text(encoding="utf-8")
