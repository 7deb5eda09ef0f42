"""Everything a command may touch outside its arguments: streams, terminal, environment variables.

Tests inject their own and patch nothing (the manner of httpie).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, TextIO

from calcopt.render.console import UNLIMITED

Colour = Literal["auto", "always", "never"]


@dataclass(slots=True, eq=False)
class Environment:
    """Streams, whether they are terminals, and the screen's width."""

    stdin: BinaryIO
    stdout: TextIO
    stderr: TextIO
    stdout_is_terminal: bool = False
    stderr_is_terminal: bool = False
    columns: int = 80
    variables: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @classmethod
    def of_process(cls) -> Environment:
        """The real one. What a stream cannot encode is written as an escape, never as a traceback."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        return cls(
            stdin=sys.stdin.buffer,
            stdout=sys.stdout,
            stderr=sys.stderr,
            stdout_is_terminal=sys.stdout.isatty(),
            stderr_is_terminal=sys.stderr.isatty(),
            columns=shutil.get_terminal_size().columns,
        )

    @property
    def width(self) -> int:
        """Where standard output must be wrapped: nowhere off a terminal."""
        return max(self.columns, 40) if self.stdout_is_terminal else UNLIMITED

    @property
    def debugging(self) -> bool:
        return bool(self.variables.get("CALCOPT_DEBUG"))

    def output_colour(self, choice: Colour) -> bool:
        """Colour on standard output: as told, else on a terminal without NO_COLOR."""
        return self._colour(choice, terminal=self.stdout_is_terminal)

    def error_colour(self, choice: Colour) -> bool:
        """The same for standard error."""
        return self._colour(choice, terminal=self.stderr_is_terminal)

    def _colour(self, choice: Colour, *, terminal: bool) -> bool:
        if choice != "auto":
            return choice == "always"
        return terminal and not self.variables.get("NO_COLOR") and self.variables.get("TERM") != "dumb"
