"""The search for the least cost: Levenberg–Marquardt in a trust region, bounds by projection, geodesic acceleration.

A trial is judged by the cost itself; one where f is not finite only shrinks the region, so the model's domain is never
left. While steps are damped the second derivative along the step bends it along the geodesic of the model's surface,
which saves many iterations in narrow valleys (Transtrum & Sethna 2012, §4).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from calcopt.learn.curve_step import LocalProblem, local_problem
from calcopt.learn.line_rank import EPS
from calcopt.records import Iteration, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_sums import CurveSums, Tangent
    from calcopt.records import OnIteration

    Array = NDArray[np.float64]

_ACCEPT, _GOOD, _POOR = 1e-4, 0.75, 0.25
_BEND = 0.75
"""Largest 2‖D a‖/‖D v‖ at which a bent step is trusted."""
FIRST = 10.0
"""Δ at the start, in units of ‖D θ‖ (Moré 1978 has 100; from there BoxBOD's first step lands on a plateau)."""
_TRIALS = 60
_MEMORY = 1e8
"""D remembers the longest columns of J (Moré 1978), but not so long ones that the present ones drown in rounding."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """lower ≤ θ ≤ upper, both (p,), entries may be infinite."""

    lower: Array
    upper: Array

    def project(self, theta: Array) -> Array:
        inside: Array = np.minimum(np.maximum(theta, self.lower), self.upper)
        return inside

    def free(self, theta: Array, gradient: Array) -> NDArray[np.bool_]:
        """Which parameters may move: not those at a bound that descent would cross."""
        held = ((theta <= self.lower) & (gradient > 0)) | ((theta >= self.upper) & (gradient < 0))
        return ~held


def no_bounds(count: int) -> Bounds:
    return Bounds(np.full(count, -np.inf), np.full(count, np.inf))


@dataclass(frozen=True, slots=True)
class Limits:
    """When the search ends: relative offset, iterations, seconds."""

    tolerance: float = 1e-8
    max_iterations: int = 1000
    time_limit: float | None = None


@dataclass(slots=True)
class Search:
    """Where a search stands; ``offset`` is the cosine of the angle between residual and tangent plane."""

    theta: Array
    tangent: Tangent
    free: NDArray[np.bool_]
    status: Status
    message: str
    offset: float
    projection: float = np.inf
    trace: list[Iteration] = field(default_factory=list)
    accelerated: int = 0

    @property
    def cost(self) -> float:
        return self.tangent.cost


class Searcher:
    """One run from one start. ``size`` is √Σ w y²: rounding error is measured against it."""

    def __init__(
        self,
        sums: CurveSums,
        bounds: Bounds,
        limits: Limits,
        *,
        size: float,
        on_iteration: OnIteration | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sums, self.bounds, self.limits, self.size = sums, bounds, limits, size
        self.on_iteration, self._clock = on_iteration, clock
        self._scales: Array = np.zeros(0)

    def run(self, start: Array, *, ended_by: float = 0.0, first: float = FIRST) -> Search | None:
        """Search from ``start``; None where the model or its derivatives are not finite there.

        ``ended_by`` is a tolerance that is enough; ``first`` the radius of the first step in units of ‖D θ‖.
        """
        with np.errstate(all="ignore"):
            return self._run(start, ended_by, first)

    def _run(self, start: Array, ended_by: float, first: float) -> Search | None:
        theta = self.bounds.project(start)
        tangent = self.sums.tangent(theta)
        if tangent is None:
            return None
        deadline = None if self.limits.time_limit is None else self._clock() + self.limits.time_limit
        self._scales = np.where(tangent.lengths > 0, tangent.lengths, 1.0)
        free = self.bounds.free(theta, tangent.gradient)
        state = Search(theta, tangent, free, "max_iterations", "", np.inf)
        radius = first * (float(np.linalg.norm(self._scales * theta)) or 1.0)
        goal = max(ended_by, self.limits.tolerance)
        try:
            self._tell(state, " ", None)
            while not self._ended(state, goal, deadline):
                radius = self._advance(state, radius)
        except KeyboardInterrupt:
            state.status = "interrupted"
            state.message = f"interrupted after {_iterations(state.trace[-1].iteration if state.trace else 0)}"
        return state

    def _ended(self, state: Search, goal: float, deadline: float | None) -> bool:
        if state.status == "stalled":
            return True
        noise = 4 * EPS * self.size
        done = state.trace[-1].iteration
        if state.offset <= goal or state.projection <= noise:
            state.status = "converged"
            if state.offset <= goal:
                state.message = f"relative offset {state.offset:.2g} ≤ {goal:.2g} after {_iterations(done)}"
            else:
                state.message = f"the residuals' projection {state.projection:.2g} is within rounding error {noise:.2g}"
                state.message += f" after {_iterations(done)}"
            return True
        if done >= self.limits.max_iterations:
            state.status = "max_iterations"
            limit = self.limits.tolerance
            state.message = f"relative offset {state.offset:.2g} > {limit:.2g} after {_iterations(done)}"
            return True
        if deadline is not None and self._clock() >= deadline:
            state.status = "time_limit"
            state.message = f"{self.limits.time_limit:g} s are over, at relative offset {state.offset:.2g}"
            return True
        return False

    def _local(self, state: Search) -> LocalProblem:
        """The tangent problem of the point reached; measures how far it is from stationary."""
        local = local_problem(state.tangent, self._scales, state.free)
        total = float(np.hypot(state.tangent.rest, np.linalg.norm(state.tangent.q)))
        state.projection = local.projection
        state.offset = local.projection / total if total > 0 else 0.0
        return local

    def _advance(self, state: Search, radius: float) -> float:
        """Trials until one is accepted; the radius for the next step. Marks a search that cannot move as stalled."""
        local = self._local(state)
        cut = False
        for _ in range(_TRIALS):
            v, damping = local.step(radius)
            delta, letter = self._bent(state, local, v, damping)
            trial = self.bounds.project(state.theta + delta)
            delta = trial - state.theta
            length = local.length(delta)
            if not length > 1e-16 * local.length(state.theta):
                break
            cost = self.sums.cost(trial)
            predicted = float(state.tangent.q @ state.tangent.q)
            predicted -= float(np.linalg.norm(state.tangent.q - state.tangent.r @ delta)) ** 2
            actual = state.cost - cost
            ratio = actual / predicted if predicted > 0 else (1.0 if actual > 0 else -1.0)
            if np.isfinite(cost) and ratio > _ACCEPT and self._moved(state, trial):
                self._tell(state, "D" if cut else letter, damping)
                if ratio < _POOR:
                    return 0.5 * min(radius, length)
                return max(radius, 2 * length) if ratio > _GOOD else radius
            cut = cut or not np.isfinite(cost)
            radius = min(radius, length) * (0.1 if not np.isfinite(cost) else 0.25)
        state.status = "stalled"
        state.message = (
            f"no step reduces the sum further, at relative offset {state.offset:.2g}, after "
            f"{_iterations(state.trace[-1].iteration)}"
        )
        return radius

    def _bent(self, state: Search, local: LocalProblem, v: Array, damping: float) -> tuple[Array, str]:
        """δ = v + a/2 with a the geodesic acceleration, for a damped step; v itself where a is not small beside it."""
        if damping == 0.0:
            return v, "F"
        slope = self.sums.curvature_along(state.theta, v)
        if slope is None:
            return v, "L"
        a = local.solve(-slope, damping)
        if 2 * local.length(a) > _BEND * local.length(v):
            return v, "L"
        state.accelerated += 1
        return v + 0.5 * a, "C"

    def _moved(self, state: Search, trial: Array) -> bool:
        tangent = self.sums.tangent(trial)
        if tangent is None:
            return False
        state.theta, state.tangent = trial, tangent
        state.free = self.bounds.free(trial, tangent.gradient)
        grown = np.maximum(self._scales, tangent.lengths)
        self._scales = np.where(tangent.lengths > 0, np.minimum(grown, _MEMORY * tangent.lengths), grown)
        return True

    def _tell(self, state: Search, letter: str, damping: float | None) -> None:
        self._local(state)
        gradient = state.tangent.gradient
        detail = {"offset": state.offset} | ({} if damping is None else {"damping": damping})
        before = state.trace[-1].x if state.trace else None
        row = Iteration(
            len(state.trace),
            state.theta.copy(),
            state.cost,
            gradient,
            float(np.linalg.norm(gradient)),
            None if before is None else float(np.linalg.norm(state.theta - before)),
            letter,
            detail,
        )
        state.trace.append(row)
        if self.on_iteration is not None:
            self.on_iteration(row)


def _iterations(count: int) -> str:
    return f"{count} iteration{'' if count == 1 else 's'}"
