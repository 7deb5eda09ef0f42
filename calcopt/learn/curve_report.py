"""From where a fit ended to what is told of it: the record, with the warnings that matter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from calcopt.learn.curve_inference import CurveInference, infer, information
from calcopt.learn.curve_totals import Totals, has_constant, is_exact, totals_of
from calcopt.learn.line_rank import EPS
from calcopt.records import CurveFit, FitRun, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve import CurveProblem
    from calcopt.learn.curve_linear import LinearSolution
    from calcopt.learn.curve_runs import Ending

    Array = NDArray[Any]

Value = TypeVar("Value")
_TOGETHER = 0.999
"""Correlations from which on two parameters are said to be hardly told apart."""


_EXPLAINED = 0.05
"""R² below which a guessed start is doubted aloud."""
_OFFSET = 1e-8
"""Largest cosine between residuals and columns at which a linear solution counts as one."""


def report_linear(problem: CurveProblem, solution: LinearSolution) -> CurveFit:
    """The record of a model solved at once."""
    count = problem.rows.count
    free = np.ones(len(solution.theta), dtype=np.bool_)
    basis = "a Chebyshev basis" if solution.polynomial else "scaled columns"
    rows = f"{count} row{'s' * (count != 1)}"
    message = f"the model is linear in its parameters: solved exactly by QR in {basis} over {rows}"
    warnings = []
    if solution.condition * EPS > 1e-9:
        digits = max(1, int(-math.log10(EPS * solution.condition)))
        warnings.append(f"the terms are nearly collinear: the data carry about {digits} digits of the parameters")
    about_mean = has_constant(problem)
    totals = totals_of(problem, solution.theta, float(solution.polished.sums.squares), about_mean=about_mean)
    exact = is_exact(problem, totals)
    sums = solution.polished.sums
    found = infer(solution.theta, free, solution.factor, sums, exact=exact)
    projection, noise = sums.offset * math.sqrt(float(sums.squares)), 4 * EPS * problem.size
    status: Status = "converged"
    if not (sums.offset <= _OFFSET or projection <= noise):
        status = "stalled"
        message += f", but the refinement ended at relative offset {sums.offset:.2g} > {_OFFSET:.0e}"
    return _packed(
        problem,
        solution.theta,
        found,
        totals,
        free=free,
        status=status,
        message=message,
        method="exact",
        about="mean" if about_mean else "zero",
        exact=exact,
        warnings=warnings,
        together=not solution.polynomial,
    )


def report_endings(problem: CurveProblem, endings: Sequence[Ending], *, guessed: str | None) -> CurveFit:
    """The record of the best of several runs; the runs are listed when there was more than one."""
    best = min(endings, key=lambda ending: (ending.status != "converged", ending.cost))
    names = problem.model.parameters
    theta, polished = best.theta, best.polished
    about_mean = not problem.kernel.linear or has_constant(problem)
    squares = float(polished.sums.squares) if polished is not None and best.status == "converged" else None
    totals = totals_of(problem, theta, squares, about_mean=about_mean)
    exact = is_exact(problem, totals)
    if polished is not None and best.status == "converged":
        factor = polished.factor.astype(np.float64)
        found = infer(theta, best.free, factor, polished.sums, exact=exact)
    else:
        nothing: list[None] = [None] * len(names)
        freedom = max(0, problem.rows.count - len(names))
        found = CurveInference(freedom, None, [*nothing], [*nothing], [*nothing], [*nothing], None)
    return _packed(
        problem,
        theta,
        found,
        totals,
        free=best.free,
        status=best.status,
        message=best.message,
        method="levenberg-marquardt",
        about="mean" if about_mean else "zero",
        exact=exact and best.status == "converged",
        warnings=[],
        together=True,
        cost=best.cost if not problem.sums.loss.linear else None,
        trace=best.trace,
        starts=_runs(endings, names) if problem.options.starts and len(endings) > 1 else (),
        guess=guessed,
        advice=_advice(best, problem),
    )


def _packed(
    problem: CurveProblem,
    theta: Array,
    found: CurveInference,
    totals: Totals,
    *,
    free: NDArray[np.bool_],
    status: Status,
    message: str,
    method: str,
    about: str,
    exact: bool,
    warnings: list[str],
    together: bool,
    cost: float | None = None,
    **more: Any,
) -> CurveFit:
    model, rows, loss = problem.model, problem.rows, problem.sums.loss
    names, count = model.parameters, rows.count
    least = loss.linear
    at_bound = tuple(name for name, inside in zip(names, free, strict=True) if not inside)
    aic, bic = (None, None)
    if least and not exact and status == "converged":
        aic, bic = information(totals.residual, count, int(free.sum()), totals.log_weights)
    r_squared = None
    if least and totals.total > (8 * EPS * problem.size) ** 2:
        r_squared = 1.0 - totals.residual / totals.total
        r_squared = 0.0 if abs(r_squared) < 1e-14 else r_squared
    told = [*model.warnings, *warnings, *_bound_warnings(at_bound, theta, names)]
    guessed = more.get("guess") is not None and status == "converged"
    if guessed and r_squared is not None and r_squared < _EXPLAINED:
        told.append(
            f"R² is {r_squared:.2g}: from the guessed start the model explains next to nothing, and a start of "
            "your own may find a better minimum"
        )
    if status == "converged":
        told += _warnings(found, count, names, exact=exact, together=together)
    return CurveFit(
        model=model.text,
        data=rows.table.name,
        rows=count,
        skipped=rows.skipped,
        target=model.target,
        columns=tuple(dict.fromkeys(model.columns)),
        method=method,
        loss=loss.name,
        loss_scale=None if least else loss.scale,
        weights=rows.weights,
        status=status,
        message=message,
        parameters=_by_name(names, [float(value) for value in theta]),
        residual_sum_of_squares=totals.residual,
        cost=totals.residual if cost is None else cost,
        r_squared=r_squared,
        r_squared_about=about,
        residual_standard_deviation=found.deviation,
        degrees_of_freedom=found.degrees_of_freedom,
        standard_errors=_by_name(names, found.standard_errors),
        t_values=_by_name(names, found.t_values),
        p_values=_by_name(names, found.p_values),
        confidence_intervals=_by_name(names, found.intervals),
        correlations=None if found.correlations is None else tuple(tuple(row) for row in found.correlations),
        aic=aic,
        bic=bic,
        at_bound=at_bound,
        warnings=tuple(told),
        covariance_factor=None if found.factor is None else tuple(tuple(row) for row in found.factor.tolist()),
        **more,
    )


def _warnings(found: CurveInference, count: int, names: Sequence[str], *, exact: bool, together: bool) -> list[str]:
    told = []
    if found.degrees_of_freedom == 0:
        rows = "1 row fixes 1 parameter" if count == 1 else f"{count} rows fix {len(names)} parameters"
        told.append(f"{rows}: nothing is left to judge the fit by")
    elif exact:
        told.append("the rows lie on the curve up to rounding: t and p values say nothing")
    if together and not exact and found.correlations is not None:
        pairs = [
            (abs(value), names[i], names[j], value)
            for i, row in enumerate(found.correlations)
            for j, value in enumerate(row[:i])
            if value is not None and abs(value) > _TOGETHER
        ]
        if pairs:
            _, one, other, value = max(pairs)
            rest = "" if len(pairs) == 1 else f", and {len(pairs) - 1} more pair{'s' * (len(pairs) > 2)}"
            text = f"{value:.6f}" if abs(value) < 0.9999995 else f"{'-' * (value < 0)}1 within 5e-7"
            told.append(f"the data hardly tell '{other}' and '{one}' apart (correlation {text}{rest})")
    return told


def _bound_warnings(at_bound: Sequence[str], theta: Array, names: Sequence[str]) -> list[str]:
    if not at_bound:
        return []
    values = dict(zip(names, theta.tolist(), strict=True))
    listed = ", ".join(f"{name} = {values[name]:g}" for name in at_bound)
    return [f"at a bound: {listed}; it has no standard error, and those of the others hold it fixed"]


def _advice(best: Ending, problem: CurveProblem) -> str | None:
    if best.status == "converged" or best.status == "interrupted":
        return None
    elsewhere = "start elsewhere, or leave --start out: one is guessed then"
    if not problem.options.starts:
        elsewhere = "give a start with --start"
    if best.status == "singular":
        return f"leave a parameter out, give it a value with --let, or {elsewhere}"
    if best.status in ("max_iterations", "time_limit"):
        return "give it more iterations or time, or start nearer to the solution"
    return elsewhere


def _runs(endings: Sequence[Ending], names: Sequence[str]) -> tuple[FitRun, ...]:
    return tuple(
        FitRun(
            _by_name(names, [float(value) for value in ending.start]),
            _by_name(names, [float(value) for value in ending.theta]),
            ending.cost,
            ending.status,
            ending.trace[-1].iteration if ending.trace else 0,
        )
        for ending in endings
    )


def _by_name(names: Sequence[str], values: Sequence[Value]) -> Mapping[str, Value]:
    return dict(zip(names, values, strict=True))
