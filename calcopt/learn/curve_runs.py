"""One start of a nonlinear fit, to its end: search, last digits, and what the end is worth.

A search that does not end at a regular minimum is tried again with the parameters that enter linearly solved for, and
then with a more careful first step; what is told is the best of these.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from calcopt.learn.curve_guess import linear_set, project_linear
from calcopt.learn.curve_identify import column_lengths, described, directions
from calcopt.learn.curve_kernel import Values
from calcopt.learn.curve_polish import Polished, Sums, added, polish, summed
from calcopt.learn.curve_precise import DIGITS, decimal_columns, is_small, precise_rows
from calcopt.learn.curve_search import FIRST, Bounds, Limits, Search, Searcher
from calcopt.learn.line_rank import EPS
from calcopt.records import Iteration, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_passes import Weighing
    from calcopt.learn.curve_rows import Rows
    from calcopt.learn.curve_sums import CurveSums
    from calcopt.records import OnIteration

    Array = NDArray[Any]

ROUGH = 1e-5
"""Relative offset at which Newton steps take over from the search."""
_EXTENDED = 1 << 20
"""Rows up to which the last steps are taken in extended precision."""
_TINY = 1e-6
"""Residuals so small beside the response show the rounding of cells to doubles: decimals are read where it pays."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a start led. ``polished`` is None where no information matrix can be given; ``blind`` says why."""

    start: Array
    theta: Array
    cost: float
    free: NDArray[np.bool_]
    status: Status
    message: str
    trace: tuple[Iteration, ...]
    polished: Polished | None
    blind: str | None = None


@dataclass(frozen=True, slots=True)
class Runner:
    """What all starts have in common. ``size`` is √Σ w y²."""

    sums: CurveSums
    rows: Rows
    names: tuple[str, ...]
    bounds: Bounds
    limits: Limits
    size: float
    on_iteration: OnIteration | None = None

    def run(self, start: Array) -> Ending | None:
        """The best ending of a few searches from ``start``; None where the model is not finite there."""
        best: Ending | None = None
        for theta, first, how in self._attempts(start):
            ending = self._one(theta, first, ROUGH, self.on_iteration if best is None else None)
            if ending is None:
                continue
            if ending.status == "stalled":  # Newton's steps may fail at a kink, where smaller ones still go on
                again = self._one(ending.theta, 1.0, 0.0, None)
                if again is not None and (again.status == "converged" or again.cost < (1 - 1e-9) * ending.cost):
                    ending = again
            if best is None:
                best = replace(ending, start=start)
            elif ending.status == "converged":
                message = f"{ending.message}; searched again {how}, as the first search ended {best.status}"
                best = replace(ending, start=start, message=message)
            if ending.status not in ("stalled", "singular"):
                break
        return best

    def _attempts(self, start: Array) -> Iterator[tuple[Array, float, str]]:
        yield start, FIRST, ""
        block = self.rows.sample(2000)
        columns, root = self.sums.weighing.split(block)
        theta, linear = self.bounds.project(start).copy(), linear_set(self.sums.kernel)
        if linear and math.isfinite(project_linear(self.sums.kernel, columns, root, theta, linear)):
            listed = ", ".join(self.names[slot] for slot in linear)
            yield self.bounds.project(theta), FIRST, f"with {listed} solved for at the start"
        yield start, 1.0, "with smaller first steps"

    def _one(self, start: Array, first: float, rough: float, on_iteration: OnIteration | None) -> Ending | None:
        searcher = Searcher(self.sums, self.bounds, self.limits, size=self.size, on_iteration=on_iteration)
        search = searcher.run(start, ended_by=rough, first=first)
        if search is None:
            return None
        if search.status not in ("converged", "stalled"):
            return _unfinished(start, search)
        try:
            return self._finished(start, search, on_iteration)
        except KeyboardInterrupt:
            search.status, search.message = "interrupted", "interrupted before the last digits"
            return _unfinished(start, search)

    def _finished(self, start: Array, search: Search, on_iteration: OnIteration | None) -> Ending:
        free = search.free
        if not free.any():
            message = "every parameter is at a bound that it would cross"
            return replace(_unfinished(start, search), status="converged", message=message)
        r = cast("Array", np.linalg.qr(search.tangent.r[:, free], mode="r"))
        _, blind = directions(r)
        if len(blind):
            names = [name for name, inside in zip(self.names, free, strict=True) if inside]
            said = described(blind[0], names, column_lengths(r), search.theta[free])
            message = f"the information matrix is singular here: the data do not determine {said}"
            return replace(_unfinished(start, search), status="singular", message=message, blind=said)
        polished = self._polish(search, r)
        if polished is None:
            return replace(_unfinished(start, search), status="stalled")
        return self._judged(start, search, r, polished, on_iteration)

    def _judged(
        self, start: Array, search: Search, r: Array, polished: Polished, on_iteration: OnIteration | None
    ) -> Ending:
        theta = search.theta.copy()
        theta[search.free] = polished.theta.astype(np.float64)
        for values, at in _apart(polished.visited):
            _append(search, r, values, at, on_iteration)
        sums, done = polished.sums, search.trace[-1].iteration
        limit, noise = self.limits.tolerance, 4 * EPS * self.size
        projection = sums.offset * math.sqrt(float(sums.squares))
        said = f"{done} iteration{'' if done == 1 else 's'}"
        if sums.offset <= limit:
            found = f"{sums.offset:.2g}" if sums.offset >= 1e-15 else "< 1e-15"
            message = f"relative offset {found} ≤ {limit:.2g} after {said}"
        else:
            message = f"the residuals' projection {projection:.2g} is within rounding error {noise:.2g} after {said}"
        status: Status = "converged"
        if not (sums.offset <= limit or projection <= noise):
            status, message = "stalled", f"relative offset {sums.offset:.2g} > {limit:.2g} after {said}"
        elif not polished.curvature > 0:
            status = "stalled"
            message += f", but the least curvature {polished.curvature:.2g} ≤ 0: this is no minimum"
        if not np.array_equal(theta, self.bounds.project(theta)):
            status, message = "stalled", f"a bound is crossed by the last step, after {said}"
            theta = self.bounds.project(theta)
        cost = polished.sums.cost if status == "converged" else search.cost
        return Ending(start, theta, cost, search.free, status, message, tuple(search.trace), polished)

    def _polish(self, search: Search, r: Array) -> Polished | None:
        kernel, free, loss = self.sums.kernel, search.free, self.sums.loss
        extended = self.rows.count <= _EXTENDED and kernel.extended
        kind: Any = np.longdouble if extended else np.float64

        def full(theta: Array) -> Array:
            whole = search.theta.astype(theta.dtype)
            whole[free] = theta
            return whole

        def sums_at(theta: Array) -> Sums:
            return self.sums.source.total(NewtonOf(self.sums.weighing, full(theta), free, r), added)

        found = polish(sums_at, search.theta[free].astype(kind), r)
        if found is None or not self._wants_decimals(found):
            return found
        from mpmath import mpf, workdps

        with workdps(DIGITS):
            exact = precise_rows(kernel, decimal_columns(self.rows), weighted=self.sums.weighted)
            begin = np.array([mpf(str(value)) for value in found.theta], dtype=object)
            finer = polish(lambda theta: summed(_narrowed(exact(full(theta)), free), r, loss), begin, r)
        if finer is None:
            return found
        finer.visited = [*found.visited, *finer.visited[1:]]
        return finer

    def _wants_decimals(self, found: Polished) -> bool:
        ratio = math.sqrt(float(found.sums.squares)) / self.size if self.size > 0 else 0.0
        small = self.sums.loss.linear and is_small(self.sums.kernel, self.rows.count)
        extended = np.finfo(np.longdouble).eps < EPS  # on some platforms a long double is a double
        return small and ratio > 16 * EPS and (ratio < _TINY or not extended)


@dataclass(frozen=True, slots=True)
class NewtonOf:
    """What is polished of some rows at θ (all p parameters), in its precision, as to the parameters that are free."""

    weighing: Weighing
    theta: Array
    free: NDArray[np.bool_]
    r: Array

    def __call__(self, blocks: Iterator[Array]) -> Sums:
        kind = self.theta.dtype.type
        values = (self.weighing.values(block, self.theta, 2, kind) for block in blocks)
        return summed(_narrowed(values, self.free), self.r, self.weighing.loss)


def _narrowed(rows: Iterable[Values], free: NDArray[np.bool_]) -> Iterator[Values]:
    """The same rows without the derivatives by parameters that are held."""
    where = {int(slot): place for place, slot in enumerate(np.flatnonzero(free))}
    for values in rows:
        assert values.jacobian is not None
        second = {(where[i], where[j]): v for (i, j), v in (values.second or {}).items() if i in where and j in where}
        yield Values(values.residual, values.jacobian[:, free], second)


def _unfinished(start: Array, search: Search) -> Ending:
    return Ending(
        start, search.theta, search.cost, search.free, search.status, search.message, tuple(search.trace), None
    )


def _apart(visited: list[tuple[Array, Sums]]) -> list[tuple[Array, Sums]]:
    """The points after the first, without those whose successor differs from them in rounding only."""
    plain = [theta.astype(np.float64) for theta, _ in visited]
    kept = [
        place
        for place in range(1, len(visited))
        if place == len(visited) - 1 or not np.allclose(plain[place], plain[place + 1], rtol=1e-12, atol=0)
    ]
    return [visited[place] for place in kept]


def _append(search: Search, r: Array, theta: Array, sums: Sums, on_iteration: OnIteration | None) -> None:
    """A row of the trace for a Newton step."""
    last = search.trace[-1]
    point, gradient = last.x.copy(), search.tangent.gradient
    point[search.free] = theta.astype(np.float64)
    gradient[search.free] = -2 * (r.T @ sums.slope.astype(np.float64))
    length, norm = math.hypot(*(point - last.x)), math.hypot(*gradient)
    detail = {"offset": sums.offset}
    row = Iteration(last.iteration + 1, point, sums.cost, gradient, norm, length, "N", detail)
    search.trace.append(row)
    if on_iteration is not None:
        on_iteration(row)
