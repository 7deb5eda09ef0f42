"""Newton's method as in the course: the full step, always."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from calcopt.solve.cycles import period
from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.newton_step import newton_step, singularity
from calcopt.solve.vectors import hessian_is_finite, place, short

if TYPE_CHECKING:
    from typing import Literal

    from calcopt.records import Status, Vector
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class PureNewton(Plain):
    """x_{k+1} = x_k − H⁻¹(x_k) ∇f(x_k): goes to whatever critical point is near, a maximum or saddle too.

    Halts with ``singular`` when H has no inverse in double precision, and with ``stalled`` on a cycle.
    Reference: Nocedal & Wright 2006, Numerical Optimization, §3.3.
    """

    name: ClassVar[str] = "pure"
    order: int = 2
    merit: Literal["value", "measure"] = "measure"

    def init(self, task: Task, point: Point) -> tuple[Vector, ...]:
        return (point.x,)

    def step(self, task: Task, point: Point, state: tuple[Vector, ...]) -> Move | Halt:
        assert point.hessian is not None
        if not hessian_is_finite(point.hessian):
            return Halt("non_smooth", f"the Hessian does not exist at {place(task.variables, point.x)}", SAFER)
        p = newton_step(point.hessian, point.gradient)
        if p is None:
            return Halt(
                "singular",
                f"the Hessian has no inverse at {place(task.variables, point.x)}: {singularity(point.hessian)}",
                SAFER,
            )
        trial = task.evaluate(task.project(point.x + p), 2)
        back = period(state, trial.x)
        if back is not None and task.measure(trial) > 0:
            return Halt(
                "stalled",
                f"Newton's method repeats itself with period {back}: {place(task.variables, trial.x)} again, where "
                f"{task.measure_name} = {short(task.measure(trial))}",
                SAFER,
            )
        return Move(trial, (*state, trial.x)[-8:], "N", {"alpha": 1.0})

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return SAFER if status != "interrupted" else None


SAFER = "use --method safeguarded (the default), or another start"
