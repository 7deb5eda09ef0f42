"""PROBLEM on the command line: a function string, a problem file, or either on standard input."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calcopt.cli.environment import Environment
from calcopt.errors import CalcoptError, UsageError, printable

if TYPE_CHECKING:
    from calcopt.expression.tree import Expr, Formula
    from calcopt.problem.schema import Problem

PROBLEM_ENDINGS = (".yaml", ".yml", ".json")
LONGEST_ARGUMENT = 20_000  # characters of a function on the command line
LONGEST_INPUT = 1_000_000  # characters of a function or a problem on standard input, as in a file


@dataclass(slots=True, eq=False)
class Question:
    """What was asked: a function string, or a file's keys (``source`` is its path). ``tell`` takes warnings."""

    source: str
    function: str | None
    file: Problem | None = None
    tell: Callable[[str], object] | None = None

    def choose(self, name: str, given: Any, otherwise: Any = None) -> Any:
        """The option from the command line, else from the file, else ``otherwise``."""
        if given is not None and given != []:
            return given
        kept = getattr(self.file, name, None) if self.file is not None else None
        return kept if kept is not None else otherwise

    def constants(self, given: Sequence[str] | None) -> dict[str, Expr] | None:
        """The values of letters: ``--let`` on top of the file's ``let``."""
        kept = getattr(self.file, "let", None)
        if not given and not kept:
            return None
        from calcopt.problem.points import as_assignments

        return as_assignments(kept) | as_assignments(given)

    def formula(self, command: str, constants: Mapping[str, Expr] | None) -> str | Formula:
        """The function (systems of a file joined by ``;``); one longer than a command line may be is parsed here."""
        if self.function is None:
            raise self._lacks("function", command)
        self.warn_of_unread(command)
        if self.source == self.function or len(self.function) <= LONGEST_ARGUMENT:
            return self.function
        from calcopt.expression import parse

        return parse(self.function, max_length=LONGEST_INPUT, constants=constants)

    def require(self, name: str, value: Any, command: str, *, hint: str | None = None) -> Any:
        """``value``, or an error that names the option, and the command that the file was meant for."""
        if value is not None:
            return value
        if self.file is not None:
            raise self._lacks(name, command, hint)
        raise UsageError(f"calcopt {command} needs --{name}", hint=hint)

    def warn_of_unread(self, command: str) -> None:
        """Say which keys are left aside: a file may serve several commands, but a typo must not pass in silence."""
        if self.file is None or self.tell is None:
            return
        from calcopt.problem.keys import unread

        if keys := unread(command, self.file.given()):
            listed = ", ".join(f"'{key}'" for key in keys)
            self.tell(f"warning: {printable(self.source)}: calcopt {command} does not use {listed}\n")

    def _lacks(self, key: str, command: str, hint: str | None = None) -> CalcoptError:
        meant = getattr(self.file, "command", None)
        other = f" (it is meant for 'calcopt {meant}')" if meant not in (None, command) else ""
        return UsageError(f"{self.source} has no '{key}', which calcopt {command} needs{other}", hint=hint)


def read_problem(text: str, environment: Environment) -> Question:
    """The question behind a PROBLEM argument."""
    if text == "-":
        return _from_stream(environment)
    if text.lower().endswith(PROBLEM_ENDINGS):
        from calcopt.problem.load import load_problem

        return _of_file(text, load_problem(text), environment)
    if re.search(r"\.[A-Za-z]\w*$", text) and os.path.isfile(text):
        raise UsageError(f"{text} is not a problem file", hint="these end in .yaml, .yml or .json")
    return Question(text, text)


def read_data_problem(text: str, environment: Environment) -> Question | None:
    """For DATA: the problem file that names the table, or None where ``text`` is the table itself."""
    if not text.lower().endswith((".yaml", ".yml")):
        return None
    from calcopt.problem.load import load_problem

    return _of_file(text, load_problem(text), environment)


def _from_stream(environment: Environment) -> Question:
    """A text with a colon is a problem (YAML or JSON), for no function has one."""
    raw = environment.stdin.read(4 * LONGEST_INPUT + 1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"standard input is not UTF-8 text (byte {error.start})") from None
    if len(text) > LONGEST_INPUT:
        raise UsageError(f"standard input has more than {LONGEST_INPUT:,} characters")
    if not text.strip():
        raise UsageError("standard input is empty", hint="give it a function or a problem file")
    if ":" not in text:
        return Question("<stdin>", text.strip())
    from calcopt.problem.load import loads

    return _of_file("<stdin>", loads(text, "<stdin>"), environment)


def _of_file(source: str, file: Problem, environment: Environment) -> Question:
    functions: Sequence[str] = file.functions or ([file.function] if file.function is not None else [])
    return Question(source, "; ".join(functions) or None, file, environment.stderr.write)
