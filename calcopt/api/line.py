"""Linear regression from Python: ``calcopt.fit_line``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from calcopt.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from calcopt.learn.line import LineProblem
    from calcopt.learn.line_objective import LineObjective
    from calcopt.records import Iteration, LineFit, OnIteration, Result
    from calcopt.solve.stopping import Stopping

Method = Literal["exact", "gd", "newton"]
METHODS = ("exact", "gd", "newton")
_MAX_ITERATIONS = 10_000
_SLOW = 10.0
"""A ratio of curvatures from which descent is slow: a step leaves (ratio − 1)/(ratio + 1) of the error, 0.8."""


def fit_line(
    data: object,
    *,
    x: str | Sequence[str] | None = None,
    y: str | None = None,
    method: str = "exact",
    rate: float | None = None,
    intercept: bool = True,
    weights: str | None = None,
    delimiter: str | None = None,
    header: bool = True,
    decimal: str = ".",
    missing: Literal["error", "skip"] = "error",
    tolerance: float = 1e-8,
    max_iterations: int | None = None,
    time_limit: float | None = None,
    save: str | Path | None = None,
    cluster: str | None = None,
    stdin: BinaryIO | None = None,
    on_iteration: OnIteration | None = None,
) -> LineFit:
    """Fit y ≈ Σ βⱼ xⱼ + β₀ by least squares, minimizing L = 1/(2n) Σ (y − ŷ)².

    ``data`` is a path, glob, folder or ``"-"`` (CSV, TSV, JSON lines, Parquet, Arrow; compressed or not), a mapping
    of column names to values, a data frame, or a 2-D array (its last column is y). ``y`` defaults to the last column,
    ``x`` to all others. ``weights`` names a column of positive weights w: L becomes 1/(2Σw) Σ w (y − ŷ)².

    ``method="exact"`` solves directly. ``"newton"`` takes one full step. ``"gd"`` descends: with ``rate`` as in the
    course, on the parameters themselves from 0; without, on centred and scaled data with the rate 2/(λ_min + λ_max)
    of the cost's curvatures. For both, ``trace`` holds the iterations, in the units of the data. ``save`` names a file
    for the model, which :func:`predict` applies. ``cluster`` is the address of a Dask cluster whose workers read the
    table (``"tcp://host:8786"``, ``"file:scheduler.json"``, ``"local:2"``): the result has the same bits.

    >>> fit = fit_line({"x": [1, 2, 3], "y": [2, 5, 3]})
    >>> round(fit.parameters["x"], 12), round(fit.parameters["intercept"], 12)
    (0.5, 2.333333333333)

    Raises:
        DataError: data that cannot be read, or cannot determine the answer.
        UsageError: an unknown method, or a rate that is not a positive number.
        FileError: a place that the model cannot be saved to (before the fit).
        ClusterError: a cluster that cannot be reached, does not fit, cannot read the data, or went away.
    """
    from calcopt.api.clusters import working_on
    from calcopt.data.table import memory_table, open_table
    from calcopt.learn.line import fit_exactly, sum_rows

    _check(method, rate)
    if save is not None:
        from calcopt.learn.save_fit import require_place

        require_place(save)
    if isinstance(data, str) or hasattr(data, "__fspath__"):
        table = open_table(str(data), delimiter=delimiter, header=header, decimal=decimal, missing=missing, stdin=stdin)
    else:
        table = memory_table(data, missing=missing)
    features = [name.strip() for name in x.split(",")] if isinstance(x, str) and x not in table.columns else x
    with working_on(table, cluster):
        problem = sum_rows(
            table, x=[features] if isinstance(features, str) else features, y=y, intercept=intercept, weights=weights
        )
        exact = fit_exactly(problem) if method == "exact" else None
    if exact is not None:
        record = exact
    else:
        from calcopt.solve.stopping import Stopping

        stop = Stopping(tolerance, _MAX_ITERATIONS if max_iterations is None else max_iterations, time_limit)
        record = _descended(problem, method, rate, stop, on_iteration)
    return record if save is None else _saved(record, problem, save)


def _saved(record: LineFit, problem: LineProblem, save: str | Path) -> LineFit:
    from calcopt.learn.save_fit import save_line

    return save_line(record, problem, save)


def _check(method: str, rate: float | None) -> None:
    if method not in METHODS:
        close = did_you_mean(method, METHODS)
        hint = f"did you mean '{close}'?" if close else "use exact, gd or newton"
        raise UsageError(f"unknown method '{method}' for a line", hint=hint)
    if rate is not None and method != "gd":
        raise UsageError(f"a rate belongs to --method gd, not to {method}")
    if rate is not None and not 0 < rate < float("inf"):
        raise UsageError(f"the rate must be a positive number, not {rate:g}")


def _descended(
    problem: LineProblem, method: str, rate: float | None, stop: Stopping, on_iteration: OnIteration | None
) -> LineFit:
    """Run a solver on the cost, and tell the run in the user's parameters."""
    import numpy as np

    from calcopt.learn.line import pack
    from calcopt.learn.line_inference import Sums
    from calcopt.learn.line_objective import best_rate, in_parameters, plain_objective, scaled_objective
    from calcopt.solve.driver import solve
    from calcopt.solve.gd_fixed import Fixed
    from calcopt.solve.newton_pure import PureNewton

    names, triangle = problem.columns.parameters, problem.triangle
    label = f"1/(2n) Σ ({problem.columns.target} − ŷ)²"
    plain = plain_objective(triangle, names, label)
    objective = plain if rate is not None else scaled_objective(triangle, names, label)
    chosen = None if method == "newton" else rate if rate is not None else best_rate(objective)
    told: list[Iteration] = []

    def tell(row: Iteration) -> None:
        told.append(in_parameters(row, objective, plain, told[-1].x if told else None))
        if on_iteration is not None:
            on_iteration(told[-1])

    how = PureNewton() if chosen is None else Fixed(chosen)
    result = solve(objective, objective.start, how, stop=stop, command="fit-line", on_iteration=tell)
    parameters = objective.parameters(np.asarray(result.x))
    cost = plain.evaluate(parameters, 0).value
    return pack(
        problem,
        parameters,
        Sums(triangle.residual_norm**2 if result.converged else 2 * triangle.weight * cost, triangle.total_norm**2),
        message=_message(result, objective, chosen, rate),
        method=method,
        status=result.status,
        trace=told,
        advice=None if result.converged else _advice(objective, rate),
        rate=chosen,
        cost=cost,
    )


def _message(result: Result, objective: LineObjective, chosen: float | None, rate: float | None) -> str:
    where = ", on the features and the target centred and scaled to spread 1" if objective.scaled else ""
    text = result.message + where
    if chosen is not None and rate is None:
        text += f"; rate {chosen:.4g} = 2/(λ_min + λ_max), chosen from the curvatures"
    return text


def _advice(objective: LineObjective, rate: float | None) -> str:
    import numpy as np

    curvatures = np.linalg.eigvalsh(objective.hessian)
    largest = float(curvatures[-1])
    if rate is not None and rate * largest >= 2:
        return (
            f"the curvature of the cost reaches {largest:.4g}, so a rate must stay below 2/{largest:.4g} = "
            f"{2 / largest:.3g}: try --rate {1 / largest:.2g}, or leave --rate out"
        )
    ratio = largest / float(curvatures[0]) if curvatures[0] > 0 else float("inf")
    if ratio < _SLOW:
        return "allow more iterations, or use --method exact or newton"
    return (
        f"the largest curvature is {ratio:.3g} times the smallest, which makes descent slow: "
        f"use {'no --rate (the data are then scaled), ' if rate is not None else ''}--method exact or newton"
    )
