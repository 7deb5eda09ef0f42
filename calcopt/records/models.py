"""A saved model, as it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Input:
    """A number that the model takes: its ``feature``, the ``variable`` it is in the formulas, and what that means."""

    feature: str
    variable: str
    meaning: str | None


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A trained perceptron or network that was read from a file.

    ``formulas`` maps the target (or each class whose probability it is) to a function of the inputs' variables, in
    calcopt's own syntax; empty where it would be too long, and ``formula_note`` says so. ``weights`` and ``bias`` are
    those of :class:`TrainedPerceptron`, ``training`` what its training came to.
    """

    path: str
    calcopt: str
    task: Literal["regression", "classification"]
    target: str
    classes: tuple[str, ...]
    inputs: tuple[Input, ...]
    hidden: tuple[int, ...]
    activation: str
    output: str
    weights: object
    bias: object
    parameters: int
    means: Mapping[str, float] | None
    formulas: Mapping[str, str]
    formula_note: str | None
    training: Mapping[str, object]

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return tuple(item.feature for item in self.inputs)


@dataclass(frozen=True, slots=True)
class FitSummary:
    """A fitted line or curve that was read from a file.

    ``model`` is the text of a curve, with the values of its ``constants``; None for a line. ``formulas`` maps the
    target to a function of the inputs' variables, in calcopt's own syntax; where the target is a function of a column
    (``log(y)``) with a simple inverse, one for that column follows. Empty where they would be too long, and
    ``formula_note`` says so. ``covariance`` has the order of ``parameters``; ``fit`` says what the fit came to.
    """

    path: str
    calcopt: str
    kind: Literal["curve", "line"]
    model: str | None
    constants: Mapping[str, str]
    target: str
    inputs: tuple[Input, ...]
    parameters: Mapping[str, float]
    standard_errors: Mapping[str, float | None]
    covariance: object
    residual_standard_deviation: float | None
    degrees_of_freedom: int
    formulas: Mapping[str, str]
    formula_note: str | None
    fit: Mapping[str, object]
