"""Checkpoints: a run that is killed goes on from its last epoch, and ends with the weights it would have had.

One JSON file, replaced in one step after every epoch. It holds the weights and the method's memory (momenta, the
state of the shuffling generator) to the last bit, and a fingerprint of the data and of the options that matter, so
that a run never goes on with others.
"""

from __future__ import annotations

import hashlib
import json
import operator
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from calcopt._version import __version__
from calcopt.errors import FileError
from calcopt.learn.atomic import check_writable, replace_file
from calcopt.learn.network_functions import Array
from calcopt.learn.shares import Block
from calcopt.learn.training_memory import pack, thaw, unpack
from calcopt.learn.training_method import Method
from calcopt.learn.training_problem import TrainingProblem
from calcopt.learn.training_schedule import CONSTANT, Pace
from calcopt.records import Epoch

FORMAT = "calcopt-checkpoint"
VERSION = 2
FLUSH_EVERY = 1.0
"""Seconds after which a checkpoint waits for the disk; the others survive a kill, but perhaps not a power failure."""
LONGEST_KEPT_TRACE = 256


@dataclass(frozen=True, slots=True)
class State:
    """A run between two epochs. ``memory`` is frozen (see ``training_memory``), ``proof`` is (epoch, margin)."""

    epoch: int
    theta: Array
    memory: Any
    start_loss: float
    best: tuple[int, float, Array] | None
    proof: tuple[int, float] | None
    trace: tuple[Epoch, ...]


@dataclass(slots=True, eq=False)
class Checkpoint:
    """The file of one run: ``run`` names the options and the data that it belongs to."""

    path: str | Path
    run: Mapping[str, Any]
    _flushed: float = field(default=float("-inf"), init=False)

    def save(self, state: State) -> None:
        """Replaces the file by one with ``state``."""
        best = None if state.best is None else [state.best[0], state.best[1].hex(), pack(state.best[2])]
        document = {
            "format": FORMAT,
            "version": VERSION,
            "calcopt": __version__,
            "run": dict(self.run),
            "epoch": state.epoch,
            "theta": pack(state.theta),
            "memory": state.memory,
            "start_loss": state.start_loss.hex(),
            "best": best,
            "proof": None if state.proof is None else [state.proof[0], state.proof[1].hex()],
            "trace": pack(_as_numbers(thinned(state.trace))),
        }
        now = time.monotonic()
        durable = now - self._flushed >= FLUSH_EVERY
        name = f".{Path(os.path.realpath(self.path)).name}.new"  # one name: a killed run leaves one file at most
        content = json.dumps(document).encode() + b"\n"
        replace_file(self.path, content, what="checkpoint", beside=name, durable=durable)
        if durable:
            self._flushed = now


def check_place(path: str | Path) -> None:
    """Refuses, before any training, a place where no checkpoint can be written."""
    check_writable(path, mark=FORMAT, what="checkpoint", example="run.checkpoint")


def load(path: str | Path, run: Mapping[str, Any], *, fresh: Any, size: int) -> State:
    """The state in a checkpoint of the same ``run``; ``FileError`` when it is another's, or not to be read.

    ``fresh`` is a new memory of the method, ``size`` the length of θ: what the file holds must fit them.
    """
    name = str(path)
    try:
        document = json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        hint = "start the run with --checkpoint, and resume it later"
        raise FileError("there is no such checkpoint", name, hint=hint) from None
    except OSError as error:
        raise FileError(f"the checkpoint cannot be read: {error.strerror or error}", name) from error
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FileError("this is not a calcopt checkpoint", name, hint="make one with --checkpoint")
    if document.get("version") != VERSION:
        message = f"this checkpoint has version {document.get('version')!r}, and this calcopt reads {VERSION}"
        raise FileError(message, name, hint="finish the run with the calcopt that began it, or start anew")
    kept = document.get("run")
    _compare(kept if isinstance(kept, dict) else {}, run, name)
    try:
        state = _state(document)
        thaw(state.memory, fresh)
        if {len(state.theta), size if state.best is None else len(state.best[2])} != {size}:
            raise ValueError(f"{size} weights expected")
        if state.epoch < 0:
            raise ValueError(f"{state.epoch} epochs")
        return state
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FileError(f"the checkpoint is damaged: {error}", name, hint="start anew, without --resume") from error


def identity(
    problem: TrainingProblem, validation: TrainingProblem | None, method: Method, options: Mapping[str, Any]
) -> dict[str, Any]:
    """What must be the same for a run to go on: the architecture, the method, ``options``, and the data."""
    pace: Pace = getattr(method, "pace", CONSTANT)
    rate = getattr(method, "rate", None)
    return {
        "layers": list(problem.network.sizes),
        "activation": problem.network.activation,
        "method": method.name,
        "rate": None if rate is None else float(rate).hex(),
        "schedule": [pace.schedule, pace.period],
        "batch": getattr(method, "batch", None),
        "buffer": getattr(method, "buffer", None),
        **options,
        "data": _digest(problem, validation),
    }


def thinned(trace: tuple[Epoch, ...]) -> list[Epoch]:
    """At most some 300 entries: every 2ᵏ-th epoch, the powers of two (which tables show), and the last."""
    stride = 1
    while len(trace) > LONGEST_KEPT_TRACE * stride:
        stride *= 2
    last = len(trace) - 1
    return [
        entry
        for place, entry in enumerate(trace)
        if place % stride == 0 or place == last or entry.epoch & (entry.epoch - 1) == 0
    ]


def _state(document: Mapping[str, Any]) -> State:
    best, proof = document["best"], document["proof"]
    return State(
        epoch=int(document["epoch"]),
        theta=unpack(document["theta"]),
        memory=document["memory"],
        start_loss=float.fromhex(document["start_loss"]),
        best=None if best is None else (int(best[0]), float.fromhex(best[1]), unpack(best[2])),
        proof=None if proof is None else (int(proof[0]), float.fromhex(proof[1])),
        trace=tuple(_as_epochs(unpack(document["trace"]))),
    )


def _compare(kept: Mapping[str, Any], run: Mapping[str, Any], name: str) -> None:
    for key, now in run.items():
        before = kept.get(key)
        if before == now:
            continue
        if key == "data":
            message = "the checkpoint belongs to other data: the rows or their order have changed"
            raise FileError(message, name, hint="give the same table, or start anew without --resume")
        if key == "rate" and isinstance(before, str) and isinstance(now, str):
            before, now = float.fromhex(before), float.fromhex(now)
        message = f"the checkpoint belongs to a run with another {key}: {before} there, {now} here"
        raise FileError(message, name, hint="give the same options, or start anew without --resume")


def fingerprint(blocks: Iterator[Block]) -> list[bytes]:
    """The hash of the rows and targets of one share."""
    digest = hashlib.sha256()
    for rows, targets in blocks:
        digest.update(np.ascontiguousarray(rows).data)
        digest.update(np.ascontiguousarray(targets).data)
    return [digest.digest()]


def _digest(*problems: TrainingProblem | None) -> str:
    """The hash of the hashes of all shares, in order."""
    digest = hashlib.sha256()
    for problem in problems:
        if problem is not None:
            digest.update(repr((problem.size, problem.features)).encode())
            digest.update(b"".join(problem.shares.total(fingerprint, operator.add)))
    return digest.hexdigest()


def _as_numbers(trace: list[Epoch]) -> Array:
    """Six numbers an epoch; NaN for what is not there."""
    rows = [(e.epoch, e.loss, e.accuracy, e.gradient_norm, e.validation_loss, e.validation_accuracy) for e in trace]
    return np.array([[np.nan if cell is None else cell for cell in row] for row in rows], dtype=np.float64)


def _as_epochs(numbers: Array) -> list[Epoch]:
    epochs = []
    for number, loss, *others in numbers.reshape(-1, 6).tolist():
        accuracy, norm, held_loss, held_accuracy = (None if cell != cell else cell for cell in others)
        epochs.append(Epoch(int(number), loss, accuracy, norm, held_loss, held_accuracy))
    return epochs
