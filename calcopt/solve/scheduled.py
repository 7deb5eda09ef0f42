"""Rates that change with the iteration: a schedule around any method that has a rate."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from calcopt.solve.method import Halt, Move

if TYPE_CHECKING:
    from calcopt.records import Status
    from calcopt.solve.tasks import Point, Task

Schedule: TypeAlias = Literal["constant", "1/t", "sqrt", "cosine"]
PERIOD = 1000
"""Iterations of one cosine."""


def factor(schedule: Schedule, k: int) -> float:
    """α_k/α at step k = 1, 2, …: 1, 1/k, 1/√k, or ½(1 + cos(π (k−1 mod T)/T)) with T = 1000.

    1/k is Robbins and Monro's choice: its sum diverges, that of its squares does not. The cosine starts anew after T
    steps (Loshchilov & Hutter 2017, SGDR).
    """
    if schedule == "1/t":
        return 1.0 / k
    if schedule == "sqrt":
        return 1.0 / math.sqrt(k)
    if schedule == "cosine":
        return 0.5 * (1.0 + math.cos(math.pi * ((k - 1) % PERIOD) / PERIOD))
    return 1.0


class Paced(NamedTuple):
    """The state of the method inside, and the number of steps made."""

    inner: Any
    k: int


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The method ``inner`` with the rate α_k = α · factor(k) in place of α."""

    inner: Any
    schedule: Schedule

    @property
    def name(self) -> str:
        return str(self.inner.name)

    @property
    def order(self) -> int:
        return int(self.inner.order)

    @property
    def merit(self) -> Literal["value", "measure"]:
        return "measure" if self.inner.merit == "measure" else "value"

    def init(self, task: Task, point: Point) -> Paced:
        return Paced(self.inner.init(task, point), 0)

    def step(self, task: Task, point: Point, state: Paced) -> Move | Halt:
        k = state.k + 1
        now = replace(self.inner, rate=self.inner.rate * factor(self.schedule, k))
        outcome: Move | Halt = now.step(task, point, state.inner)
        return outcome if isinstance(outcome, Halt) else outcome._replace(state=Paced(outcome.state, k))

    def settled(self, task: Task, point: Point, state: Paced, tolerance: float) -> str | None:
        found: str | None = self.inner.settled(task, point, state.inner, tolerance)
        return found

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        if status in ("max_iterations", "time_limit") and self.schedule in ("1/t", "sqrt"):
            return f"the schedule {self.schedule} slows down: try a larger --rate, --schedule constant, or newton"
        advice: str | None = self.inner.advise(task, status, best, largest_curvature)
        return advice
