"""The look that all tables share: no boxes, one thin rule, few colours, and user text only ever as ``Text``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from calcopt.errors import printable
from calcopt.records import Status
from calcopt.render.numbers import align

FIRST_ROWS, LAST_ROWS = 10, 5
NARROWEST = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """``width`` of the screen (huge off a terminal: nothing is cut there); ``verbose`` shows every row."""

    width: int = 80
    verbose: bool = False


@dataclass(slots=True)
class Column:
    """A heading, its cells (already aligned texts), and how the narrow heading sits over them."""

    heading: str
    cells: Sequence[str]
    justify: Literal["left", "right", "center"] = "right"
    style: str = ""
    styles: Mapping[int, str] = field(default_factory=dict)

    @property
    def width(self) -> int:
        return max(len(self.heading), *(len(cell) for cell in self.cells), 1) if self.cells else len(self.heading)

    @property
    def least(self) -> int:
        """What it cannot do without: numbers are not folded, texts are, down to ``NARROWEST``."""
        return min(self.width, NARROWEST) if self.justify == "left" else self.width


@dataclass(frozen=True, slots=True)
class Whole:
    """A table that is never narrower than ``least``: a cut number is a wrong number, so let the terminal wrap it."""

    table: Table
    least: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from console.render(self.table, options.update_width(max(self.least, options.max_width)))


def grid(columns: Sequence[Column], *, rule: bool = True) -> Whole:
    """The columns under their headings; ``rule`` draws the thin line below these. Only texts are folded."""
    table = Table(
        box=SIMPLE_HEAD if rule else None, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold"
    )
    for column in columns:
        table.add_column(
            Text(printable(column.heading)),
            justify=column.justify,
            no_wrap=column.justify != "left",
            overflow="fold",
            min_width=column.least,
        )
    for index in range(max((len(column.cells) for column in columns), default=0)):
        table.add_row(*(Text(printable(c.cells[index]), style=c.styles.get(index, c.style)) for c in columns))
    return Whole(table, sum(column.least + 2 for column in columns))


def indented(renderable: RenderableType, by: int = 2) -> Padding:
    return Padding(renderable, (0, 0, 0, by))


def pairs(rows: Sequence[tuple[str, str]], *, style: str = "", sign: str = "=") -> Table:
    """``name = value`` lines, aligned at the sign; long values wrap under themselves."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(printable(name)), Text(sign if name != "…" else ""), Text(printable(value), style=style))
    return table


def heading(*parts: tuple[str, str]) -> Text:
    """A first line from (text, style) parts."""
    return Text.assemble(*((printable(text), style) for text, style in parts))


def labelled(label: str, style: str, text: str) -> Table:
    """``label  text``, the text wrapped under itself."""
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(Text(printable(label), style=style), Text(printable(text)))
    return table


def status_line(status: Status, message: str, *, reached: bool) -> Table:
    """``converged  ‖∇f‖ = 3e-09 ≤ 1e-08``: green only when the goal was reached."""
    colour = "green" if reached else "yellow" if status in ("interrupted", "time_limit", "converged") else "red"
    return labelled(status.replace("_", " "), f"bold {colour}", message)


def note(text: str) -> Text:
    return Text(printable(text), style="dim")


def thinned(count: int, *, verbose: bool) -> list[int | None]:
    """The rows to show of ``count``: all, or the first ten, None for the gap, and the last five."""
    if verbose or count <= FIRST_ROWS + LAST_ROWS + 3:
        return list(range(count))
    return [*range(FIRST_ROWS), None, *range(count - LAST_ROWS, count)]


def doubling(count: int, *, verbose: bool) -> list[int]:
    """The rows to show of ``count`` when progress slows down: all, or 0, 1, 2, 4, 8 … and the last."""
    if verbose or count <= FIRST_ROWS + LAST_ROWS + 3:
        return list(range(count))
    places = [0, *(1 << power for power in range((count - 1).bit_length())), count - 1]
    return [place for place in dict.fromkeys(places) if place < count]


def paragraph(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)


def stack(*parts: RenderableType | None) -> Group:
    """The parts one below the other; None is left out."""
    return Group(*(part for part in parts if part is not None))


BLANK = Text("")


def matrix(rows: Sequence[Sequence[str]], *, formulas: bool = False) -> Text:
    """A matrix between thin brackets: numbers aligned at their points, formulas centred."""
    columns = [[printable(row[index]) for row in rows] for index in range(len(rows[0]))]
    if formulas:
        widths = [max(map(len, cells)) for cells in columns]
        columns = [[cell.center(width) for cell in cells] for cells, width in zip(columns, widths, strict=True)]
    else:
        columns = [align(cells) for cells in columns]
    last = len(rows) - 1
    lines = []
    for place in range(len(rows)):
        left, right = "[]" if last == 0 else "⎡⎤" if place == 0 else "⎣⎦" if place == last else "⎢⎥"
        lines.append(f"{left} {'  '.join(cells[place] for cells in columns)} {right}")
    return Text("\n".join(lines))
