"""What people see of ``fit-line``: the equation, the parameters with their errors, and how good the fit is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from calcopt.records import LineFit
from calcopt.render.numbers import align, column, number
from calcopt.render.people.iterations import iteration_table
from calcopt.render.people.layout import BLANK, Column, Layout, grid, heading, labelled, note, pairs, status_line


def line_view(record: LineFit, layout: Layout) -> Iterator[RenderableType]:
    """Equation, iterations if there were any, parameters, quality of the fit."""
    yield heading(("fit", "bold"), ("  ", ""), (equation(record), ""))
    rows = f"{record.rows} row{'s' * (record.rows != 1)}" + (f", {record.skipped} skipped" if record.skipped else "")
    yield note(f"{record.data}: {rows}; {record.method}")
    yield BLANK
    if record.trace:
        yield iteration_table(record.trace, tuple(record.parameters), "minimize", layout, symbol="L")
        yield BLANK
    yield status_line(record.status, record.message, reached=record.reached_goal)
    if record.advice:
        yield labelled("advice", "bold yellow", record.advice)
    yield BLANK
    yield grid(_parameters(record))
    yield BLANK
    yield pairs(_quality(record))


def equation(record: LineFit) -> str:
    """``y = 0.5·x + 2.3333333``."""
    terms: list[str] = []
    for name, value in record.parameters.items():
        factor = number(abs(value), 6) + ("" if record.intercept and name == "intercept" else f"·{name}")
        sign = "-" if value < 0 else "+"
        terms.append(f"{sign} {factor}" if terms else factor if value >= 0 else f"-{factor}")
        if len(terms) == 6 and len(record.parameters) > 7:
            terms.append("+ …")
            break
    return f"{record.target} = {' '.join(terms)}"


def _parameters(record: LineFit) -> list[Column]:
    """A row a parameter; the statistics only when the rows leave a degree of freedom for them."""
    names = list(record.parameters)
    columns = [
        Column("", names, "left"),
        Column("estimate", _estimates([number(record.parameters[name]) for name in names])),
    ]
    errors = [record.standard_errors.get(name) for name in names]
    if all(error is None for error in errors):
        return columns
    intervals = [record.confidence_intervals.get(name) for name in names]
    low = _own_digits([None if pair is None else pair[0] for pair in intervals], 6)
    high = _own_digits([None if pair is None else pair[1] for pair in intervals], 6)
    between = [f"{one} … {other}" for one, other in zip(low, high, strict=True)]
    return [
        *columns,
        Column("std error", _own_digits(errors, 5)),
        Column("t", align([number(record.t_values.get(name), 4) for name in names])),
        Column("p", align([probability(record.p_values.get(name)) for name in names])),
        Column("95 % interval", between),
    ]


def _estimates(cells: list[str]) -> list[str]:
    """Points under each other, unless that makes the column much wider than its widest number."""
    aligned = align(cells)
    widest = max(len(cell) for cell in cells)
    return aligned if len(aligned[0]) <= widest + 4 else [cell.rjust(widest) for cell in cells]


def _own_digits(values: Sequence[float | None], digits: int) -> list[str]:
    """Aligned with equal decimals; where magnitudes differ so much that some would lose digits, each by itself."""
    sizes = [abs(value) for value in values if value]
    if not sizes or max(sizes) < 1e3 * min(sizes) or all(value == int(value) for value in sizes):
        return column(values, digits)
    cells = [number(value, digits) for value in values]
    width = max(len(cell) for cell in cells)
    return [cell.rjust(width) for cell in cells]


def probability(value: float | None) -> str:
    """Four decimals, and below that a power of ten: nobody reads 0.78770438."""
    if value is None or value == 0 or value >= 1e-4:
        return number(None if value is None else round(value, 4))
    return number(value, 2)


def _quality(record: LineFit) -> list[tuple[str, str]]:
    rows = (
        [] if record.r_squared is None else [("R²" if record.intercept else "R² about zero", number(record.r_squared))]
    )
    if record.residual_standard_deviation is not None:
        freedom = f"{record.degrees_of_freedom} degree{'' if record.degrees_of_freedom == 1 else 's'} of freedom"
        rows.append(("residual standard deviation", f"{number(record.residual_standard_deviation)}  ({freedom})"))
    rows.append(("cost L = 1/(2n) Σ residual²", number(record.cost)))
    if record.model_file is not None:
        rows.append(("saved as", record.model_file))
    return rows
