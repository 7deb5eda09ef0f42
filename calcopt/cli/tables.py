"""DATA on the command line: a table, or a problem file that names one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from calcopt.cli.environment import Environment
from calcopt.cli.options import DataOptions
from calcopt.cli.problems import Question, read_data_problem


@dataclass(slots=True, eq=False)
class TableQuestion:
    """The table's place, and the problem file it came from (None when it was named itself)."""

    data: str
    question: Question

    def choose(self, name: str, given: Any) -> Any:
        """The option from the command line, else from the file."""
        return self.question.choose(name, given)

    def reading(self, options: DataOptions) -> dict[str, Any]:
        """Arguments of the Python API for how to read the table."""
        chosen = {name: self.choose(name, getattr(options, name)) for name in ("delimiter", "decimal", "missing")}
        header = {"header": False} if self.choose("no_header", options.no_header) else {}
        return header | {name: value for name, value in chosen.items() if value is not None}


def read_table_question(text: str, command: str, environment: Environment) -> TableQuestion:
    """The table behind a DATA argument."""
    question = read_data_problem(text, environment)
    if question is None:
        return TableQuestion(text, Question(text, None))
    data = question.require("data", question.choose("data", None), command)
    question.warn_of_unread(command)
    return TableQuestion(data, question)
