"""What people see of ``model`` for a fitted line or curve: how it was found, its parameters, and its formula."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from calcopt.records.models import FitSummary
from calcopt.render.numbers import align, number
from calcopt.render.people.layout import BLANK, Column, Layout, grid, heading, indented, note, pairs
from calcopt.render.people.model import formulas_view, renamed_view


def saved_fit_view(record: FitSummary, layout: Layout) -> Iterator[RenderableType]:
    """Title, how it was fitted, parameters, columns whose variable has another name, formulas."""
    columns = ", ".join(item.feature for item in record.inputs[:6]) + (", …" if len(record.inputs) > 6 else "")
    yield heading((record.kind, "bold"), ("  ", ""), (record.model or f"{record.target} from {columns}", ""))
    count = len(record.parameters)
    yield note(f"{record.path}: {count} parameter{'s' * (count != 1)}; calcopt {record.calcopt}")
    yield BLANK
    yield indented(pairs(_fit(record)))
    yield BLANK
    names = list(record.parameters)
    cells = [Column("", names, "left"), Column("estimate", align([number(record.parameters[name]) for name in names]))]
    errors = [record.standard_errors.get(name) for name in names]
    if any(error is not None for error in errors):
        cells.append(Column("std error", align([number(error, 5) for error in errors])))
    yield grid(cells)
    yield BLANK
    yield from renamed_view(record)
    yield from formulas_view(record, layout)


def _fit(record: FitSummary) -> list[tuple[str, str]]:
    kept = record.fit
    weights = "" if kept["weights"] is None else f", weighted by {kept['weights']}"
    rows = [("fitted to", f"{kept['data']}, {kept['rows']:,} rows{weights}")]
    loss = "" if kept["loss"] == "linear" else f", {kept['loss']} loss"
    rows.append(("method", f"{kept['method']}{loss}: {str(kept['status']).replace('_', ' ')}"))
    if record.constants:
        rows.append(("constants", ", ".join(f"{name} = {text}" for name, text in record.constants.items())))
    if isinstance(kept["r_squared"], float):
        rows.append(("R²", number(kept["r_squared"])))
    if record.residual_standard_deviation is not None:
        freedom = f"{record.degrees_of_freedom} degree{'s' * (record.degrees_of_freedom != 1)} of freedom"
        rows.append(("residual standard deviation", f"{number(record.residual_standard_deviation)}  ({freedom})"))
    return rows
