"""Linear regression on a table: exact, with what the residuals say about it. Descent starts from the same sums."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from calcopt.errors import DataError
from calcopt.learn.line_columns import Columns, choose_columns
from calcopt.learn.line_inference import Inference, Sums, infer
from calcopt.learn.line_moments import one_feature
from calcopt.learn.line_rank import EPS, require_full_rank
from calcopt.learn.line_refine import solve_line
from calcopt.learn.line_triangle import Triangle
from calcopt.learn.line_tsqr import several_features
from calcopt.records import Iteration, LineFit, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.data.table import Table

    Array = NDArray[np.float64]


Value = TypeVar("Value")

_RANGE = (1e-140, 1e140)
"""Lengths whose squares keep all their digits; moments beyond are taken by QR, which does not square."""
_STEEPEST = 1e290
"""Slopes up to this leave room for the sums that they are part of, and for their errors."""


@dataclass(frozen=True)
class LineProblem:
    """A regression whose rows have been summed: its columns, its triangle, and how many rows were left out."""

    columns: Columns
    triangle: Triangle
    skipped: int

    @property
    def data(self) -> str:
        return self.columns.table.name


def fit_line(
    table: Table,
    *,
    x: Sequence[str] | None = None,
    y: str | None = None,
    intercept: bool = True,
    weights: str | None = None,
) -> LineFit:
    """The least-squares fit y ≈ Σ βⱼ xⱼ + β₀, minimizing Σ w (y − ŷ)².

    One feature: shifted moments in one pass; several: TSQR. A further pass is made where rounding would show (see
    ``line_refine``). The result has the same bits at every run, however the rows arrive.

    Raises:
        DataError: a bad cell, a missing column, fewer rows than parameters, constant or collinear columns.
        UsageError: a target that is also a feature, and the like.
    """
    return fit_exactly(sum_rows(table, x=x, y=y, intercept=intercept, weights=weights))


def sum_rows(
    table: Table,
    *,
    x: Sequence[str] | None = None,
    y: str | None = None,
    intercept: bool = True,
    weights: str | None = None,
) -> LineProblem:
    """Read the table once; the triangle has full rank."""
    columns = choose_columns(table, x=x, y=y, weights=weights, intercept=intercept)
    triangle = one_feature(columns) if len(columns.features) == 1 else None
    if triangle is None or not _RANGE[0] < triangle.r[-2, -2] < _RANGE[1]:
        with one_thread():
            triangle = several_features(columns)
    if triangle is None:
        raise DataError("there are no rows of data", table.name)
    if not (np.abs(triangle.r) < _RANGE[1]).all():
        hint = "measure the column in a larger unit"
        raise DataError("the numbers are too large: their squares overflow a double", table.name, hint=hint)
    require_full_rank(triangle, columns.features, data=table.name)
    _require_slopes(triangle, columns)
    return LineProblem(columns, triangle, table.skipped)


def _require_slopes(triangle: Triangle, columns: Columns) -> None:
    """``DataError`` where a slope, some ‖y‖/‖x‖, or its error would overflow a double."""
    lengths = triangle.lengths
    largest = max(triangle.total_norm, float(lengths.max()), 1.0)
    steep = lengths < largest / _STEEPEST
    if steep.any():
        name = columns.features[int(np.argmax(steep))]
        raise DataError(
            f"the numbers of column '{name}' are too small: a slope along it may overflow a double",
            columns.table.name,
            hint=f"measure '{name}' in a smaller unit",
        )


def fit_exactly(problem: LineProblem) -> LineFit:
    """The solution and its statistics."""
    columns, triangle = problem.columns, problem.triangle
    with one_thread() if triangle.features > 1 else nullcontext():  # sums of one feature are short dot products
        solution = solve_line(triangle, columns)
    parameters = np.append(solution.slopes, solution.intercept) if columns.intercept else solution.slopes
    how = "shifted moments" if triangle.features == 1 else "QR"
    message = f"solved exactly by {how} over {triangle.rows} row{'s' * (triangle.rows != 1)} in "
    message += "one pass" if solution.passes == 1 else f"{solution.passes} passes, refined in extended precision"
    warnings = []
    if solution.condition * EPS > 1e-9:
        digits = max(1, int(-np.log10(EPS * solution.condition)))
        warnings.append(f"the features are nearly collinear: about {digits} digits of the coefficients can be trusted")
    sums = Sums(solution.residual_sum, solution.total_sum)
    return pack(problem, parameters, sums, message=message, warnings=warnings)


def pack(
    problem: LineProblem,
    parameters: Array,
    sums: Sums,
    *,
    message: str,
    method: str = "exact",
    status: Status = "converged",
    trace: Sequence[Iteration] = (),
    warnings: Sequence[str] = (),
    advice: str | None = None,
    rate: float | None = None,
    cost: float | None = None,
) -> LineFit:
    """The record of a fit; errors, t, p and intervals are given for a converged one only.

    ``sums`` are those of the least-squares solution when it was reached; ``cost`` is told apart where a descent
    stopped a little above it.
    """
    columns, triangle = problem.columns, problem.triangle
    names = columns.parameters
    exact = sums.residual <= triangle.weight * (8 * EPS * _size(triangle, parameters)) ** 2
    found = infer(triangle, parameters, sums, exact=exact)
    if status != "converged":
        found = _without_errors(found, len(names))
    elif sums.total <= triangle.weight * (8 * EPS * (triangle.shift_y + triangle.mean_y)) ** 2:
        warnings = [*warnings, f"the target '{columns.target}' is constant: R² is not defined"]
        found = replace(found, r_squared=None)
    elif found.degrees_of_freedom == 0:
        warnings = [*warnings, f"{triangle.rows} rows fix {len(names)} parameters: nothing is left to judge the fit by"]
    elif exact:
        warnings = [*warnings, "the rows lie on the line up to rounding: t and p values say nothing"]
    return LineFit(
        data=problem.data,
        rows=triangle.rows,
        skipped=problem.skipped,
        target=columns.target,
        features=columns.features,
        method=method,
        status=status,
        message=message,
        parameters=_by_name(names, [float(value) for value in parameters]),
        cost=sums.residual / (2 * triangle.weight) if cost is None else cost,
        r_squared=found.r_squared,
        residual_standard_deviation=found.residual_standard_deviation,
        standard_errors=_by_name(names, found.standard_errors),
        t_values=_by_name(names, found.t_values),
        p_values=_by_name(names, found.p_values),
        confidence_intervals=_by_name(names, found.confidence_intervals),
        degrees_of_freedom=found.degrees_of_freedom,
        intercept=columns.intercept,
        trace=tuple(trace),
        warnings=tuple(warnings),
        advice=advice,
        rate=rate,
        weights=columns.weights,
    )


def _by_name(names: Sequence[str], values: Sequence[Value]) -> dict[str, Value]:
    return dict(zip(names, values, strict=True))


def _size(triangle: Triangle, parameters: Array) -> float:
    """The size of the numbers that cancel in a residual: |y| + Σ |βⱼ xⱼ|, in the root mean square."""
    root = triangle.weight**0.5
    lengths = triangle.lengths / root
    x = np.abs(triangle.shift + triangle.mean) + lengths
    y = abs(triangle.shift_y + triangle.mean_y) + triangle.total_norm / root
    return float(y + np.abs(parameters[: len(x)]) @ x)


def _without_errors(found: Inference, count: int) -> Inference:
    nothing: list[None] = [None] * count
    return Inference(found.degrees_of_freedom, None, found.r_squared, [*nothing], [*nothing], [*nothing], [*nothing])


def one_thread() -> AbstractContextManager[object]:
    """One BLAS thread: faster on small blocks, and the same bits at every run."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits
