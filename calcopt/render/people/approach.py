"""What people see of ``--secant`` and ``--limit``: a table that approaches, and what it tends to."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from calcopt.errors import printable
from calcopt.records.steps import Limit, SecantTable
from calcopt.render.numbers import align, number
from calcopt.render.people.layout import BLANK, Column, grid, heading, indented, paragraph

DIGITS = 10


def secants_view(table: SecantTable, name: str) -> Iterator[RenderableType]:
    """The slopes of secants from both sides, for steps that shrink."""
    place = ", ".join(f"{key} = {number(value)}" for key, value in table.at.items())
    yield heading((f"secants of {name} at {place}", "bold"), (f"   along {table.variable}", "dim"))
    columns = [
        Column("step h", align([number(row.step) for row in table.rows])),
        Column("left Δf/Δx", align([number(row.left, DIGITS) for row in table.rows])),
        Column("right Δf/Δx", align([number(row.right, DIGITS) for row in table.rows])),
    ]
    yield indented(grid(columns))
    yield indented(paragraph(table.message, "" if table.slope is not None else "yellow"))


def limit_view(found: Limit, name: str) -> Iterator[RenderableType]:
    """The values on the way, and the limit."""
    arrow = {"both": "", "left": "⁻", "right": "⁺"}[found.side]
    target = {"inf": "∞", "-inf": "−∞"}.get(found.target, found.target)
    yield heading((f"limit of {name} as {found.variable} → {target}{arrow}", "bold"))
    if found.rows:
        columns = [
            Column(found.variable, align([number(at, 12) for at, _ in found.rows])),
            Column(f"{name}({found.variable})", align([number(value, DIGITS) for _, value in found.rows])),
        ]
        yield indented(grid(columns))
    if found.exact is None:
        yield indented(paragraph(f"the limit: {found.message}", "yellow"))
        return
    exact = {"inf": "∞", "-inf": "−∞"}.get(found.exact, found.exact)
    digits = number(found.value, DIGITS) if found.value is not None else ""
    beside = f" ≈ {digits}" if digits and digits != exact else ""
    yield indented(Text.assemble("limit = ", (printable(f"{exact}{beside}"), "bold"), (f"   {found.message}", "dim")))


def approach_view(secants: tuple[SecantTable, ...], limits: tuple[Limit, ...], name: str) -> Iterator[RenderableType]:
    """All tables, each after a blank line."""
    for table in secants:
        yield BLANK
        yield from secants_view(table, name)
    for found in limits:
        yield BLANK
        yield from limit_view(found, name)
