"""What was learned from a table: a line, a perceptron or a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from calcopt.records.notebook import html_table, short
from calcopt.records.runs import Iteration, Status


@dataclass(frozen=True, slots=True)
class LineFit:
    """A linear regression. ``parameters`` maps each feature, and ``intercept`` last (when fitted), to its value.

    ``cost`` is 1/(2n) Σ residual² (weighted: 1/(2 Σw) Σ w residual²). ``model_file`` is where the model was saved.
    """

    data: str
    rows: int
    skipped: int
    target: str
    features: tuple[str, ...]
    method: str
    status: Status
    message: str
    parameters: Mapping[str, float]
    cost: float
    r_squared: float | None
    residual_standard_deviation: float | None
    standard_errors: Mapping[str, float | None]
    t_values: Mapping[str, float | None]
    p_values: Mapping[str, float | None]
    confidence_intervals: Mapping[str, tuple[float, float] | None]
    degrees_of_freedom: int
    intercept: bool
    trace: tuple[Iteration, ...] = ()
    warnings: tuple[str, ...] = ()
    advice: str | None = None
    rate: float | None = None
    weights: str | None = None
    model_file: str | None = None

    @property
    def interrupted(self) -> bool:
        return self.status == "interrupted"

    @property
    def reached_goal(self) -> bool:
        return self.status == "converged"

    @property
    def slope(self) -> float | None:
        """The coefficient of the only feature; None when there are several."""
        return self.parameters[self.features[0]] if len(self.features) == 1 else None

    def _repr_html_(self) -> str:
        """The table that a notebook shows."""
        columns = (self.parameters, self.standard_errors, self.t_values, self.p_values)
        rows = [[name, *(short(column[name]) for column in columns)] for name in self.parameters]
        for row, interval in zip(rows, self.confidence_intervals.values(), strict=True):
            row.append("" if interval is None else f"{interval[0]:.6g} … {interval[1]:.6g}")
        head = [self.target, "estimate", "standard error", "t", "p", "95 % interval"]
        fit = [f"{self.rows} rows", f"R² = {short(self.r_squared)}", f"cost = {short(self.cost)}", self.status]
        return html_table(head, rows, ", ".join(fit))


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training data. ``validation_*`` are None without a validation set."""

    epoch: int
    loss: float
    accuracy: float | None
    gradient_norm: float | None
    validation_loss: float | None = None
    validation_accuracy: float | None = None


OnEpoch = Callable[[Epoch], None]


@dataclass(frozen=True, slots=True)
class Separation:
    """A plane Σ direction·x + bias = 0, in the units of the data, with the second class on its positive side.

    ``perfect``: every row strictly on its own side; ``quasi``: ``on_plane`` rows on the plane itself, as far as
    rounding can tell. ``margin``: the smallest s (Σ direction·x + bias), in the units of the training. ``direction``
    lists the features that matter, those that move most first.
    """

    kind: Literal["perfect", "quasi"]
    direction: Mapping[str, float]
    bias: float
    on_plane: int
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Metrics:
    """How well a model does on ``rows`` rows; None is what does not belong to the task.

    ``confusion_matrix[i][j]`` counts the rows of class i that were taken for class j.
    """

    rows: int
    accuracy: float | None = None
    log_loss: float | None = None
    area_under_curve: float | None = None
    confusion_matrix: tuple[tuple[int, ...], ...] | None = None
    r_squared: float | None = None
    root_mean_squared_error: float | None = None


@dataclass(frozen=True, slots=True)
class TrainedPerceptron:
    """A trained perceptron or network.

    Without hidden layers ``weights`` maps each feature to its weight and ``bias`` is a number (softmax: one of
    each per class); with them ``weights`` is a list of matrices W_l of shape (inputs, outputs) and ``bias`` a
    list of vectors. Both are in the units of the data: feature scaling has been folded back. ``metrics`` are those
    on the rows learned from, ``validation`` those on the rows held out; ``best_epoch`` is the epoch whose weights
    these are, where early stopping took them. ``categories`` holds the levels
    of each text column that became a feature a level; ``means`` what stands in for missing cells, ``filled`` of them.
    """

    data: str
    rows: int
    skipped: int
    task: Literal["regression", "classification"]
    target: str
    classes: tuple[str, ...]
    features: tuple[str, ...]
    hidden: tuple[int, ...]
    activation: str
    method: str
    status: Status
    message: str
    epochs: int
    loss: float
    accuracy: float | None
    weights: object
    bias: object
    separable: bool | None
    model: str | None
    trace: tuple[Epoch, ...]
    gradient_norm: float | None = None
    rate: float | None = None
    l2: float = 0.0
    seed: int = 0
    warnings: tuple[str, ...] = ()
    metrics: Metrics | None = None
    validation: Metrics | None = None
    best_epoch: int | None = None
    schedule: str = "constant"
    class_weights: Mapping[str, float] | None = None
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    means: Mapping[str, float] | None = None
    filled: int = 0
    resumed_from: int | None = None
    separation: Separation | None = None

    @property
    def interrupted(self) -> bool:
        return self.status == "interrupted"

    @property
    def reached_goal(self) -> bool:
        return self.status in ("converged", "stopped_early")

    def _repr_html_(self) -> str:
        """The last epochs and the claim with its numbers."""
        head = ["epoch", "loss", "accuracy", "‖∇L‖"]
        rows = [
            [str(row.epoch), short(row.loss), short(row.accuracy), short(row.gradient_norm)] for row in self.trace[-10:]
        ]
        return html_table(head, rows, f"{self.task} of {self.target}; {self.status}: {self.message}")
