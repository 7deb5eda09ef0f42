"""The one loop that trains: it asks a method for the next point, watches, and says how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from calcopt.learn import training_status as endings
from calcopt.learn.checkpoint import Checkpoint, State
from calcopt.learn.network_functions import Array
from calcopt.learn.training_memory import freeze, thaw
from calcopt.learn.training_method import Method
from calcopt.learn.training_problem import Point, TrainingProblem
from calcopt.learn.training_separation import flat_direction, minimum_exists, proven_margin
from calcopt.learn.training_status import Ending, Proof
from calcopt.records import Epoch, OnEpoch

EXPLOSION = 1e6
"""A loss this many times the loss at the start is called divergence."""
LONGEST_TRACE = 10_000
TAKES_BEST = ("stopped_early", "max_iterations", "stalled", "interrupted")
HIDDEN_MARGIN = 1e-9
"""A margin of a network that rounding in its layers cannot explain."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """When to stop: ‖∇F‖ ≤ ``tolerance``, ``epochs`` passes, or (if asked) once the classes are proved separable.

    ``patience``: stop when the loss on the held-out rows has not fallen to a new low for so many epochs.
    ``rate`` and ``safe_rate`` only serve the message about a diverging run.
    """

    epochs: int
    tolerance: float
    when_separable: bool
    rate: float | None = None
    safe_rate: float | None = None
    patience: int | None = None


@dataclass(frozen=True, slots=True)
class Best:
    """The epoch with the lowest loss on the held-out rows so far."""

    epoch: int
    loss: float
    point: Point


@dataclass(slots=True)
class Training:
    """A run in progress, and afterwards its outcome."""

    problem: TrainingProblem
    validation: TrainingProblem | None
    method: str
    stopping: Stopping
    point: Point
    start_loss: float
    epoch: int = 0
    proof: Proof | None = None
    no_plane: bool = False
    best: Best | None = None
    kept_best: bool = False
    trace: list[Epoch] = field(default_factory=list)
    ending: Ending | None = None
    stride: int = 1

    @property
    def hidden(self) -> bool:
        return bool(self.problem.network.hidden)

    @property
    def separable(self) -> bool | None:
        """Whether a plane separates the classes: True and False are proved, None is not known."""
        if self.hidden or not self.problem.classifies:
            return None
        return True if self.proof is not None else False if self.no_plane else None

    @property
    def _classes(self) -> int:
        return max(2, self.problem.network.sizes[-1])

    @property
    def norm(self) -> str:
        standardized = self.problem.noise is not None
        return endings.norm_in_words(self.point.gradient_norm, standardized=standardized)

    def record(self) -> Epoch:
        """Adds the current point to the trace; beyond 10,000 epochs every second entry is dropped."""
        unit, held_out = self.problem.unit, None
        if self.validation is not None:
            held_out = self.validation.evaluate(self.point.theta)
        if held_out is not None and self.stopping.patience is not None:
            self._compare(held_out.loss)
        entry = Epoch(
            epoch=self.epoch,
            loss=unit * self.point.loss,
            accuracy=self.point.accuracy,
            gradient_norm=self.point.gradient_norm,
            validation_loss=unit * held_out.loss if held_out else None,
            validation_accuracy=held_out.accuracy if held_out else None,
        )
        if self.trace and self.trace[-1].epoch % self.stride:
            self.trace.pop()  # it was there only as the last one so far
        self.trace.append(entry)
        if len(self.trace) > LONGEST_TRACE:
            self.trace, self.stride = self.trace[::2], 2 * self.stride
        return entry

    def state(self, memory: Any) -> State:
        """What a checkpoint keeps between two epochs."""
        return State(
            epoch=self.epoch,
            theta=self.point.theta,
            memory=freeze(memory),
            start_loss=self.start_loss,
            best=None if self.best is None else (self.best.epoch, self.best.loss, self.best.point.theta),
            proof=None if self.proof is None else (self.proof.epoch, self.proof.margin),
            trace=tuple(self.trace),
        )

    def _compare(self, loss: float) -> None:
        if self.point.finite and np.isfinite(loss) and (self.best is None or loss < self.best.loss):
            self.best = Best(self.epoch, loss, self.point)

    def keep_best(self) -> None:
        """Goes back to the weights that did best on the held-out rows, where early stopping was asked for.

        A point that the stopping test on the gradient or a proof holds at stays what it is.
        """
        if self.best is None or self.ending is None or self.ending.status not in TAKES_BEST:
            return
        self.point, self.kept_best = self.best.point, True
        if self.ending.status != "stopped_early" and self.best.epoch != self.epoch:
            note = f"the weights are those of epoch {self.best.epoch}, best on the held-out rows"
            self.ending = Ending(self.ending.status, f"{self.ending.message}; {note}")

    def check(self) -> Ending | None:
        """The stopping tests at the current point, in the order of what they prove."""
        point, stopping = self.point, self.stopping
        if not point.finite or point.loss > EXPLOSION * max(self.start_loss, np.finfo(float).tiny):
            loss, first = self.problem.unit * point.loss, self.problem.unit * self.start_loss
            return endings.diverged(loss, first, self.epoch, stopping.rate, stopping.safe_rate)
        if self.proof is None:
            self._look_for_proof()
        small, over = point.gradient_norm <= stopping.tolerance, self.epoch >= stopping.epochs
        no_minimum = self.proof is not None and self.problem.l2 == 0.0
        if self.proof is not None and no_minimum and not self.hidden and (small or over or stopping.when_separable):
            return endings.unbounded(self.proof, self.epoch, classes=self._classes)
        if small and no_minimum:
            return endings.converged(self.norm, self.epoch, stopping.tolerance, note=endings.NO_MINIMUM)
        if small:
            return self._at_small_gradient()
        patience, best = stopping.patience, self.best
        if patience is not None and best is not None and self.epoch - best.epoch >= patience:
            return endings.stopped_early(self.problem.unit * best.loss, best.epoch, self.epoch, patience)
        return self._out_of_epochs(no_minimum=no_minimum) if over else None

    def _out_of_epochs(self, *, no_minimum: bool) -> Ending:
        stopping = self.stopping
        cure = endings.CURES[self.method]
        if stopping.rate is not None and stopping.safe_rate is not None and stopping.rate > 2.0 * stopping.safe_rate:
            cure = f"the rate {stopping.rate:.3g} is large for this data: try --rate {stopping.safe_rate:.3g}"
        elif no_minimum:
            cure = endings.NO_MINIMUM
        return endings.out_of_epochs(self.norm, self.epoch, stopping.tolerance, cure)

    def _look_for_proof(self) -> None:
        """An iterate with every margin above 0, beyond rounding, proves that the loss has no minimum without λ."""
        margin: float | None = self.point.smallest_margin
        if margin is None or margin <= 0.0:
            return
        if self.hidden:
            margin = margin if margin > HIDDEN_MARGIN else None
        else:
            margin = proven_margin(self.problem, self.point.theta)
        if margin is not None:
            self.proof = Proof(self.epoch, margin)

    def _at_small_gradient(self) -> Ending:
        """Converged, unless the gradient is small only because the loss flattens out on the way to infinity."""
        point = self.point
        if self.problem.classifies and not self.hidden and self.problem.l2 == 0.0:
            if self.problem.network.output == "sigmoid" and minimum_exists(self.problem, point):
                self.no_plane = True
            else:
                smallest = flat_direction(self.problem, point)
                if smallest is not None:
                    return endings.flat(self.norm, self.epoch, smallest, classes=self._classes)
        note = endings.STATIONARY if self.hidden else None
        return endings.converged(self.norm, self.epoch, self.stopping.tolerance, note=note)


def run(
    problem: TrainingProblem,
    method: Method,
    theta: Array,
    stopping: Stopping,
    *,
    validation: TrainingProblem | None = None,
    on_epoch: OnEpoch | None = None,
    checkpoint: Checkpoint | None = None,
    resumed: State | None = None,
) -> Training:
    """Trains from ``theta`` (or goes on from ``resumed``) until a stopping test holds; Ctrl-C ends it where it is.

    The point of a diverged run is the last finite one. Every epoch ends with a new ``checkpoint``, then ``on_epoch``.
    """
    if resumed is None:
        start = problem.evaluate(theta, curvature=method.uses_curvature)
        training, memory = (
            Training(problem, validation, method.name, stopping, start, start.loss),
            method.start(problem),
        )
    else:
        training, memory = _resumed(problem, validation, method, stopping, resumed)
    try:
        with np.errstate(all="ignore"):
            training.ending = _epochs(training, method, memory, on_epoch, checkpoint)
    except KeyboardInterrupt:
        training.ending = endings.interrupted(training.norm, training.epoch)
    training.keep_best()
    return training


def _resumed(
    problem: TrainingProblem, validation: TrainingProblem | None, method: Method, stopping: Stopping, state: State
) -> tuple[Training, Any]:
    """The run as it was: the same θ gives the same F and ∇F, to the last bit."""
    training = Training(problem, validation, method.name, stopping, problem.evaluate(state.theta), state.start_loss)
    training.epoch, training.trace = state.epoch, list(state.trace)
    training.proof = None if state.proof is None else Proof(*state.proof)
    if state.best is not None:
        epoch, loss, theta = state.best
        training.best = Best(epoch, loss, problem.evaluate(theta))
    return training, thaw(state.memory, method.start(problem))


def _epochs(
    training: Training, method: Method, memory: Any, on_epoch: OnEpoch | None, checkpoint: Checkpoint | None
) -> Ending:
    if not training.trace:
        _tell(training, memory, on_epoch, checkpoint)
    while (ending := training.check()) is None:
        point, memory = method.step(training.problem, training.point, memory)
        if point is None:
            return endings.no_step(training.norm, training.epoch, training.stopping.tolerance)
        previous, training.point = training.point, point
        training.epoch += 1
        _tell(training, memory, on_epoch, checkpoint)
        if not point.finite:
            ending = training.check()
            training.point = previous
            assert ending is not None
            return ending
    return ending


def _tell(training: Training, memory: Any, on_epoch: OnEpoch | None, checkpoint: Checkpoint | None) -> None:
    """The epoch is over: into the trace, then to the disk, then to whoever watches."""
    entry = training.record()
    if checkpoint is not None and training.point.finite:
        checkpoint.save(training.state(memory))
    if on_epoch is not None:
        on_epoch(entry)
