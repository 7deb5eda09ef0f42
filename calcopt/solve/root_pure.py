"""Newton's method for zeros, as in the course: the full step, always."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from calcopt.solve.cycles import period
from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.vectors import EPS, is_finite, place, short

if TYPE_CHECKING:
    from typing import Literal

    from calcopt.records import Status, Vector
    from calcopt.solve.tasks import Point, Task

SAFER = "use --method safeguarded (the default), or another start"


@dataclass(frozen=True, slots=True)
class PureRoot(Plain):
    """x_{k+1} = x_k − J⁻¹(x_k) F(x_k); for one function of one variable x_k − f(x_k)/f'(x_k).

    With more functions than variables, or fewer, J⁻¹ is the pseudo-inverse (Gauss–Newton, least norm).
    Reference: Ortega & Rheinboldt 1970, Iterative Solution of Nonlinear Equations, §7.1.
    """

    name: ClassVar[str] = "pure"
    merit: Literal["value", "measure"] = "measure"

    def init(self, task: Task, point: Point) -> tuple[Vector, ...]:
        return (point.x,)

    def step(self, task: Task, point: Point, state: tuple[Vector, ...]) -> Move | Halt:
        assert point.jacobian is not None
        assert point.residual is not None
        p = newton_root_step(point.jacobian, point.residual)
        if p is None:
            least = float(np.linalg.svd(point.jacobian, compute_uv=False)[-1])
            what = "f'" if point.jacobian.size == 1 else "the Jacobian's smallest singular value"
            return Halt(
                "singular", f"{what} = {short(least)} at {place(task.variables, point.x)}: no Newton step", SAFER
            )
        trial = task.evaluate(point.x + p, 1)
        back = period(state, trial.x)
        if back is not None and trial.value > 0:
            where = place(task.variables, trial.x)
            seen = f"{task.measure_name} = {short(trial.value)}"
            return Halt("stalled", f"Newton's method repeats itself with period {back}: {where} again, {seen}", SAFER)
        return Move(trial, (*state, trial.x)[-8:], "N", {"alpha": 1.0})

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return SAFER if status != "interrupted" else None


def newton_root_step(jacobian: Vector, residual: Vector) -> Vector | None:
    """−J⁺F, or None when J has not full rank in double precision."""
    m, n = jacobian.shape
    if m == n == 1:
        slope = float(jacobian[0, 0])
        only: Vector | None = -residual / slope if slope != 0 else None
        return only if only is not None and is_finite(only) else None
    rows = np.max(np.abs(jacobian), axis=1)
    if not rows.all():
        return None
    p, _, rank, _ = np.linalg.lstsq(jacobian / rows[:, None], -residual / rows, rcond=max(m, n) * EPS)
    if rank < min(m, n):
        return None
    if m == n:
        p = np.linalg.solve(jacobian, -residual)
    step: Vector = np.asarray(p, dtype=np.float64)
    return step if is_finite(step) else None
