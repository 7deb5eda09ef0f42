"""Newton's method made safe: a line search where the Hessian is positive definite, a trust region where it is not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from calcopt.solve.curvature import Model, Step, quadratic_model
from calcopt.solve.escape import leave
from calcopt.solve.linesearch import exhausted
from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.rays import along, falling
from calcopt.solve.vectors import EPS, hessian_is_finite, norm, place, row_sum_norm, short

if TYPE_CHECKING:
    from typing import Literal

    from numpy.typing import NDArray

    from calcopt.records import Matrix, Status, Vector
    from calcopt.solve.tasks import Point, Task


class Region(NamedTuple):
    """What is known at the current point: the quadratic model, the indices the bounds leave free (None: all), the
    trust radius in the scaled norm ‖Dp‖ (None while none is needed), and for how many iterations ∇f has been small
    while the Newton steps were not."""

    model: Model
    free: NDArray[np.intp] | None
    radius: float | None = None
    lingering: int = 0


@dataclass(frozen=True, slots=True)
class SafeguardedNewton(Plain):
    """x_{k+1} = P(x_k + p).

    H positive definite: p = −α H⁻¹∇f with α = 1 if that lowers f enough, else shorter (parabolas through f).
    H indefinite: p minimizes ∇f·p + ½ p·Hp over ‖Dp‖ ≤ Δ, with Δ from how well the model foretold f.
    "Enough" is a fraction ``accept`` of what the model promises. A step to a point that is not finite is cut. With
    bounds, variables held at one are left out of the model and x + p is projected. A critical point where H has a
    negative eigenvalue is left along it. The run ends only when the Newton step is short as well: a gradient may be
    small because f is flat, or because of its units.
    Reference: Moré & Sorensen 1983, Computing a trust region step; Conn, Gould & Toint 2000, Trust-Region Methods,
    §6.1, §7.3; Bertsekas 1982, Projected Newton methods (the bounds).
    """

    name: ClassVar[str] = "safeguarded"
    order: int = 2
    merit: Literal["value", "measure"] = "value"
    accept: float = 1e-4
    trials: int = 100
    lowest: float = -1e100
    patience: int = 25

    def init(self, task: Task, point: Point) -> Region:
        return self._at(task, point, None, 0)

    def _at(self, task: Task, point: Point, radius: float | None, lingering: int) -> Region:
        """The state at ``point``."""
        held = task.held(point)
        free = None if held is None else np.flatnonzero(~held)
        hessian = point.hessian
        assert hessian is not None
        return Region(self._model(hessian if free is None else hessian[free][:, free]), free, radius, lingering)

    def _model(self, hessian: Matrix) -> Model:
        """How the quadratic model of the free variables is solved."""
        return quadratic_model(hessian)

    # -- when to stop -------------------------------------------------------------------------------------------

    def settled(self, task: Task, point: Point, state: Region, tolerance: float) -> str | None:
        newton = _newton(point, state)
        if newton is None:
            return None if self._escape(task, point, state) is not None else ""
        move, limit = norm(task.project(point.x + newton) - point.x), math.sqrt(tolerance) * max(1.0, norm(point.x))
        if move > limit or self._escape(task, point, state) is not None:
            return None
        return f", and the next Newton step is {short(move)} ≤ {short(limit)}" if move > 0 else ""

    def _escape(self, task: Task, point: Point, state: Region) -> Point | None:
        if state.free is not None and state.free.size == 0:
            return None
        return leave(task, point, state.model, state.free)

    # -- the step -----------------------------------------------------------------------------------------------

    def step(self, task: Task, point: Point, state: Region) -> Move | Halt:
        if point.value < self.lowest:
            return unbounded(task, point)
        lingering = 0
        if _critical(task, point):
            newton = _newton(point, state)
            if newton is None or norm(newton) <= 1e-4 * max(1.0, norm(point.x)):
                escape = self._escape(task, point, state)
                if escape is not None:
                    return Move(escape, self._at(task, escape, None, 0), "J")
            lingering = state.lingering + 1
            if lingering > self.patience:
                return runaway(task, point, newton)
        return self._search(task, point, state._replace(lingering=lingering))

    def _search(self, task: Task, point: Point, state: Region) -> Move | Halt:
        """Shorten the step until f falls enough; no trial is accepted unless it is finite."""
        size, tag = max(1.0, norm(point.x)), ""
        step, alpha = self._propose(point, state, size), 1.0
        for _ in range(self.trials):
            if step is None:
                break
            trial = task.evaluate(task.project(point.x + _embed(step.p, state.free, point.x.size)), 2)
            d = trial.x - point.x
            if not d.any():
                break
            if trial.value == -math.inf and task.pole_between(point.x, trial.x) is None:
                return unbounded(task, trial)
            predicted = -float(point.gradient @ d)  # along a line the slope is what counts (Armijo)
            if step.bounded:
                predicted -= 0.5 * float(d @ (_hessian(point) @ d))
            ratio = self._ratio(task, point, trial, predicted)
            barred = ratio >= self.accept and task.pole_between(point.x, trial.x) is not None
            if ratio >= self.accept and not barred:
                return self._move(task, trial, state, step, ratio, tag, alpha)
            tag = "D" if barred or not trial.finite else tag or "B"
            cut = 0.5 if barred else _cut(point, trial, d)
            if step.bounded:
                step = state.model.bounded(free_gradient(point, state), step.length * cut)
            else:
                alpha *= cut
                step = Step(cut * step.p, 0.0, cut * step.length, False)
            if norm(d) <= 0.01 * EPS * size:
                break
        return exhausted(task, point)

    def _propose(self, point: Point, state: Region, size: float) -> Step | None:
        """The first trial: Newton's step, or the best one within the radius (at first: about the size of x)."""
        g = free_gradient(point, state)
        if g.size == 0:
            return None
        return state.model.newton(g) or within_radius(state, g, size)

    def _move(self, task: Task, trial: Point, state: Region, step: Step, ratio: float, tag: str, alpha: float) -> Move:
        radius = grown(step, ratio) if step.bounded else self._unbounded_radius(state, step)
        letter = tag or ("R" if step.bounded else "N")
        detail = {"shift": step.shift, "radius": step.length} if step.bounded else {"alpha": alpha}
        return Move(trial, self._at(task, trial, radius, state.lingering), letter, detail)

    def _unbounded_radius(self, state: Region, step: Step) -> float | None:
        """The next radius after a step that no radius limited: found anew when one is needed."""
        return None

    def _ratio(self, task: Task, point: Point, trial: Point, predicted: float) -> float:
        """Actual fall of f over the promised one; where both drown in rounding, 1 if the gradient got smaller."""
        if not (trial.finite and trial.hessian is not None and hessian_is_finite(trial.hessian)) or predicted <= 0:
            return -math.inf
        if predicted <= 1e-9 * max(1.0, abs(point.value)):
            noise = 2 * task.noise(point.x).value
            if predicted <= 10 * noise + 1e-300:
                calmer = task.measure(trial) < task.measure(point) and trial.value <= point.value + noise
                return 1.0 if calmer else -math.inf
        return (point.value - trial.value) / predicted

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return "more --max-iterations, or another start" if status in ("max_iterations", "time_limit") else None


def _critical(task: Task, point: Point) -> bool:
    """∇f is zero for all practical purposes; its rounding error is asked for only where it may matter."""
    measure = task.measure(point)
    if measure <= 1e-8:
        return True
    scale = abs(point.value) + row_sum_norm(_hessian(point)) * norm(point.x)
    return measure <= 1e-9 * scale and measure <= norm(task.noise(point.x).gradient)


def free_gradient(point: Point, state: Region) -> Vector:
    return point.gradient if state.free is None else point.gradient[state.free]


def _newton(point: Point, state: Region) -> Vector | None:
    """The Newton step in all variables, zero for those held at a bound; None where H is indefinite."""
    g = free_gradient(point, state)
    step = state.model.newton(g) if g.size else None
    if g.size == 0:
        return np.zeros_like(point.x)
    return None if step is None else _embed(step.p, state.free, point.x.size)


def within_radius(state: Region, g: Vector, size: float) -> Step:
    """The best step within the trust radius, which at first is about the size of x."""
    length = norm(g)
    along = norm(state.model.scale * g) / length if length > 0 else float(np.min(state.model.scale))
    return state.model.bounded(g, size * along if state.radius is None else state.radius)


def grown(step: Step, ratio: float) -> float:
    """The next radius: narrower when the model was poor, wider when it was good."""
    if ratio < 0.25:
        return 0.5 * step.length
    return (8 if ratio > 0.9 else 2 if ratio > 0.75 else 1) * step.length


def _cut(point: Point, trial: Point, d: Vector) -> float:
    """By how much to shorten a refused step: to the minimum of the parabola through f, its slope and the trial."""
    if not math.isfinite(trial.value):
        return 0.5
    slope = float(point.gradient @ d)
    bend = trial.value - point.value - slope
    return min(0.5, max(0.1, -slope / (2 * bend))) if bend > 0 and slope < 0 else 0.25


def unbounded(task: Task, point: Point) -> Halt:
    sign = -1.0 if task.goal == "maximize" else 1.0
    word, way, what = ("above", "rises", "maximum") if sign < 0 else ("below", "falls", "minimum")
    return Halt(
        "unbounded",
        f"f seems unbounded {word}: it {way} to {short(sign * point.value)} at ‖x‖ = {short(norm(point.x))}, and on"
        + along(task, point),
        f"there is no {what} this way: bound the variables (--box), or start elsewhere",
    )


def runaway(task: Task, point: Point, newton: Vector | None = None) -> Halt:
    """f flattens out: with the values that it takes farther on along ``newton``, where these go on falling."""
    best, bound = ("maximum", "supremum") if task.goal == "maximize" else ("minimum", "infimum")
    evidence = None if newton is None else falling(task, point, newton)
    why = (
        f"f flattens out towards infinity and no {best} is near"
        if evidence is None
        else f"no {best} is near, {evidence}"
    )
    may = "may not be" if evidence is None else "does not seem to be"
    return Halt(
        "diverged",
        f"{task.measure_name} = {short(task.measure(point))} is small at {place(task.variables, point.x)}, yet the "
        f"Newton steps do not get shorter: {why}",
        f"the {bound} {may} attained: bound the variables (--box), or start elsewhere",
    )


def _embed(p: Vector, free: NDArray[np.intp] | None, n: int) -> Vector:
    if free is None:
        return p
    full = np.zeros(n)
    full[free] = p
    return full


def _hessian(point: Point) -> Matrix:
    assert point.hessian is not None
    return point.hessian
