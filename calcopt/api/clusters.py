"""Work on a table by this process, or by the workers of a cluster while it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calcopt.data.table import Table


@contextmanager
def working_on(table: Table, cluster: str | None) -> Iterator[None]:
    """Let the partitions of ``table`` be read by the workers at ``cluster``; None: by this process.

    Raises ``UsageError`` for an address that cannot be understood, ``ClusterError`` for a cluster that cannot be
    reached, has other versions or does not see the files, ``MissingExtraError`` without Dask.
    """
    if cluster is None:
        yield
        return
    from calcopt.data.cluster import connected

    with connected(cluster, table):
        yield
