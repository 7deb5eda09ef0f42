"""Checkpoints: a run that was killed goes on from its last one with the same iterates.

A checkpoint is one JSON file, written beside its name and then renamed, so that there is always a whole one: at the
start, at most once a second (less often where writing takes long), and when the run ends or is interrupted.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from calcopt.errors import FileError
from calcopt.records import Counts, Iteration
from calcopt.solve.freezing import described, frozen, frozen_state, thawed, thawed_state

if TYPE_CHECKING:
    from calcopt.records import Vector
    from calcopt.solve.driver import Run
    from calcopt.solve.history import History
    from calcopt.solve.method import Method
    from calcopt.solve.tasks import Point, Task

VERSION = 1
INTERVAL = 1.0
"""Seconds between two checkpoints, and at least ``SHARE`` times what writing one took."""
SHARE = 20.0
MOST_NUMBERS = 50_000
"""Coordinates of all rows of a history that is stored whole; of longer ones the first row and the last are."""


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Where to save a run to, and where to go on from; ``identity`` tells one function from another."""

    save: Path | None = None
    resume: Path | None = None
    identity: str = ""


class Resumed(NamedTuple):
    """A run as it was: the current point, the method's state, the best point, the rows, and what was evaluated."""

    point: Point
    state: Any
    best: Point
    best_iteration: int
    rows: list[Iteration]
    added: int
    counts: Counts


class Saver:
    """Writes checkpoints of one run."""

    def __init__(self, where: Checkpoints, task: Task, method: Method) -> None:
        self._where, self._task, self._method = where, task, method
        self._due = 0.0

    def offer(self, run: Run) -> None:
        """Write one if it is time."""
        if time.monotonic() >= self._due:
            self.write(run)

    def write(self, run: Run) -> None:
        """Write one now."""
        if self._where.save is None or run.standing is None:
            return
        began = time.monotonic()
        write_whole(self._where.save, self._document(run, *run.standing))
        now = time.monotonic()
        self._due = now + max(INTERVAL, SHARE * (now - began))

    def _document(self, run: Run, point: Point, state: Any, iteration: int) -> dict[str, Any]:
        counts, best = run.counts, run.best
        return {
            "calcopt checkpoint": VERSION,
            **_question(self._where, self._task, self._method),
            "iteration": iteration,
            "point": _frozen_point(point),
            "state": frozen_state(self._method, state),
            "best": None if best is None or best is point else _frozen_point(best),
            "best_iteration": run.best_iteration,
            "rows": [_frozen_row(row) for row in _kept(run.trace) if row.iteration <= iteration],
            "counts": [counts.value, counts.gradient, counts.hessian],
        }


def _question(where: Checkpoints, task: Task, method: Method) -> dict[str, Any]:
    """What must be the same for a run to go on."""
    box = getattr(task, "box", None)
    return {
        "function": task.label,
        "identity": where.identity,
        "variables": [*task.variables],
        "goal": task.goal,
        "method": described(method),
        "box": None if box is None else [frozen(box.lower), frozen(box.upper)],
    }


def _kept(trace: History) -> list[Iteration]:
    rows = [*trace]
    return rows if len(rows) * rows[0].x.size <= MOST_NUMBERS else [rows[0], rows[-1]] if len(rows) > 1 else rows


def _frozen_point(point: Point) -> Any:
    """A point without its Hessian, which is evaluated again; whether it had one is noted."""
    return {"had_hessian": point.hessian is not None, "at": frozen(point._replace(hessian=None))}


def _thawed_point(data: Any, task: Task) -> Point:
    point: Point = thawed(data["at"])
    if not data["had_hessian"]:
        return point
    return point._replace(hessian=task.evaluate(point.x, 2).hessian)


def _frozen_row(row: Iteration) -> list[Any]:
    numbers = [row.iteration, row.value, row.gradient_norm, row.step_norm, row.step, dict(row.detail)]
    return [*map(_plain, numbers), frozen(row.x), frozen(row.gradient)]


def _plain(value: Any) -> Any:
    return {name: frozen(item) for name, item in value.items()} if isinstance(value, dict) else frozen(value)


def _thawed_row(data: list[Any]) -> Iteration:
    iteration, value, gradient_norm, step_norm, step, detail, x, gradient = data
    return Iteration(
        iteration=iteration,
        x=thawed(x),
        value=thawed(value),
        gradient=thawed(gradient),
        gradient_norm=thawed(gradient_norm),
        step_norm=thawed(step_norm),
        step=step,
        detail={name: thawed(item) for name, item in detail.items()},
    )


def write_whole(path: Path, document: dict[str, Any]) -> None:
    """The whole file or none: written beside it, brought to the disk, then renamed. FileError where that fails."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as stream:
            json.dump(document, stream, ensure_ascii=False, allow_nan=False)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise FileError(f"the checkpoint cannot be written: {error.strerror}", str(path)) from None


def read(path: Path) -> dict[str, Any]:
    """The document of a checkpoint. FileError where there is none that this version can read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"the checkpoint cannot be read: {error.strerror}", str(path)) from None
    except ValueError:
        raise FileError("this is no checkpoint of calcopt", str(path)) from None
    if not isinstance(document, dict) or "calcopt checkpoint" not in document:
        raise FileError("this is no checkpoint of calcopt", str(path))
    if document["calcopt checkpoint"] != VERSION:
        found = document["calcopt checkpoint"]
        raise FileError(f"the checkpoint has version {found}; this calcopt reads {VERSION}", str(path))
    return document


def first_point(path: Path) -> Vector:
    """Where the stored run started, (n,)."""
    document = read(path)
    try:
        return _thawed_row(document["rows"][0]).x
    except (KeyError, TypeError, ValueError, IndexError):
        raise FileError("this is no whole checkpoint of calcopt", str(path)) from None


def load(where: Checkpoints, task: Task, method: Method) -> Resumed:
    """The stored run, which must have asked the same question.

    Raises:
        FileError: no checkpoint, or one of another function, method, goal or box.
    """
    assert where.resume is not None
    document = read(where.resume)
    for name, value in _question(where, task, method).items():
        stored = document.get(name)
        if stored != value:
            raise _other(where.resume, name, stored, value)
    try:
        point = _thawed_point(document["point"], task)
        best = point if document["best"] is None else _thawed_point(document["best"], task)
        return Resumed(
            point,
            thawed_state(method, document["state"], task, point),
            best,
            int(document["best_iteration"]),
            [_thawed_row(row) for row in document["rows"]],
            int(document["iteration"]) + 1,
            Counts(*document["counts"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError):
        raise FileError("this is no whole checkpoint of calcopt", str(where.resume)) from None


def _other(path: Path, name: str, stored: object, value: object) -> FileError:
    """The question of the checkpoint is another one."""
    hint = "give the same function and options, or leave --resume out"
    if name == "identity":
        return FileError("the checkpoint has other values of constants (--let)", str(path), hint=hint)
    return FileError(f"the checkpoint is of another run: its {name} is {stored}, not {value}", str(path), hint=hint)
