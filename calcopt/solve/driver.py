"""The one loop: propose, evaluate, accept. Every method of this room is driven from here.

A :class:`Run` yields its accepted iterates as events; :func:`solve` collects them into a Result. A trial that is
not finite never becomes the current point (Optim.jl's rule), and iteration 0 is the start.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from calcopt.errors import MathError
from calcopt.records import Counts, Iteration, Result, Verdict
from calcopt.solve.diagnose import jumped, non_finite
from calcopt.solve.drowned import drowned
from calcopt.solve.history import History
from calcopt.solve.kinks import kink_at
from calcopt.solve.method import Halt
from calcopt.solve.rays import beside_a_pole, keeps_falling
from calcopt.solve.start import require_finite
from calcopt.solve.stopping import Stopping
from calcopt.solve.tasks import Minimize, Point, Task
from calcopt.solve.threads import threads_for
from calcopt.solve.vectors import compare, norm
from calcopt.solve.verdict import NO_VERDICT, largest_curvature

if TYPE_CHECKING:
    from calcopt.records import Objective, OnIteration, Vector
    from calcopt.records.explained import Explained
    from calcopt.solve.box import Box
    from calcopt.solve.checkpoint import Saver
    from calcopt.solve.explain import Step
    from calcopt.solve.method import Method, Move
    from calcopt.solve.tasks import Poles


class Run:
    """One run of a method: where it is, the best point so far, and why it ended (``halt``, once it has)."""

    def __init__(self, task: Task, method: Method, stop: Stopping) -> None:
        self.task, self.method, self.stop = task, method, stop
        self.halt: Halt | None = None
        self._before = replace(task.counts)
        self.trace = History(whole=stop.whole_trace)
        self.point: Point | None = None
        self.best: Point | None = None
        self.best_iteration = 0
        self.seen: Step | None = None
        self.standing: tuple[Point, Any, int] | None = None
        self.saver: Saver | None = None

    def events(self, start: Vector) -> Iterator[Iteration]:
        """The accepted iterates, the start first; ``halt`` is set when the iterator is exhausted.

        Raises:
            MathError: f, or the derivatives the method needs, are not finite at the start.
            FileError: a checkpoint that cannot be written, or not be resumed.
        """
        began = time.monotonic()
        resumed = self._resume()
        if resumed is not None:
            point, state = resumed
        else:
            point = self.task.evaluate(self.task.project(np.array(start, dtype=np.float64)), self.method.order)
            require_finite(self.task, point)
            with np.errstate(all="ignore"):
                state = self.method.init(self.task, point)
            self._see(point, state, None)
            yield self._accept(point, state, None, " ", {})
        while True:
            self.halt = self._ended(point, state, began)
            if self.halt is not None:
                return
            with np.errstate(all="ignore"):
                outcome = self.method.step(self.task, point, state)
            if isinstance(outcome, Halt):
                self.halt = outcome
                return
            if not outcome.point.finite:
                self.halt = non_finite(self.task, self.trace, outcome.point, self.method.name)
                return
            self._see(point, state, outcome)
            yield self._accept_move(point, outcome)
            if self.saver is not None:
                self.saver.offer(self)
            point, state = outcome.point, outcome.state

    def _accept_move(self, before: Point, move: Move) -> Iteration:
        return self._accept(move.point, move.state, norm(move.point.x - before.x), move.tag, dict(move.detail))

    def _accept(
        self, point: Point, state: Any, step_norm: float | None, tag: str, detail: dict[str, float]
    ) -> Iteration:
        row = self.task.row(self.trace.added, point, step_norm, tag, detail)
        self.trace.append(row)
        self.point = point
        if self.best is None or self._merit(point) <= self._merit(self.best):
            self.best, self.best_iteration = point, row.iteration
        self.standing = point, state, row.iteration
        if self.saver is not None and row.iteration == 0:
            self.saver.write(self)
        return row

    def _resume(self) -> tuple[Point, Any] | None:
        """The point and the state of the checkpoint to go on from, if one was named; the saver is made here, too."""
        where = self.stop.checkpoints
        if where is None:
            return None
        from calcopt.solve.checkpoint import Saver, load

        if where.save is not None:
            self.saver = Saver(where, self.task, self.method)
        if where.resume is None:
            return None
        with np.errstate(all="ignore"):
            found = load(where, self.task, self.method)
        for row in found.rows:
            self.trace.append(row)
        self.trace.added = found.added
        self.point, self.best, self.best_iteration = found.point, found.best, found.best_iteration
        self.standing = found.point, found.state, found.added - 1
        now, saved = self.task.counts, found.counts
        self._before = Counts(now.value - saved.value, now.gradient - saved.gradient, now.hessian - saved.hessian)
        if self.saver is not None:
            self.saver.write(self)
        return found.point, found.state

    @property
    def counts(self) -> Counts:
        """The evaluations of this run alone."""
        now, before = self.task.counts, self._before
        return Counts(now.value - before.value, now.gradient - before.gradient, now.hessian - before.hessian)

    def _see(self, before: Point, state: Any, move: Move | None) -> None:
        """Keep what the iteration that was asked for, or the last one before it, is worked out from."""
        if self.stop.explain is not None and self.trace.added <= self.stop.explain:
            from calcopt.solve.explain import Step

            self.seen = Step(self.trace.added, before, state, move)

    def explained(self) -> Explained | None:
        """The iteration asked for, worked out; the last one of a run that ended before it."""
        if self.stop.explain is None or self.seen is None:
            return None
        from calcopt.solve.explain import explain

        return explain(self.task, self.method, self.seen, asked=self.stop.explain)

    def _merit(self, point: Point) -> float:
        return point.value if self.method.merit == "value" else self.task.measure(point)

    def _ended(self, point: Point, state: Any, began: float) -> Halt | None:
        """The stopping tests that belong to every method."""
        measure = self.task.measure(point)
        within = compare(self.task.measure_name, measure, self.stop.tolerance, "tolerance")
        if measure <= self.stop.tolerance:
            more = self.method.settled(self.task, point, state, self.stop.tolerance)
            if more is not None:
                return self._kink(point) or Halt("converged", within + more)
        done = self.trace.added - 1
        if done >= self.stop.max_iterations:
            plural = "" if done == 1 else "s"
            return Halt("max_iterations", f"stopped after {done} iteration{plural} (the maximum): {within}")
        limit = self.stop.time_limit
        if limit is not None and (spent := time.monotonic() - began) >= limit:
            return Halt("time_limit", f"stopped after {spent:.3g} s ≥ {limit:.3g} s (time limit): {within}")
        return None

    def _kink(self, point: Point) -> Halt | None:
        """Why the zero slope at ``point`` says nothing, if so. The Hessian evaluated for it serves the verdict too."""
        if self.task.goal == "root":
            return None
        if point.hessian is None:
            point = self.point = with_hessian(self.task, point)
        with np.errstate(all="ignore"):
            return kink_at(self.task, point)


def run(task: Task, start: Vector, method: Method, stop: Stopping, on_iteration: OnIteration | None) -> Run:
    """Drive a run to its end; Ctrl-C ends it with status ``interrupted`` and what was reached so far."""
    current = Run(task, method, stop)
    try:
        for row in current.events(start):
            if on_iteration is not None:
                on_iteration(row)
    except KeyboardInterrupt:
        if current.point is None:
            raise
        done = current.trace.added - 1
        reached = compare(task.measure_name, task.measure(current.point), stop.tolerance, "tolerance")
        current.halt = Halt("interrupted", f"interrupted after {done} iteration{'' if done == 1 else 's'}: {reached}")
    if current.saver is not None:
        current.saver.write(current)
    return current


def solve(
    objective: Objective,
    start: Vector,
    method: Method,
    *,
    goal: Literal["minimize", "maximize"] = "minimize",
    stop: Stopping | None = None,
    box: Box | None = None,
    command: str = "gd",
    on_iteration: OnIteration | None = None,
    poles: Poles | None = None,
) -> Result:
    """Minimize or maximize ``objective`` from ``start`` (n,) by ``method``.

    A run that did not converge reports the best point it saw, which its message says. All numbers are those of
    f itself, whatever the goal. ``poles`` tells searches which steps would jump over a pole; a method that searches
    not is told of in the message.

    Raises:
        MathError: f, or the derivatives the method needs, are not finite at the start.
    """
    stop = stop or Stopping()
    task = Minimize(objective, goal, box, stop.tolerance, poles)
    with threads_for(len(start)):
        ended = run(task, start, method, stop, on_iteration)
        point, halt = reported(ended)
        if halt.status == "converged":
            steepest = max(row.gradient_norm for row in ended.trace)
            halt = drowned(task, ended.trace[0].x, steepest, point, stop.tolerance) or halt
        point, verdict = _judged(task, point)
    if halt.status in ("non_smooth", "stalled"):
        halt = beside_a_pole(task, point, ended.trace[0].x) or halt
    if halt.status == "converged" and verdict.classification == "degenerate":
        far = keeps_falling(task, point)
        verdict = verdict if far is None else replace(verdict, classification=None, detail=far, near=False)
    if halt.status == "non_smooth":
        verdict = Verdict(None, "there is no derivative at a kink, so no second-derivative test")
    advice, counts = halt.advice, ended.counts
    if halt.status != "converged" and advice is None:
        with np.errstate(all="ignore"):
            advice = method.advise(task, halt.status, point, largest_curvature(point.hessian))
    if halt.status == "converged" and verdict.classification is None and verdict is not TOO_LARGE:
        advice = f"{verdict.detail}; try a smaller --tolerance, or newton"
    message = halt.message + jumped(task, ended.trace)
    if box is not None and (bounds := box.describe(task.variables, point.x, point.gradient)):
        message = f"{message}; {bounds}"
    sign = task.sign
    return Result(
        command=command,
        function=task.label,
        variables=tuple(task.variables),
        goal=goal,
        method=method.name,
        status=halt.status,
        message=message,
        x=point.x,
        value=sign * point.value,
        gradient=sign * point.gradient,
        gradient_norm=norm(point.gradient),
        hessian=None if point.hessian is None else sign * point.hessian,
        verdict=verdict,
        counts=counts,
        trace=tuple(ended.trace),
        advice=advice,
        explained=ended.explained(),
        outside=halt.outside,
    )


def reported(ended: Run) -> tuple[Point, Halt]:
    """The point a result speaks of: the last one, or the best so far when the run did not converge."""
    assert ended.halt is not None
    assert ended.point is not None
    assert ended.best is not None
    last = ended.trace.added - 1
    unordered = ended.halt.status in ("converged", "unbounded", "non_smooth", "singular")
    if unordered or ended.best_iteration == last:
        return ended.point, ended.halt
    what = "value" if ended.method.merit == "value" else ended.task.measure_name
    note = f"; the point given is iteration {ended.best_iteration}, the best {what} seen"
    return ended.best, ended.halt._replace(message=ended.halt.message + note)


TOO_LARGE = Verdict(None, "no second-order test was made: the Hessian is dense, and too large to store")


def with_hessian(task: Task, point: Point) -> Point:
    """``point`` with its Hessian; as it is where that is too large to store."""
    try:
        return task.evaluate(point.x, 2)
    except (MathError, MemoryError):
        return point


def _judged(task: Minimize, point: Point) -> tuple[Point, Verdict]:
    """The point with its Hessian, and the second-order verdict on it."""
    try:
        with np.errstate(all="ignore"):
            if point.hessian is None:
                point = with_hessian(task, point)
            if point.hessian is None:
                return point, TOO_LARGE
            return point, task.verdict(point)
    except KeyboardInterrupt:
        return point, NO_VERDICT
