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
from queue import SimpleQueue
from threading import Thread

HERE = os.pathsep.join(str(Path(__file__).parent / room) for room in ("data", "learn", "."))
"""Where workers find what tests send them by name."""


class Processes:
    """The scheduler's ``address``; ``worker`` starts one more worker."""

    def __init__(self) -> None:
        self._all: list[subprocess.Popen[str]] = []
        self._readers: list[Thread] = []
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
        for reader in self._readers:
            reader.join()

    def _start(self, words: list[str], *, path: str = HERE) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            cwd=path.partition(os.pathsep)[0],
            env={**kept, "PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._all.append(process)
        return process

    def _read(self, process: subprocess.Popen[str], pattern: str) -> str:
        """What ``pattern`` catches in the log, once it says so. The log is read on: a full pipe would block."""
        lines: SimpleQueue[str | None] = SimpleQueue()

        def read() -> None:
            assert process.stderr is not None
            with process.stderr as log:
                for line in log:
                    lines.put(line)
            lines.put(None)

        self._readers.append(Thread(target=read, daemon=True))
        self._readers[-1].start()
        seen = []
        while (line := lines.get(timeout=60)) is not None:
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
