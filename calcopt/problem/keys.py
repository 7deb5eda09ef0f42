"""Which keys of a problem file each command reads: its own options, and what every file may say about itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calcopt.problem.files import SourceFile
    from calcopt.problem.nodes import Node

ABOUT = frozenset({"$schema", "command", "title", "note"})
"""Keys that no command needs and every file may have."""

_STOP = frozenset({"tolerance", "max-iterations", "time-limit"})
_RUN = frozenset({"explain", "data", "checkpoint", "resume"})
_TABLE = frozenset({"data", "delimiter", "no-header", "decimal", "missing", "cluster"})
_DESCENT = frozenset({"function", "let", "start", "box", "method", "maximize", "verify"}) | _STOP | _RUN

KEYS: Mapping[str, frozenset[str]] = {
    "diff": frozenset({"function", "let", "var", "order", "at", "box"})
    | {"steps", "secant", "tangent", "limit", "notation"},
    "gd": _DESCENT | {"rate", "schedule"},
    "newton": _DESCENT | {"functions", "root"},
    "minimize": frozenset(
        {"function", "let", "start", "box", "maximize", "max-boxes"} | {"method", "starts", "seed", "verify"}
    )
    | _STOP
    | _RUN,
    "classify-critical": frozenset({"function", "let", "var", "at", "box", "max-boxes", "time-limit"}),
    "fit-line": _TABLE | _STOP | {"x", "y", "weights", "no-intercept", "method", "rate", "save"},
    "fit": _TABLE | _STOP | {"model", "let", "start", "box", "loss", "loss-scale", "weights"} | {"residuals", "save"},
    "train-perceptron": _TABLE
    | {"target", "features", "text", "task", "hidden", "activation", "method", "rate", "epochs", "batch"}
    | {"l2", "scale", "validation", "seed", "tolerance", "schedule", "class-weights", "patience"}
    | {"checkpoint", "resume", "save"},
}
"""The keys behind ``ABOUT`` that a command reads."""


def unread(command: str | None, given: Mapping[str, object]) -> list[str]:
    """The keys of ``given`` that ``command`` does not read, in their order; none for a command that is not known."""
    known = KEYS.get(command or "")
    return [] if known is None else [key for key in given if key not in known and key not in ABOUT]


def check_keys(source: SourceFile, root: Node, command: str | None) -> None:
    """:class:`FileError` at the first key that the file's own ``command`` does not read."""
    for key in unread(command, root.children):
        *others, last = (name for name, keys in KEYS.items() if key in keys)
        hint = f"it belongs to {', '.join(others)}{' and ' if others else ''}{last}"
        raise source.error(f"'{key}' is no option of calcopt {command}", *root.keys[key], hint=hint)
