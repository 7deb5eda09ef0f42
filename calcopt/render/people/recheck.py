"""What people see of ``calcopt verify``: a line for each certificate, and the sum."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from calcopt.records.rechecks import Recheck
from calcopt.render.numbers import align, number
from calcopt.render.people.layout import BLANK, Column, Layout, grid, heading, paragraph


def recheck_view(record: Recheck, layout: Layout) -> Iterator[RenderableType]:
    yield heading(("certificates for", "bold"), ("  ", ""), (record.function, ""))
    yield BLANK
    if record.certificates:
        columns = [
            Column(name, align([number(sum(item.enclosure[name]) / 2) for item in record.certificates]))
            for name in record.variables[:6]
        ]
        columns.append(Column("", [item.classification or "" for item in record.certificates], "left"))
        told = ["holds" if item.holds else f"not proved: {item.reason}" for item in record.certificates]
        styles = {index: "green" if item.holds else "red" for index, item in enumerate(record.certificates)}
        columns.append(Column("", told, "left", styles=styles))
        yield grid(columns)
        yield BLANK
    yield paragraph(record.message, "green" if record.reached_goal else "yellow")
