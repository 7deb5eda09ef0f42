"""A cluster of this machine's own: a scheduler in this process, and worker processes that go when it goes.

The workers have sessions of their own, so that Ctrl-C at the terminal reaches this process only, which then tells
them. One that dies is not restarted: the others do its work, and would have died of the same.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from calcopt.errors import ClusterError

DEATH_SECONDS = 30
"""Without a scheduler, as when this process was killed, the workers end after so long."""
_GRACE = 5


@contextmanager
def local_cluster(distributed: Any, workers: int) -> Iterator[Any]:
    """The address for a client. Raises ``ClusterError`` where no scheduler or worker can be started."""
    try:
        own = distributed.LocalCluster(
            n_workers=0,
            processes=False,
            host="127.0.0.1",
            protocol="tcp://",
            dashboard_address="127.0.0.1:0",  # no page is served, but some port is opened for it
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL,
        )
    except (OSError, RuntimeError, TimeoutError) as error:
        raise ClusterError(f"{workers} workers could not be started here: {error}") from error
    try:
        with _processes(own.scheduler_address, workers):
            yield own.scheduler_address
    finally:
        with suppress(Exception):
            own.close(timeout=_GRACE)


@contextmanager
def _processes(scheduler: str, workers: int) -> Iterator[None]:
    words = ["worker", scheduler, "--nthreads", "1", "--host", "127.0.0.1", "--no-nanny", "--no-dashboard"]
    words += ["--memory-limit", str(1 / workers), "--death-timeout", str(DEATH_SECONDS)]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(workers):
            started.append(_start([sys.executable, "-m", "dask", *words]))
        yield
    finally:
        _end(started)


def _start(words: list[str]) -> subprocess.Popen[bytes]:
    nothing = subprocess.DEVNULL
    return subprocess.Popen(words, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)


def _end(started: list[subprocess.Popen[bytes]]) -> None:
    """Ends the workers, each with what it may have started."""
    for process in started:
        _signal(process, signal.SIGTERM)
    end = time.monotonic() + _GRACE
    for process in started:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(end - time.monotonic(), 0.0))
        _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
        process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
