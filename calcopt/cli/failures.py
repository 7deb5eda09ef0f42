"""Every exception's exit status and its report, in one place."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Sequence
from typing import cast

from typer._click.exceptions import ClickException, MissingParameter, NoSuchOption  # the classes Typer raises

from calcopt.cli.arguments import colour_choice, suggestion, wants_json
from calcopt.cli.commands import COMMANDS
from calcopt.cli.environment import Colour, Environment
from calcopt.errors import CalcoptError, UsageError, printable

OURS, USAGE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141


class Fault(CalcoptError):
    """A fault of calcopt itself."""

    kind = "internal"
    exit_status = OURS


class SystemFailure(CalcoptError):
    """The operating system refused: a full disk, a file that cannot be read."""

    kind = "system"


def report(error: BaseException, words: Sequence[str], environment: Environment) -> int:
    """Write what happened to standard error, and return the exit status."""
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    known = translate(error)
    if isinstance(known, Fault) and environment.debugging:
        environment.stderr.write("".join(traceback.format_exception(error)))
    if wants_json(words):
        from calcopt.render.json import write_line

        write_line(environment.stderr, {"error": known.as_dict()})
    else:
        choice = colour_choice(words)
        colour = environment.error_colour(cast(Colour, choice if choice in ("always", "never") else "auto"))
        environment.stderr.write(as_text(known.report(), colour=colour))
        environment.stderr.flush()
    return known.exit_status


def translate(error: BaseException) -> CalcoptError:
    """Any exception as one of ours."""
    if isinstance(error, CalcoptError):
        return error
    if isinstance(error, ClickException):
        return usage_error(error)
    if isinstance(error, OSError) and error.errno is not None:
        place = f"{printable(os.fsdecode(error.filename))}: " if error.filename else ""
        return SystemFailure(f"{place}{error.strerror or type(error).__name__}")
    if isinstance(error, MemoryError):
        return SystemFailure("not enough memory for this problem")
    where = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({os.path.basename(where[0].filename)}, line {where[0].lineno})" if where else ""
    said = printable(str(error).partition("\n")[0])[:200]
    message = f"a fault of calcopt itself: {type(error).__name__}: {said}{place}"
    return Fault(message, hint="please report it with the command you typed; CALCOPT_DEBUG=1 shows the traceback")


def usage_error(error: ClickException) -> CalcoptError:
    """Typer's complaint in our words: what, and what to type instead."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "calcopt"
    ask = f"see {command} --help"
    if isinstance(error, NoSuchOption):
        known = _options(context)
        name = printable(error.option_name)
        return UsageError(f"no such option {name}", hint=suggestion(error.option_name, known) or ask)
    if isinstance(error, MissingParameter) and error.param is not None:
        name = error.param.human_readable_name.upper()
        return UsageError(f"missing argument {name}", hint=ask)
    message = printable(error.format_message()).rstrip(".")
    match = re.match(r"No such command '(.*?)'", message, re.DOTALL)
    if match:
        hint = suggestion(match[1], COMMANDS) or f"the commands are {', '.join(COMMANDS)}"
        return UsageError(f"no such command '{match[1]}'", hint=hint)
    extra = re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", message, re.DOTALL)
    if extra:
        return UsageError(f"unexpected argument {extra[1]}", hint=f"a formula with blanks needs quotes; {ask}")
    choice = re.match(r"Invalid value for '(--[\w-]+)': '(.*?)' is not one of (.*)", message, re.DOTALL)
    if choice:
        hint = suggestion(choice[2], re.findall(r"'(.*?)'", choice[3])) or ask
        return UsageError(f"{choice[1]} is one of {choice[3].replace(chr(39), '')}, not '{choice[2]}'", hint=hint)
    return UsageError(message[:1].lower() + message[1:], hint=ask)


def _options(context: object) -> list[str]:
    command = getattr(context, "command", None)
    params = [] if command is None else command.get_params(context)
    return [name for param in params for name in (*param.opts, *param.secondary_opts) if name.startswith("--")]


def as_text(message: str, *, colour: bool) -> str:
    """``error: …``; in colour only the word and the carets."""
    plain = f"error: {message}"
    if not colour:
        return plain + "\n"
    from rich.text import Text

    from calcopt.render.console import UNLIMITED  # fmt: skip
    from calcopt.render.console import as_text as rendered

    text = Text(plain)
    text.stylize("bold red", 0, len("error:"))
    text.highlight_regex(r"(?m)^ +\^+$", "bold red")
    return rendered([text], width=UNLIMITED, colour=True)
