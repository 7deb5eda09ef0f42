"""The cost of a line as a function of its parameters, for descent and Newton: L = 1/(2W) Σ w (y − ŷ)².

For a quadratic cost the triangle R is all the data there is: L(z) = ‖A z + a‖²/(2W) with a small A made from R. So an
iteration costs q² operations, whatever the number of rows, and XᵀX is not formed for values and gradients.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from calcopt.records import Counts, Evaluation, Iteration, Noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.line_triangle import Triangle

    Array = NDArray[np.float64]

EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class LineObjective:
    """L(z) = ‖A z + a‖²/(2W), A of shape (q+1, q); implements ``records.Objective``.

    The parameters (slopes …, intercept) are C z + d; ``start`` is where they are all 0. With ``scaled`` the
    features and the target are centred and scaled to spread 1, and L is divided by the target's variance.
    """

    variables: Sequence[str]
    label: str
    matrix: Array
    offset: Array
    weight: float
    to_parameters: Array
    level: Array
    start: Array
    scaled: bool
    magnitude: Array
    counts: Counts = field(default_factory=Counts)

    def evaluate(self, x: Array, order: int) -> Evaluation:
        """L, ∇L = Aᵀ(A z + a)/W and the constant Hessian AᵀA/W."""
        self.counts.value += 1
        v = self.matrix @ x + self.offset
        value = float(v @ v) / (2 * self.weight)
        if order == 0:
            return Evaluation(value)
        self.counts.gradient += 1
        gradient = self.matrix.T @ v / self.weight
        if order == 1:
            return Evaluation(value, gradient)
        self.counts.hessian += 1
        return Evaluation(value, gradient, self.hessian)

    @property
    def hessian(self) -> Array:
        """AᵀA/W."""
        return self.matrix.T @ self.matrix / self.weight

    def noise(self, x: Array) -> Noise:
        """Rounding of A z + a, carried into the value and the gradient."""
        size = (len(x) + 2) * EPS * (np.abs(self.matrix) @ np.abs(x) + self.magnitude)
        v = np.abs(self.matrix @ x + self.offset) + size
        columns = np.abs(self.matrix).T
        gradient = columns @ (size + len(x) * EPS * v) / self.weight
        hessian = len(x) * EPS * float(np.linalg.norm(self.matrix)) ** 2 / self.weight
        return Noise(float(v @ size) / self.weight, gradient, hessian)

    def parameters(self, z: Array) -> Array:
        """(slopes …, intercept) at z."""
        return self.to_parameters @ z + self.level


def plain_objective(triangle: Triangle, parameters: Sequence[str], label: str) -> LineObjective:
    """The cost as a function of the parameters themselves, as in the course."""
    p, q = triangle.features, len(triangle.r) - 1
    u, fixed = np.zeros((q + 1, q)), np.zeros(q + 1)
    first = int(triangle.intercept)
    u[first : first + p, :p] = np.eye(p)
    fixed[-1] = -1.0
    if triangle.intercept:
        u[0, :p], u[0, p], fixed[0] = triangle.shift, 1.0, -triangle.shift_y
    magnitude = np.abs(triangle.r) @ np.abs(fixed)
    return LineObjective(
        tuple(parameters), label, triangle.r @ u, triangle.r @ fixed, triangle.weight,
        np.eye(q), np.zeros(q), np.zeros(q), False, magnitude,
    )  # fmt: skip


def scaled_objective(triangle: Triangle, parameters: Sequence[str], label: str) -> LineObjective:
    """The cost on centred and scaled data: its Hessian is the correlation matrix of the features, and 1."""
    p, q = triangle.features, len(triangle.r) - 1
    root = triangle.weight**0.5
    widths = triangle.lengths / root
    unit = triangle.total_norm / root or 1.0
    first = int(triangle.intercept)
    matrix, offset = np.zeros((q + 1, q)), np.zeros(q + 1)
    matrix[first : first + p, :p] = triangle.spread / widths
    offset[first:] = np.append(-triangle.target, triangle.residual_norm) / unit
    change, level, start = np.zeros((q, q)), np.zeros(q), np.zeros(q)
    change[:p, :p] = np.diag(unit / widths)
    if triangle.intercept:
        mean_y = triangle.shift_y + triangle.mean_y
        matrix[0, p] = root
        change[p, :p], change[p, p] = -(triangle.shift + triangle.mean) * unit / widths, unit
        level[p], start[p] = mean_y, -mean_y / unit
    return LineObjective(
        tuple(parameters), label, matrix, offset, triangle.weight, change, level, start, True, np.abs(offset)
    )


def best_rate(objective: LineObjective) -> float:
    """The fixed rate under which descent on a quadratic is fastest: 2/(λ_min + λ_max) of its Hessian."""
    curvatures = np.linalg.eigvalsh(objective.hessian)
    return float(2 / (curvatures[0] + curvatures[-1]))


def in_parameters(row: Iteration, objective: LineObjective, plain: LineObjective, before: Array | None) -> Iteration:
    """A row of a descent on scaled data, told in the user's parameters: x, L, ∇L and the length of the step."""
    x = objective.parameters(row.x)
    here = plain.evaluate(x, 1)
    assert here.gradient is not None
    step = None if before is None else math.hypot(*(x - before))
    norm = math.hypot(*here.gradient)
    return replace(row, x=x, value=here.value, gradient=here.gradient, gradient_norm=norm, step_norm=step)
