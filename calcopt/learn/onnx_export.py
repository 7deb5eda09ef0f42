"""A saved model as an ONNX graph, in double precision: other programs then predict what calcopt predicts."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from calcopt.errors import MissingExtraError, UsageError
from calcopt.learn import atomic
from calcopt.learn.network_functions import Array
from calcopt.learn.saved_perceptron import Model

OPSET, IR_VERSION = 17, 8
INPUT = "features"
_ACTIVATIONS = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}


def export(model: Model, features: tuple[str, ...], path: str | Path) -> None:
    """Writes ``model`` to ``path`` (.onnx), replacing what was there in one step.

    The input ``features`` is a matrix of doubles (rows, features) in the order of ``features``: the numeric columns
    (NaN is replaced by the mean where the model has means), then 0 or 1 for every level, then the counts of the words.
    The output is ``value`` (rows, 1), or ``probabilities`` (rows, classes) and ``label`` (rows,), the class by name.
    Raises ``MissingExtraError`` without the package onnx, ``FileError`` for a place that cannot be written.
    """
    if Path(path).suffix.lower() != ".onnx":
        raise UsageError(f"--export writes ONNX, and '{path}' does not end in .onnx", hint="name a file such as m.onnx")
    atomic.check_writable(path, mark="calcopt", what="calcopt ONNX file", example="model.onnx")
    content = build(model, features).SerializeToString(deterministic=True)
    name = f".{Path(os.path.realpath(path)).name}.{os.getpid()}.new"
    atomic.replace_file(path, content, what="ONNX file", beside=name)


def build(model: Model, features: tuple[str, ...]) -> Any:
    """The ONNX ``ModelProto``."""
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError("--export needs the package onnx", hint="pip install 'calcopt[onnx]'") from error
    graph = _Graph(onnx)
    last = graph.layers(model, graph.filled(model, len(features)))
    double, text = onnx.TensorProto.DOUBLE, onnx.TensorProto.STRING
    outputs = graph.answer(model, last)
    kinds: dict[str, tuple[Any, Sequence[str | int | None]]] = {
        "value": (double, ["rows", 1]),
        "probabilities": (double, ["rows", len(model.classes)]),
        "label": (text, ["rows"]),
    }
    described = onnx.helper.make_graph(
        graph.nodes,
        "calcopt",
        [onnx.helper.make_tensor_value_info(INPUT, double, ["rows", len(features)])],
        [onnx.helper.make_tensor_value_info(name, *kinds[name]) for name in outputs],
        graph.constants,
    )
    opset = [onnx.helper.make_opsetid("", OPSET)]
    proto = onnx.helper.make_model(described, producer_name="calcopt", opset_imports=opset, ir_version=IR_VERSION)
    proto.producer_version = model.calcopt
    onnx.helper.set_model_props(
        proto,
        {"target": model.target, "features": json.dumps(features), "classes": json.dumps(model.classes)},
    )
    onnx.checker.check_model(proto)
    return proto


class _Graph:
    """Nodes and constants on their way into a graph; every method returns the name of the tensor that it makes."""

    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def filled(self, model: Model, features: int) -> str:
        """The input, with means in the place of NaN where the model has them."""
        if model.means is None:
            return INPUT
        means = np.full((1, features), np.nan)
        means[0, : len(model.means)] = model.means
        missing = self._node("IsNaN", INPUT)
        return self._node("Where", missing, self._constant("means", means), INPUT)

    def layers(self, model: Model, value: str) -> str:
        """z of the last layer."""
        layers = model.network.layers(model.theta)
        for number, layer in enumerate(layers, start=1):
            product = self._node("MatMul", value, self._constant(f"weights{number}", layer.weights))
            value = self._node("Add", product, self._constant(f"bias{number}", layer.bias))
            if number < len(layers):
                value = self._node(_ACTIVATIONS[model.activation], value)
        return value

    def answer(self, model: Model, z: str) -> list[str]:
        """The outputs' names, made from the logits."""
        if model.output == "identity":
            self._node("Identity", z, output="value")
            return ["value"]
        if model.output == "sigmoid":
            first = self._node("Sigmoid", self._node("Neg", z))
            self._node("Concat", first, self._node("Sigmoid", z), output="probabilities", axis=1)
        else:
            self._node("Softmax", z, output="probabilities", axis=1)
        best = self._node("ArgMax", "probabilities", axis=1, keepdims=0)
        names = self._onnx.helper.make_tensor(
            "classes", self._onnx.TensorProto.STRING, [len(model.classes)], [name.encode() for name in model.classes]
        )
        self.constants.append(names)
        self._node("Gather", "classes", best, output="label", axis=0)
        return ["probabilities", "label"]

    def _constant(self, name: str, array: Array) -> str:
        values = np.ascontiguousarray(array, dtype=np.float64)
        self.constants.append(self._onnx.numpy_helper.from_array(values, name))
        return name

    def _node(self, kind: str, *inputs: str, output: str | None = None, **attributes: int) -> str:
        made = output or f"t{len(self.nodes) + 1}"
        self.nodes.append(self._onnx.helper.make_node(kind, list(inputs), [made], **attributes))
        return made
