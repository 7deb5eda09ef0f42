"""Sums over all rows that a fit is judged by: what R² compares with, and what the likelihood needs of the weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from calcopt.learn.line_rank import EPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve import CurveProblem

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
    """Two passes, so that Σ w (y − ȳ)² keeps its digits whatever the mean."""
    kernel, sums = problem.kernel, problem.sums
    point = [float(value) for value in theta]
    weight = moment = 0.0
    logs = 0.0
    shift: float | None = None
    for y, w in _responses(problem):
        shift = float(y[0]) if shift is None else shift
        weight += float(w.sum())
        moment += float((w * (y - shift)).sum())
        logs += float(np.log(w).sum())
    centre = (shift or 0.0) + moment / weight if about_mean else 0.0
    total = 0.0
    for y, w in _responses(problem):
        total += float((w * (y - centre) ** 2).sum())
    if squares is None:
        with np.errstate(all="ignore"):
            squares = 0.0
            for block in sums.blocks():
                columns, root = sums.split(block)
                u = kernel.evaluate(columns, point, 0).residual
                squares += float(((u if root is None else u * root) ** 2).sum())
    return Totals(squares, total, logs)


def _responses(problem: CurveProblem) -> Iterator[tuple[Array, Array]]:
    """Response and weights, block by block."""
    for block in problem.rows.blocks():
        data = block[:-1] if problem.sums.weighted else block
        yield problem.kernel.response_values(data), block[-1] if problem.sums.weighted else np.ones(block.shape[1])


def is_exact(problem: CurveProblem, totals: Totals) -> bool:
    """Whether the residuals are no more than rounding error of the response."""
    return totals.residual <= (16 * EPS * problem.size) ** 2
