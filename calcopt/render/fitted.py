"""The document of ``fit`` (see ``documents``)."""

from __future__ import annotations

from calcopt.records import CurveFit, FitRun
from calcopt.render.solved import Fields, iteration


def document(record: CurveFit, *, trace: bool = True) -> Fields:
    """The fields of ``fit-line`` for the model's own parameters, and those that a model brings."""
    fields: Fields = {
        "command": "fit",
        "model": record.model,
        "data": record.data,
        "rows": record.rows,
        "skipped": record.skipped,
        "target": record.target,
        "columns": record.columns,
        "method": record.method,
        "loss": record.loss,
        "loss_scale": record.loss_scale,
        "weights": record.weights,
        "status": record.status,
        "converged": record.converged,
        "message": record.message,
        "parameters": record.parameters,
        "cost": record.cost,
        "residual_sum_of_squares": record.residual_sum_of_squares,
        "r_squared": record.r_squared,
        "r_squared_about": record.r_squared_about,
        "residual_standard_deviation": record.residual_standard_deviation,
        "degrees_of_freedom": record.degrees_of_freedom,
        "standard_errors": record.standard_errors,
        "t_values": record.t_values,
        "p_values": record.p_values,
        "confidence_intervals": record.confidence_intervals,
        "correlations": record.correlations,
        "aic": record.aic,
        "bic": record.bic,
        "at_bound": record.at_bound,
        "guess": record.guess,
        "residuals": record.residuals,
        "model_file": record.model_file,
        "iterations": record.iterations,
        "advice": record.advice,
        "warnings": record.warnings,
    }
    if record.starts:
        fields["runs"] = [_run(run) for run in record.starts]
    if trace:
        names = tuple(record.parameters)
        fields["trace"] = [iteration(step, names) for step in record.trace]
    return fields


def _run(run: FitRun) -> Fields:
    return {
        "start": run.start,
        "status": run.status,
        "parameters": run.parameters,
        "residual_sum_of_squares": run.residual_sum_of_squares,
        "iterations": run.iterations,
    }
