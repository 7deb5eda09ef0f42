"""What is asked of a root finder: a common zero of functions, by way of ‖F‖."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from calcopt.records import Iteration, Noise, Verdict
from calcopt.solve.tasks import Point
from calcopt.solve.vectors import norm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.records import Counts, System, Vector


@dataclass(frozen=True, slots=True)
class FindRoot:
    """Find x with F(x) = 0; the merit function is ‖F‖₂ (|f| for one function)."""

    system: System
    functions: int
    goal: Literal["root"] = "root"

    @property
    def variables(self) -> Sequence[str]:
        return self.system.variables

    @property
    def label(self) -> str:
        return self.system.label

    @property
    def counts(self) -> Counts:
        return self.system.counts

    @property
    def measure_name(self) -> str:
        return "|f|" if self.functions == 1 else "‖F‖"

    @property
    def bounded(self) -> bool:
        return False

    def value(self, x: Vector) -> float:
        """‖F(x)‖."""
        return norm(self.system.evaluate(x, 0).residual)

    def evaluate(self, x: Vector, order: int) -> Point:
        """The point with residual and Jacobian."""
        found = self.system.evaluate(x, 1)
        assert found.jacobian is not None
        value = norm(found.residual)
        with np.errstate(all="ignore"):
            unit = found.residual / value if value > 0 else np.zeros_like(found.residual)
            gradient = found.jacobian.T @ unit
        return Point(x, value, gradient, None, found.residual, found.jacobian)

    def project(self, x: Vector) -> Vector:
        return x

    def reduced_gradient(self, point: Point) -> Vector:
        return point.gradient

    def measure(self, point: Point) -> float:
        """‖F‖₂."""
        return point.value

    def noise(self, x: Vector) -> Noise:
        """Not known for a system; a zero is judged by its residual alone."""
        return Noise(0.0, np.zeros_like(x), 0.0)

    def held(self, point: Point) -> NDArray[np.bool_] | None:
        return None

    def pole_between(self, a: Vector, b: Vector) -> Vector | None:
        return None

    def verdict(self, point: Point) -> Verdict:
        return Verdict(None, "no second-order test: a zero was sought, not an extremum")

    def row(
        self, iteration: int, point: Point, step_norm: float | None, tag: str, detail: Mapping[str, float]
    ) -> Iteration:
        """The row of the table: f and f' for one function, ‖F‖ and its gradient for a system."""
        assert point.residual is not None
        assert point.jacobian is not None
        one = self.functions == 1
        value = float(point.residual[0]) if one else point.value
        gradient = point.jacobian[0] if one else point.gradient
        return Iteration(iteration, point.x, value, gradient, norm(gradient), step_norm, tag, detail)
