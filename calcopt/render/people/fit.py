"""What people see of ``fit``: the iterations, the parameters with their errors, and how good the fit is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from calcopt.records import CurveFit
from calcopt.render.numbers import align, column, number
from calcopt.render.people.iterations import iteration_table
from calcopt.render.people.layout import (
    BLANK,
    Column,
    Layout,
    grid,
    heading,
    labelled,
    note,
    pairs,
    paragraph,
    status_line,
)
from calcopt.render.people.line import probability

_MOST_CORRELATED = 8
"""Parameters up to which the correlations are shown without --verbose."""


def fit_view(record: CurveFit, layout: Layout) -> Iterator[RenderableType]:
    """Model, iterations if there were any, parameters, quality of the fit, correlations, runs."""
    yield heading(("fit", "bold"), ("  ", ""), (record.model, ""))
    rows = f"{record.rows} rows" + (f", {record.skipped} skipped" if record.skipped else "")
    rows += f", weighted by {record.weights}" if record.weights else ""
    loss = "" if record.loss_scale is None else f"; {record.loss} loss beyond {number(record.loss_scale, 4)}"
    yield note(f"{record.data}: {rows}; {record.method}{loss}")
    if record.guess is not None:
        yield note(f"start guessed: {record.guess}")
    yield BLANK
    if record.trace:
        symbol = "S" if record.loss == "linear" else "loss"
        names = tuple(record.parameters)
        yield iteration_table(record.trace, names, "minimize", layout, symbol=symbol, measure="offset")
        yield BLANK
    yield status_line(record.status, record.message, reached=record.reached_goal)
    if record.advice is not None:
        yield paragraph(record.advice)
    yield BLANK
    yield grid(_parameters(record))
    yield BLANK
    yield pairs(_quality(record))
    free = [place for place, name in enumerate(record.parameters) if name not in record.at_bound]
    if record.correlations is not None and len(free) > 1:
        yield BLANK
        columns = _correlations(record, free)
        fits = sum(item.width + 2 for item in columns) <= layout.width
        yield grid(columns) if fits and (len(free) <= _MOST_CORRELATED or layout.verbose) else _strongest(record, free)
    if record.starts:
        yield BLANK
        yield grid(_runs(record))


def _parameters(record: CurveFit) -> list[Column]:
    """A row a parameter; columns of statistics only where there are some."""
    names = list(record.parameters)
    columns = [
        Column("", names, "left"),
        Column("estimate", align([number(record.parameters[name]) for name in names])),
    ]
    errors = [record.standard_errors.get(name) for name in names]
    if all(error is None for error in errors):
        return columns
    intervals = [record.confidence_intervals.get(name) for name in names]
    between = ["at its bound" if pair is None else _interval(pair) for pair in intervals]
    columns.append(Column("std error", align([number(error, 5) for error in errors])))
    if any(record.t_values.get(name) is not None for name in names):
        columns.append(Column("t", align([number(record.t_values.get(name), 4) for name in names])))
        columns.append(Column("p", align([probability(record.p_values.get(name)) for name in names])))
    columns.append(Column("95 % interval", between, "left"))
    return columns


def _interval(pair: tuple[float, float]) -> str:
    return f"{number(pair[0], 6)} … {number(pair[1], 6)}"


def _quality(record: CurveFit) -> list[tuple[str, str]]:
    weighted = "w residual²" if record.weights else "residual²"
    rows = [(f"S = Σ {weighted}", number(record.residual_sum_of_squares))]
    if record.loss != "linear":
        rows.insert(0, (f"{record.loss} loss", number(record.cost)))
    if record.residual_standard_deviation is not None:
        freedom = f"{record.degrees_of_freedom} degree{'' if record.degrees_of_freedom == 1 else 's'} of freedom"
        rows.append(("residual standard deviation", f"{number(record.residual_standard_deviation)}  ({freedom})"))
    if record.r_squared is not None:
        label = "R²" if record.r_squared_about == "mean" else "R² about zero"
        rows.append((label, number(record.r_squared)))
    if record.aic is not None and record.bic is not None:
        rows.append(("AIC, BIC", f"{number(record.aic, 6)}, {number(record.bic, 6)}"))
    if record.residuals is not None:
        rows.append(("residuals written to", record.residuals))
    if record.model_file is not None:
        rows.append(("saved as", record.model_file))
    return rows


def _correlations(record: CurveFit, free: Sequence[int]) -> list[Column]:
    """The lower triangle of the parameters that are ``free``; what is close to 1 is not rounded to it."""
    names, matrix = list(record.parameters), record.correlations or ()
    columns = [Column("correlation", [names[i] for i in free[1:]], "left")]
    for j in free[:-1]:
        columns.append(Column(names[j], ["" if i <= j else _correlation(matrix[i][j]) for i in free[1:]]))
    return columns


def _strongest(record: CurveFit, free: Sequence[int]) -> RenderableType:
    """The three largest of a matrix that is too wide to be shown."""
    names, matrix = list(record.parameters), record.correlations or ()
    found = [(abs(value), i, j, value) for i in free for j in free if j < i and (value := matrix[i][j]) is not None]
    found.sort(key=lambda entry: (-entry[0], *entry[1:3]))
    listed = ", ".join(f"{names[j]} and {names[i]} {_correlation(value)}" for _, i, j, value in found[:3])
    return labelled("strongest correlations", "", f"{listed}; --json has all of them")


def _correlation(value: float | None) -> str:
    if value is None:
        return number(None)
    for decimals in (3, 4, 5, 6):
        text = f"{value:.{decimals}f}"
        if abs(float(text)) < 1:
            return text
    return f"{value:.7f}"


def _runs(record: CurveFit) -> list[Column]:
    runs = record.starts
    starts = [", ".join(f"{name} = {number(value, 5)}" for name, value in run.start.items()) for run in runs]
    return [
        Column("start", starts, "left"),
        Column("status", [run.status.replace("_", " ") for run in runs], "left"),
        Column("S" if record.loss == "linear" else "loss", column([run.residual_sum_of_squares for run in runs], 8)),
        Column("iterations", [str(run.iterations) for run in runs]),
    ]
