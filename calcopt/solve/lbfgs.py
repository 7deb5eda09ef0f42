"""L-BFGS: a quasi-Newton method that remembers a few steps instead of a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from calcopt.solve.linesearch import exhausted
from calcopt.solve.method import Halt, Move, Plain
from calcopt.solve.saddles import lower_beside
from calcopt.solve.vectors import EPS, norm
from calcopt.solve.wolfe import WOLFE, StrongWolfe

if TYPE_CHECKING:
    from calcopt.records import Status, Vector
    from calcopt.solve.linesearch import Found
    from calcopt.solve.tasks import Point, Task


FLAT = 1e-8
"""From this measure down a point is looked at for a way down before the next step."""


class Pair(NamedTuple):
    """A step s, the change y of the gradient along it, and s·y > 0."""

    s: Vector
    y: Vector
    curvature: float


@dataclass(frozen=True, slots=True)
class LimitedBFGS(Plain):
    """x_k = x_{k−1} − α H ∇f, with H the inverse BFGS matrix of the last ``memory`` steps (two-loop recursion).

    α by strong Wolfe, so that every step has positive curvature; with bounds by Armijo along the projected path, in the
    variables that no bound holds. Memory and work are linear in n. A saddle that it ends at is left downhill where
    the Hessian can be looked at.
    Reference: Nocedal 1980, Updating quasi-Newton matrices with limited storage; Nocedal & Wright 2006, algorithm 7.4.
    """

    memory: int = 10
    search: StrongWolfe = WOLFE
    lowest: float = -1e100
    name: ClassVar[str] = "l-bfgs"

    def init(self, task: Task, point: Point) -> tuple[Pair, ...]:
        return ()

    def settled(self, task: Task, point: Point, state: tuple[Pair, ...], tolerance: float) -> str | None:
        return None if lower_beside(task, point) is not None else ""

    def step(self, task: Task, point: Point, state: tuple[Pair, ...]) -> Move | Halt:
        if point.value < self.lowest:
            from calcopt.solve.newton_safeguarded import unbounded

            return unbounded(task, point)
        if task.measure(point) <= FLAT:  # settled() did not end the run here
            beside = lower_beside(task, point)
            if beside is not None:
                return Move(beside, (), "J")
        found, used = self._search(task, point, state), state
        if found is None and state:  # the memory led nowhere: forget it
            if exhausted(task, point).status == "converged":
                return self._end(task, point)
            found, used = self._search(task, point, ()), ()
        if found is None:
            return self._end(task, point)
        tag = "Q" if used and found.tag == "G" else found.tag
        return Move(found.point, self._remember(used, point, found.point), tag, {"alpha": found.alpha})

    def _end(self, task: Task, point: Point) -> Move | Halt:
        """No step along a direction of descent lowers f: the end, or a saddle to leave."""
        beside = lower_beside(task, point)
        return exhausted(task, point) if beside is None else Move(beside, (), "J")

    def _search(self, task: Task, point: Point, pairs: tuple[Pair, ...]) -> Found | None:
        held = task.held(point)
        g = point.gradient if held is None else np.where(held, 0.0, point.gradient)
        p = -two_loop(g, pairs)
        if held is not None:
            p[held] = 0.0
        length = norm(g)
        first = 1.0 if pairs or length == 0 else min(1.0, max(1.0, norm(point.x)) / length)
        return self.search.along(task, point, p, first) if float(point.gradient @ p) < 0 else None

    def _remember(self, pairs: tuple[Pair, ...], before: Point, after: Point) -> tuple[Pair, ...]:
        """The last pairs; one without positive curvature beyond rounding is not kept."""
        s, y = after.x - before.x, after.gradient - before.gradient
        curvature = float(s @ y)
        if not curvature > EPS * norm(s) * norm(y):
            return pairs
        return (*pairs, Pair(s, y, curvature))[-self.memory :]

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return "more --max-iterations, or newton" if status in ("max_iterations", "time_limit") else None


def two_loop(g: Vector, pairs: tuple[Pair, ...]) -> Vector:
    """H g for the inverse BFGS matrix H of ``pairs`` (the newest last), shape (n,); g itself without pairs."""
    q = g.copy()
    weights = []
    for pair in reversed(pairs):
        weight = float(pair.s @ q) / pair.curvature
        q -= weight * pair.y
        weights.append(weight)
    if pairs:
        newest = pairs[-1]
        q *= newest.curvature / float(newest.y @ newest.y)
    for pair, weight in zip(pairs, reversed(weights), strict=True):
        q += (weight - float(pair.y @ q) / pair.curvature) * pair.s
    return q
