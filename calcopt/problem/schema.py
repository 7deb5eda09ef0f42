"""What a problem file may hold: the commands' own option names, with their types and what they mean.

The descriptions are the ones editors show (``calcopt schema``); the words behind ``expects`` are what an error says.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Command = Literal["diff", "gd", "newton", "minimize", "classify-critical", "fit-line", "fit", "train-perceptron"]
Method = Literal[
    "fixed",
    "momentum",
    "nesterov",
    "adam",
    "rmsprop",
    "backtracking",
    "strong-wolfe",
    "barzilai-borwein",
    "auto",
    "safeguarded",
    "line-search",
    "trust-region",
    "truncated-newton",
    "l-bfgs",
    "levenberg-marquardt",
    "pure",
    "exact",
    "gd",
    "newton",
    "sgd",
]

Scalar = int | float | str
"""A number, or an expression such as ``pi/2``."""
NamedScalars = dict[str, Scalar]
PointValue = Scalar | NamedScalars | list[Scalar | NamedScalars | list[Scalar]]
RangeValue = str | list[Scalar]
BoxValue = str | dict[str, RangeValue] | list[Scalar | list[Scalar]]
Names = str | list[str]
"""``A,B`` or ``[A, B]``."""


Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]


def _about(description: str, expects: str, *examples: Any) -> Meta:
    return Meta(description=description, examples=list(examples), extra={"expects": expects})


class Problem(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="kebab", repr_omit_defaults=True):
    """A calcopt problem: a function or a table of data, and options of the command that works on it.

    A key is the name of an option of that command; an option on the command line wins over the file. What a file
    does not hold is None. ``data`` is relative to the file.
    """

    command: Annotated[
        Command | None, _about("The command that this problem is meant for.", "the name of a command", "newton")
    ] = None
    title: Annotated[str | None, _about("What the problem is, in a few words.", "a text")] = None
    note: Annotated[str | None, _about("Free text.", "a text")] = None

    function: Annotated[
        str | None,
        _about(
            "The function, as typed on the command line.", "a formula as text", "exp(x) - log(x)", "f(x, y) = x^2 + y^2"
        ),
    ] = None
    functions: Annotated[
        list[str] | None,
        _about("A system of functions, for `newton` with `root`.", "a list of formulas", ["x^2 + y^2 - 4", "x*y - 1"]),
    ] = None
    let: Annotated[
        str | NamedScalars | None,
        _about(
            "Constants: names that are given a value.", "names with their values, such as {a: 3}", {"a": 3, "b": "pi/2"}
        ),
    ] = None

    start: Annotated[
        PointValue | None,
        _about(
            "Where to start; a list of points is one run each.",
            "a point, such as {x: 4, y: 4} or [4, 4]",
            {"x": 4, "y": 4},
            [4, 4],
            "x=4,y=4",
            [{"x": -1}, {"x": 2}],
        ),
    ] = None
    box: Annotated[
        BoxValue | None,
        _about(
            "The region searched; one range for all variables, or one each.",
            "ranges, such as {x: -5..5, y: [0, 1]}",
            "-5..5",
            {"x": "-5..5", "y": [0, "pi"]},
        ),
    ] = None
    at: Annotated[
        PointValue | None,
        _about("Points to evaluate at.", "a point, such as {x: 2, y: 3} or [2, 3]", {"x": 2, "y": 3}, [2, 3]),
    ] = None
    var: Annotated[
        Names | None,
        _about("The variables, where letters stand for constants too.", "names, such as x or [x, y]", "x", ["x", "y"]),
    ] = None
    order: Annotated[
        Annotated[int, Meta(ge=1)] | None, _about("The order of the derivative.", "a whole number from 1 on", 2)
    ] = None

    steps: Annotated[
        bool | Literal["all"] | None, _about("Explain derivatives rule by rule.", "true, false or all", True, "all")
    ] = None
    notation: Annotated[
        Literal["lagrange", "leibniz"] | None,
        _about("How derivatives are written.", "lagrange or leibniz", "leibniz"),
    ] = None
    tangent: Annotated[bool | None, _about("Show the tangent at each point.", "true or false")] = None
    secant: Annotated[bool | None, _about("Show secants through each point.", "true or false")] = None
    limit: Annotated[
        str | None, _about("A limit of the function.", "a place, such as n=inf or x=0+", "n=inf", "x=0+")
    ] = None

    rate: Annotated[Positive | None, _about("The learning rate α of gradient descent.", "a number above 0", 0.01)] = (
        None
    )
    method: Annotated[
        Method | None,
        _about("The method; which ones there are depends on the command.", "the name of a method", "fixed", "pure"),
    ] = None
    schedule: Annotated[
        Literal["constant", "1/t", "sqrt", "cosine"] | None,
        _about("How a fixed rate changes from step to step.", "constant, 1/t, sqrt or cosine", "cosine"),
    ] = None
    maximize: Annotated[bool | None, _about("Look for a maximum.", "true or false")] = None
    root: Annotated[bool | None, _about("Look for a zero of the function or system.", "true or false")] = None
    tolerance: Annotated[
        Annotated[float, Meta(ge=0)] | None,
        _about("Stop when the norm of the gradient is at most this.", "a number of 0 or above", 1e-8),
    ] = None
    max_iterations: Annotated[
        Count | None, _about("Stop after this many iterations.", "a whole number of 0 or above", 1000)
    ] = None
    time_limit: Annotated[
        Positive | None, _about("Stop after this many seconds.", "a number of seconds above 0", 10)
    ] = None

    explain: Annotated[Count | None, _about("Work out this iteration in full.", "a whole number of 0 or above", 3)] = (
        None
    )
    checkpoint: Annotated[str | None, _about("Save the run to this file as it goes.", "a path", "run.json")] = None
    resume: Annotated[
        str | None, _about("Go on from this checkpoint, with the same iterates.", "a path", "run.json")
    ] = None
    verify: Annotated[bool | None, _about("Prove the answer by interval arithmetic.", "true or false")] = None
    starts: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        _about("Spread so many starts over the box, or around the start.", "a whole number from 1 on", 20),
    ] = None
    max_boxes: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        _about("Give up a proof after this many boxes.", "a whole number from 1 on", 100000),
    ] = None

    data: Annotated[
        str | None,
        _about("The table: a file, a glob or a folder, relative to this file.", "a path", "points.csv"),
    ] = None
    delimiter: Annotated[str | None, _about("What separates the columns.", "a character in quotes", ";")] = None
    no_header: Annotated[
        bool | None, _about("The first line is data; the columns are c1, c2, and so on.", "true or false")
    ] = None
    decimal: Annotated[
        Literal[".", ",", "point", "comma"] | None,
        _about("What begins decimals; with a comma, ';' separates columns.", "a comma or a point, in quotes", ","),
    ] = None
    missing: Annotated[
        Literal["error", "skip", "mean"] | None,
        _about("What to do with empty cells (mean: train-perceptron only).", "error, skip or mean", "skip"),
    ] = None
    cluster: Annotated[
        str | None,
        _about("The Dask cluster that reads the table.", "an address", "tcp://host:8786"),
    ] = None
    x: Annotated[
        Names | None, _about("The feature columns of a line.", "columns, such as hours or [hours, age]", "hours")
    ] = None
    y: Annotated[str | None, _about("The target column of a line.", "a column", "score")] = None
    weights: Annotated[str | None, _about("The column of weights of the rows.", "a column", "w")] = None
    model: Annotated[
        str | None,
        _about("The model of `fit`: what is measured, and a formula for it.", "a text", "y ~ a*exp(-b*x) + c"),
    ] = None
    loss: Annotated[
        Literal["linear", "huber", "soft-l1", "cauchy"] | None,
        _about("What large residuals of `fit` cost.", "linear, huber, soft-l1 or cauchy", "huber"),
    ] = None
    loss_scale: Annotated[
        Positive | None, _about("The residual from which a robust loss differs.", "a number above 0", 1.5)
    ] = None
    residuals: Annotated[
        str | None, _about("Write the residuals of `fit` to this file.", "a path", "residuals.csv")
    ] = None
    save: Annotated[str | None, _about("Write the model to this file.", "a path", "model.json")] = None
    no_intercept: Annotated[bool | None, _about("Fit a line through the origin.", "true or false")] = None
    target: Annotated[str | None, _about("The column to predict.", "a column", "mood")] = None
    features: Annotated[
        Names | None, _about("The columns to predict from.", "columns, such as [a, b]", ["a", "b"], "a,b")
    ] = None
    text: Annotated[str | None, _about("A column of sentences whose words are counted.", "a column", "sentence")] = None

    task: Annotated[
        Literal["auto", "regression", "classification"] | None,
        _about("What is predicted: a number or a class.", "auto, regression or classification", "classification"),
    ] = None
    hidden: Annotated[
        str | int | list[Annotated[int, Meta(ge=1)]] | None,
        _about("Units in each hidden layer.", "whole numbers from 1 on, such as [8, 4]", [8, 4], "8,4", 2),
    ] = None
    activation: Annotated[
        Literal["sigmoid", "tanh", "relu"] | None,
        _about("The activation of hidden units.", "sigmoid, tanh or relu", "tanh"),
    ] = None
    epochs: Annotated[Count | None, _about("Passes over the data at most.", "a whole number of 0 or above", 1000)] = (
        None
    )
    batch: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        _about("Rows in a batch of `sgd` and `adam`.", "a whole number from 1 on", 1, 32),
    ] = None
    l2: Annotated[
        Annotated[float, Meta(ge=0)] | None,
        _about("Weight of the penalty on large weights.", "a number of 0 or above", 0.01),
    ] = None
    class_weights: Annotated[
        str | dict[str, Positive] | None,
        _about(
            "How often the rows of each class count.",
            "balanced, or weights by class, such as {rare: 10}",
            "balanced",
            {"rare": 10},
        ),
    ] = None
    scale: Annotated[
        bool | None, _about("Scale the features (the reported weights are unscaled again).", "true or false")
    ] = None
    validation: Annotated[
        Annotated[float, Meta(ge=0, lt=1)] | None,
        _about("Share of the rows kept aside for validation.", "a number from 0 up to, not including, 1", 0.2),
    ] = None
    patience: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        _about("Stop when the held-out loss has not fallen for so many epochs.", "a whole number from 1 on", 20),
    ] = None
    seed: Annotated[Count | None, _about("Seed of the random numbers.", "a whole number of 0 or above", 0)] = None

    schema_uri: Annotated[
        str | None, _about("The JSON Schema, for editors that read this key.", "a path or address")
    ] = msgspec.field(default=None, name="$schema")

    def given(self) -> dict[str, object]:
        """The keys that the file holds, as they are written there, with their values."""
        fields = ((field.encode_name, getattr(self, field.name)) for field in msgspec.structs.fields(self))
        return {key: value for key, value in fields if value is not None}
