"""The errors a user can cause, and the one that is ours.

Each class carries data (what, where, what to type instead) and builds its own sentence from it, so that a
person, a script reading JSON and a test all see the same facts. The command line maps every class to an exit
status in one place (``calcopt.cli.program``).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CalcoptError(Exception):
    """Base of everything calcopt raises on purpose.

    ``kind`` is the machine-readable word of the JSON error object; ``hint`` says what to type instead.
    """

    kind: str = "error"
    exit_status: int = 2

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), self.args, self.__dict__)

    def report(self) -> str:
        """The text for people, without the leading ``error:``; may have several lines."""
        return self.message if self.hint is None else f"{self.message}; {self.hint}"

    def as_dict(self) -> dict[str, object]:
        """The fields of the JSON error object."""
        fields: dict[str, object] = {"kind": self.kind, "message": self.message}
        if self.hint is not None:
            fields["hint"] = self.hint
        return fields


def _restored(kind: type[CalcoptError], arguments: tuple[object, ...], fields: dict[str, object]) -> CalcoptError:
    """An error that comes from another process."""
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(fields)
    return error


class UsageError(CalcoptError):
    """An option, or a combination of options, that makes no sense."""

    kind = "usage"


class SourceError(CalcoptError):
    """Something wrong at a place in a text: shown with the line and a caret under the whole span.

    ``text`` is the whole text, ``start`` and ``end`` are offsets into it (end exclusive).
    """

    def __init__(self, message: str, text: str, start: int, end: int, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.text = text
        self.start = start
        self.end = max(end, start + 1)

    def report(self) -> str:
        return f"{super().report()}\n{excerpt(self.text, self.start, self.end)}"

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "position": self.start, "end": self.end}


class ParseError(SourceError):
    """A formula that does not follow the grammar, or goes beyond its limits."""

    kind = "parse"


class ValueTextError(SourceError):
    """A point, box or value given as text (``--start x=..``) that cannot be read."""

    kind = "value"


class FileError(CalcoptError):
    """Something wrong in a file: ``path:line:column``, with that line where it is known."""

    kind = "file"

    def __init__(
        self,
        message: str,
        path: str,
        *,
        line: int | None = None,
        column: int | None = None,
        width: int = 1,
        line_text: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.path, self.line, self.column, self.width, self.line_text = path, line, column, width, line_text

    @property
    def place(self) -> str:
        """``path``, ``path:line`` or ``path:line:column`` (both from 1)."""
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)

    def report(self) -> str:
        text = f"{self.place}: {super().report()}"
        if self.line_text is not None and self.column is not None:
            text += "\n" + excerpt(self.line_text, self.column - 1, self.column - 1 + self.width)
        elif self.line_text is not None:
            text += "\n  " + printable(self.line_text)[:200]
        return text

    def as_dict(self) -> dict[str, object]:
        fields = {**super().as_dict(), "file": self.path}
        if self.line is not None:
            fields["line"] = self.line
        if self.column is not None:
            fields["column"] = self.column
        return fields


class DataError(FileError):
    """A table that cannot be used: a bad cell, a missing column, too few rows, a constant column."""

    kind = "data"


class MathError(CalcoptError):
    """The input is well formed but the question has no answer (a start outside the domain, for one)."""

    kind = "math"


class DomainError(MathError):
    """A point where the formula has no finite value: shown with carets under the part that has none."""

    def __init__(self, message: str, text: str, start: int, end: int, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.text, self.start, self.end = text, start, max(end, start + 1)

    def report(self) -> str:
        return f"{super().report()}\n{excerpt(self.text, self.start, self.end)}"

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "position": self.start, "end": self.end}


class MissingExtraError(CalcoptError):
    """A feature whose optional package is not installed."""

    kind = "missing extra"


class ClusterError(CalcoptError):
    """A cluster that cannot be reached, does not fit this process, cannot read the data, or went away."""

    kind = "cluster"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """One suggestion at most: the known word closest to ``word``, or None when nothing is close."""
    candidates = sorted(set(known))
    by_case = [candidate for candidate in candidates if candidate.lower() == word.lower() and candidate != word]
    close = by_case or difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    return close[0] if close else None


def printable(text: str) -> str:
    """``text`` with control characters shown as visible stand-ins of the same width (a caret must still line up)."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def excerpt(text: str, start: int, end: int, *, width: int = 76) -> str:
    """The line of ``text`` that holds ``start``, indented by two, with carets under ``start..end``.

    A line longer than ``width`` is shown as a window around the span, with ``…`` where it was cut.
    """
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = printable(text[line_start : len(text) if line_end < 0 else line_end])
    first, last = start - line_start, min(end - line_start, max(len(line), start - line_start + 1))
    if len(line) > width:
        left = max(0, min(first - width // 3, len(line) - width))
        window = line[left : left + width]
        first, last = first - left, min(last - left, width)
        cut_on_the_right = left + width < len(line)
        line = ("…" if left else window[0]) + window[1:-1] + ("…" if cut_on_the_right else window[-1])
    return f"  {line}\n  {' ' * first}{'^' * max(1, last - first)}"
