"""Least squares for any model from Python: ``calcopt.fit``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from calcopt.errors import UsageError

if TYPE_CHECKING:
    from calcopt.api.questions import Constants, Number, Starts
    from calcopt.data.table import Table
    from calcopt.learn.curve import CurveOptions
    from calcopt.records import CurveFit, OnIteration

Limits = Mapping[str, "tuple[Number | None, Number | None] | str"]
MAX_ITERATIONS = 1000


def fit(
    model: str,
    data: object,
    start: Starts | None = None,
    *,
    box: str | Limits | None = None,
    loss: str = "linear",
    loss_scale: float | None = None,
    weights: str | None = None,
    let: Constants = None,
    delimiter: str | None = None,
    header: bool = True,
    decimal: str = ".",
    missing: Literal["error", "skip"] = "error",
    tolerance: float = 1e-8,
    max_iterations: int = MAX_ITERATIONS,
    time_limit: float | None = None,
    residuals: str | None = None,
    save: str | Path | None = None,
    cluster: str | None = None,
    stdin: BinaryIO | None = None,
    on_iteration: OnIteration | None = None,
) -> CurveFit:
    """Fit ``y ~ expression`` (or ``y = expression``) by least squares, minimizing Σ w (y − f)².

    Names that are columns of ``data`` are data, the others are parameters. ``data`` is as in :func:`fit_line`. A model
    linear in its parameters is recognised and solved at once; any other is searched for by Levenberg–Marquardt from
    ``start`` (one point or several; guessed when absent), and the last digits are found by Newton steps in extended
    precision. ``box`` bounds parameters: ``"a=0..10,b=0.."``. ``loss`` is linear, huber, soft-l1 or cauchy, with
    ``loss_scale`` the residual at which it begins to differ (default: from the residuals' median). ``tolerance`` is on
    the relative offset, the cosine of the angle between the residuals and the tangent plane. ``residuals`` names a
    .csv, .json or .ndjson file for them, ``save`` a file for the model, which :func:`predict` applies. ``cluster`` is
    the address of a Dask cluster whose workers read the data and sum over the rows (``tcp://host:8786``,
    ``file:scheduler.json``, ``local:2``): the result has the same bits as without.

    >>> found = fit("y ~ a*exp(-b*x)", {"x": [0, 1, 2, 3], "y": [8.0, 4.0, 2.0, 1.0]})
    >>> found.status, round(found.parameters["a"], 9), round(found.parameters["b"], 9)
    ('converged', 8.0, 0.693147181)
    >>> fit("y ~ a + b*x", {"x": [1, 2, 3], "y": [2, 5, 3]}).method
    'exact'

    Raises:
        ParseError: a model that is no formula, or a left side that names no column.
        DataError: data that cannot be read, fewer rows than parameters, a linear model that they do not determine.
        MathError: a model that is not finite at the start.
        UsageError: no parameters, an unknown loss, no start that could be guessed.
        FileError: a place that the model or the residuals cannot be written to (before the fit).
        ClusterError: a cluster that cannot be reached, does not fit, cannot read the data, or went away.

    References: Moré 1978; Bates & Watts 1988, Nonlinear Regression Analysis and Its Applications.
    """
    from calcopt.api.clusters import working_on
    from calcopt.data.table import Table, memory_table, open_table
    from calcopt.learn.curve import fit_curve, prepare
    from calcopt.learn.curve_residuals import check_apart, check_names, check_place, write_residuals
    from calcopt.learn.save_fit import require_place, require_predictors, save_curve
    from calcopt.problem.points import as_assignments

    if residuals is not None:
        check_place(residuals)
    if save is not None:
        require_place(save, residuals)
    if isinstance(data, Table):
        table = data
    elif isinstance(data, str) or hasattr(data, "__fspath__"):
        table = open_table(str(data), delimiter=delimiter, header=header, decimal=decimal, missing=missing, stdin=stdin)
    else:
        table = memory_table(data, missing=missing)
    if residuals is not None:
        check_apart(residuals, table)
    constants = as_assignments(let)
    names = parameters_of(model, table, let)
    options = _options(names, start, box, loss, loss_scale, weights, (tolerance, max_iterations, time_limit))
    with working_on(table, cluster):
        problem = prepare(table, model, options, constants)
        if residuals is not None:
            check_names(residuals, problem.model.columns)
        if save is not None:
            require_predictors(problem.model)
        record = fit_curve(problem, on_iteration)
        if residuals is not None:
            write_residuals(problem, record, residuals)
            record = replace(record, residuals=residuals)
    return record if save is None else save_curve(record, problem.model, constants, save)


def parameters_of(model: str, table: Table, let: Constants = None) -> tuple[str, ...]:
    """The model's parameters in their order."""
    from calcopt.learn.curve_model import parse_model
    from calcopt.problem.points import as_assignments

    return parse_model(model, table.columns, as_assignments(let)).parameters


def _options(
    names: Sequence[str],
    start: Starts | None,
    box: str | Limits | None,
    loss: str,
    loss_scale: float | None,
    weights: str | None,
    stop: tuple[float, int, float | None],
) -> CurveOptions:
    from calcopt.learn.curve import CurveOptions
    from calcopt.learn.curve_loss import require_loss
    from calcopt.learn.curve_search import Limits as SearchLimits
    from calcopt.problem.bounds import as_bounds
    from calcopt.problem.points import as_points, point_values

    tolerance, max_iterations, time_limit = stop
    chosen = require_loss(loss)
    if loss_scale is not None:
        if chosen == "linear":
            raise UsageError("--loss-scale belongs to a robust loss", hint="such as --loss huber")
        if not 0 < loss_scale < math.inf:
            raise UsageError(f"the loss scale must be a positive number, not {loss_scale:g}")
    if not tolerance >= 0:
        raise UsageError(f"the tolerance must be 0 or above, not {tolerance:g}")
    starts = () if start is None else tuple(point_values(point) for point in as_points(start, names))
    return CurveOptions(
        starts=starts,
        bounds=None if box is None else as_bounds(box, names),
        weights=weights,
        loss=chosen,
        loss_scale=loss_scale,
        limits=SearchLimits(tolerance, max_iterations, time_limit),
    )
