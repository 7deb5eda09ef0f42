"""The partitions of a table, read by threads of this process: parsing and array sums leave Python's lock free."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calcopt.data.passes import Partition, Share, Summary, share_of

if TYPE_CHECKING:
    from concurrent.futures import Future

MOST = 8
"""Threads at most: each holds a partition in memory."""


def available() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Threads:
    """So many threads; None: one a processor, 8 at most. A table of one partition is read in the calling thread."""

    number: int | None = None

    def shares(
        self, partitions: Sequence[Partition], summarize: Callable[[Partition], Summary | None]
    ) -> Iterator[Share[Summary]]:
        """The shares in order. At most twice as many partitions as there are threads are under way."""
        number = min(self.number or min(available(), MOST), len(partitions))
        if number < 2:
            yield from (share_of(partition, summarize) for partition in partitions)
            return
        from concurrent.futures import ThreadPoolExecutor

        waiting: deque[Future[Share[Summary]]] = deque()
        left = iter(partitions)
        with ThreadPoolExecutor(number, thread_name_prefix="partition") as pool:
            try:
                while True:
                    while len(waiting) < 2 * number and (partition := next(left, None)) is not None:
                        waiting.append(pool.submit(share_of, partition, summarize))
                    if not waiting:
                        return
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()
