"""A zero of one function of one variable: Newton's method, kept inside a bracket once a sign change is known."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.vectors import EPS, compare, short

if TYPE_CHECKING:
    from typing import Literal

    from calcopt.records import Status
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class Bracket:
    """The ends a (f < 0) and b (f ≥ 0) of a bracket, None until known; the last two step lengths; |f| at the start;
    for how many iterations |f| has been small while the steps were not."""

    a: Point | None = None
    b: Point | None = None
    steps: tuple[float, float] = (math.inf, math.inf)
    first: float = math.inf
    lingering: int = 0

    @property
    def ends(self) -> tuple[Point, Point] | None:
        """Both ends, the left one first; None while no sign change is known."""
        if self.a is None or self.b is None:
            return None
        return (self.a, self.b) if _x(self.a) < _x(self.b) else (self.b, self.a)

    def with_point(self, point: Point, step: float, *, lingering: int = 0) -> Bracket:
        """The bracket narrowed by a new point: it replaces the end whose sign it shares."""
        a, b = (point, self.b) if _f(point) < 0 else (self.a, point)
        return Bracket(a, b, (self.steps[1], abs(step)), self.first, lingering)


@dataclass(frozen=True, slots=True)
class BracketedNewton(Plain):
    """x − f/f', shortened until |f| falls; once a sign change is known, kept between its ends, and the bracket is
    split wherever a Newton step would leave it or be longer than half the step before last.

    So a run of Newton steps either converges or ends in a bisection: never slower than bisection by more than a
    factor. The run ends when |f| is within the tolerance and the Newton step is short as well, so that a function
    that only tends to zero at infinity is not said to have a zero.
    Reference: Dekker 1969; Brent 1973, Algorithms for Minimization without Derivatives, ch. 4 (the safeguards).
    """

    name: ClassVar[str] = "safeguarded"
    merit: Literal["value", "measure"] = "measure"
    trials: int = 60
    patience: int = 25

    def init(self, task: Task, point: Point) -> Bracket:
        return Bracket(first=point.value).with_point(point, math.inf)

    def settled(self, task: Task, point: Point, state: Bracket, tolerance: float) -> str | None:
        if point.value == 0 or state.ends is not None:
            return ""
        move, limit = abs(_newton(point) - _x(point)), math.sqrt(tolerance) * max(1.0, abs(_x(point)))
        return f", and the next Newton step is {short(move)} ≤ {short(limit)}" if move <= limit else None

    def step(self, task: Task, point: Point, state: Bracket) -> Move | Halt:
        ends = state.ends
        if ends is not None:
            return _no_zero(point, state, ends) or self._inside(task, point, state, ends)
        lingering = state.lingering + 1 if point.value <= 1e-8 else 0
        if lingering > self.patience:
            return Halt(
                "diverged",
                f"|f| = {short(point.value)} is small at {short(_x(point))}, yet the Newton steps do not get shorter: "
                "f tends to zero towards infinity and no zero is near",
                OTHER,
            )
        return self._search(task, point, replace(state, lingering=lingering))

    def _inside(self, task: Task, point: Point, state: Bracket, ends: tuple[Point, Point]) -> Move | Halt:
        """One step with a sign change known."""
        low, high = _x(ends[0]), _x(ends[1])
        middle = low + 0.5 * (high - low)
        newton = _newton(point)
        useful = low < newton < high and abs(newton - _x(point)) <= 0.5 * state.steps[0]
        tag, x = ("N", newton) if useful else ("S", middle)
        trial = task.evaluate(np.array([x]), 1)
        if not trial.finite and tag == "N":
            tag, trial = "S", task.evaluate(np.array([middle]), 1)
        if math.isnan(trial.value):
            message = f"f is not defined at {short(_x(trial))}, between two points of opposite sign"
            return Halt("left_domain", message, outside=trial.x)
        if not trial.finite:
            return Halt(
                "stalled", f"f has a pole at {short(_x(trial))}: it changes sign there, but not through 0", OTHER
            )
        return Move(trial, state.with_point(trial, _x(trial) - _x(point)), tag, {"width": high - low})

    def _search(self, task: Task, point: Point, state: Bracket) -> Move | Halt:
        """No sign change yet: a Newton step, halved until |f| falls or changes sign."""
        newton = _newton(point)
        step = newton - _x(point)
        if not math.isfinite(step):
            return self._around(task, point, state)
        tag = "N"
        for _ in range(self.trials):
            trial = task.evaluate(point.x + step, 1)
            if trial.finite and ((_f(trial) < 0) != (_f(point) < 0) or trial.value < (1 - 1e-4) * point.value):
                return Move(
                    trial,
                    state.with_point(trial, step, lingering=state.lingering),
                    tag,
                    {"alpha": step / (newton - _x(point))},
                )
            tag = "B" if trial.finite and tag != "D" else "D"
            step *= 0.5
            if abs(step) <= EPS * max(abs(_x(point)), 1e-300):
                break
        return self._around(task, point, state)

    def _around(self, task: Task, point: Point, state: Bracket) -> Move | Halt:
        """|f| has a local minimum here, or f' = 0: look to both sides, wider and wider, for a lower |f|."""
        size = max(1.0, abs(_x(point)))
        for k in range(-6, 8):
            for way in (1.0, -1.0):
                trial = task.evaluate(point.x + way * size * 4.0**k, 1)
                if trial.finite and ((_f(trial) < 0) != (_f(point) < 0) or trial.value < 0.99 * point.value):
                    return Move(trial, state.with_point(trial, _x(trial) - _x(point)), "J")
        return Halt(
            "stalled",
            f"|f| = {short(point.value)} is a local minimum of |f| at {short(_x(point))}, and no sign change was found "
            f"within {short(size * 4.0**7)} of it: f may have no zero",
            OTHER,
        )

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return OTHER if status != "interrupted" else None


OTHER = "try another start, or plot the function to see whether it has a zero"


def _no_zero(point: Point, state: Bracket, ends: tuple[Point, Point]) -> Halt | None:
    """A bracket too narrow to hold a zero: f is rounding noise there, or jumps, or has a pole; None while it may."""
    left, right = ends
    x, width = _x(point), _x(right) - _x(left)
    least = min(left.value, right.value)
    slope = max(abs(_slope(left)), abs(_slope(right)))
    neighbours = width <= 2 * EPS * abs(x)
    rounding = 8 * EPS * abs(x) * slope
    if neighbours and least <= rounding:
        return Halt(
            "converged",
            f"f changes sign between the neighbouring doubles {_x(left)!r} and {_x(right)!r}: "
            + compare("|f|", least, rounding, "8 ε |x f'|, its rounding error; the tolerance is below that"),
        )
    unexplained = least > 100 * slope * width or least > 1e3 * state.first
    if not (neighbours or (width <= 1e-12 * max(1.0, abs(x)) and unexplained)):
        return None
    return Halt(
        "stalled",
        f"f goes from {short(_f(left))} to {short(_f(right))} at {x:.12g}: it changes sign there, but not through 0 "
        "(a jump or a pole)",
        OTHER,
    )


def _x(point: Point) -> float:
    return float(point.x[0])


def _f(point: Point) -> float:
    assert point.residual is not None
    return float(point.residual[0])


def _slope(point: Point) -> float:
    assert point.jacobian is not None
    return float(point.jacobian[0, 0])


def _newton(point: Point) -> float:
    slope = _slope(point)
    return _x(point) - _f(point) / slope if slope != 0 else math.nan
