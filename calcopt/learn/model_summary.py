"""What a saved model is, for people: its inputs, its weights, its formula, and how its training went."""

from __future__ import annotations

from pathlib import Path

from calcopt.learn.categories import Category
from calcopt.learn.model_formula import LONGEST, TooLongError, formulas, variables
from calcopt.learn.models import SavedFit, load_model
from calcopt.learn.perceptron_report import named_parameters
from calcopt.learn.perceptron_table import feature_names
from calcopt.learn.saved_perceptron import Model
from calcopt.learn.text import Vocabulary
from calcopt.records.models import FitSummary, Input, ModelSummary


def summarize(path: str | Path) -> ModelSummary | FitSummary:
    """The model in a file; raises ``FileError`` as ``load_model`` does."""
    model = load_model(path)
    if isinstance(model, SavedFit):
        from calcopt.learn.fit_summary import summarize_fit

        return summarize_fit(model, path)
    return summarize_perceptron(model, path)


def summarize_perceptron(model: Model, path: str | Path) -> ModelSummary:
    """The record of ``model``, which was read from ``path``."""
    import msgspec

    network = model.network
    layers = network.layers(model.theta)
    inputs = inputs_of(model)
    features, classes = tuple(item.feature for item in inputs), tuple(model.classes)
    weights, bias = named_parameters(layers, features, classes)
    note, found = None, {}
    try:
        labels = [model.target] if not classes else [classes[1]] if len(classes) == 2 else list(classes)
        texts = formulas(network, layers, [item.variable for item in inputs])
        found = dict(zip(labels, texts, strict=True))
    except TooLongError:
        note = f"it would have more than {LONGEST:,} characters"
    return ModelSummary(
        path=str(path),
        calcopt=model.calcopt,
        task=model.task,
        target=model.target,
        classes=classes,
        inputs=inputs,
        hidden=tuple(model.hidden),
        activation=model.activation,
        output=model.output,
        weights=weights,
        bias=bias,
        parameters=network.parameters,
        means=None if model.means is None else dict(zip(model.features, model.means, strict=True)),
        formulas=found,
        formula_note=note,
        training=msgspec.to_builtins(model.training),
    )


def inputs_of(model: Model) -> tuple[Input, ...]:
    """The numbers that the model takes, in their order."""
    categories = [Category(saved.column, tuple(saved.levels)) for saved in model.categories]
    vocabulary = Vocabulary(model.text.column, tuple(model.text.words)) if model.text else None
    features = feature_names(model.features, categories, vocabulary)
    meanings: list[str | None] = [None] * len(model.features)
    for category in categories:
        meanings += [f"1 where {category.column} is '{level}', else 0" for level in category.levels]
    if vocabulary is not None:
        meanings += [f"how often '{word}' occurs in {vocabulary.column}" for word in vocabulary.words]
    names = variables(features)
    return tuple(Input(*parts) for parts in zip(features, names, meanings, strict=True))
