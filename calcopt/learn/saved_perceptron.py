"""A trained perceptron or network as its file holds it: all that ``predict`` needs, in the units of the data."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import numpy as np

from calcopt.learn.network import Layer, Network
from calcopt.learn.network_functions import Array
from calcopt.records.learned import Metrics

Count = Annotated[int, msgspec.Meta(ge=0)]


class SavedLayer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """W as a list of rows, one per input; b with one number per output."""

    weights: list[list[float]]
    bias: list[float]


class SavedCategory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text column and the levels that have a feature each, 1 where the cell holds that level."""

    column: str
    levels: list[str]


class SavedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text column whose words are counted, and the words in the order of their features."""

    column: str
    words: list[str]


class SavedScaling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the features were standardized in training; the weights do not need it, they are in data units."""

    mean: list[float]
    deviation: list[float]


class Summary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What training came to."""

    data: str
    rows: Count
    method: str
    status: str
    epochs: Count
    loss: float
    accuracy: float | None
    gradient_norm: float
    rate: float | None
    l2: float
    seed: Count
    separable: bool | None
    schedule: str = "constant"
    class_weights: dict[str, float] | None = None
    best_epoch: Count | None = None
    metrics: Metrics | None = None
    validation: Metrics | None = None


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A trained perceptron or network as it is saved.

    The inputs are the numeric columns ``features``, the levels of the ``categories``, and the words, in this order.
    ``means`` (one a numeric column) stand in for missing cells, where the model was trained so.
    """

    format: Literal["calcopt-model"] = "calcopt-model"
    version: Literal[1] = 1
    kind: Literal["perceptron"] = "perceptron"
    calcopt: str
    task: Literal["regression", "classification"]
    target: str
    classes: list[str]
    features: list[str]
    categories: list[SavedCategory] = []
    means: list[float] | None = None
    text: SavedText | None
    hidden: list[Annotated[int, msgspec.Meta(ge=1)]]
    activation: Literal["sigmoid", "tanh", "relu"]
    output: Literal["identity", "sigmoid", "softmax"]
    layers: list[SavedLayer]
    scaling: SavedScaling | None
    training: Summary

    @property
    def columns(self) -> list[str]:
        """The columns of a table that the model needs."""
        categories = [category.column for category in self.categories]
        return [*self.features, *categories, *([self.text.column] if self.text else [])]

    @property
    def network(self) -> Network:
        levels = sum(len(category.levels) for category in self.categories)
        inputs = len(self.features) + levels + (len(self.text.words) if self.text else 0)
        outputs = len(self.classes) if self.output == "softmax" else 1
        return Network((inputs, *self.hidden, outputs), self.activation, self.output)

    @property
    def theta(self) -> Array:
        """The parameter vector of :attr:`network`, in data units."""
        return self.network.flatten([Layer(np.array(layer.weights), np.array(layer.bias)) for layer in self.layers])


def fault(model: Model) -> str | None:
    """What does not fit together in ``model``, or None."""
    outputs = {"identity": 0, "sigmoid": 2}.get(model.output, max(3, len(model.classes)))
    if (model.output == "identity") != (model.task == "regression") or len(model.classes) != outputs:
        return (
            f"{_several(len(model.classes), 'class', 'es')} cannot go with {model.task} and the output {model.output}"
        )
    words = model.text.words if model.text else []
    listed = [("class", model.classes), ("feature", model.features), ("word", words), ("column", model.columns)]
    listed += [(f"level of '{category.column}'", category.levels) for category in model.categories]
    for what, names in listed:
        if len(set(names)) != len(names):
            return f"a {what} is listed twice"
    if model.means is not None and (
        len(model.means) != len(model.features) or not np.isfinite(np.array(model.means)).all()
    ):
        return "the means do not have one number per numeric column"
    sizes = model.network.sizes
    if sizes[0] == 0:
        return "there are no features"
    if len(model.layers) != len(sizes) - 1:
        return f"{_several(len(sizes) - 1, 'layer', 's')} expected, {len(model.layers)} found"
    for number, (layer, inputs, outs) in enumerate(zip(model.layers, sizes, sizes[1:], strict=False), start=1):
        if len(layer.weights) != inputs or any(len(row) != outs for row in layer.weights) or len(layer.bias) != outs:
            return f"layer {number} does not have the shape {inputs} × {outs}"
    if model.scaling and not len(model.scaling.mean) == len(model.scaling.deviation) == sizes[0]:
        return "the scaling does not have one entry per feature"
    return None if np.isfinite(model.theta).all() else "a weight is not finite"


def _several(count: int, thing: str, plural: str) -> str:
    return f"{count} {thing}{plural if count != 1 else ''}"
