"""The options of training, checked, and the method they stand for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from calcopt.errors import UsageError, did_you_mean
from calcopt.learn.class_weights import ClassWeights
from calcopt.learn.network import Network
from calcopt.learn.network_functions import ACTIVATIONS, Activation
from calcopt.learn.shuffling import BUFFER
from calcopt.learn.training_adam import Adam
from calcopt.learn.training_backtracking import BacktrackingDescent
from calcopt.learn.training_curvature import batch_curvature_bound, curvature_bound
from calcopt.learn.training_gd import GradientDescent
from calcopt.learn.training_method import Method
from calcopt.learn.training_newton import LARGEST, Newton
from calcopt.learn.training_problem import TrainingProblem
from calcopt.learn.training_schedule import CONSTANT, SCHEDULES, Pace, Schedule
from calcopt.learn.training_sgd import StochasticDescent

DEFAULT_EPOCHS = {"gd": 10_000, "sgd": 1_000, "adam": 1_000, "newton": 100}
DEFAULT_BATCH = 32
SETTLING = 10.0
"""Epochs after which the rate that sgd chooses itself has fallen to half."""
MOST_PARAMETERS = 50_000_000
TASKS = ("auto", "regression", "classification")


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for. None means: chosen by calcopt."""

    task: str = "auto"
    hidden: tuple[int, ...] = ()
    activation: str = "sigmoid"
    method: str = "gd"
    rate: float | None = None
    schedule: str | None = None
    epochs: int | None = None
    batch: int | None = None
    l2: float = 0.0
    class_weights: ClassWeights | None = None
    scale: bool = True
    validation: float = 0.0
    patience: int | None = None
    seed: int = 0
    tolerance: float = 1e-8
    fill_missing: bool = False
    buffer: int = BUFFER
    """Bytes within which sgd and adam shuffle."""

    @property
    def phi(self) -> Activation:
        """The activation, known to be one of those there are."""
        return next(name for name in ACTIVATIONS if name == self.activation)

    @property
    def most_epochs(self) -> int:
        """The epochs asked for, else the method's default."""
        return self.epochs if self.epochs is not None else DEFAULT_EPOCHS[self.method]

    def seeds(self) -> tuple[np.random.SeedSequence, np.random.SeedSequence, np.random.SeedSequence]:
        """Independent random streams for the first weights, the shuffling, and the held-out rows."""
        start, shuffling, split = np.random.SeedSequence(self.seed).spawn(3)
        return start, shuffling, split


@dataclass(frozen=True, slots=True)
class Plan:
    """The method with its rate, and a rate that is known to be safe (for the message when it diverges)."""

    method: Method
    rate: float | None
    safe_rate: float | None

    @property
    def schedule(self) -> str:
        """How the rate falls."""
        pace: Pace = getattr(self.method, "pace", CONSTANT)
        return pace.schedule


def check_options(options: Options) -> None:
    """Refuses values that make no sense, each with the option's name and what to type."""
    _one_of("--task", options.task, TASKS)
    _one_of("--activation", options.activation, ACTIVATIONS)
    _one_of("--method", options.method, tuple(DEFAULT_EPOCHS))
    if options.schedule is not None:
        _one_of("--schedule", options.schedule, SCHEDULES)
    for holds, message, hint in (*_values(options), *_combinations(options)):
        if not holds:
            raise UsageError(message, hint=hint)


def _values(o: Options) -> Iterator[tuple[bool, str, str]]:
    positive_rate = o.rate is None or (math.isfinite(o.rate) and o.rate > 0)
    positive_tolerance = math.isfinite(o.tolerance) and o.tolerance > 0
    yield all(size >= 1 for size in o.hidden), "--hidden takes the size of each layer", "for example --hidden 8,4"
    yield positive_rate, "--rate must be a positive number", "for example --rate 0.01"
    yield o.epochs is None or o.epochs >= 1, "--epochs must be 1 or more", "for example --epochs 100"
    yield o.batch is None or o.batch >= 0, "--batch must be 0 (all rows) or more", "for example --batch 32"
    yield math.isfinite(o.l2) and o.l2 >= 0, "--l2 must be 0 or a positive number", "for example --l2 0.01"
    yield (
        0 <= o.validation < 1,
        "--validation is a share of the rows, from 0 to below 1",
        "for example --validation 0.2",
    )
    yield o.patience is None or o.patience >= 1, "--patience must be 1 or more epochs", "for example --patience 20"
    yield o.patience is None or o.validation > 0, "--patience needs rows held out to watch", "add --validation 0.2"
    yield o.seed >= 0, "--seed must be 0 or more", "for example --seed 1"
    yield positive_tolerance, "--tolerance must be a positive number", "for example --tolerance 1e-8"


def _combinations(o: Options) -> Iterator[tuple[bool, str, str]]:
    if o.method == "newton":
        yield not o.hidden, "--method newton is for a perceptron without hidden layers", "use gd, sgd or adam"
        yield o.rate is None, "--method newton takes no --rate: its step has a length of its own", "leave --rate out"
    if o.method in ("gd", "newton"):
        yield o.schedule is None, f"--method {o.method} has no --schedule", "use --method sgd or adam"
        yield not o.batch, f"--method {o.method} uses all rows at each step", "use --method sgd with --batch"


def choose_method(problem: TrainingProblem, options: Options, shuffling: np.random.SeedSequence) -> Plan:
    """The training method, with a rate from the curvature where none was given.

    - gd, perceptron: 1/L, L the bound of the curvature; with hidden layers: found at every step by backtracking
    - sgd, perceptron: 1/L_B, falling as 1/(1 + epoch/10) unless a schedule is named; with hidden layers: 0.1
    - adam: 0.01
    """
    hidden = bool(problem.network.hidden)
    if options.method == "newton":
        if problem.network.parameters > LARGEST:
            size = f"{problem.network.parameters:,} parameters, and --method newton takes at most {LARGEST:,}"
            raise UsageError(f"the perceptron has {size}", hint="use gd or adam")
        return Plan(Newton(), None, None)
    if options.method == "adam":
        rate = options.rate if options.rate is not None else 0.01
        return Plan(
            Adam(rate, _batch(problem, options), shuffling, pace=_pace(options), buffer=options.buffer), rate, None
        )
    if options.method == "sgd":
        return _stochastic(problem, options, shuffling)
    if hidden:
        method = BacktrackingDescent() if options.rate is None else GradientDescent(options.rate)
        return Plan(method, options.rate, None)
    safe = _inverse(curvature_bound(problem))
    rate = options.rate if options.rate is not None else _known(safe)
    return Plan(GradientDescent(rate), rate, safe)


def _stochastic(problem: TrainingProblem, options: Options, shuffling: np.random.SeedSequence) -> Plan:
    batch, hidden, buffer = _batch(problem, options), bool(problem.network.hidden), options.buffer
    safe = None if hidden else _inverse(batch_curvature_bound(problem, 1))
    pace = _pace(options)
    if options.rate is not None:
        return Plan(StochasticDescent(options.rate, batch, shuffling, pace, buffer), options.rate, safe)
    if hidden:
        return Plan(StochasticDescent(0.1, batch, shuffling, pace, buffer), 0.1, None)
    rate = _known(_inverse(batch_curvature_bound(problem, batch)))
    pace = Pace("1/t", SETTLING) if options.schedule is None else pace
    return Plan(StochasticDescent(rate, batch, shuffling, pace, buffer), rate, None)


def _pace(options: Options) -> Pace:
    """The schedule asked for; a cosine reaches 0 in the last epoch allowed."""
    name: Schedule = next((known for known in SCHEDULES if known == options.schedule), "constant")
    return Pace(name, float(options.most_epochs) if name == "cosine" else 1.0)


def _inverse(bound: float) -> float | None:
    """1/L, or None where the squares of the data overflow."""
    return 1.0 / bound if math.isfinite(bound) else None


def _known(rate: float | None) -> float:
    if rate is None:
        raise UsageError(
            "the numbers in the table are too large to be squared", hint="divide the columns by a power of 10"
        )
    return rate


def check_size(network: Network) -> None:
    """Refuses networks that would not fit in memory."""
    if network.parameters > MOST_PARAMETERS:
        message = f"the network has {network.parameters:,} parameters, more than {MOST_PARAMETERS:,}"
        raise UsageError(message, hint="use smaller layers in --hidden")


def _batch(problem: TrainingProblem, options: Options) -> int:
    batch = DEFAULT_BATCH if options.batch is None else options.batch
    return min(problem.size, batch) if batch else problem.size


def _one_of(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        close = did_you_mean(value, known)
        hint = f"did you mean '{close}'?" if close else f"choose one of: {', '.join(known)}"
        raise UsageError(f"{option} does not know '{value}'", hint=hint)
