"""Shared by the benchmarks: alternate two sides in one run and report the ratio of the medians.

The machine is shared and noisy, so times alone mean little: both sides run in turn, and only the ratio is kept.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence


def seconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def command(arguments: Sequence[str]) -> Callable[[], object]:
    """A whole process as an action; its output is thrown away, a failure is an error."""
    return lambda: subprocess.run(arguments, check=True, capture_output=True)


def compare(
    what: str, ours: Callable[[], object], peer: Callable[[], object], *, goal: float, rounds: int = 9
) -> float:
    """Print and return median(ours) / median(peer), both sides alternating; one unmeasured round warms up."""
    ours()
    peer()
    pairs = [(seconds(ours), seconds(peer)) for _ in range(rounds)]
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = mine / theirs
    verdict = "reached" if ratio <= goal else "MISSED"
    print(f"{what:<64} {mine * 1e3:10.3f} ms {theirs * 1e3:10.3f} ms   ratio {ratio:6.3f}   goal ≤ {goal:g}  {verdict}")
    return ratio
