"""The trained perceptron as a record, and as a model to save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calcopt._version import __version__
from calcopt.learn.imputation import Imputation
from calcopt.learn.network import Layer
from calcopt.learn.network_functions import Activation
from calcopt.learn.perceptron_options import Options, Plan
from calcopt.learn.perceptron_reading import Columns
from calcopt.learn.perceptron_scaling import Scaling
from calcopt.learn.perceptron_table import Examples
from calcopt.learn.training import Training
from calcopt.learn.training_problem import TrainingProblem
from calcopt.records import TrainedPerceptron

if TYPE_CHECKING:
    from calcopt.data.table import Table
    from calcopt.learn.saved_perceptron import Model


def report(
    table: Table,
    columns: Columns,
    examples: Examples,
    options: Options,
    problem: TrainingProblem,
    training: Training,
    layers: list[Layer],
    plan: Plan,
    warnings: tuple[str, ...],
) -> TrainedPerceptron:
    """The record of contract §5; ``layers`` are in the units of the data."""
    assert training.ending is not None
    weights, bias = named_parameters(layers, examples.features, examples.classes)
    held_out = examples.size - problem.size
    message = training.ending.message
    if held_out:
        message += f"; {held_out:,} of {examples.size:,} rows were held out"
    return TrainedPerceptron(
        data=table.name,
        rows=examples.size,
        skipped=examples.skipped,
        task=examples.task,
        target=columns.target,
        classes=examples.classes,
        features=examples.features,
        hidden=options.hidden,
        activation=options.activation,
        method=options.method,
        status=training.ending.status,
        message=message,
        epochs=training.epoch,
        loss=problem.unit * training.point.loss,
        accuracy=training.point.accuracy,
        weights=weights,
        bias=bias,
        separable=training.separable,
        model=None,
        trace=tuple(training.trace),
        gradient_norm=training.point.gradient_norm,
        rate=plan.rate,
        l2=options.l2,
        seed=options.seed,
        warnings=warnings,
        best_epoch=training.best.epoch if training.kept_best and training.best else None,
        schedule=plan.schedule,
        class_weights=dict(zip(examples.classes, problem.class_weights.tolist(), strict=True))
        if problem.class_weights is not None
        else None,
    )


def named_parameters(layers: list[Layer], features: tuple[str, ...], classes: tuple[str, ...]) -> tuple[object, object]:
    """Weights and bias by name for a perceptron; lists of matrices and vectors with hidden layers."""
    if len(layers) > 1:
        return [layer.weights.tolist() for layer in layers], [layer.bias.tolist() for layer in layers]
    weights, bias = layers[0]
    if len(bias) == 1:
        return dict(zip(features, weights[:, 0].tolist(), strict=True)), float(bias[0])
    by_class = {
        name: dict(zip(features, weights[:, number].tolist(), strict=True)) for number, name in enumerate(classes)
    }
    return by_class, dict(zip(classes, bias.tolist(), strict=True))


def to_model(
    result: TrainedPerceptron,
    examples: Examples,
    scaling: Scaling,
    layers: list[Layer],
    imputation: Imputation | None,
    activation: Activation,
) -> Model:
    """What is saved: the layers in the units of the data, the columns, and what training came to."""
    from calcopt.learn.saved_perceptron import Model, SavedCategory, SavedLayer, SavedScaling, SavedText, Summary

    vocabulary = examples.vocabulary
    outputs = len(result.classes)
    return Model(
        calcopt=__version__,
        task=result.task,
        target=result.target,
        classes=list(result.classes),
        features=list(examples.numeric),
        categories=[SavedCategory(category.column, list(category.levels)) for category in examples.categories],
        means=imputation.means.tolist() if imputation is not None else None,
        text=SavedText(vocabulary.column, list(vocabulary.words)) if vocabulary else None,
        hidden=list(result.hidden),
        activation=activation,
        output="identity" if not outputs else "sigmoid" if outputs == 2 else "softmax",
        layers=[SavedLayer(layer.weights.tolist(), layer.bias.tolist()) for layer in layers],
        scaling=SavedScaling(scaling.mean.tolist(), scaling.deviation.tolist()) if scaling.noise.any() else None,
        training=Summary(
            data=result.data,
            rows=result.rows,
            method=result.method,
            status=result.status,
            epochs=result.epochs,
            loss=result.loss,
            accuracy=result.accuracy,
            gradient_norm=result.gradient_norm or 0.0,
            rate=result.rate,
            l2=result.l2,
            seed=result.seed,
            separable=result.separable,
            schedule=result.schedule,
            class_weights=dict(result.class_weights) if result.class_weights is not None else None,
            best_epoch=result.best_epoch,
            metrics=result.metrics,
            validation=result.validation,
        ),
    )
