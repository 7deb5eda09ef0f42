"""``calcopt model``: a saved model, shown."""

from __future__ import annotations

from typing import Annotated

import typer

from calcopt.cli.environment import Environment
from calcopt.cli.options import OutputOptions
from calcopt.cli.output import Output
from calcopt.cli.sharing import expand_options
from calcopt.cli.types import Job

ModelFile = Annotated[str, typer.Argument(metavar="FILE", help="A model that fit, fit-line or train-perceptron saved.")]


Export = Annotated[
    str | None, typer.Option("--export", metavar="FILE", help="Write it as ONNX too, for other programs (.onnx).")
]


@expand_options
def model(file: ModelFile, output: OutputOptions, *, export: Export = None) -> Job:
    """A saved model: what it takes, its weights or parameters, how it was found, and its formula.

    --quiet prints the formula alone, in calcopt's own syntax (several classes: one a line, in their order).

    \b
    calcopt model mood.json
    calcopt diff "$(calcopt model mood.json --quiet)" --at ya=2,na=1
    """

    def job(environment: Environment) -> int:
        from calcopt.api.models import export as write
        from calcopt.api.models import model as summary

        sink = Output(output, environment)
        found = summary(file)
        if export is not None:
            write(file, export)
        return sink.finish(found)

    return job
