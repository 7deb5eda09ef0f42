"""The partitions of a table, read by the workers of a Dask cluster.

A partition is a task of its own; its share comes back here and is merged in the same tree as anywhere else, so the
cluster's size, speed and accidents do not touch a bit of the result. A worker that dies has its tasks done by others.
The scheduler is a single point: when it goes, the pass is lost (training goes on from its checkpoint).
Reference: Rocklin 2015, "Dask: parallel computation with blocked algorithms and task scheduling", SciPy 2015.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from calcopt.data.cluster_address import Address, parse_address
from calcopt.data.cluster_worker import Versions, readable, remote_share, versions
from calcopt.data.kept import forget, owners
from calcopt.data.part import CutInsideCell
from calcopt.data.passes import Partition, Share, Summary
from calcopt.errors import CalcoptError, ClusterError, MissingExtraError

if TYPE_CHECKING:
    from calcopt.data.table import Table

RETRIES = 3
"""How often a partition is tried again that could not be read for reasons outside of the data."""
CONNECT_SECONDS = 10
ALONE_SECONDS = 15
"""How long is waited for a worker when all are gone: new ones may come."""
_LOOK_SECONDS = 2
_GROUP = 4
"""Partitions for each thread whose results are fetched at once; those of the next group are being read meanwhile."""


class Cluster:
    """A crew of workers: use it within ``connected``."""

    def __init__(self, client: Any, address: Address) -> None:
        self._client, self.address = client, address
        self._homes: dict[int, str] = {}

    @property
    def threads(self) -> int:
        """The threads that there are now, over all workers."""
        return sum(self._client.nthreads().values())

    def shares(
        self, partitions: Sequence[Partition], summarize: Callable[[Partition], Summary | None]
    ) -> Iterator[Share[Summary]]:
        """The shares in order. Raises ``ClusterError``, or what reading a partition raised on its worker.

        A partition goes to the worker that had it last, which may have kept its rows, as long as that one is there.
        """
        left = enumerate(partitions)
        groups: deque[list[tuple[int, Any]]] = deque()
        with self._lost_or_failed():
            here = self._client.nthreads()
            self._homes = {number: home for number, home in self._homes.items() if home in here}
            size = _GROUP * max(sum(here.values()), 1)
            try:
                while True:
                    while len(groups) < 2 and (group := [*islice(left, size)]):
                        groups.append([(number, self._submit(number, part, summarize)) for number, part in group])
                    if not groups:
                        return
                    for (number, _), (home, outcome) in zip(groups[0], self._results(groups[0]), strict=True):
                        self._homes[number] = home
                        if isinstance(outcome, Exception):
                            raise outcome
                        yield outcome
                    groups.popleft()
            finally:
                if groups and self._client.status == "running":
                    with suppress(Exception):
                        self._client.cancel([future for group in groups for _, future in group], force=True)

    def _results(self, group: Sequence[tuple[int, Any]]) -> Iterator[tuple[str, Any]]:
        """The results in order, fetched at once; ``ClusterError`` when there has been no worker for a while."""
        from distributed import wait

        wait_for: Callable[..., object] = wait
        futures = [future for _, future in group]
        alone_since: float | None = None
        while True:
            try:
                with self._client.as_current():
                    wait_for(futures, timeout=_LOOK_SECONDS)
                break
            except TimeoutError:
                alone = not self._client.nthreads()
                alone_since = (alone_since or time.monotonic()) if alone else None
            if alone_since is not None and time.monotonic() - alone_since >= ALONE_SECONDS:
                raise ClusterError(
                    f"the cluster {self.address.typed} has no worker left",
                    hint="look at the workers' logs; they may have been short of memory",
                )
        finished = [future.status == "finished" for future in futures]
        fetched = iter(self._client.gather([future for future, there in zip(futures, finished, strict=True) if there]))
        for future, there in zip(futures, finished, strict=True):
            yield next(fetched) if there else future.result()

    def check(self, table: Table) -> None:
        """Every worker has our versions and sees the files of ``table``. Raises ``ClusterError``."""
        with self._lost_or_failed():
            _check_versions(self._run(versions))
            files = table.files()
            if None in files:
                what = "standard input" if table.name == "standard input" else f"'{table.name}'"
                raise ClusterError(
                    f"the workers of a cluster cannot read {what}", hint="save it to a file that they can open"
                )
            sizes = {path: os.stat(path).st_size for path in files if path is not None}
            for worker, problem in self._run(readable, sizes).items():
                if problem is not None:
                    raise ClusterError(
                        f"worker {worker} cannot read the data: {problem}",
                        hint="every worker must see the same file under the same path",
                    )

    def _submit(self, number: int, partition: Partition, summarize: Callable[[Partition], Summary | None]) -> Any:
        home = self._homes.get(number)
        return self._client.submit(
            remote_share,
            partition,
            summarize,
            number,
            pure=False,
            retries=RETRIES,
            key=f"partition-{os.urandom(8).hex()}",
            workers=None if home is None else [home],
            allow_other_workers=home is not None,
        )

    def _run(self, function: Any, *arguments: object) -> dict[str, Any]:
        """What ``function`` gives on every worker there is now."""
        try:
            answers: dict[str, Any] = self._client.run(function, *arguments)
        except Exception as error:
            match = re.search(r"No module named '([\w.]+)'", str(error))  # an import on a worker fails in these words
            if match is None:
                raise
            from calcopt._version import __version__

            raise ClusterError(
                f"the workers cannot import {match[1]}", hint=f"install calcopt=={__version__} where they run"
            ) from error
        return answers

    @contextmanager
    def _lost_or_failed(self) -> Iterator[None]:
        """Dask's errors in our words; ours, and a cut inside a cell, as they are."""
        from concurrent.futures import CancelledError

        from distributed.scheduler import KilledWorker, NoValidWorkerError

        try:
            yield
        except (CalcoptError, CutInsideCell):
            raise
        except KilledWorker as error:
            raise ClusterError(
                f"{error.allowed_failures + 1} workers died at the same partition of the data",
                hint="look at the workers' logs; they may be short of memory",
            ) from error
        except (OSError, CancelledError, NoValidWorkerError) as error:
            raise self._gone() from error
        except Exception as error:
            if self._client.status == "running":
                raise
            raise self._gone() from error

    def _gone(self) -> ClusterError:
        return ClusterError(f"the cluster {self.address.typed} went away")


@contextmanager
def connected(typed: str, table: Table) -> Iterator[Cluster]:
    """The cluster at the address ``typed``, checked against ``table`` and set as its crew while the context lasts.

    Raises:
        UsageError: an address that cannot be understood.
        MissingExtraError: Dask is not installed.
        ClusterError: nothing answers, or the workers do not fit.
    """
    address = parse_address(typed)
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "--cluster needs Dask, which is not installed", hint='pip install "calcopt[cluster]"'
        ) from error
    with _quiet(), _scheduler(distributed, address) as target:
        client = _client(distributed, address, target)
        try:
            cluster = Cluster(client, address)
            _wait_for_a_worker(client, address)
            cluster.check(table)
            table.crew = cluster
            yield cluster
        finally:
            table.crew = None
            with suppress(Exception):
                if address.local is None and client.status == "running":
                    client.run(forget, *owners())
                client.close(timeout=2)


def _scheduler(distributed: Any, address: Address) -> AbstractContextManager[str | None]:
    """Where the scheduler is: one of our own on this machine, or the one that is there."""
    if address.local is None:
        return nullcontext(address.tcp)
    from calcopt.data.cluster_local import local_cluster

    return local_cluster(distributed, address.local)


def _client(distributed: Any, address: Address, target: Any) -> Any:
    try:
        return distributed.Client(target, timeout=CONNECT_SECONDS, set_as_default=False, name="calcopt")
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"no scheduler answers at {address.typed}", hint="is 'dask scheduler' running there, and the address right?"
        ) from error


def _wait_for_a_worker(client: Any, address: Address) -> None:
    try:
        client.wait_for_workers(address.local or 1, timeout=CONNECT_SECONDS * 3)
    except TimeoutError as error:
        raise ClusterError(
            f"the scheduler at {address.typed} has no worker", hint=f"start one: dask worker {address.typed}"
        ) from error


def _check_versions(found: dict[str, Versions]) -> None:
    ours = versions()
    for worker, theirs in found.items():
        for name, version in ours.items():
            if theirs.get(name) != version:
                raise ClusterError(
                    f"worker {worker} has {name} {theirs.get(name)}, this process {version}",
                    hint="install the same versions everywhere: sums could differ in their last bits",
                )


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask's log stays silent, and that of what it is made of: what matters comes as an error of ours."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado.application", "asyncio")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
