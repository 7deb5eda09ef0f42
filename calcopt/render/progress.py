"""A line on the terminal while a long run lasts: iteration, f and ‖∇f‖; gone when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from calcopt.records import Epoch, Iteration
from calcopt.render.numbers import number

DELAY, PERIOD = 0.5, 0.1  # seconds: nothing before the first, at most one update in the second
CLEAR_LINE = "\r\x1b[K"


class Progress:
    """Writes to ``stream``, which is a terminal, on one line that it overwrites and finally clears."""

    def __init__(self, stream: TextIO, *, columns: int = 80, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._columns, self._clock = stream, columns, clock
        self._next = clock() + DELAY
        self._shown = False

    def iteration(self, step: Iteration) -> None:
        """Tell of an iteration of a solver."""
        if self._clock() >= self._next:
            norm = number(step.gradient_norm, 3)
            self._show(f"iteration {step.iteration}   f = {number(step.value, 8)}   ‖∇f‖ = {norm}")

    def epoch(self, step: Epoch) -> None:
        """Tell of a pass over the data."""
        if self._clock() >= self._next:
            accuracy = "" if step.accuracy is None else f"   accuracy {100 * step.accuracy:.1f} %"
            self._show(f"epoch {step.epoch}   loss = {number(step.loss, 8)}{accuracy}")

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._stream.write(CLEAR_LINE)
            self._stream.flush()
            self._shown = False

    def _show(self, text: str) -> None:
        self._next = self._clock() + PERIOD
        self._shown = True
        self._stream.write(CLEAR_LINE + text[: max(1, self._columns - 1)])
        self._stream.flush()
