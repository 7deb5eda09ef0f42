"""Summaries merged two by two, in a tree whose shape depends on their number only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Summary = TypeVar("Summary")


class PairwiseTree(Generic[Summary]):
    """Merges summaries two by two, like a binary counter: the shape of the tree depends on their number only.

    Rounding errors grow with the logarithm of the number of blocks, and memory holds one summary a level.
    """

    def __init__(self, merge: Callable[[Summary, Summary], Summary]) -> None:
        self._merge = merge
        self._levels: list[tuple[int, Summary]] = []

    def add(self, summary: Summary) -> None:
        """The next summary, in order."""
        level = 0
        while self._levels and self._levels[-1][0] == level:
            summary = self._merge(self._levels.pop()[1], summary)
            level += 1
        self._levels.append((level, summary))

    def total(self) -> Summary | None:
        """The merged summary, None when nothing was added."""
        if not self._levels:
            return None
        summary = self._levels[-1][1]
        for _, earlier in reversed(self._levels[:-1]):
            summary = self._merge(earlier, summary)
        return summary
