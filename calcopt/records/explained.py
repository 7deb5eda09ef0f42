"""One iteration worked out in full, as it is written on a blackboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from calcopt.records.objectives import Matrix, Vector


@dataclass(frozen=True, slots=True)
class Inequality:
    """A test that the step had to pass, as a formula and with its two sides in numbers."""

    name: str
    formula: str
    left: float
    relation: Literal["≤", "≥"]
    right: float

    @property
    def holds(self) -> bool:
        return self.left <= self.right if self.relation == "≤" else self.left >= self.right


@dataclass(frozen=True, slots=True, eq=False)
class LinearSystem:
    """M p = right, with its solution; ``formula`` says what M and the right side are; ``names`` are those of p.

    ``exact`` is False where M p = right holds only about (conjugate gradients ended early, least squares).
    """

    formula: str
    matrix: Matrix
    right: Vector
    solution: Vector
    names: tuple[str, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """Iteration ``iteration``: the step from ``x`` to ``new_x``, all numbers those of f itself.

    ``rule`` is the method's formula, ``quantities`` and ``vectors`` what else stands in it. ``hessian`` and
    ``eigenvalues`` are None for methods that use none; ``residual`` and ``jacobian`` are set for roots. At iteration 0,
    the start, there is no step: ``new_x`` is None. ``gradient_formulas`` and ``hessian_formulas`` (for roots: the
    Jacobian's rows in ``hessian_formulas``) are None where the formulas are too many to be read.
    """

    iteration: int
    step: str
    rule: str
    variables: tuple[str, ...]
    x: Vector
    value: float
    gradient: Vector | None
    gradient_norm: float | None
    hessian: Matrix | None = None
    eigenvalues: Vector | None = None
    residual: Vector | None = None
    jacobian: Vector | None = None
    quantities: Mapping[str, float] = field(default_factory=dict)
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    system: LinearSystem | None = None
    inequalities: tuple[Inequality, ...] = ()
    new_x: Vector | None = None
    new_value: float | None = None
    new_norm: float | None = None
    norm_name: str = "‖∇f‖"
    notes: tuple[str, ...] = ()
    gradient_formulas: tuple[str, ...] | None = None
    hessian_formulas: tuple[tuple[str, ...], ...] | None = None
