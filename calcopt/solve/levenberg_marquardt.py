"""Levenberg–Marquardt: sums of squares by linear least squares with damping."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from calcopt.solve.linesearch import exhausted
from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.saddles import lower_beside
from calcopt.solve.vectors import is_finite, norm, short

if TYPE_CHECKING:
    from calcopt.records import Status, System, Vector
    from calcopt.solve.tasks import Point, Task


class Damping(NamedTuple):
    """Residuals r (m,) and Jacobian J (m, n) at the point, the damping μ, the factor it grows by when a step is
    refused, the scale D: the largest norm that each column of J has had, and the constant f − Σ rᵢ²."""

    residual: Vector
    jacobian: Vector
    mu: float
    growth: float
    scale: Vector
    offset: float = 0.0
    lingering: int = 0


@dataclass(frozen=True, slots=True)
class LevenbergMarquardt(Plain):
    """x_{k+1} = P(x_k + p), p minimizes ‖Jp + r‖² + μ‖Dp‖² for f = Σ rᵢ² (+ constant).

    Solved as a linear least-squares problem, never by JᵀJ. μ follows how well the linear model foretold f. Second
    derivatives are not used, so convergence is quadratic only where the residuals vanish. The run ends when the
    undamped step is short as well; a saddle is left downhill.
    Reference: Levenberg 1944; Marquardt 1963; Moré 1978, The Levenberg–Marquardt algorithm (D); Madsen, Nielsen &
    Tingleff 2004, Methods for non-linear least squares problems, §3.2 (μ).
    """

    residuals: System
    first: float = 1e-3
    accept: float = 1e-4
    trials: int = 60
    patience: int = 25
    name: ClassVar[str] = "levenberg-marquardt"

    def init(self, task: Task, point: Point) -> Damping:
        found = self.residuals.evaluate(point.x, 1)
        assert found.jacobian is not None
        offset = point.value - float(found.residual @ found.residual)
        if abs(offset) <= 1e-12 * abs(point.value):  # rounding, not a constant
            offset = 0.0
        return Damping(found.residual, found.jacobian, self.first, 2.0, _columns(found.jacobian), offset)

    def settled(self, task: Task, point: Point, state: Damping, tolerance: float) -> str | None:
        move = norm(task.project(point.x + _least_squares(task, point, state, 0.0)) - point.x)
        limit = math.sqrt(tolerance) * max(1.0, norm(point.x))
        if move > limit or lower_beside(task, point) is not None:
            return None
        return f", and the next Gauss–Newton step is {short(move)} ≤ {short(limit)}"

    def step(self, task: Task, point: Point, state: Damping) -> Move | Halt:
        measure = task.measure(point)
        if measure <= 1e-8:
            beside = lower_beside(task, point)
            if beside is not None:
                return Move(beside, self.init(task, beside), "J")
            if state.lingering >= self.patience:
                from calcopt.solve.newton_safeguarded import runaway

                return runaway(task, point)
            state = state._replace(lingering=state.lingering + 1)
        mu, growth, tag = state.mu, state.growth, ""
        for _ in range(self.trials):
            x = task.project(point.x + _least_squares(task, point, state, mu))
            d = x - point.x
            if not d.any():
                break
            task.counts.value += 1
            value = state.offset + float(np.sum(self.residuals.evaluate(x, 0).residual ** 2))
            if self._fell(task, point, x, value, state, d) and task.pole_between(point.x, x) is None:
                found = self._accepted(task, x, state, mu, (point.value - value) / _foretold(state, d))
                if found is not None:
                    return Move(found[0], found[1], tag or "L", {"damping": mu})
                value = math.nan
            tag = tag or "B" if math.isfinite(value) else "D"
            mu, growth = mu * growth, growth * 2
        return exhausted(task, point)

    def _accepted(self, task: Task, x: Vector, state: Damping, mu: float, ratio: float) -> tuple[Point, Damping] | None:
        """The new point, ∇f = 2Jᵀr, and its state; None where J is not finite."""
        task.counts.gradient += 1
        r, jacobian = self.residuals.evaluate(x, 1)
        assert jacobian is not None
        point = _point_of(x, state.offset, r, jacobian)
        if not (point.finite and is_finite(jacobian)):
            return None
        smaller = max(mu * max(1 / 3, 1 - (2 * min(max(ratio, 0.0), 2.0) - 1) ** 3), 1e-14)
        scale = np.maximum(state.scale, _columns(jacobian))
        return point, Damping(r, jacobian, smaller, 2.0, scale, state.offset, state.lingering)

    def _fell(self, task: Task, point: Point, x: Vector, value: float, state: Damping, d: Vector) -> bool:
        """Whether f fell by the fraction ``accept`` of what was foretold; where both drown in rounding, whether the
        gradient got smaller."""
        predicted = _foretold(state, d)
        if not (math.isfinite(value) and predicted > 0):
            return False
        if predicted <= 1e-9 * max(1.0, abs(point.value)):
            noise = 2 * task.noise(point.x).value
            if predicted <= 10 * noise + 1e-300:
                calmer = task.measure(task.evaluate(x, 1)) < task.measure(point)
                return calmer and value <= point.value + noise
        return point.value - value >= self.accept * predicted

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        if status in ("max_iterations", "time_limit", "stalled"):
            return "residuals that stay large make Levenberg–Marquardt slow: try --method safeguarded"
        return None


def _foretold(state: Damping, d: Vector) -> float:
    """‖r‖² − ‖r + Jd‖²."""
    ahead = state.jacobian @ d
    return -float(ahead @ (2 * state.residual + ahead))


def _point_of(x: Vector, offset: float, residual: Vector, jacobian: Vector) -> Point:
    """x with f = Σ rᵢ² + offset and ∇f = 2Jᵀr."""
    from calcopt.solve.tasks import Point

    return Point(x, offset + float(residual @ residual), 2 * (jacobian.T @ residual))


def _least_squares(task: Task, point: Point, state: Damping, mu: float) -> Vector:
    """argmin ‖Jp + r‖² + μ‖Dp‖² over the variables that no bound holds, in the scaled variables Dp."""
    held = task.held(point)
    free = np.arange(point.x.size) if held is None else np.flatnonzero(~held)
    p = np.zeros_like(point.x)
    if free.size == 0:
        return p
    scale = np.where(state.scale[free] > 0, state.scale[free], 1.0)
    matrix, right = state.jacobian[:, free] / scale, -state.residual
    if matrix.shape[0] > 2 * free.size:  # the small triangle says the same: ‖QRp − b‖² = ‖Rp − Qᵀb‖² + const.
        basis, matrix = np.linalg.qr(matrix)
        right = basis.T @ right
    if mu > 0:
        matrix = np.vstack([matrix, math.sqrt(mu) * np.eye(free.size)])
        right = np.concatenate([right, np.zeros(free.size)])
    p[free] = np.linalg.lstsq(matrix, right, rcond=None)[0] / scale
    return p


def _columns(jacobian: Vector) -> Vector:
    """The norms of the columns."""
    norms: Vector = np.sqrt(np.einsum("ij,ij->j", jacobian, jacobian))
    return norms
