"""``calcopt train-perceptron``: perceptrons and networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from calcopt.cli.environment import Environment
from calcopt.cli.options import Data, LearningDataOptions, OutputOptions, Rate, Save
from calcopt.cli.output import Output
from calcopt.cli.sharing import expand_options
from calcopt.cli.tables import read_table_question
from calcopt.cli.types import Job
from calcopt.cli.values import real_number, whole_number


@dataclass(slots=True, eq=False)
class TrainingDataOptions(LearningDataOptions):
    """How tables to learn from are read."""

    missing: Annotated[
        Literal["error", "skip", "mean"] | None,
        typer.Option("--missing", help="An empty cell: an error, its row left out, or its column's mean."),
    ] = None  # type: ignore[assignment]  # one way more than elsewhere


Target = Annotated[str | None, typer.Option("--target", metavar="COLUMN", help="The column to predict.")]
Features = Annotated[
    str | None, typer.Option("--features", metavar="COLUMNS", help="What to predict it from.  [default: all others]")
]
Words = Annotated[str | None, typer.Option("--text", metavar="COLUMN", help="Sentences: their words are counted.")]
Task = Annotated[
    Literal["auto", "regression", "classification"] | None,
    typer.Option("--task", help="A number or a class.  [default: auto]"),
]
Hidden = Annotated[str | None, typer.Option("--hidden", metavar="SIZES", help="Units of the hidden layers: 8,4.")]
Activation = Annotated[
    Literal["sigmoid", "tanh", "relu"] | None,
    typer.Option("--activation", help="Of the hidden units.  [default: sigmoid]"),
]
Method = Annotated[
    Literal["gd", "sgd", "adam", "newton"] | None, typer.Option("--method", help="How it learns.  [default: gd]")
]
Schedule = Annotated[
    Literal["constant", "1/t", "sqrt", "cosine"] | None,
    typer.Option("--schedule", help="How the rate of sgd and adam falls from epoch to epoch."),
]
Epochs = Annotated[
    int | None, typer.Option("--epochs", parser=whole_number, metavar="N", help="Passes over the data at most.")
]
Batch = Annotated[
    int | None,
    typer.Option("--batch", parser=whole_number, metavar="N", help="Rows a step of sgd and adam.  [default: 32]"),
]
Penalty = Annotated[
    float | None,
    typer.Option("--l2", parser=real_number, metavar="NUMBER", help="Penalty ½ l2 ‖w‖².  [default: 0]"),
]
ClassWeights = Annotated[
    str | None,
    typer.Option("--class-weights", metavar="WEIGHTS", help="balanced, or how often each row counts: rare=10,other=1."),
]
Scale = Annotated[
    bool | None,
    typer.Option(
        "--scale/--no-scale", help="Train on standardized columns; weights are given unscaled.", show_default=False
    ),
]
Validation = Annotated[
    float | None,
    typer.Option("--validation", parser=real_number, metavar="SHARE", help="Share of the rows held out, such as 0.2."),
]
Patience = Annotated[
    int | None,
    typer.Option(
        "--patience",
        parser=whole_number,
        metavar="N",
        help="Stop when the held-out loss has not fallen for N epochs; keep the best.",
    ),
]
Seed = Annotated[int | None, typer.Option("--seed", parser=whole_number, metavar="N", help="Of chance.  [default: 0]")]
Tolerance = Annotated[
    float | None,
    typer.Option(
        "--tolerance", parser=real_number, metavar="NUMBER", help="Stop when ‖∇L‖ is at most this.  [default: 1e-8]"
    ),
]
Keep = Annotated[
    str | None,
    typer.Option("--checkpoint", metavar="FILE", help="Keep the run there after every epoch, for --resume."),
]
Resume = Annotated[
    str | None,
    typer.Option("--resume", metavar="FILE", help="Go on from a checkpoint, with the same data and options."),
]


@expand_options
def train_perceptron(
    data: Data,
    reading: TrainingDataOptions,
    output: OutputOptions,
    *,
    target: Target = None,
    features: Features = None,
    text: Words = None,
    task: Task = None,
    hidden: Hidden = None,
    activation: Activation = None,
    method: Method = None,
    rate: Rate = None,
    schedule: Schedule = None,
    epochs: Epochs = None,
    batch: Batch = None,
    l2: Penalty = None,
    class_weights: ClassWeights = None,
    scale: Scale = None,
    validation: Validation = None,
    patience: Patience = None,
    seed: Seed = None,
    tolerance: Tolerance = None,
    save: Save = None,
    checkpoint: Keep = None,
    resume: Resume = None,
) -> Job:
    """A perceptron, or a network with hidden layers, for numbers (regression) or classes.

    Rows that do not fit into 256 MiB as numbers are kept in a temporary file. With --text every word is a column; a
    text column named in --features becomes a column of 0 and 1 for each of its levels.

    \b
    calcopt train-perceptron iris.csv --target species
    calcopt train-perceptron moods.csv --text sentence --target mood
    """
    asked = {
        "target": target,
        "features": features,
        "text": text,
        "task": task,
        "hidden": hidden,
        "activation": activation,
        "method": method,
        "rate": rate,
        "schedule": schedule,
        "epochs": epochs,
        "batch": batch,
        "l2": l2,
        "class_weights": class_weights,
        "scale": scale,
        "validation": validation,
        "patience": patience,
        "seed": seed,
        "tolerance": tolerance,
        "save": save,
        "checkpoint": checkpoint,
        "resume": resume,
        "cluster": reading.cluster,
    }

    def job(environment: Environment) -> int:
        from calcopt.api.perceptron import train_perceptron as train

        sink = Output(output, environment)
        table = read_table_question(data, "train-perceptron", environment)
        chosen = {name: table.choose(name, value) for name, value in asked.items()}
        try:
            record = train(
                table.data,
                stdin=environment.stdin,
                on_epoch=sink.epochs(),
                **table.reading(reading),
                **{name: value for name, value in chosen.items() if value is not None},
            )
        finally:
            sink.clear()
        return sink.finish(record)

    return job
