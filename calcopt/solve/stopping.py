"""When a run ends: the limits a user can set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from calcopt.errors import UsageError

if TYPE_CHECKING:
    from calcopt.solve.checkpoint import Checkpoints


@dataclass(frozen=True, slots=True)
class Stopping:
    """Limits of a run.

    ``tolerance`` bounds ‖∇f‖ (minimize, maximize) or ‖F‖ (root); ``time_limit`` is in seconds. ``whole_trace``
    keeps every row of the history, which is thinned otherwise when it gets long. ``explain`` is the iteration that is
    to be worked out in full; ``checkpoints`` says where the run is saved, and what it goes on from.

    Raises:
        UsageError: a tolerance or a time limit that is negative, a number of iterations below 0, or not a number.
    """

    tolerance: float = 1e-8
    max_iterations: int = 200
    time_limit: float | None = None
    whole_trace: bool = False
    explain: int | None = None
    checkpoints: Checkpoints | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance < float("inf"):
            raise UsageError(f"the tolerance must be a number from 0 up, not {self.tolerance}", hint="try 1e-8")
        if self.max_iterations < 0:
            raise UsageError(f"max-iterations must be 0 or more, not {self.max_iterations}")
        if self.explain is not None and self.explain < 0:
            raise UsageError(f"the iteration to explain must be 0 or more, not {self.explain}")
        if self.time_limit is not None and not self.time_limit > 0:
            raise UsageError(f"the time limit must be a number of seconds above 0, not {self.time_limit}")
