"""Real processes: signals, closed pipes, full disks, terminals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from running import calcopt, clean_environment, unmeasured_environment

# A function on which a small rate crawls for longer than any test lasts.
CRAWL = ["gd", "x^4 + y^4", "--start", "2,2", "--rate", "1e-7", "--max-iterations", "100000000"]


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "calcopt", *words]


def test_a_pipeline() -> None:
    outcome = calcopt("newton", "-", "--start", "0.05", "--json", stdin="exp(x) - log(x)")
    assert outcome.status == 0
    assert json.loads(outcome.out)["x"]["x"] == pytest.approx(0.5671432904, abs=1e-9)


def test_a_reader_that_goes_away_is_silent() -> None:
    process = subprocess.Popen(
        command(*CRAWL, "--ndjson"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["event"] == "iteration"
    process.stdout.close()
    assert process.wait(60) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.mark.parametrize("words", [("--help",), ("diff", "x^2"), ("diff", "x^2", "--json"), ("schema",)])
def test_a_pipe_that_was_closed_before(words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            command(*words), stdout=writing, stderr=subprocess.PIPE, env=clean_environment(), timeout=60, check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_full_disk_is_an_error() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command("diff", "x^2"),
            stdout=full,
            stderr=subprocess.PIPE,
            env=clean_environment(),
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == b"error: No space left on device\n"


def test_ctrl_c_prints_what_was_reached() -> None:
    process = subprocess.Popen(
        command(*CRAWL, "--ndjson"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=unmeasured_environment(),
    )
    assert process.stdout is not None
    process.stdout.readline()  # it is running
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == ""
    last = json.loads(out.splitlines()[-1])
    assert last["event"] == "result"
    assert last["status"] == "interrupted"


def test_on_a_terminal_there_is_colour_and_progress_that_is_taken_away() -> None:
    words = [*command(*CRAWL)[1:]]
    child = pexpect.spawn(
        sys.executable, words, env=unmeasured_environment(), dimensions=(24, 80), encoding="utf-8", timeout=60
    )
    child.expect(r"iteration \d+   f = ")
    child.sendintr()
    child.expect("interrupted")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130


def test_colour_follows_the_terminal() -> None:
    for variables, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        words = command("newton", "x^2", "--start", "1")[1:]
        text = pexpect.run(
            f"{sys.executable} {' '.join(words)}",
            env={**clean_environment(), "TERM": "xterm", **variables},
            encoding="utf-8",
        )
        # A slow machine may show progress, whose "clear the line" is no colour.
        assert (re.search(r"\x1b\[[0-9;]*m", text) is not None) is coloured


def test_ascii_streams_do_not_break() -> None:
    variables = {**clean_environment(), "PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        command("diff", "x^2 y", "--at", "1,2", "--json"), capture_output=True, env=variables, timeout=60, check=False
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["value"] == 2.0
    table = subprocess.run(command("diff", "x^2 y"), capture_output=True, env=variables, timeout=60, check=False)
    assert table.returncode == 0


def test_arguments_that_are_not_text() -> None:
    done = subprocess.run(
        [*command("diff"), b"x\xff"], capture_output=True, env=clean_environment(), timeout=60, check=False
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
