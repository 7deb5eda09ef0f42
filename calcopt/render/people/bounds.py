"""What people see of a proof over a box: the bounds closing in, and where the minimum is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from calcopt.records import Iteration, Minimizer, Proof
from calcopt.records.outward import bound, enclosure
from calcopt.render.numbers import align
from calcopt.render.people.layout import Column, Layout, grid, indented, labelled, note, stack, thinned

MOST_PLACES = 20


def bounds_table(trace: Sequence[Iteration], layout: Layout) -> RenderableType:
    """One row a round: boxes looked at, boxes left, and the bounds that f* is proved to lie between."""
    shown = thinned(len(trace), verbose=layout.verbose)
    rows = [trace[place] for place in shown if place is not None]
    texts = {
        "round": [str(row.iteration) for row in rows],
        "boxes": [f"{row.detail['boxes']:.0f}" for row in rows],
        "left": [f"{row.detail['left']:.0f}" for row in rows],
        "f* ≥": align([bound(row.detail["lower"], 10, upward=False) for row in rows]),
        "f* ≤": align([bound(row.detail["upper"], 10, upward=True) for row in rows]),
    }
    gap = shown.index(None) if None in shown else None
    columns = []
    for name, cells in texts.items():
        width = max(len(cell) for cell in cells)
        columns.append(Column(name, cells if gap is None else [*cells[:gap], "⋮".center(width), *cells[gap:]]))
    legend = [note(f"{len(rows)} of {len(trace)} rows; --verbose shows all of them")] if gap is not None else []
    return stack(grid(columns), *legend)


def proof_view(proof: Proof, layout: Layout) -> Iterator[RenderableType]:
    """The boxes that hold every point at which the bound is taken, as ``midpoint ± radius``."""
    told = "proved" if proof.certified else "proved so far" if proof.kind == "global" else "not proved"
    yield labelled(told, "bold green" if proof.certified else "bold yellow", proof.statement)
    several = list(proof.minimizers)
    shown = several if layout.verbose else several[:MOST_PLACES]
    if not shown:
        return
    names = list(shown[0].enclosure)
    columns = [Column("", [str(index + 1) for index in range(len(shown))], style="dim")] if len(several) > 1 else []
    for name in names:
        columns.append(Column(name, align([enclosure(*place.enclosure[name]) for place in shown])))
    if proof.kind == "global":
        columns.append(Column("", [_remark(place) for place in shown], "left", "dim"))
    yield indented(grid(columns))
    if len(shown) < len(several):
        yield note(f"{len(shown)} of {len(several)} places; --verbose shows all of them")


def at_edge(place: Minimizer) -> bool:
    """Whether the whole place lies on the edge, not just an end of it."""
    return any(place.enclosure[name][0] == place.enclosure[name][1] for name in place.on_boundary)


def _remark(place: Minimizer) -> str:
    if place.on_boundary:
        return f"{'at' if at_edge(place) else 'up to'} the edge of the box ({', '.join(place.on_boundary)})"
    return "exactly one critical point" if place.unique else ""
