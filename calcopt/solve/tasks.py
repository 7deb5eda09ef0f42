"""What is asked of a method: to minimize (or maximize) an Objective, or to find a zero of a System.

A method sees a task, never the objective itself: the task carries the sign of the goal, the bounds, and the measure
that the tolerance is held against. Inside, everything is minimization; :meth:`Minimize.row` and the result report
f itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

import numpy as np

from calcopt.records import Iteration, Noise, Verdict
from calcopt.solve.vectors import is_finite, norm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.records import Counts, Goal, Matrix, Objective, Vector
    from calcopt.solve.box import Box


class Point(NamedTuple):
    """A point with what was evaluated there, in the sense of minimization (signs turned for ``maximize``).

    For roots ``value`` is ‖F‖, ``gradient`` its gradient Jᵀ F/‖F‖, and ``residual`` and ``jacobian`` are set.
    """

    x: Vector
    value: float
    gradient: Vector
    hessian: Matrix | None = None
    residual: Vector | None = None
    jacobian: Vector | None = None

    @property
    def finite(self) -> bool:
        """True when value and gradient are finite."""
        return math.isfinite(self.value) and is_finite(self.gradient)


class Task(Protocol):
    """What methods and the driver need to know of the question."""

    @property
    def variables(self) -> Sequence[str]: ...
    @property
    def label(self) -> str: ...
    @property
    def goal(self) -> Goal: ...
    @property
    def counts(self) -> Counts: ...
    @property
    def measure_name(self) -> str: ...
    @property
    def bounded(self) -> bool:
        """Whether there are bounds to keep."""
        ...

    def value(self, x: Vector) -> float: ...
    def evaluate(self, x: Vector, order: int) -> Point: ...
    def project(self, x: Vector) -> Vector: ...
    def reduced_gradient(self, point: Point) -> Vector: ...
    def measure(self, point: Point) -> float: ...
    def noise(self, x: Vector) -> Noise: ...
    def held(self, point: Point) -> NDArray[np.bool_] | None: ...
    def pole_between(self, a: Vector, b: Vector) -> Vector | None:
        """A point next to a pole of f on the line from a to b; None where none is known."""
        ...

    def verdict(self, point: Point) -> Verdict: ...
    def row(
        self, iteration: int, point: Point, step_norm: float | None, tag: str, detail: Mapping[str, float]
    ) -> Iteration: ...


class Poles(Protocol):
    """What knows where f may have poles."""

    def between(self, a: Vector, b: Vector) -> Vector | None:
        """A point next to a pole on the line from a to b; None where none is known."""
        ...


@dataclass(slots=True)
class Minimize:
    """Minimize sign·f over the box (all of R^n when it is None); ``tolerance`` is what counts as a zero gradient."""

    objective: Objective
    goal: Literal["minimize", "maximize"] = "minimize"
    box: Box | None = None
    tolerance: float = 1e-8
    poles: Poles | None = None
    _judged: tuple[Point, Verdict] | None = None

    @property
    def sign(self) -> float:
        return 1.0 if self.goal == "minimize" else -1.0

    @property
    def variables(self) -> Sequence[str]:
        return self.objective.variables

    @property
    def label(self) -> str:
        return self.objective.label

    @property
    def counts(self) -> Counts:
        return self.objective.counts

    @property
    def measure_name(self) -> str:
        plain = "|f'|" if len(self.variables) == 1 else "‖∇f‖"
        return plain if self.box is None else f"projected {plain}"

    @property
    def bounded(self) -> bool:
        return self.box is not None

    def value(self, x: Vector) -> float:
        """sign·f(x)."""
        return self.sign * self.objective.evaluate(x, 0).value

    def evaluate(self, x: Vector, order: int) -> Point:
        """The point with its gradient (order 1) and Hessian (order 2)."""
        found = self.objective.evaluate(x, order)
        gradient = found.gradient if found.gradient is not None else np.full(x.shape, np.nan)
        if self.sign > 0:
            return Point(x, found.value, gradient, found.hessian)
        return Point(x, -found.value, -gradient, None if found.hessian is None else -found.hessian)

    def project(self, x: Vector) -> Vector:
        """The nearest point that keeps the bounds."""
        return x if self.box is None else self.box.project(x)

    def reduced_gradient(self, point: Point) -> Vector:
        """∇f, or with bounds the projected gradient x − P(x − ∇f)."""
        return point.gradient if self.box is None else self.box.projected_gradient(point.x, point.gradient)

    def measure(self, point: Point) -> float:
        """What the tolerance is held against: ‖∇f‖₂, projected when there are bounds."""
        return norm(self.reduced_gradient(point))

    def noise(self, x: Vector) -> Noise:
        """Rounding errors of what ``evaluate`` returns."""
        return self.objective.noise(x)

    def held(self, point: Point) -> NDArray[np.bool_] | None:
        """Mask of the variables held at an active bound; None when all are free."""
        if self.box is None:
            return None
        held = self.box.held(point.x, point.gradient)
        return held if held.any() else None

    def pole_between(self, a: Vector, b: Vector) -> Vector | None:
        """A point next to a pole that the denominators of f tell of."""
        return None if self.poles is None else self.poles.between(a, b)

    def verdict(self, point: Point) -> Verdict:
        """The second-order verdict at ``point``, worked out once for each point."""
        if self._judged is None or self._judged[0] is not point:
            from calcopt.solve.verdict import second_order_verdict

            self._judged = point, second_order_verdict(self, point, self.tolerance)
        return self._judged[1]

    def row(
        self, iteration: int, point: Point, step_norm: float | None, tag: str, detail: Mapping[str, float]
    ) -> Iteration:
        """The row of the table: numbers of f itself."""
        gradient = self.sign * point.gradient
        return Iteration(
            iteration, point.x, self.sign * point.value, gradient, self.measure(point), step_norm, tag, detail
        )
