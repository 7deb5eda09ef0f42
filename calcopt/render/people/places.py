"""What people see of places without a derivative, and of where a function rises, falls and bends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from calcopt.errors import printable
from calcopt.records.places import Place, Singularities, Span, Study, SwitchingSet
from calcopt.render.numbers import number
from calcopt.render.people.layout import BLANK, Layout, heading, indented, note

LONGEST_EXACT = 14
"""Ends of intervals that are longer than this are shown as digits; JSON has them exactly."""
MOST_PLACES = 12


def singular_view(record: Singularities, layout: Layout) -> Iterator[RenderableType]:
    """The places, one a line: where, what, and the limits that decided it."""
    rows = [*map(_row, record.places), *map(_row_of_set, record.sets)]
    smooth = [*map(_row, record.smooth), *map(_row_of_set, record.smooth_sets)] if layout.verbose else []
    if not rows and not smooth and record.complete:
        return
    yield BLANK
    if rows:
        yield heading(("no derivative", "bold"))
        shown = rows if layout.verbose else rows[:MOST_PLACES]
        yield indented(_table(shown))
        if len(shown) < len(rows):
            yield indented(note(f"… and {len(rows) - len(shown)} more (--verbose)"))
    if smooth:
        yield heading(("smooth after all", "bold"))
        yield indented(_table(smooth))
    if record.note and (not record.complete or layout.verbose):
        yield indented(note(record.note))


def _row(place: Place) -> tuple[str, str, str]:
    said = place.detail
    if place.kind == "smooth" and place.order is not None:
        said = f"{said}; differentiable {'once' if place.order == 1 else f'{place.order} times'}"
    return _where(place), place.kind, said


def _where(place: Place) -> str:
    ((name, value),) = place.at.items()
    exact = place.family or (place.exact or {}).get(name)
    return f"{name} = {exact if exact is not None else number(value)}"


def _row_of_set(item: SwitchingSet) -> tuple[str, str, str]:
    where = item.equation
    if item.at is not None:
        where = ", ".join(f"{name} = {number(value)}" for name, value in item.at.items())
    return where, item.kind or "several kinds", item.detail


def _table(rows: Sequence[tuple[str, str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for where, kind, said in rows:
        table.add_row(Text(printable(where)), Text(kind, style="yellow"), Text(printable(said), style="dim"))
    return table


def study_view(record: Study) -> Iterator[RenderableType]:
    """Domain, monotonicity, concavity and inflection points; nothing for what is not known."""
    listed = record.domain is None or record.domain.startswith(("all ", "nowhere"))
    rows = [("domain", (record.domain or "") if listed else _spans(record.pieces))]
    rows += [
        ("increasing", _spans(record.increasing)),
        ("decreasing", _spans(record.decreasing)),
        ("constant", _spans(record.constant)),
        ("concave up", _spans(record.concave_up)),
        ("concave down", _spans(record.concave_down)),
        ("inflection", ", ".join(_points(record))),
    ]
    told = [(label, text) for label, text in rows if text]
    if not told and not record.omitted:
        return
    yield BLANK
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for label, text in told:
        table.add_row(Text(label), Text(printable(text)))
    yield table
    if record.window is not None:
        yield note(f"in {record.window}")


def _spans(spans: Sequence[Span] | None) -> str:
    return ", ".join(_span(span) for span in spans or ())


def _span(span: Span) -> str:
    if span.low == span.high:
        return span.text
    left, right = (_end(text, value) for text, value in zip(span.ends, (span.low, span.high), strict=True))
    return f"{'[' if span.closed[0] else '('}{left}, {right}{']' if span.closed[1] else ')'}"


def _end(text: str, value: float) -> str:
    if text in ("inf", "-inf"):
        return text.replace("inf", "∞")
    return text if len(text) <= LONGEST_EXACT else number(value, 6)


def _points(record: Study) -> Iterator[str]:
    for item in record.inflections:
        ((name, value),) = item.x.items()
        exact = (item.exact or {}).get(name)
        x = exact if exact is not None and len(exact) <= LONGEST_EXACT else number(value, 6)
        y = item.exact_value
        yield f"({x}, {y if y is not None and len(y) <= LONGEST_EXACT else number(item.value, 6)})"
