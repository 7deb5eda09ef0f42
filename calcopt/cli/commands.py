"""The table of commands, and the Typer classes that read it: only the command that is called is imported."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from calcopt.cli.arguments import protect


@dataclass(slots=True, eq=False)
class Entry:
    """Where a command lives (``module:function``) and its one line in ``calcopt --help``."""

    place: str
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "diff": Entry("calcopt.cli.diff:diff", "Derivatives, gradient and Hessian of a function."),
    "gd": Entry("calcopt.cli.gd:gd", "Gradient descent, iteration by iteration."),
    "newton": Entry("calcopt.cli.newton:newton", "Newton's method: a minimum, a maximum, or a zero."),
    "minimize": Entry("calcopt.cli.minimize:minimize", "A minimum; over a whole box, with a proof."),
    "classify-critical": Entry(
        "calcopt.cli.classify_critical:classify_critical", "All critical points, and what each one is."
    ),
    "verify": Entry("calcopt.cli.verify:verify", "A saved certificate, proved again by other arithmetic."),
    "fit-line": Entry("calcopt.cli.fit_line:fit_line", "Linear regression, one or several features."),
    "fit": Entry("calcopt.cli.fit:fit", "Least squares for any model, with errors of its parameters."),
    "train-perceptron": Entry(
        "calcopt.cli.train_perceptron:train_perceptron", "A perceptron or a network, trained on a table."
    ),
    "predict": Entry("calcopt.cli.predict:predict", "A saved model applied to a table, row by row."),
    "model": Entry("calcopt.cli.model:model", "A saved model: its weights and its formula."),
    "schema": Entry("calcopt.cli.schema:schema", "The JSON Schema of problem files, for editors."),
}


class Command(TyperCommand):
    """A command that takes formulas such as ``-x^2`` as arguments, and writes ``FUNCTION`` in its usage line."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        valued: set[str] = set()
        flags: set[str] = set()
        for param in self.get_params(ctx):
            if param.param_type_name == "option":
                (flags if getattr(param, "is_flag", False) else valued).update([*param.opts, *param.secondary_opts])
        return super().parse_args(ctx, protect(args, valued=valued, flags=flags))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]


class Group(TyperGroup):
    """Lists every command from the table, and imports the one that is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, entry in COMMANDS.items():
            self.add_command(TyperCommand(name, help=entry.summary, short_help=entry.summary), name)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and name in COMMANDS:
            command = load(name)
        return name, command, rest


def load(name: str) -> Any:
    """The command of that name, imported and made."""
    module, _, function = COMMANDS[name].place.partition(":")
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, cls=Command)(getattr(importlib.import_module(module), function))
    return get_command(app)
