"""The documents of ``fit-line`` and ``train-perceptron`` (see ``documents``)."""

from __future__ import annotations

from calcopt.records import Epoch, LineFit, Metrics, Separation, TrainedPerceptron
from calcopt.render.solved import Fields, iteration


def line_fit(record: LineFit, *, trace: bool = True) -> Fields:
    """The document of ``fit-line``; ``slope`` and ``intercept`` at the top for one feature."""
    fields: Fields = {
        "command": "fit-line",
        "data": record.data,
        "rows": record.rows,
        "skipped": record.skipped,
        "target": record.target,
        "features": record.features,
        "method": record.method,
        "status": record.status,
        "message": record.message,
        "parameters": record.parameters,
    }
    if len(record.features) == 1:
        fields["slope"] = record.parameters[record.features[0]]
        fields["intercept"] = record.parameters.get("intercept", 0.0)
    fields |= {
        "cost": record.cost,
        "r_squared": record.r_squared,
        "residual_standard_deviation": record.residual_standard_deviation,
        "degrees_of_freedom": record.degrees_of_freedom,
        "standard_errors": record.standard_errors,
        "t_values": record.t_values,
        "p_values": record.p_values,
        "confidence_intervals": record.confidence_intervals,
        "model_file": record.model_file,
        "warnings": record.warnings,
    }
    if trace:
        names = tuple(record.parameters)
        fields["trace"] = [iteration(step, names) for step in record.trace]
    return fields


def epoch(step: Epoch) -> Fields:
    """A row of the trace of ``train-perceptron``."""
    fields: Fields = {
        "epoch": step.epoch,
        "loss": step.loss,
        "accuracy": step.accuracy,
        "gradient_norm": step.gradient_norm,
    }
    if step.validation_loss is not None:
        fields |= {"validation_loss": step.validation_loss, "validation_accuracy": step.validation_accuracy}
    return fields


def metrics(found: Metrics | None) -> Fields | None:
    """Those that belong to the task; the area under the curve is null where it is not defined."""
    if found is None:
        return None
    if found.confusion_matrix is None:
        return {
            "rows": found.rows,
            "r_squared": found.r_squared,
            "root_mean_squared_error": found.root_mean_squared_error,
        }
    return {
        "rows": found.rows,
        "accuracy": found.accuracy,
        "log_loss": found.log_loss,
        "area_under_curve": found.area_under_curve,
        "confusion_matrix": found.confusion_matrix,
    }


def separation(found: Separation | None) -> Fields | None:
    """The separating plane."""
    if found is None:
        return None
    return {
        "kind": found.kind,
        "direction": found.direction,
        "bias": found.bias,
        "rows_on_plane": found.on_plane,
    }


def trained_perceptron(record: TrainedPerceptron, *, trace: bool = True) -> Fields:
    """The document of ``train-perceptron``."""
    fields: Fields = {
        "command": "train-perceptron",
        "data": record.data,
        "rows": record.rows,
        "skipped": record.skipped,
        "task": record.task,
        "target": record.target,
        "classes": record.classes or None,
        "features": record.features,
        "categories": record.categories,
        "means": record.means,
        "filled": record.filled,
        "hidden": record.hidden,
        "activation": record.activation,
        "method": record.method,
        "status": record.status,
        "message": record.message,
        "epochs": record.epochs,
        "loss": record.loss,
        "accuracy": record.accuracy,
        "gradient_norm": record.gradient_norm,
        "weights": record.weights,
        "bias": record.bias,
        "separable": record.separable,
        "separation": separation(record.separation),
        "model": record.model,
        "rate": record.rate,
        "schedule": record.schedule,
        "l2": record.l2,
        "class_weights": record.class_weights,
        "seed": record.seed,
        "resumed_from": record.resumed_from,
        "best_epoch": record.best_epoch,
        "metrics": metrics(record.metrics),
        "validation": metrics(record.validation),
        "warnings": record.warnings,
    }
    if trace:
        fields["trace"] = [epoch(step) for step in record.trace]
    return fields


def document(record: LineFit | TrainedPerceptron, *, trace: bool) -> Fields:
    """The document of either."""
    return line_fit(record, trace=trace) if isinstance(record, LineFit) else trained_perceptron(record, trace=trace)
