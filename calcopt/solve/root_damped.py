"""Systems of equations: Newton's method with a line search on ‖F‖, regularized where the Jacobian is singular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.root_pure import newton_root_step
from calcopt.solve.vectors import EPS, compare, norm, short

if TYPE_CHECKING:
    from typing import Literal

    from calcopt.records import Status, Vector
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class DampedNewton(Plain):
    """p = −J⁺F, x ← x + αp with α the first of 1, ½, ¼ … such that ‖F(x + αp)‖ ≤ (1 − cα) ‖F(x)‖.

    Where J has not full rank, or no α serves, p = −(JᵀJ + μ D²)⁻¹ Jᵀ F (Levenberg–Marquardt) with growing μ.
    Reference: Dennis & Schnabel 1996, Numerical Methods for Unconstrained Optimization and Nonlinear Equations, ch. 6.
    """

    name: ClassVar[str] = "safeguarded"
    merit: Literal["value", "measure"] = "measure"
    c: float = 1e-4
    halvings: int = 10
    shifts: int = 25

    def init(self, task: Task, point: Point) -> None:
        return None

    def step(self, task: Task, point: Point, state: None) -> Move | Halt:
        assert point.jacobian is not None
        assert point.residual is not None
        newton = newton_root_step(point.jacobian, point.residual)
        if newton is not None:
            found = self._shorten(task, point, newton)
            if found is not None:
                return found
        return self._regularize(task, point) or _dead_end(task, point)

    def _shorten(self, task: Task, point: Point, p: Vector) -> Move | None:
        alpha, tag = 1.0, "N"
        for _ in range(self.halvings):
            trial = task.evaluate(point.x + alpha * p, 1)
            if trial.finite and trial.value <= (1 - self.c * alpha) * point.value:
                return Move(trial, None, tag, {"alpha": alpha})
            tag = "B" if trial.finite and tag != "D" else "D"
            alpha *= 0.5
        return None

    def _regularize(self, task: Task, point: Point) -> Move | None:
        """Levenberg–Marquardt steps, from nearly Newton's to nearly steepest descent's."""
        assert point.jacobian is not None
        assert point.residual is not None
        columns = np.sqrt(np.sum(point.jacobian**2, axis=0))
        scale = np.where(columns > 0, columns, 1.0)
        u, s, vt = np.linalg.svd(point.jacobian / scale, full_matrices=False)
        target = u.T @ -point.residual
        for k in range(self.shifts):
            mu = 10.0 ** (k - 8) * max(float(s[0]) ** 2, 1e-300)
            p = (vt.T @ (s * target / (s * s + mu))) / scale
            trial = task.evaluate(point.x + p, 1)
            gain = -float(point.gradient @ p)
            if trial.finite and gain > 0 and trial.value <= point.value - self.c * gain:
                return Move(trial, None, "R", {"shift": mu})
        return None

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return "try another start" if status != "interrupted" else None


def _dead_end(task: Task, point: Point) -> Halt:
    """No direction lowers ‖F‖: a local minimum of it, which is no zero; or rounding."""
    assert point.jacobian is not None
    rounding = 10 * EPS * norm(np.abs(point.jacobian) @ np.abs(point.x))
    if point.value <= rounding:
        name = task.measure_name
        return Halt(
            "converged",
            compare(name, point.value, rounding, "10 ε ‖ |J||x| ‖, its rounding error; the tolerance is below"),
        )
    return Halt(
        "stalled",
        f"{task.measure_name} = {short(point.value)} can be lowered no further from here, with a slope of "
        f"{short(norm(point.gradient))}: a local minimum of {task.measure_name} that is no zero",
        "try another start: the equations may have no common zero near this one",
    )
