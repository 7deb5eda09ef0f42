"""Many variables that crawl one after another: try to move all of them together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from calcopt.solve.method import Halt, Method, Move

if TYPE_CHECKING:
    from collections.abc import Callable

    from calcopt.records import Status, Vector
    from calcopt.solve.tasks import Point, Task

GOLDEN = (math.sqrt(5) - 1) / 2


class Watched(NamedTuple):
    """The state of the method inside, f at the last look, and in how many steps the next one is due."""

    inner: Any
    value: float
    due: int
    wait: int


@dataclass(frozen=True, slots=True)
class Together:
    """``inner``, and where f falls slowly a search of f(x + c·1) and of f(c·1) over the number c.

    In a chain of variables, each bound to its neighbours, a change often starts at one end and wanders through: one
    variable a step, n steps in all, whatever the method. The aggregate of all variables sees what lies beyond. It is
    looked at when ``wait`` steps have lowered f by less than ``little`` of itself, with f at ``samples`` numbers c
    and a golden section from the best; the move is made when it lowers f more than all of those steps did. Every look
    in vain doubles the wait.
    Reference: the coarsest level of multilevel methods (Nash 2000, A multigrid approach to discretized optimization
    problems; Gratton, Sartenaer & Toint 2008, Recursive trust-region methods), searched beyond the nearest valley.
    """

    inner: Method
    wait: int = 10
    little: float = 0.02
    samples: int = 48

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def order(self) -> int:
        return self.inner.order

    @property
    def merit(self) -> Literal["value", "measure"]:
        return self.inner.merit

    def init(self, task: Task, point: Point) -> Watched:
        return Watched(self.inner.init(task, point), point.value, self.wait, self.wait)

    def settled(self, task: Task, point: Point, state: Watched, tolerance: float) -> str | None:
        return self.inner.settled(task, point, state.inner, tolerance)

    def step(self, task: Task, point: Point, state: Watched) -> Move | Halt:
        wait = state.wait
        if state.due <= 0:
            fall = state.value - point.value
            if 0 <= fall <= self.little * abs(state.value):
                found = self._look(task, point, fall)
                if found is not None:
                    return Move(found, self.init(task, found), "A")
                wait = 2 * state.wait
            state = Watched(state.inner, point.value, wait, wait)
        outcome = self.inner.step(task, point, state.inner)
        if isinstance(outcome, Halt):
            return outcome
        return outcome._replace(state=state._replace(inner=outcome.state, due=state.due - 1))

    def _look(self, task: Task, point: Point, fall: float) -> Point | None:
        """The lowest point found with all variables moved by, or set to, one number, if that is low enough."""
        size = max(1.0, float(np.max(np.abs(point.x))))
        ways: tuple[Callable[[float], Vector], ...] = (
            lambda c: task.project(point.x + c),
            lambda c: task.project(np.full_like(point.x, c)),
        )
        best, place = point.value - max(fall, 10 * task.noise(point.x).value), None
        for way in ways:
            value, c = _lowest(lambda c, way=way: _value(task, way(c)), 3 * size, self.samples)  # type: ignore[misc]
            if value < best:
                best, place = value, way(c)
        if place is None:
            return None
        found = task.evaluate(place, self.order)
        return found if found.finite else None

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return self.inner.advise(task, status, best, largest_curvature)


def _value(task: Task, x: Vector) -> float:
    value = task.value(x)
    return value if math.isfinite(value) else math.inf


def _lowest(f: Callable[[float], float], reach: float, samples: int) -> tuple[float, float]:
    """(f, c) at the lowest of even samples over ±reach, made more accurate by golden sections beside it."""
    width = 2 * reach / samples
    places = [-reach + (k + 0.5) * width for k in range(samples)]
    values = [f(c) for c in places]
    k = min(range(samples), key=values.__getitem__)
    low, high = places[k] - width, places[k] + width
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = f(left), f(right)
    best = min((values[k], places[k]), (at_left, left), (at_right, right))
    for _ in range(20):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = f(left)
            best = min(best, (at_left, left))
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = f(right)
            best = min(best, (at_right, right))
    return best
