"""Run the command line in this process (``run``) or in its own (``calcopt``)."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import dataclass

from calcopt.cli.environment import Environment
from calcopt.cli.main import program


@dataclass(frozen=True)
class Outcome:
    """Exit status and what was written."""

    status: int
    out: str
    err: str


def run(
    *words: str, stdin: bytes = b"", terminal: bool = False, columns: int = 80, variables: dict[str, str] | None = None
) -> Outcome:
    """``calcopt WORDS`` in an environment of our own: nothing is patched."""
    out, err = io.StringIO(), io.StringIO()
    environment = Environment(
        stdin=io.BytesIO(stdin),
        stdout=out,
        stderr=err,
        stdout_is_terminal=terminal,
        stderr_is_terminal=terminal,
        columns=columns,
        variables=variables or {},
    )
    return Outcome(program(words, environment), out.getvalue(), err.getvalue())


def clean_environment() -> dict[str, str]:
    """This process's variables, with UTF-8 streams and no colour settings."""
    dropped = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "CALCOPT_DEBUG"}
    return {name: value for name, value in os.environ.items() if name not in dropped} | {"PYTHONUTF8": "1"}


def unmeasured_environment() -> dict[str, str]:
    """``clean_environment`` for processes that are to be interrupted.

    The tracer of coverage takes a lock in Python code at every file it first meets. An interrupt that is raised while
    that lock is held leaves it held, and the process waits for itself for ever (about one interrupt in eight).
    """
    return {name: value for name, value in clean_environment().items() if not name.startswith("COVERAGE_PROCESS_")}


def calcopt(*words: str, stdin: str | None = None) -> Outcome:
    """``calcopt WORDS`` as a process."""
    done = subprocess.run(
        [sys.executable, "-m", "calcopt", *words],
        input=stdin,
        stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=60,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
