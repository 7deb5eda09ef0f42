"""The text of a problem file, and errors at a place in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calcopt.errors import FileError, did_you_mean

MAX_BYTES = 1_000_000
SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's text (line ends as ``\\n``) and the name it has in messages."""

    text: str
    path: str

    def error(self, message: str, start: int, end: int | None = None, *, hint: str | None = None) -> FileError:
        """A :class:`FileError` about ``text[start:end]`` (one character by default), cut at the end of its line."""
        start = min(max(start, 0), len(self.text))
        line_start = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", start)
        line_end = len(self.text) if line_end < 0 else line_end
        width = max(1, min(end if end is not None else start + 1, line_end) - start)
        return FileError(
            message,
            self.path,
            line=self.text.count("\n", 0, start) + 1,
            column=start - line_start + 1,
            width=width,
            line_text=self.text[line_start:line_end],
            hint=hint,
        )


def read_source(path: str | Path) -> SourceFile:
    """The text of a file; :class:`FileError` when it is missing, no file, unreadable, too long, or not UTF-8 text."""
    place = Path(path)
    try:
        with place.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise FileError("there is no such file", str(path), hint=_sibling(place)) from None
    except IsADirectoryError:
        raise FileError("this is a folder", str(path), hint="name a file in it") from None
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise FileError(f"the file cannot be read: {reason}", str(path)) from None
    if len(content) > MAX_BYTES:
        raise FileError("the file is longer than 1 MB", str(path), hint="tables belong in a file of their own (data:)")
    return SourceFile(_decoded(content, str(path)), str(path))


def _decoded(content: bytes, path: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileError("this is UTF-16 text", path, hint="save it as UTF-8")
    if b"\0" in content:
        raise FileError("this is no text file", path, hint="a problem file is YAML or JSON")
    try:
        return unified_lines(content.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise FileError("this is not UTF-8 text", path, line=line, hint="save it as UTF-8") from None


def unified_lines(text: str) -> str:
    """``text`` without a byte order mark and with ``\\n`` at the end of every line."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _sibling(path: Path) -> str | None:
    """A file beside it with a name much like it."""
    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix.lower() in SUFFIXES]
    except OSError:
        return f"there is no folder '{path.parent}' either" if not path.parent.is_dir() else None
    stems = {name[: name.rindex(".")]: name for name in sorted(names, reverse=True)}
    stem = path.name.removesuffix(path.suffix)
    near = stems.get(stem) or stems.get(did_you_mean(stem, stems) or "")
    return f"did you mean '{path.with_name(near)}'?" if near else None
