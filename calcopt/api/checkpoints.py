"""``checkpoint`` and ``resume``: a run that is saved as it goes, and gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from calcopt.errors import UsageError

if TYPE_CHECKING:
    from calcopt.api.questions import Constants, FunctionLike, Starts
    from calcopt.solve import Stopping


def resumable(
    start: Starts | None,
    stop: Stopping,
    checkpoint: str | Path | None,
    resume: str | Path | None,
    function: FunctionLike | Sequence[FunctionLike],
    variables: Sequence[str] | None,
    let: Constants,
    *,
    spread: int | None = None,
) -> tuple[Starts | None, Stopping]:
    """The start, from the checkpoint where there is one, and the limits with the files of the run.

    Raises:
        UsageError: several starts, or a start beside a checkpoint.
        FileError: a checkpoint that cannot be read.
    """
    if checkpoint is None and resume is None:
        return start, stop
    from calcopt.api.questions import the_formulas, the_starts
    from calcopt.solve.checkpoint import Checkpoints, first_point

    formulas = the_formulas(function, variables, let)
    several = spread is not None or (start is not None and len(the_starts(start, formulas[0].variables, let)) > 1)
    if several:
        raise UsageError("a checkpoint holds one run, and there are several starts", hint="give one --start")
    identity = _fingerprint([str(formula.body) for formula in formulas])
    where = Checkpoints(_path(checkpoint), _path(resume), identity)
    if where.resume is None:
        return start, replace(stop, checkpoints=where)
    if start is not None:
        raise UsageError("--resume goes on from a checkpoint, and knows its start", hint="leave --start out")
    return first_point(where.resume).tolist(), replace(stop, checkpoints=where)


def begun(
    start: Starts | None,
    stop: Stopping,
    checkpoint: str | Path | None,
    resume: str | Path | None,
    function: FunctionLike | Sequence[FunctionLike],
    variables: Sequence[str] | None,
    let: Constants,
) -> tuple[Starts, Stopping]:
    """As :func:`resumable`, for solvers that cannot do without a start."""
    found, limits = resumable(start, stop, checkpoint, resume, function, variables, let)
    if found is None:
        raise UsageError("there is no start", hint="give one, such as x=1, or a checkpoint to resume")
    return found, limits


def _path(name: str | Path | None) -> Path | None:
    return None if name is None else Path(name)


def _fingerprint(texts: Sequence[str]) -> str:
    """What tells one function, constants put in, from another."""
    from hashlib import sha256

    return sha256("\n".join(texts).encode()).hexdigest()
