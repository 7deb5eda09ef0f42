"""What runs on the workers of a cluster."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from functools import cache

from calcopt.data.part import CutInsideCell
from calcopt.data.passes import Partition, Share, Summary, share_of
from calcopt.errors import CalcoptError, ClusterError

Versions = dict[str, str]


def remote_share(
    partition: Partition, summarize: Callable[[Partition], Summary | None], number: int
) -> tuple[str, Share[Summary] | Exception]:
    """Read partition ``number`` here; returns this worker's address, and the share or an error of the data.

    An error of the data would be the same at every try, so it is no error for Dask, which would try again.
    """
    from distributed import get_worker

    _one_thread()
    _keep_freed_memory()
    try:
        return get_worker().address, share_of(partition, summarize)
    except (CalcoptError, CutInsideCell) as error:
        return get_worker().address, error
    except OSError as error:
        raise ClusterError(
            f"a worker on {platform.node()} cannot read partition {number} of the data: {error}",
            hint="every worker must see the same file under the same path",
        ) from error


def versions() -> Versions:
    """Of everything that a sum's bits may depend on."""
    import numpy
    import pyarrow

    from calcopt._version import __version__

    python = ".".join(platform.python_version_tuple()[:2])
    return {"calcopt": __version__, "Python": python, "NumPy": numpy.__version__, "pyarrow": pyarrow.__version__}


def readable(sizes: Mapping[str, int]) -> str | None:
    """Why a file cannot be read here, or is another one than the one of ``sizes`` bytes; None when all are right."""
    for path, size in sizes.items():
        try:
            with open(path, "rb") as file:
                here = os.fstat(file.fileno()).st_size
        except OSError as error:
            return f"{path}: {(error.strerror or str(error)).lower()}"
        if here != size:
            return f"{path} has {here:,} bytes there, and {size:,} here"
    return None


@cache
def _one_thread() -> None:
    """One BLAS thread in this process from now on: for speed on small blocks, and for the bits of its sums."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")


@cache
def _keep_freed_memory() -> None:
    """Dask's workers give memory back to the system at every 64 KiB, and passes over blocks then take twice as long:
    each block is followed by the page faults of the next one. So this process does as other processes do.
    """
    import ctypes

    trim_threshold, map_threshold = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # not the GNU C library
        return
    mallopt(map_threshold, 4 << 20)
    mallopt(trim_threshold, 64 << 20)
