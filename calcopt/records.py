"""What calcopt hands around: events, results and the protocols between the floors.

Plain frozen dataclasses: no mathematics, no printing. Arrays are NumPy arrays of float64 in the order of
``variables``; renderers turn them into ``{name: value}``. NumPy itself is imported for types only, so that
``calcopt --help`` does not pay for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64] | csr_array

Status = Literal[
    "converged",
    "max_iterations",
    "time_limit",
    "stalled",
    "diverged",
    "unbounded",
    "left_domain",
    "not_finite",
    "non_smooth",
    "singular",
    "interrupted",
]
Goal = Literal["minimize", "maximize", "root"]
Classification = Literal["local minimum", "local maximum", "saddle point", "degenerate", "not critical"]


# ---------------------------------------------------------------------------------------------------------------
# What solvers see
# ---------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Counts:
    """How often f, its gradient and its Hessian were evaluated (for a system: residual, Jacobian)."""

    value: int = 0
    gradient: int = 0
    hessian: int = 0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """f (order 0), ∇f (order 1) and ∇²f (order 2) at one point; what was not asked for is None.

    Non-finite results are returned as nan or inf, never raised and never warned about.
    """

    value: float
    gradient: Vector | None = None
    hessian: Matrix | None = None


class Objective(Protocol):
    """A smooth function R^n → R as solvers see it."""

    @property
    def variables(self) -> Sequence[str]: ...
    @property
    def label(self) -> str:
        """The function as text, for reports."""
        ...

    @property
    def counts(self) -> Counts: ...
    def evaluate(self, x: Vector, order: int) -> Evaluation:
        """Value (order ≥ 0), gradient of shape (n,) (order ≥ 1), Hessian (n, n), dense or CSR (order 2)."""
        ...

    def noise(self, x: Vector) -> Noise:
        """First-order bounds on the rounding error of what ``evaluate`` returns at ``x``."""
        ...


@dataclass(frozen=True, slots=True)
class Noise:
    """Estimated absolute rounding errors: of f, of each ∂f/∂xᵢ (n,), and of the Hessian in the 2-norm."""

    value: float
    gradient: Vector
    hessian: float


@dataclass(frozen=True, slots=True)
class SystemEvaluation:
    """Residual F(x) of shape (m,) and Jacobian (m, n) (order 1)."""

    residual: Vector
    jacobian: Vector | None = None


class System(Protocol):
    """Functions F: R^n → R^m whose common zero is sought."""

    @property
    def variables(self) -> Sequence[str]: ...
    @property
    def label(self) -> str: ...
    @property
    def counts(self) -> Counts: ...
    def evaluate(self, x: Vector, order: int) -> SystemEvaluation: ...


# ---------------------------------------------------------------------------------------------------------------
# Solvers: events and results
# ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Iteration:
    """One accepted iterate. Iteration 0 is the start.

    ``step`` is a one-letter tag (" " at the start; see ``calcopt.solve`` for the letters); ``detail`` holds what
    the method adds (``alpha``, ``shift`` …). For roots ``value`` is f (or ‖F‖ for a system).
    """

    iteration: int
    x: Vector
    value: float
    gradient: Vector
    gradient_norm: float
    step_norm: float | None = None
    step: str = " "
    detail: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the second-order test said at the final point, and with which numbers."""

    classification: Classification | None
    detail: str
    eigenvalues: Vector | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """How a run of ``gd`` or ``newton`` ended.

    ``status`` and ``verdict.classification`` are claims; ``message`` is the inequality behind the status, with
    its numbers. For systems ``value`` is ‖F‖, ``residual`` holds F, and there is no verdict.
    """

    command: str
    function: str
    variables: tuple[str, ...]
    goal: Goal
    method: str
    status: Status
    message: str
    x: Vector
    value: float
    gradient: Vector | None
    gradient_norm: float | None
    hessian: Matrix | None
    verdict: Verdict
    counts: Counts
    trace: tuple[Iteration, ...]
    residual: Vector | None = None
    jacobian: Vector | None = None
    advice: str | None = None
    certified: bool = False

    @property
    def converged(self) -> bool:
        return self.status == "converged"

    @property
    def reached_goal(self) -> bool:
        """True when the run may exit with status 0: converged, and not to the wrong kind of point."""
        if not self.converged:
            return False
        wrong = {
            "minimize": {"local maximum", "saddle point"},
            "maximize": {"local minimum", "saddle point"},
            "root": set(),
        }
        return self.verdict.classification not in wrong[self.goal]

    @property
    def iterations(self) -> int:
        return self.trace[-1].iteration if self.trace else 0


@dataclass(frozen=True, slots=True)
class Runs:
    """Several starts of one command; ``best`` is the index of the best run that reached the goal, or None."""

    command: str
    runs: tuple[Result, ...]
    best: int | None
    remarks: tuple[str, ...] = ()


OnIteration = Callable[[Iteration], None]


# ---------------------------------------------------------------------------------------------------------------
# Formulas
# ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Derivative:
    """∂^k f / ∂v₁…∂v_k, in calcopt's own syntax (it parses back) and as LaTeX."""

    with_respect_to: tuple[str, ...]
    expression: str
    latex: str
    symbol: str = ""
    """How it is written in Leibniz notation, as plain text: ``d/dx f``, ``∂²f/∂x∂y`` …"""


@dataclass(frozen=True, slots=True)
class Derivatives:
    """The answer of ``diff``. ``gradient`` and ``hessian`` for two variables and more; values with ``at``."""

    function: str
    variables: tuple[str, ...]
    order: int
    derivatives: tuple[Derivative, ...]
    gradient: tuple[str, ...] | None = None
    hessian: tuple[tuple[str, ...], ...] | None = None
    latex: str = ""
    name: str = "f"
    at: tuple[AtPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class AtPoint:
    """Exact and floating values at one ``--at`` point. ``exact`` are strings in calcopt syntax (or None)."""

    at: Mapping[str, float]
    value: float
    derivative_values: tuple[float, ...]
    gradient_value: tuple[float, ...] | None = None
    hessian_value: tuple[tuple[float, ...], ...] | None = None
    eigenvalues: tuple[float, ...] | None = None
    exact_at: Mapping[str, str] | None = None
    exact_value: str | None = None
    exact_derivative_values: tuple[str | None, ...] = ()
    tangent: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CriticalPoint:
    """A point where ∇f = 0. ``x`` and ``value`` are None where the exact point holds symbols."""

    x: Mapping[str, float] | None
    exact: Mapping[str, str] | None
    value: float | None
    exact_value: str | None
    gradient_norm: float | None
    hessian: tuple[tuple[float, ...], ...] | tuple[tuple[str, ...], ...] | None
    eigenvalues: tuple[float, ...] | None
    classification: Classification | None
    classification_detail: str
    certified: bool = False
    enclosure: Mapping[str, tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True)
class Continuum:
    """A whole curve (or surface) of critical points, as equations; ``value`` is f on it where it is constant."""

    description: str
    equations: tuple[str, ...]
    value: str | None = None
    classification_detail: str = ""


@dataclass(frozen=True, slots=True)
class CriticalPoints:
    """The answer of ``classify-critical``. ``complete`` is True only where it is known that nothing is missing."""

    function: str
    variables: tuple[str, ...]
    box: Mapping[str, tuple[float, float]] | None
    points: tuple[CriticalPoint, ...]
    continua: tuple[Continuum, ...]
    complete: bool
    method: str
    message: str
    undecided: tuple[Mapping[str, tuple[float, float]], ...] = ()
    global_minimum: CriticalPoint | None = None
    global_maximum: CriticalPoint | None = None
    interrupted: bool = False


# ---------------------------------------------------------------------------------------------------------------
# Learning from data
# ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LineFit:
    """A linear regression. ``parameters`` maps each feature, and ``intercept`` last (when fitted), to its value.

    ``cost`` is 1/(2n) Σ residual² (weighted: 1/(2 Σw) Σ w residual²).
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
        rows = [[name, *(_short(column[name]) for column in columns)] for name in self.parameters]
        for row, interval in zip(rows, self.confidence_intervals.values(), strict=True):
            row.append("" if interval is None else f"{interval[0]:.6g} … {interval[1]:.6g}")
        head = [self.target, "estimate", "standard error", "t", "p", "95 % interval"]
        fit = [f"{self.rows} rows", f"R² = {_short(self.r_squared)}", f"cost = {_short(self.cost)}", self.status]
        return _html_table(head, rows, ", ".join(fit))


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
class TrainedPerceptron:
    """A trained perceptron or network.

    Without hidden layers ``weights`` maps each feature to its weight and ``bias`` is a number (softmax: one of
    each per class); with them ``weights`` is a list of matrices W_l of shape (inputs, outputs) and ``bias`` a
    list of vectors. Both are in the units of the data: feature scaling has been folded back.
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

    @property
    def reached_goal(self) -> bool:
        return self.status == "converged"


# ---------------------------------------------------------------------------------------------------------------
# For notebooks
# ---------------------------------------------------------------------------------------------------------------


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _html_table(head: Sequence[str], rows: Sequence[Sequence[str]], below: str) -> str:
    from html import escape

    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table><p>{escape(below)}</p>"
