"""From what a fit found to what is saved of it, or to the reason why it is not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from calcopt._version import __version__
from calcopt.errors import UsageError
from calcopt.learn.models import check_writable, save_model
from calcopt.learn.saved_fit import SavedFit, SavedParameter, Summary
from calcopt.records import CurveFit, LineFit, Status

if TYPE_CHECKING:
    from calcopt.expression.tree import Expr
    from calcopt.learn.curve_model import CurveModel
    from calcopt.learn.line import LineProblem

Fit = TypeVar("Fit", LineFit, CurveFit)

_USELESS: Mapping[Status, str] = {
    "diverged": "the fit diverged",
    "unbounded": "the fit diverged",
    "not_finite": "the fit ended where the model is not finite",
    "left_domain": "the fit ended where the model is not finite",
    "singular": "the data do not determine its parameters",
}
"""Endings whose parameters mean nothing, and how that is said. What is short of iterations or time is saved."""


def require_place(save: str | Path, other: str | None = None) -> None:
    """Refuses, before the fit, a place that no model can be written to, or that of the ``other`` file to be written."""
    check_writable(save)
    if other is not None and Path(save).resolve() == Path(other).resolve():
        raise UsageError(f"'{save}' cannot hold the model and the residuals", hint="name two files")


def require_predictors(model: CurveModel) -> None:
    """Refuses, before the fit, to save a model that no row of a table can tell anything."""
    if not _predictors(model):
        raise UsageError(
            f"'{model.text}' names no column on its right side, so there is nothing to predict from",
            hint="leave --save out: the parameters are printed",
        )


def save_line(record: LineFit, problem: LineProblem, save: str | Path) -> LineFit:
    """``record`` with the file that it was saved to, or with the warning that it was not."""
    from calcopt.learn.line_inference import covariance_factor

    factor = None
    if record.residual_standard_deviation is not None:
        factor = covariance_factor(problem.triangle, record.residual_standard_deviation).tolist()
    summary = Summary(
        data=record.data,
        rows=record.rows,
        method=record.method,
        status=record.status,
        loss="linear",
        loss_scale=None,
        weights=record.weights,
        r_squared=record.r_squared,
    )
    saved = _saved(record, factor, summary, kind="line", columns=list(record.features), response=[record.target])
    return _keep(record, saved, save)


def save_curve(record: CurveFit, model: CurveModel, constants: Mapping[str, Expr] | None, save: str | Path) -> CurveFit:
    """``record`` with the file that it was saved to, or with the warning that it was not."""
    predictors = _predictors(model)
    factor = None if record.covariance_factor is None else [list(row) for row in record.covariance_factor]
    summary = Summary(
        data=record.data,
        rows=record.rows,
        method=record.method,
        status=record.status,
        loss=record.loss,
        loss_scale=record.loss_scale,
        weights=record.weights,
        r_squared=record.r_squared,
    )
    saved = _saved(
        record,
        factor,
        summary,
        kind="curve",
        model=model.text,
        constants={name: str(value) for name, value in (constants or {}).items()},
        columns=list(predictors),
        response=[name for name in model.columns if name not in predictors],
    )
    return _keep(record, saved, save)


def _predictors(model: CurveModel) -> tuple[str, ...]:
    """The columns that the right side of the model names."""
    from calcopt.expression.tree import free_names

    used = free_names(model.body)
    return tuple(column for name, column in zip(model.names, model.columns, strict=True) if name in used)


def _saved(record: LineFit | CurveFit, factor: list[list[float]] | None, fit: Summary, **parts: object) -> SavedFit:
    errors = record.standard_errors
    parameters = [SavedParameter(name, value, errors[name]) for name, value in record.parameters.items()]
    known = [parameter.standard_error is not None for parameter in parameters]
    return SavedFit(
        calcopt=__version__,
        target=record.target,
        parameters=parameters,
        covariance=None if factor is None else _product(factor, known),
        covariance_factor=factor,
        residual_standard_deviation=record.residual_standard_deviation,
        degrees_of_freedom=record.degrees_of_freedom,
        fit=fit,
        **({"model": None} | parts),  # type: ignore[arg-type]
    )


def _product(factor: list[list[float]], known: Sequence[bool]) -> list[list[float | None]]:
    """F Fᵀ, None where a parameter has no standard error."""
    rows = np.array(factor)
    full = (rows @ rows.T).tolist()
    return [
        [value if here and there else None for value, there in zip(row, known, strict=True)]
        for row, here in zip(full, known, strict=True)
    ]


def _keep(record: Fit, saved: SavedFit, save: str | Path) -> Fit:
    reason = _USELESS.get(record.status)
    if reason is None and not all(math.isfinite(value) for value in saved.theta):
        reason = "a parameter is not finite"
    if reason is not None:
        return replace(record, warnings=(*record.warnings, f"the model was not saved to {save}: {reason}"))
    save_model(saved, save)
    return replace(record, model_file=str(save))
