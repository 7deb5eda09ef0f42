"""What people see of ``diff``: the function, its derivatives, and what they are at a point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from calcopt.records import AtPoint, Derivatives
from calcopt.render import notation as write_name
from calcopt.render.notation import Notation, default_notation
from calcopt.render.numbers import number
from calcopt.render.people.layout import BLANK, Layout, heading, indented, matrix, pairs, paragraph

LONGEST_HESSIAN = 1500  # characters of all entries: more is noise to whoever asked for the gradient
WIDEST_MATRIX = 200  # characters, off a terminal too: beyond that lines read better


def derivatives_view(record: Derivatives, layout: Layout, notation: Notation | None = None) -> Iterator[RenderableType]:
    """``f'(x) = …`` lines, the Hessian as a matrix, then a block for each ``--at`` point."""
    style = notation or default_notation(record.variables)
    names = [write_name.text(item.with_respect_to, record.variables, record.name, style) for item in record.derivatives]
    left = f"{record.name}({', '.join(record.variables)})"
    yield pairs([(left, record.function)], style="dim")
    yield BLANK
    if record.steps:
        from calcopt.render.people.steps import steps_view

        yield from steps_view(record, layout, style)
    else:
        yield pairs([(name, item.expression) for name, item in zip(names, record.derivatives, strict=True)])
    if record.hessian is not None and record.order == 1 and not record.steps:
        yield BLANK
        if sum(len(entry) for row in record.hessian for entry in row) <= LONGEST_HESSIAN or layout.verbose:
            yield Text("Hessian")
            yield indented(_hessian(record, record.hessian, style, layout))
        else:
            size = len(record.hessian)
            yield Text(
                f"Hessian: {size} × {size} long formulas; --verbose, --order 2 or --json shows them", style="dim"
            )
    if record.non_differentiable is not None or record.study is not None:
        from calcopt.render.people import places

        if record.non_differentiable is not None:
            yield from places.singular_view(record.non_differentiable, layout)
        if record.study is not None:
            yield from places.study_view(record.study)
    for point in record.at:
        yield BLANK
        yield from _at(point, names, record.name)
    if record.secants or record.limits:
        from calcopt.render.people.approach import approach_view

        yield from approach_view(record.secants, record.limits, record.name)


def _hessian(record: Derivatives, rows: Sequence[Sequence[str]], style: Notation, layout: Layout) -> RenderableType:
    """The matrix, or where the screen is too narrow for it, its upper triangle line by line."""
    table = matrix(rows, formulas=True)
    if max(len(line) for line in table.plain.split("\n")) + 2 <= min(layout.width, WIDEST_MATRIX):
        return table
    names = record.variables
    above = [(i, j) for i in range(len(names)) for j in range(i, len(names))]
    return pairs([(write_name.text((names[i], names[j]), names, record.name, style), rows[i][j]) for i, j in above])


def _at(point: AtPoint, names: Sequence[str], name: str) -> Iterator[RenderableType]:
    exact = point.exact_at or {}
    place = ", ".join(f"{variable} = {beside(value, exact.get(variable))}" for variable, value in point.at.items())
    yield heading((f"at {place}" if place else "value", "bold"))
    exact_values = point.exact_derivative_values or (None,) * len(names)
    rows = [(name, beside(point.value, point.exact_value))]
    rows += [
        (left, beside(value, text))
        for left, value, text in zip(names, point.derivative_values, exact_values, strict=True)
    ]
    if point.tangent is not None:
        rows.append(("tangent", point.tangent))
    yield indented(pairs(rows))
    if point.hessian_value is not None:
        eigenvalues = "" if point.eigenvalues is None else f"   eigenvalues {', '.join(map(number, point.eigenvalues))}"
        yield indented(heading(("Hessian", ""), (eigenvalues, "dim")))
        yield indented(matrix([[beside(value, None) for value in row] for row in point.hessian_value]), 4)
    for remark in point.remarks:
        yield indented(paragraph(remark, "yellow"))


def beside(value: float | None, exact: str | None) -> str:
    """``pi/4 ≈ 0.78539816``: exact first where the digits alone would not say it; a dash for what is not there."""
    written = "—" if value is not None and value != value else number(value)
    if exact is None or exact == written:
        return written
    return exact if value is None else f"{exact} ≈ {written}"
