"""The files of saved models of every kind: one versioned JSON object that holds all that ``predict`` needs.

Written atomically (a new file beside the old one, flushed to the disk, then renamed), so that a reader or a crash
never meets half a model. Read strictly: a file that is not exactly a model is refused with the place.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from calcopt.errors import FileError
from calcopt.learn import atomic
from calcopt.learn.saved_fit import SavedFit
from calcopt.learn.saved_perceptron import Model

__all__ = ["FORMAT", "VERSION", "Model", "SavedFit", "check_writable", "load_model", "save_model"]

FORMAT = "calcopt-model"
VERSION = 1


class _Header(msgspec.Struct):
    format: object = None
    version: object = None
    kind: object = "perceptron"  # as the files said nothing when there was but one


def check_writable(path: str | Path) -> None:
    """Refuses, before any training, a place where no model can be written, or where it would replace something else."""
    atomic.check_writable(path, mark=FORMAT, what="model", example="model.json")


def save_model(model: Model | SavedFit, path: str | Path) -> None:
    """Writes ``model`` to ``path``, replacing what was there in one step."""
    check_writable(path)
    content = msgspec.json.format(msgspec.json.encode(model), indent=1) + b"\n"
    name = f".{Path(os.path.realpath(path)).name}.{os.getpid()}.new"
    atomic.replace_file(path, content, what="model", beside=name)


def load_model(path: str | Path) -> Model | SavedFit:
    """Reads a model and checks that all its parts fit together; what it is, its type says."""
    name = str(path)
    content = _read(path)
    kind = _kind(content, name)
    model: Model | SavedFit
    try:
        model = msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise FileError(f"the model is damaged: {error}", name, hint=_again(kind)) from error
    found = _fault(model)
    if found is not None:
        raise FileError(f"the model is damaged: {found}", name, hint=_again(kind))
    return model


def _read(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise FileError("there is no such model file", str(path), hint="make one with --save") from None
    except OSError as error:
        raise FileError(f"the model cannot be read: {error.strerror or error}", str(path)) from error


def _kind(content: bytes, name: str) -> type[Model | SavedFit]:
    """The kind of model that the file says to be; raises for other files, versions and kinds."""
    try:
        header = msgspec.json.decode(content, type=_Header)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        header = _Header()
    if header.format != FORMAT:
        raise FileError("this is not a calcopt model", name, hint="make one with --save")
    if header.version != VERSION:
        raise FileError(
            f"this model has version {header.version!r}, and this calcopt reads version {VERSION}",
            name,
            hint="use a newer calcopt, or make it again",
        )
    if header.kind == "perceptron":
        return Model
    if header.kind in ("curve", "line"):
        return SavedFit
    raise FileError(
        f"this model is of the kind {header.kind!r}, which this calcopt does not know", name, hint="use a newer calcopt"
    )


def _fault(model: Model | SavedFit) -> str | None:
    """What does not fit together in ``model``, or None."""
    if isinstance(model, Model):
        from calcopt.learn import saved_perceptron

        return saved_perceptron.fault(model)
    from calcopt.learn import saved_fit

    return saved_fit.fault(model)


def _again(kind: type[Model | SavedFit]) -> str:
    return "train it again" if kind is Model else "fit it again"
