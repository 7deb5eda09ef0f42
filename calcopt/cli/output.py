"""One command's output: the format asked for, events while it runs, the record at the end, and the exit status."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from calcopt.cli.environment import Environment
from calcopt.cli.options import OutputOptions
from calcopt.errors import UsageError, printable

if TYPE_CHECKING:
    from calcopt.records import Epoch, Iteration
    from calcopt.render.notation import Notation
    from calcopt.render.progress import Progress

REACHED, NOT_REACHED, INTERRUPTED = 0, 3, 130


NameRun = Callable[[], tuple["Sequence[str] | None", bool]]
"""The names of the variables, and whether there are several runs to be told apart."""


class IterationEvents:
    """``{"event": "iteration", …}`` lines, with the number of the ``run`` where there are several."""

    def __init__(self, environment: Environment, names: Sequence[str] | None, *, several: bool) -> None:
        self._environment, self._names, self._several = environment, names, several
        self._run = -1

    def __call__(self, step: Iteration) -> None:
        from calcopt.render import json
        from calcopt.render.solved import iteration

        self._run += step.iteration == 0
        names = self._names
        if names is None or len(names) != len(step.x):
            names = [f"x[{index}]" for index in range(1, len(step.x) + 1)]
        run = {"run": self._run} if self._several else {}
        json.write_line(self._environment.stdout, {"event": "iteration", **run, **iteration(step, names)})


class Output:
    """Where a command sends its events and its record. ``latex`` tells whether the command has formulas to print."""

    def __init__(self, options: OutputOptions, environment: Environment, *, latex: bool = False) -> None:
        self.format = options.format
        if self.format == "latex" and not latex:
            raise UsageError("--latex prints formulas, and this command has none", hint="use --json, --csv or --quiet")
        self._options = options
        self._environment = environment
        self._progress: Progress | None = None

    def iterations(self, name_run: NameRun | None = None) -> Callable[[Iteration], None] | None:
        """What a solver is to call at each iteration; ``name_run`` is asked for names only where they are printed."""
        if self.format == "ndjson":
            names, several = name_run() if name_run is not None else (None, False)
            return IterationEvents(self._environment, names, several=several)
        progress = self._on_terminal()
        return progress.iteration if progress is not None else None

    def epochs(self) -> Callable[[Epoch], None] | None:
        """What training is to call at each epoch."""
        if self.format == "ndjson":
            return self._epoch_event
        progress = self._on_terminal()
        return progress.epoch if progress is not None else None

    def finish(self, record: object, *, notation: Notation | None = None) -> int:
        """Print the record; the exit status says whether its goal was reached."""
        self.clear()
        stream = self._environment.stdout
        for warning in getattr(record, "warnings", ()):
            self.warn(warning)
        if self.format == "table":
            self._show(record, notation)
        elif self.format in ("json", "ndjson"):
            self._document(record)
        elif self.format == "csv":
            from calcopt.render import csv

            csv.write(stream, csv.rows(record))
            self._tell_of_continua(record)
        else:
            self._lines(record, notation)
        stream.flush()
        status = exit_status(record)
        if status == NOT_REACHED and self.format in ("quiet", "csv", "latex"):
            self._tell_of_failure(record)
        if self.format == "quiet" and status == REACHED and (note := _without_value(record)):
            self._environment.stderr.write(f"note: {printable(note)}\n")
            self._environment.stderr.flush()
            return NOT_REACHED
        return status

    def warn(self, message: str) -> None:
        """A warning for people; scripts find it in the JSON too."""
        self._environment.stderr.write(f"warning: {printable(message)}\n")
        self._environment.stderr.flush()

    def clear(self) -> None:
        """Take the progress line away before anything else is printed."""
        if self._progress is not None:
            self._progress.clear()

    def _show(self, record: object, notation: Notation | None) -> None:
        from calcopt.render.console import show
        from calcopt.render.people.layout import Layout
        from calcopt.render.people.view import view

        environment = self._environment
        layout = Layout(environment.width, verbose=self._options.verbose)
        colour = environment.output_colour(self._options.color)
        show(view(record, layout, notation=notation), environment.stdout, width=environment.width, colour=colour)

    def _document(self, record: object) -> None:
        from calcopt.render import documents, json

        if self.format == "json":
            json.write_document(self._environment.stdout, documents.of(record))
        else:
            for event in documents.events(record):
                json.write_line(self._environment.stdout, event)
            fields = documents.of(record, trace=False)
            json.write_line(self._environment.stdout, {"event": "result", **fields})

    def _lines(self, record: object, notation: Notation | None) -> None:
        lines: Iterable[str]
        if self.format == "latex":
            from calcopt.cli.latex import to_latex
            from calcopt.render import latex

            lines = latex.lines(record, to_latex, notation=notation)
        else:
            from calcopt.render import quiet

            lines = quiet.lines(record)
        self._environment.stdout.write("".join(f"{line}\n" for line in lines))

    def _tell_of_failure(self, record: object) -> None:
        """The reason, on standard error, where the format has no place for it."""
        last = getattr(record, "runs", (record,))[-1]
        said = (getattr(last, "status", None), getattr(last, "message", None), getattr(last, "advice", None))
        self._environment.stderr.write(f"note: {printable('; '.join(part for part in said if part))}\n")
        self._environment.stderr.flush()

    def _tell_of_continua(self, record: object) -> None:
        if continua := getattr(record, "continua", ()):
            whole = "; ".join(item.description for item in continua)
            self.warn(f"the CSV lists points only; critical everywhere on: {whole}")

    def _epoch_event(self, step: Epoch) -> None:
        from calcopt.render import json
        from calcopt.render.learned import epoch

        json.write_line(self._environment.stdout, {"event": "epoch", **epoch(step)})

    def _on_terminal(self) -> Progress | None:
        environment = self._environment
        if environment.stderr_is_terminal:
            from calcopt.render.progress import Progress

            self._progress = Progress(environment.stderr, columns=environment.columns)
        return self._progress


def _without_value(record: object) -> str | None:
    """Where a derivative was asked for and there is none: a bare ``nan`` must not pass for an answer."""
    for point in getattr(record, "at", ()):
        if not all(math.isfinite(value) for value in point.derivative_values):
            place = ", ".join(f"{name} = {value:g}" for name, value in point.at.items())
            return "; ".join([f"there is no derivative at {place}", *point.remarks])
    return None


def exit_status(record: object) -> int:
    """0 the goal was reached, 3 it was not, 130 interrupted before it could be."""
    if getattr(record, "interrupted", False):
        return INTERRUPTED
    return REACHED if getattr(record, "reached_goal", True) else NOT_REACHED
