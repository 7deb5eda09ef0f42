"""What solvers say: iterations as they happen, and how a run ended.

Iterations and results are compared by identity (``eq=False``): arrays have no one truth value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from calcopt.records.notebook import html_table, short
from calcopt.records.objectives import Counts

if TYPE_CHECKING:
    from calcopt.records.culprits import Culprit
    from calcopt.records.explained import Explained
    from calcopt.records.objectives import Matrix, Vector
    from calcopt.records.proofs import Proof

Status = Literal[
    "converged",
    "stopped_early",
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


@dataclass(frozen=True, slots=True, eq=False)
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
    near: bool = True
    """False where the gradient is within the tolerance, yet the critical point is still far by the Newton step."""


@dataclass(frozen=True, slots=True, eq=False)
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
    proof: Proof | None = None
    why: str | None = None
    """Why this method was taken, where it was not the user who named it."""
    explained: Explained | None = None
    """The iteration that was to be worked out in full."""
    outside: Vector | None = None
    """The trial point at which the run met a value that is not finite, and ended."""
    culprit: Culprit | None = None
    """The part of the formula that has no finite value there."""

    @property
    def certified(self) -> bool:
        """Whether interval arithmetic proved the answer; ``proof`` says what exactly."""
        return self.proof is not None and self.proof.certified

    @property
    def converged(self) -> bool:
        return self.status == "converged"

    @property
    def interrupted(self) -> bool:
        return self.status == "interrupted"

    @property
    def reached_goal(self) -> bool:
        """True when the run may exit with status 0: converged, near a critical point, and not of the wrong kind."""
        if not self.converged or not self.verdict.near:
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

    def _repr_html_(self) -> str:
        """The last iterations and the claims with their numbers, as a notebook shows them."""
        shown = self.variables[:6]
        head = ["iteration", *shown, "f", "‖∇f‖", "step"]
        rows = [
            [
                str(row.iteration),
                *(short(float(value)) for value in row.x[: len(shown)]),
                *(short(row.value), short(row.gradient_norm), row.step),
            ]
            for row in self.trace[-10:]
        ]
        claims = [
            f"{self.status}: {self.message}",
            f"{self.verdict.classification or 'no verdict'}: {self.verdict.detail}",
        ]
        return html_table(head, rows, " · ".join(claims))


@dataclass(frozen=True, slots=True)
class Runs:
    """Several starts of one command; ``best`` is the index of the best run that reached the goal, or None."""

    command: str
    runs: tuple[Result, ...]
    best: int | None
    remarks: tuple[str, ...] = ()

    @property
    def interrupted(self) -> bool:
        return any(run.interrupted for run in self.runs)

    @property
    def reached_goal(self) -> bool:
        return self.best is not None

    def _repr_html_(self) -> str:
        """One row a run."""
        head = ["start", "status", "f", "classification"]
        rows = [
            [
                ", ".join(short(float(value)) for value in run.trace[0].x[:6]),
                run.status,
                short(run.value),
                run.verdict.classification or "",
            ]
            for run in self.runs
        ]
        return html_table(head, rows, " · ".join(self.remarks))


OnIteration = Callable[[Iteration], None]
