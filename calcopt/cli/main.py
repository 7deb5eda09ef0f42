"""From the words of the command line to an exit status.

``main`` and ``program`` are the only places that handle errors; a command raises, and knows nothing of exit
statuses beyond what its result says (the manner of httpie).
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.main import get_command

from calcopt.cli import failures
from calcopt.cli.commands import Group
from calcopt.cli.environment import Environment
from calcopt.cli.types import Job

HELP = """Differentiate, minimize and fit at the shell: every rule and every iteration shown, every claim checked.

`calcopt COMMAND --help` explains a command. A formula may begin with a minus: calcopt diff '-x^2'.
"""


def _version(*, asked: bool | None) -> None:
    if asked:
        from calcopt._version import __version__

        typer.echo(f"calcopt {__version__}")
        raise typer.Exit


VersionFlag = typer.Option(
    "--version", help="Print the version.", is_eager=True, callback=lambda value: _version(asked=value)
)


def _root(*, version: Annotated[bool | None, VersionFlag] = None) -> None:
    """Only --version and --help."""


def make_application() -> Any:
    """The Typer command that understands the whole command line."""
    app = typer.Typer(
        cls=Group,
        name="calcopt",
        help=HELP,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_root)
    return get_command(app)


def understand(words: Sequence[str], environment: Environment) -> Job:
    """Parse the arguments; the command itself runs later, outside Typer, which would catch its errors."""
    printed = io.StringIO()
    arguments = list(words) or ["--help"]
    width = min(environment.columns if environment.stdout_is_terminal else 100, 100)
    with contextlib.redirect_stdout(printed):
        answer = make_application().main(arguments, prog_name="calcopt", standalone_mode=False, terminal_width=width)
    if callable(answer):
        job: Job = answer
        return job

    def show(environment: Environment) -> int:
        environment.stdout.write(printed.getvalue())
        environment.stdout.flush()
        return int(answer or 0)

    return show


def run(words: Sequence[str], environment: Environment) -> int:
    """Understand the words, then do what they say; every error goes through."""
    return understand(words, environment)(environment)


def program(words: Sequence[str], environment: Environment) -> int:
    """Run, and turn whatever is raised into a report and an exit status."""
    try:
        return run(words, environment)
    except (Exception, KeyboardInterrupt) as error:
        try:
            return failures.report(error, words, environment)
        except BrokenPipeError:
            return failures.BROKEN_PIPE


def main() -> int:
    """The ``calcopt`` script."""
    status = program(sys.argv[1:], Environment.of_process())
    try:
        sys.stdout.flush()
    except OSError:
        status = status or failures.BROKEN_PIPE
    if status == failures.BROKEN_PIPE:
        _silence(sys.stdout)
    return status


def _silence(stream: Any) -> None:
    """Point a closed pipe at nothing, so that Python's own flush at exit stays silent."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
