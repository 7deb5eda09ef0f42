"""Sums over all rows that a fit is judged by: what R² compares with, and what the likelihood needs of the weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from calcopt.learn.curve_passes import plus
from calcopt.learn.line_rank import EPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve import CurveProblem
    from calcopt.learn.curve_kernel import CurveKernel
    from calcopt.learn.curve_rows import Rows

    Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the whole data: Σ w r², Σ w (y − ȳ)² (or Σ w y²), Σ log w."""

    residual: float
    total: float
    log_weights: float


def has_constant(problem: CurveProblem) -> bool:
    """Whether some term of a linear model is a constant: then R² compares with the mean."""
    graph = problem.kernel.graph
    return any(node is not None and graph.value(node) is not None for node in problem.kernel.gradient)


def totals_of(problem: CurveProblem, theta: Array, squares: float | None, *, about_mean: bool) -> Totals:
    """Two passes, so that Σ w (y − ȳ)² keeps its digits whatever the mean; one more without ``squares``."""
    responses = Responses(problem.kernel, problem.sums.weighted)
    shift = responses.first(problem.rows)
    found = problem.rows.total(MomentsOf(responses, shift), _added)
    centre = shift + found.moment / found.weight if about_mean else 0.0
    total = problem.rows.total(SpreadOf(responses, centre), plus)
    if squares is None:
        squares = problem.sums.squares(theta)
    return Totals(squares, total, found.logs)


@dataclass(frozen=True, slots=True)
class Responses:
    """Response and weights of a block."""

    kernel: CurveKernel
    weighted: bool

    def of(self, block: Array) -> tuple[Array, Array]:
        data = block[:-1] if self.weighted else block
        return self.kernel.response_values(data), block[-1] if self.weighted else np.ones(block.shape[1])

    def first(self, rows: Rows) -> float:
        """The response of the first row."""
        return float(self.of(rows.first)[0][0])


class Moments(NamedTuple):
    """Σ w, Σ w (y − shift), Σ log w."""

    weight: float
    moment: float
    logs: float


@dataclass(frozen=True, slots=True)
class MomentsOf:
    """The moments of some rows."""

    responses: Responses
    shift: float

    def __call__(self, blocks: Iterator[Array]) -> Moments:
        found = Moments(0.0, 0.0, 0.0)
        for y, w in map(self.responses.of, blocks):
            part = Moments(float(w.sum()), float((w * (y - self.shift)).sum()), float(np.log(w).sum()))
            found = _added(found, part)
        return found


@dataclass(frozen=True, slots=True)
class SpreadOf:
    """Σ w (y − centre)² of some rows."""

    responses: Responses
    centre: float

    def __call__(self, blocks: Iterator[Array]) -> float:
        return float(sum(float((w * (y - self.centre) ** 2).sum()) for y, w in map(self.responses.of, blocks)))


def _added(a: Moments, b: Moments) -> Moments:
    return Moments(a.weight + b.weight, a.moment + b.moment, a.logs + b.logs)


def is_exact(problem: CurveProblem, totals: Totals) -> bool:
    """Whether the residuals are no more than rounding error of the response."""
    return totals.residual <= (16 * EPS * problem.size) ** 2
