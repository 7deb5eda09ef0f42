"""A scheduler and workers of Dask as real processes on the loopback, for tests that kill them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = str(Path(__file__).parent)


class Processes:
    """The scheduler's ``address``; ``worker`` starts one more worker."""

    def __init__(self) -> None:
        self._all: list[subprocess.Popen[str]] = []
        self.workers: list[subprocess.Popen[str]] = []
        words = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--dashboard-address"]
        self.scheduler = self._start([*words, "127.0.0.1:0"])
        self.address = self._read(self.scheduler, r"Scheduler at:\s+(tcp://\S+)")

    def worker(self, *, path: str = HERE) -> subprocess.Popen[str]:
        """A worker of one thread, ``path`` before its Python's own; returns once the scheduler knows it."""
        words = ["worker", self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        started = self._start([*words, "--death-timeout", "60"], path=path)
        self._read(started, r"(Registered to)")
        self.workers.append(started)
        return started

    def stop(self) -> None:
        for process in reversed(self._all):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
            assert process.stderr is not None
            process.stderr.close()

    def _start(self, words: list[str], *, path: str = HERE) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            cwd=path,
            env={**kept, "PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._all.append(process)
        return process

    @staticmethod
    def _read(process: subprocess.Popen[str], pattern: str) -> str:
        """What ``pattern`` catches in the process's log, once it says so; the rest of the log goes nowhere."""
        assert process.stderr is not None
        seen = []
        for line in process.stderr:
            seen.append(line)
            if match := re.search(pattern, line):
                return match[1]
        raise AssertionError("".join(seen))


@contextmanager
def processes(*, workers: int) -> Iterator[Processes]:
    found = Processes()
    try:
        for _ in range(workers):
            found.worker()
        yield found
    finally:
        found.stop()
