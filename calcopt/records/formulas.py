"""What calculus says: derivatives, their values at points, and critical points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from calcopt.records.notebook import html_table, short
from calcopt.records.places import Singularities, Study
from calcopt.records.runs import Classification

if TYPE_CHECKING:
    from calcopt.records.steps import Limit, SecantTable, Step


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
    steps: tuple[Step, ...] = ()
    """How each derivative was found, in the same order."""
    secants: tuple[SecantTable, ...] = ()
    limits: tuple[Limit, ...] = ()
    non_differentiable: Singularities | None = None
    study: Study | None = None

    def _repr_latex_(self) -> str:
        """The derivatives, as a notebook shows them."""
        many = len(self.variables) > 1
        lines = [
            f"{_operator(row.with_respect_to, many=many)} \\left({self.latex}\\right) &= {row.latex}"
            for row in self.derivatives
        ]
        return "$\\begin{aligned}" + r" \\ ".join(lines) + "\\end{aligned}$"


def _operator(names: tuple[str, ...], *, many: bool) -> str:
    """d/dx, or ∂²/∂x∂y, in LaTeX."""
    sign = r"\partial" if many else "d"
    order = "" if len(names) == 1 else f"^{{{len(names)}}}"
    return rf"\frac{{{sign}{order}}}{{{' '.join(rf'{sign} {name}' for name in names)}}}"


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
    """A point where ∇f = 0. ``x`` and ``value`` are None where the exact point holds symbols.

    ``enclosure`` is a box in which there is exactly one critical point, where ``certified``; ``digits`` are proved.
    """

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
    digits: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Continuum:
    """A whole curve (or surface) of critical points, as equations; ``value`` is f on it where it is constant."""

    description: str
    equations: tuple[str, ...]
    value: str | None = None
    classification_detail: str = ""


UndecidedKind = Literal["kink", "jump", "domain edge", "degenerate", "continuum", "budget"]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A box in which the search could not tell whether there are critical points; ``reason`` is a sentence."""

    box: Mapping[str, tuple[float, float]]
    kind: UndecidedKind
    reason: str


@dataclass(frozen=True, slots=True)
class GlobalExtremum:
    """The lowest (highest) value of f, taken at ``x``: over the box, its boundary included, or over all of R^n.

    ``certified``: interval arithmetic proved that the value over the box is between ``lower`` and ``upper``.
    ``on_boundary``: it is taken on the edge of the box.
    """

    x: Mapping[str, float]
    value: float
    certified: bool
    lower: float | None = None
    upper: float | None = None
    on_boundary: bool = False


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
    undecided: tuple[Undecided, ...] = ()
    global_minimum: GlobalExtremum | None = None
    global_maximum: GlobalExtremum | None = None
    interrupted: bool = False
    exhausted: bool = False
    boxes: int = 0

    @property
    def reached_goal(self) -> bool:
        """True when something was found, or it is known that there is nothing, and no budget ended the search."""
        return bool(self.points or self.continua or self.complete) and not self.exhausted

    def _repr_html_(self) -> str:
        """One row a point, then the curves."""
        head = ["point", "f", "classification"]
        rows = [
            [
                ", ".join(f"{name} = {value}" for name, value in (point.exact or point.x or {}).items()),
                point.exact_value or short(point.value),
                point.classification or "",
            ]
            for point in self.points
        ]
        return html_table(head, rows, " · ".join([*(curve.description for curve in self.continua), self.message]))
