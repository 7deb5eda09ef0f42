"""Systems of equations: Newton's method with a line search on ‖F‖, regularized where the Jacobian is singular."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.root_pure import newton_root_step
from calcopt.solve.vectors import EPS, compare, norm, place, short

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
    patience: int = 25

    def init(self, task: Task, point: Point) -> int:
        return 0

    def settled(self, task: Task, point: Point, state: int, tolerance: float) -> str | None:
        p = _newton(point)
        if point.value == 0 or p is None:
            return ""
        move, limit = norm(p), math.sqrt(tolerance) * max(1.0, norm(point.x))
        return f", and the next Newton step is {short(move)} ≤ {short(limit)}" if move <= limit else None

    def step(self, task: Task, point: Point, state: int) -> Move | Halt:
        """``state`` counts the iterations for which ‖F‖ has been small while the steps were not."""
        lingering = state + 1 if point.value <= 1e-8 else 0
        if lingering > self.patience:
            return Halt(
                "diverged",
                f"{task.measure_name} = {short(point.value)} is small at {place(task.variables, point.x)}, yet the "
                "Newton steps do not get shorter: it tends to zero towards infinity and no zero is near",
                OTHER,
            )
        newton = _newton(point)
        found = None if newton is None else self._shorten(task, point, newton, lingering)
        return found or self._regularize(task, point) or self._beside(task, point) or _dead_end(task, point)

    def _shorten(self, task: Task, point: Point, p: Vector, lingering: int) -> Move | None:
        alpha, tag = 1.0, "N"
        for _ in range(self.halvings):
            trial = task.evaluate(point.x + alpha * p, 1)
            if trial.finite and trial.value <= (1 - self.c * alpha) * point.value:
                return Move(trial, lingering, tag, {"alpha": alpha})
            tag = "B" if trial.finite and tag != "D" else "D"
            alpha *= 0.5
        return None

    def _regularize(self, task: Task, point: Point) -> Move | None:
        """The best of Levenberg–Marquardt steps, from nearly Newton's to nearly steepest descent's."""
        jacobian, residual = _parts(point)
        if norm(point.gradient) <= 1e-10 * float(np.linalg.norm(jacobian)):
            return None
        columns = np.sqrt(np.sum(jacobian**2, axis=0))
        scale = np.where(columns > 0, columns, 1.0)
        u, s, vt = np.linalg.svd(jacobian / scale, full_matrices=False)
        target, best, shift = u.T @ -residual, None, 0.0
        for k in range(self.shifts):
            mu = 10.0 ** (k - 8) * max(float(s[0]) ** 2, 1e-300)
            p = (vt.T @ (s * target / (s * s + mu))) / scale
            trial = task.evaluate(point.x + p, 1)
            if best is not None and not trial.value < best.value:
                break
            if trial.finite and trial.value <= point.value + self.c * float(point.gradient @ p):
                best, shift = trial, mu
        return None if best is None or not best.value < point.value else Move(best, 0, "R", {"shift": shift})

    def _beside(self, task: Task, point: Point) -> Move | None:
        """Where J is singular the slope of ‖F‖ may be zero at no minimum: look along the directions J does not see."""
        jacobian, _ = _parts(point)
        size = max(1.0, norm(point.x))
        for direction in np.linalg.svd(jacobian)[2][::-1]:
            for length in (1.0, 0.1, 0.01):
                for way in (size * length, -size * length):
                    trial = task.evaluate(point.x + way * direction, 1)
                    if trial.finite and trial.value < 0.999 * point.value:
                        return Move(trial, 0, "J")
        return None

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return OTHER if status != "interrupted" else None


OTHER = "try another start: there may be no zero near this one"


def _parts(point: Point) -> tuple[Vector, Vector]:
    assert point.jacobian is not None
    assert point.residual is not None
    return point.jacobian, point.residual


def _newton(point: Point) -> Vector | None:
    return newton_root_step(*_parts(point))


def _dead_end(task: Task, point: Point) -> Halt:
    """No direction lowers ‖F‖: a local minimum of it, which is no zero; or rounding."""
    jacobian, _ = _parts(point)
    rounding = 10 * EPS * norm(np.abs(jacobian) @ np.abs(point.x))
    name = task.measure_name
    if point.value <= rounding:
        why = "10 ε ‖|J||x|‖, its rounding error; the tolerance is below that"
        return Halt("converged", compare(name, point.value, rounding, why))
    return Halt(
        "stalled",
        f"{name} = {short(point.value)} can be lowered no further from here, with a slope of "
        f"{short(norm(point.gradient))}: a local minimum of {name} that is no zero",
        OTHER,
    )
