"""One method after another: the second takes over where the first gets slow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from calcopt.solve.method import Halt, Method, Move

if TYPE_CHECKING:
    from calcopt.records import Status
    from calcopt.solve.tasks import Point, Task


class Leg(NamedTuple):
    """Who runs, its own state, and how many steps running have brought little."""

    second: bool
    inner: Any
    slow: int = 0


@dataclass(frozen=True, slots=True)
class Relay:
    """``first`` until ``patience`` steps running lower f by less than ``little`` of itself and ‖∇f‖ by less than half,
    or until it can go no further; from there ``second``. The end is judged by whoever runs."""

    first: Method
    second: Method
    little: float = 0.1
    patience: int = 3

    @property
    def name(self) -> str:
        return self.first.name

    @property
    def order(self) -> int:
        return self.first.order

    @property
    def merit(self) -> Literal["value", "measure"]:
        return self.first.merit

    def init(self, task: Task, point: Point) -> Leg:
        return Leg(False, self.first.init(task, point))

    def settled(self, task: Task, point: Point, state: Leg, tolerance: float) -> str | None:
        return self._runner(state).settled(task, point, state.inner, tolerance)

    def step(self, task: Task, point: Point, state: Leg) -> Move | Halt:
        if state.second:
            return _wrapped(self.second.step(task, point, state.inner), state)
        outcome = self.first.step(task, point, state.inner)
        if isinstance(outcome, Halt):
            return outcome if outcome.status == "converged" else self._hand_over(task, point)
        if not outcome.point.finite:
            return self._hand_over(task, point)
        slow = state.slow + 1 if self._brought_little(task, point, outcome.point) else 0
        if slow >= self.patience:
            after = task.evaluate(outcome.point.x, self.second.order)
            if after.finite:
                return outcome._replace(point=after, state=Leg(True, self.second.init(task, after)))
        return _wrapped(outcome, state._replace(slow=slow))

    def _hand_over(self, task: Task, point: Point) -> Move | Halt:
        """The second method makes this step, from ``point``."""
        here = task.evaluate(point.x, self.second.order)
        state = Leg(True, self.second.init(task, here))
        return _wrapped(self.second.step(task, here, state.inner), state)

    def _brought_little(self, task: Task, before: Point, after: Point) -> bool:
        fall = before.value - after.value
        return fall <= self.little * abs(before.value) and task.measure(after) > 0.5 * task.measure(before)

    def _runner(self, state: Leg) -> Method:
        return self.second if state.second else self.first

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return self.second.advise(task, status, best, largest_curvature)


def _wrapped(outcome: Move | Halt, state: Leg) -> Move | Halt:
    return outcome if isinstance(outcome, Halt) else outcome._replace(state=state._replace(inner=outcome.state))
