"""What people see of ``gd`` and ``newton``: the steps, then where they ended and what that point is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from calcopt.errors import excerpt
from calcopt.records import Result, Runs
from calcopt.render.numbers import align, column, number
from calcopt.render.people.bounds import bounds_table, proof_view
from calcopt.render.people.iterations import iteration_table
from calcopt.render.people.layout import (
    BLANK,
    Column,
    Layout,
    grid,
    heading,
    indented,
    labelled,
    note,
    pairs,
    paragraph,
    status_line,
)

NAMES = {"gd": "gradient descent", "newton": "Newton's method", "minimize": ""}
VERBS = {"minimize": "minimize", "maximize": "maximize", "root": "find a zero of"}
MOST_NAMES = 12
GOOD = {"minimize": "local minimum", "maximize": "local maximum"}


def result_view(result: Result, layout: Layout) -> Iterator[RenderableType]:
    """Heading, iteration table, result."""
    yield from _title(result)
    yield BLANK
    whole = result.proof is not None and result.proof.kind == "global"
    if whole:
        yield bounds_table(result.trace, layout)
        yield BLANK
    elif result.trace:
        yield iteration_table(result.trace, result.variables, result.goal, layout)
        yield BLANK
    if result.explained is not None:
        yield from _explained(result, layout)
    yield from _ending(result)
    if result.proof is not None:
        yield BLANK
        yield from proof_view(result.proof, layout)


def _explained(result: Result, layout: Layout) -> Iterator[RenderableType]:
    """The iteration that was to be worked out."""
    from calcopt.render.people.explained import explained_view

    if result.explained is not None:
        yield from explained_view(result.explained, layout)
        yield BLANK


def _title(result: Result) -> Iterator[Text]:
    yield heading((VERBS[result.goal], "bold"), ("  ", ""), (result.function, ""))
    named = (NAMES.get(result.command, result.command), result.method.replace("_", " "))
    reason = f" ({result.why})" if result.why else ""
    yield note(", ".join(part for part in named if part) + reason)


def _ending(result: Result) -> Iterator[RenderableType]:
    yield status_line(result.status, result.message, reached=result.reached_goal)
    if result.culprit is not None:
        yield Text(excerpt(result.culprit.text, result.culprit.start, result.culprit.end), style="yellow")
    yield indented(pairs(_answer(result)))
    if result.verdict.classification is not None or result.verdict.detail:
        yield indented(_verdict(result))
    yield indented(note(_counts(result)))
    if result.advice:
        yield labelled("advice", "bold yellow", result.advice)


def _answer(result: Result) -> list[tuple[str, str]]:
    values = [float(value) for value in result.x]
    rows = named_numbers(result.variables, values)
    label = "‖F‖" if result.residual is not None and len(result.residual) > 1 else "f"
    return [*rows, (label, number(result.value, 10))]


def named_numbers(names: Sequence[str], values: Sequence[float]) -> list[tuple[str, str]]:
    """(name, aligned number) pairs; of many the first and the last, with a gap that says how many are left out."""
    shown = list(range(len(names)))
    if len(names) > MOST_NAMES:
        shown = [*range(MOST_NAMES - 4), *range(len(names) - 2, len(names))]
    cells = align([number(values[index]) for index in shown])
    rows = [(names[index], cell.rstrip()) for index, cell in zip(shown, cells, strict=True)]
    if len(shown) < len(names):
        rows.insert(MOST_NAMES - 4, ("…", f"{len(names) - len(shown)} more; --quiet, --csv or --json show all"))
    return rows


def _verdict(result: Result) -> RenderableType:
    """``local minimum  eigenvalues 4.27, 4.27``: what the second-order test said, and with which numbers."""
    kind = result.verdict.classification
    if kind is None:
        return paragraph(result.verdict.detail)
    style = "green" if kind == GOOD.get(result.goal) else "" if result.goal == "root" else "yellow"
    proof = " (certified)" if result.certified else ""
    return labelled(kind + proof, f"bold {style}".strip(), result.verdict.detail)


def _counts(result: Result) -> str:
    count = result.counts
    kinds = ("F", "Jacobian") if result.residual is not None else ("f", "∇f")
    parts = [
        f"{count.value} {kinds[0]}",
        f"{count.gradient} {kinds[1]}",
        f"{count.hessian} ∇²f" if count.hessian else "",
    ]
    steps = "1 iteration" if result.iterations == 1 else f"{result.iterations} iterations"
    return f"{steps}; evaluations: {', '.join(part for part in parts if part)}"


def runs_view(record: Runs, layout: Layout) -> Iterator[RenderableType]:
    """One line a start, then the best; every run's own steps with ``--verbose``."""
    if layout.verbose:
        for run in record.runs:
            yield from result_view(run, layout)
            yield BLANK
    first = record.runs[0]
    yield from _title(first)
    yield BLANK
    yield grid(_summary(record, layout))
    yield BLANK
    if not layout.verbose:
        yield from _explained(record.runs[0 if record.best is None else record.best], layout)
    if record.best is None:
        yield Text("none of the starts reached the goal", style="bold yellow")
    else:
        yield Text.assemble((f"best: start {record.best + 1}", "bold green"))
        yield from map(indented, _ending(record.runs[record.best]))
    for remark in record.remarks:
        yield paragraph(remark)
    if not layout.verbose:
        yield note("--verbose shows the iterations of every start")


def _summary(record: Runs, layout: Layout) -> list[Column]:
    runs = record.runs
    styles = {index: "green" if run.reached_goal else "yellow" for index, run in enumerate(runs)}
    names = runs[0].variables[:3]
    more = len(names) < len(runs[0].variables)
    columns = [Column("start", [str(index + 1) for index in range(len(runs))])]
    for place, name in enumerate(names):
        columns.append(Column(name, align([number(float(run.trace[0].x[place]), 4) for run in runs]), style="dim"))
    if more:
        columns.append(Column("…", ["…"] * len(runs), style="dim"))
    columns.append(Column("", ["→"] * len(runs), style="dim"))
    for place, name in enumerate(names):
        columns.append(Column(name, column([float(run.x[place]) for run in runs])))
    if more:
        columns.append(Column("…", ["…"] * len(runs), style="dim"))
    columns.append(Column("f", column([run.value for run in runs], 8)))
    columns.append(Column("iter", [str(run.iterations) for run in runs]))
    kinds = [run.verdict.classification or "" for run in runs]
    endings = [
        run.status.replace("_", " ") + (f", {kind}" if kind else "") for run, kind in zip(runs, kinds, strict=True)
    ]
    columns.append(Column("", endings, "left", styles=styles))
    return columns
