"""Gradient descent with a fixed rate, as in the course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.rate import Watch, suggest
from calcopt.solve.vectors import place, short

if TYPE_CHECKING:
    from calcopt.records import Status
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class Fixed(Plain):
    """x_k = x_{k−1} − α ∇f(x_{k−1}).

    Converges on a function of curvature up to L when α < 2/L; beyond, divergence is recognised by :class:`Watch`.
    Reference: Cauchy 1847; Nocedal & Wright 2006, Numerical Optimization, §3.3.
    """

    rate: float = 0.01
    name: ClassVar[str] = "fixed"

    def init(self, task: Task, point: Point) -> Watch:
        return Watch()

    def step(self, task: Task, point: Point, state: Watch) -> Move | Halt:
        trial = task.evaluate(task.project(point.x - self.rate * point.gradient), 1)
        if not trial.finite:
            return Move(trial, state, "G")
        watch = state.after(task, self.rate, point, trial)
        if watch.repeats():
            return Halt(
                "stalled",
                f"the iterates go to and fro between {place(task.variables, point.x)} and "
                f"{place(task.variables, trial.x)}: {task.measure_name} = {short(task.measure(trial))}",
                "try a smaller --rate, or --method backtracking; at a kink no rate will do",
            )
        return watch.halt(task, self.rate, trial) or Move(trial, watch, "G", {"alpha": self.rate})

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return suggest(task, best, self.rate, status, largest_curvature)
