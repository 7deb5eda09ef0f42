"""Options that several commands have, each defined here once (see ``sharing``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from calcopt.cli.environment import Colour
from calcopt.cli.values import real_number, whole_number
from calcopt.errors import UsageError

Format = Literal["table", "json", "ndjson", "csv", "latex", "quiet"]
Problem = Annotated[
    str, typer.Argument(metavar="PROBLEM", help="A function, a problem file (.yaml, .yml, .json), or - for stdin.")
]
Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A file, glob or folder of CSV, TSV, JSON lines or Parquet, - for stdin, or a problem file (.yaml, .yml).",
    ),
]
Starts = Annotated[
    list[str] | None,
    typer.Option("--start", metavar="POINT", help="Where to start, such as x=4,y=4 or 4,4; again for another run."),
]
Variables = Annotated[
    str | None,
    typer.Option("--var", metavar="NAMES", help="The variables, such as x or x,y; other letters are constants."),
]
Points = Annotated[
    list[str] | None,
    typer.Option("--at", metavar="POINT", help="A point, such as x=2,y=3 or 2,3; again for another."),
]
Box = Annotated[
    str | None, typer.Option("--box", metavar="RANGES", help="A region, such as x=-5..5,y=0..1, or -5..5 for all.")
]
MaxBoxes = Annotated[
    int | None,
    typer.Option("--max-boxes", parser=whole_number, metavar="N", help="Give up a proof after so many boxes."),
]
Maximize = Annotated[bool | None, typer.Option("--maximize", help="Look for a maximum.")]
Verify = Annotated[
    bool | None, typer.Option("--verify", help="Prove the answer by interval arithmetic: that it is there, and alone.")
]
Rate = Annotated[float | None, typer.Option("--rate", parser=real_number, metavar="NUMBER", help="The step factor α.")]

Save = Annotated[str | None, typer.Option("--save", metavar="FILE", help="Write the model there, for calcopt predict.")]
Trace = Annotated[
    Literal["thinned", "all"] | None,
    typer.Option("--trace", help="Keep every row of a long history, or thin its middle.  [default: thinned]"),
]


@dataclass(slots=True, eq=False)
class OutputOptions:
    """What is printed, and how."""

    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False
    ndjson: Annotated[bool, typer.Option("--ndjson", help="Print events, a JSON object a line, as they happen.")] = (
        False
    )
    csv: Annotated[bool, typer.Option("--csv", help="Print the iterations, points or rows as CSV.")] = False
    latex: Annotated[bool, typer.Option("--latex", help="Print the formulas as LaTeX (diff, classify-critical).")] = (
        False
    )
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the answer alone.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", help="Show every row and every reason.")] = False
    color: Annotated[Colour, typer.Option("--color", help="When to use colour (auto: on a terminal).")] = "auto"

    @property
    def format(self) -> Format:
        """The one format asked for; several are an error."""
        flags: dict[Format, bool] = {
            "json": self.json,
            "ndjson": self.ndjson,
            "csv": self.csv,
            "latex": self.latex,
            "quiet": self.quiet,
        }
        asked = [name for name, flag in flags.items() if flag]
        if len(asked) > 1:
            raise UsageError(f"--{asked[0]} and --{asked[1]} exclude each other", hint="ask for one format")
        return asked[0] if asked else "table"


@dataclass(slots=True, eq=False)
class FormulaOptions:
    """Options of the commands that take a formula."""

    let: Annotated[
        list[str] | None,
        typer.Option("--let", metavar="NAME=VALUE", help="Give a letter a value, such as a=3 or a=3,b=pi/2."),
    ] = None


@dataclass(slots=True, eq=False)
class StopOptions:
    """When solvers stop."""

    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            parser=real_number,
            metavar="NUMBER",
            help="Stop when ‖∇f‖ (with --root: |f|) is at most this.  [default: 1e-8]",
        ),
    ] = None
    max_iterations: Annotated[
        int | None,
        typer.Option("--max-iterations", parser=whole_number, metavar="N", help="Stop after so many iterations."),
    ] = None
    time_limit: Annotated[
        float | None,
        typer.Option("--time-limit", parser=real_number, metavar="SECONDS", help="Stop after so many seconds."),
    ] = None


@dataclass(slots=True, eq=False)
class RunOptions:
    """What else a run of a solver can be asked for."""

    explain: Annotated[
        int | None,
        typer.Option("--explain", parser=whole_number, metavar="K", help="Work out iteration K in full, as by hand."),
    ] = None
    checkpoint: Annotated[
        str | None, typer.Option("--checkpoint", metavar="FILE", help="Save the run to a file as it goes.")
    ] = None
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="FILE", help="Go on from a checkpoint, with the same iterates.")
    ] = None
    data: Annotated[
        str | None,
        typer.Option(
            "--data", metavar="DATA", help="A table whose columns the formula may use, as t[i]; n is its length."
        ),
    ] = None


@dataclass(slots=True, eq=False)
class DataOptions:
    """How tables are read."""

    delimiter: Annotated[
        str | None, typer.Option("--delimiter", metavar="CHARACTER", help="What separates the columns, such as ';'.")
    ] = None
    no_header: Annotated[
        bool | None, typer.Option("--no-header", help="The first line is data; the columns are c1, c2 …")
    ] = None
    decimal: Annotated[
        str | None,
        typer.Option("--decimal", metavar="MARK", help="A comma for 1,5; then ';' separates columns.  [default: .]"),
    ] = None
    missing: Annotated[
        Literal["error", "skip"] | None,
        typer.Option("--missing", help="What to do with a row that has an empty cell.  [default: error]"),
    ] = None


@dataclass(slots=True, eq=False)
class LearningDataOptions(DataOptions):
    """How tables to learn from are read, and by whom."""

    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster", metavar="ADDRESS", help="Dask: tcp://host:8786, file:scheduler.json, or local:2 workers."
        ),
    ] = None
