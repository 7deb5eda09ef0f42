"""Files that are replaced in one step: a reader, or a crash at any moment, meets the old one or the new one whole."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from calcopt.errors import FileError


def check_writable(path: str | Path, *, mark: str, what: str, example: str) -> None:
    """Refuses a place where no file can be written, or where one without ``mark`` in its beginning would be lost."""
    place = Path(os.path.realpath(path))
    if place.is_dir():
        raise FileError("this is a folder, not a file", str(path), hint=f"name a file, such as {example}")
    if place.exists() and not place.is_file():
        raise FileError(f"a {what} can only be written to an ordinary file", str(path))
    if place.exists() and not _may_be_replaced(place, mark):
        hint = f"name a new file, such as {example}, or delete this one"
        raise FileError(f"this file holds something else than a {what}, and would be lost", str(path), hint=hint)
    if not place.parent.is_dir():
        raise FileError(f"the folder '{place.parent}' does not exist", str(path), hint="create it first")
    if not os.access(place.parent, os.W_OK):
        raise FileError(f"the folder '{place.parent}' cannot be written to", str(path), hint="choose another place")


def _may_be_replaced(place: Path, mark: str) -> bool:
    """True for an empty file and for one of our own, of any version, damaged or not: for what begins like one."""
    try:
        with place.open("rb") as file:
            beginning = file.read(200)
    except OSError:
        return False
    return not beginning.strip() or mark.encode() in beginning


def replace_file(path: str | Path, content: bytes, *, what: str, beside: str, durable: bool = True) -> None:
    """Writes a new file named ``beside`` in the same folder, then renames it to ``path``; links stay links.

    ``durable`` waits until the disk has it, so that it outlives a power failure too, not only the process.
    """
    place = Path(os.path.realpath(path))
    new = place.with_name(beside)
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(new, place)
    except OSError as error:
        raise FileError(f"the {what} cannot be written: {error.strerror or error}", str(path)) from error
    finally:
        with suppress(FileNotFoundError):
            new.unlink()
