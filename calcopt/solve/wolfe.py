"""A line search for the strong Wolfe conditions: f falls enough, and the slope has flattened."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from calcopt.solve.linesearch import Armijo, Found

if TYPE_CHECKING:
    from calcopt.records import Vector
    from calcopt.solve.tasks import Point, Task


class Trial(NamedTuple):
    """φ(α) = f(x + αp) and its slope φ′(α) = ∇f(x + αp)·p."""

    alpha: float
    value: float
    slope: float
    point: Point


class StrongWolfe(NamedTuple):
    """α with f(x + αp) ≤ f(x) + c₁ α ∇f·p and |∇f(x + αp)·p| ≤ c₂ |∇f·p|.

    The bracket grows, then is narrowed by cubic interpolation. A trial that is not finite becomes the bracket's end.
    With bounds f has no slope along the bent path, so there Armijo's test alone is asked. Where f changes by less
    than its own rounding error the first inequality is replaced by one on slopes, φ′(α) ≤ (2c₁ − 1) φ′(0).
    Reference: Nocedal & Wright 2006, Numerical Optimization, algorithms 3.5 and 3.6; Hager & Zhang 2005, §4 (rounding).
    """

    c1: float = 1e-4
    c2: float = 0.9
    trials: int = 60

    def along(self, task: Task, point: Point, p: Vector, alpha: float) -> Found | None:
        """Search from ``point`` along the descent direction p, first trial ``alpha``; None when none passes."""
        if task.bounded:
            return Armijo(self.c1).along(task, point, p, alpha, point.value)
        slope = float(point.gradient @ p)
        if not (slope < 0 and math.isfinite(slope)):
            return None
        return _Search(self, task, Trial(0.0, point.value, slope, point), p).run(alpha)


@dataclass(slots=True)
class _Search:
    """One search: the conditions, the line, and what was met on it."""

    rule: StrongWolfe
    task: Task
    start: Trial
    p: Vector
    first: float = 0.0
    cut: bool = False
    left: int = 0
    noise: float | None = None

    def run(self, alpha: float) -> Found | None:
        """Algorithm 3.5: grow the step until an interval is found that holds a good one."""
        self.left, self.first = self.rule.trials, alpha
        low, ceiling = self.start, math.inf
        while self.left > 0:
            trial = self._at(alpha)
            if trial is None:
                ceiling, self.cut = alpha, True
                alpha = 0.5 * (low.alpha + alpha) if low.alpha > 0 else 0.1 * alpha
                continue
            if not self._fell(trial) or (low.alpha > 0 and trial.value >= low.value):
                return self._narrow(low, trial)
            if abs(trial.slope) <= -self.rule.c2 * self.start.slope:
                return self._found(trial)
            if trial.slope >= 0:
                return self._narrow(trial, low)
            low, alpha = trial, self._longer(low, trial, ceiling)
            if not alpha > low.alpha * (1 + 1e-10):
                return self._found(low)
        return self._found(low) if low.alpha > 0 else None

    def _longer(self, before: Trial, last: Trial, ceiling: float) -> float:
        """The next, longer step: where the cubic has its minimum, two to ten times as far; ten where f bends down."""
        guess = _cubic(before, last) if last.slope > before.slope else None
        longest = min(10 * last.alpha, 0.5 * (last.alpha + ceiling))
        return min(max(guess if guess is not None else longest, 2 * last.alpha), longest)

    def _narrow(self, low: Trial, high: Trial) -> Found | None:
        """Algorithm 3.6: ``low`` has the lower f of the two ends, and its slope points at ``high``."""
        while self.left > 0 and abs(high.alpha - low.alpha) > 1e-15 * max(high.alpha, low.alpha):
            guess, width = _cubic(low, high), high.alpha - low.alpha
            inside = guess is not None and 0.1 <= (guess - low.alpha) / width <= 0.9
            trial = self._at(guess if inside and guess is not None else low.alpha + 0.5 * width)
            if trial is None:
                break
            drowned = self._drowned(-trial.alpha * self.start.slope)
            if not self._fell(trial) or (trial.value >= low.value and not drowned):
                high = trial
                continue
            if abs(trial.slope) <= -self.rule.c2 * self.start.slope:
                return self._found(trial)
            if trial.slope * width >= 0:
                high = low
            low = trial
        return self._found(low) if low.alpha > 0 else None

    def _at(self, alpha: float) -> Trial | None:
        """The trial at ``alpha``; None where f or its slope is not finite, or beyond a pole."""
        self.left -= 1
        point = self.task.evaluate(self.start.point.x + alpha * self.p, 1)
        if not point.finite or self.task.pole_between(self.start.point.x, point.x) is not None:
            return None
        return Trial(alpha, point.value, float(point.gradient @ self.p), point)

    def _fell(self, trial: Trial) -> bool:
        """The first Wolfe inequality; where the promised change drowns in rounding, its form for slopes."""
        promised = -trial.alpha * self.start.slope
        if self._drowned(promised):
            level = trial.value <= self.start.value + 2 * self._rounding()
            falls = trial.slope <= (2 * self.rule.c1 - 1) * self.start.slope
            return level and falls and self.task.measure(trial.point) < self.task.measure(self.start.point)
        return trial.value <= self.start.value - self.rule.c1 * promised

    def _drowned(self, promised: float) -> bool:
        """The noise is asked for only where it may matter."""
        return promised <= 1e-9 * max(1.0, abs(self.start.value)) and promised <= 10 * self._rounding()

    def _rounding(self) -> float:
        if self.noise is None:
            self.noise = self.task.noise(self.start.point.x).value
        return self.noise

    def _found(self, trial: Trial) -> Found:
        return Found(trial.point, trial.alpha, "D" if self.cut else "B" if trial.alpha < self.first else "G")


def _cubic(a: Trial, b: Trial) -> float | None:
    """Where the cubic through both values and slopes has its minimum (Nocedal & Wright, eq. 3.59)."""
    if a.alpha == b.alpha:
        return None
    d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.alpha - b.alpha)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0 or math.isinf(square):
        return None
    d2 = math.copysign(math.sqrt(square), b.alpha - a.alpha)
    bottom = b.slope - a.slope + 2 * d2
    if bottom == 0:
        return None
    return b.alpha - (b.alpha - a.alpha) * (b.slope + d2 - d1) / bottom


WOLFE = StrongWolfe()
"""The search with the constants for quasi-Newton directions."""
EXACTING = StrongWolfe(c2=0.1)
"""The search that goes nearly to the lowest point of the line."""
