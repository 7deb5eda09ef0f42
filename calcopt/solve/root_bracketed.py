"""A zero of one function of one variable: Newton's method, kept inside a bracket once a sign change is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.vectors import EPS, short

if TYPE_CHECKING:
    from typing import Literal

    from calcopt.records import Status
    from calcopt.solve.tasks import Point, Task


@dataclass(frozen=True, slots=True)
class Bracket:
    """The ends a, b with f(a) f(b) < 0 (None until known), and the width two steps ago."""

    a: Point | None = None
    b: Point | None = None
    widths: tuple[float, float] = (math.inf, math.inf)

    @property
    def known(self) -> bool:
        return self.a is not None and self.b is not None

    def with_point(self, point: Point) -> Bracket:
        """The bracket narrowed by a new point: it replaces the end whose sign it shares."""
        a, b = (point, self.b) if _f(point) < 0 else (self.a, point)
        width = abs(_x(a) - _x(b)) if a is not None and b is not None else math.inf
        return Bracket(a, b, (self.widths[1], width))


@dataclass(frozen=True, slots=True)
class BracketedNewton(Plain):
    """x − f/f', halved until |f| falls; between points of opposite sign, kept inside them, and the bracket is split
    where Newton does not halve it in two steps: never slower than bisection by more than a factor.

    ``a`` keeps the negative end of the bracket, ``b`` the positive one.
    Reference: Dekker 1969; Brent 1973, Algorithms for Minimization without Derivatives, ch. 4 (the safeguards).
    """

    name: ClassVar[str] = "safeguarded"
    merit: Literal["value", "measure"] = "measure"
    trials: int = 60

    def init(self, task: Task, point: Point) -> Bracket:
        return Bracket().with_point(point)

    def step(self, task: Task, point: Point, state: Bracket) -> Move | Halt:
        return self._inside(task, point, state) if state.known else self._search(task, point, state)

    def _inside(self, task: Task, point: Point, state: Bracket) -> Move | Halt:
        """One step with a sign change known."""
        assert state.a is not None
        assert state.b is not None
        low, high = sorted((_x(state.a), _x(state.b)))
        middle = low + 0.5 * (high - low)
        if not low < middle < high:
            return _closed(state)
        newton = _newton(point)
        slow = state.widths[1] > 0.5 * state.widths[0] and state.widths[1] < math.inf
        tag, x = ("N", newton) if low < newton < high and not slow else ("S", middle)
        trial = task.evaluate(np.array([x]), 1)
        if not trial.finite and tag == "N":
            tag, trial = "S", task.evaluate(np.array([middle]), 1)
        if math.isnan(trial.value):
            return Halt("left_domain", f"f is not defined at {short(_x(trial))}, between two points of opposite sign")
        if not trial.finite:  # a pole: keep it as an end by its sign, stay where f is finite
            return Halt("stalled", f"f has a pole at {short(_x(trial))}: it changes sign there without a zero", OTHER)
        return Move(trial, state.with_point(trial), tag, {"width": high - low})

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
                return Move(trial, state.with_point(trial), tag, {"alpha": step / (newton - _x(point))})
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
                    return Move(trial, state.with_point(trial), "J", {})
        return Halt(
            "stalled",
            f"|f| = {short(point.value)} is a local minimum of |f| at {short(_x(point))}, and no sign change was found "
            f"within {short(size * 4.0**7)} of it: f may have no zero",
            OTHER,
        )

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return OTHER if status != "interrupted" else None


OTHER = "try another start, or plot the function to see whether it has a zero"


def _closed(state: Bracket) -> Halt:
    """The bracket holds no double between its ends: a zero as exact as doubles allow, or a jump."""
    assert state.a is not None
    assert state.b is not None
    best = min(state.a, state.b, key=lambda end: end.value)
    other = state.b if best is state.a else state.a
    rounding = 8 * EPS * max(abs(_x(best)), 1e-300) * max(abs(_slope(best)), abs(_slope(other)))
    if max(best.value, other.value) <= rounding:
        return Halt(
            "converged",
            f"f changes sign between the neighbouring doubles {_x(best)!r} and {_x(other)!r}, where |f| = "
            f"{best.value:.3g} and {other.value:.3g} ≤ {rounding:.3g} (8 ε |x f'|: the tolerance is below that)",
        )
    return Halt(
        "stalled",
        f"f jumps from {short(_f(state.a))} to {short(_f(state.b))} at {_x(best):.17g}: it changes sign there, "
        "but not through zero",
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
