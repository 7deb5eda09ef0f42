"""What solvers see: functions and systems that can be evaluated with their derivatives, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64] | csr_array


@dataclass(slots=True)
class Counts:
    """How often f, its gradient and its Hessian were evaluated (for a system: residual, Jacobian)."""

    value: int = 0
    gradient: int = 0
    hessian: int = 0


class Evaluation(NamedTuple):
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


class Noise(NamedTuple):
    """Estimated absolute rounding errors: of f, of each ∂f/∂xᵢ (n,), and of the Hessian in the 2-norm."""

    value: float
    gradient: Vector
    hessian: float


class SystemEvaluation(NamedTuple):
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
