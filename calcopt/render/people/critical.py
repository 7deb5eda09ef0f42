"""What people see of ``classify-critical``: the points, the curves, and whether that is all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from calcopt.records import CriticalPoint, CriticalPoints
from calcopt.render.numbers import align, number
from calcopt.render.people.layout import BLANK, Column, Layout, grid, heading, labelled, pairs, paragraph

STYLES = {"local minimum": "green", "local maximum": "blue", "saddle point": "yellow"}


def critical_view(record: CriticalPoints, layout: Layout) -> Iterator[RenderableType]:
    """Title, table of points, continua, global extrema, and the claim of completeness."""
    yield heading(("critical points of", "bold"), ("  ", ""), (record.function, ""))
    if record.box is not None:
        sides = (f"{name} in [{number(low)}, {number(high)}]" for name, (low, high) in record.box.items())
        yield heading(("in the box  " + ", ".join(sides), "dim"))
    yield BLANK
    if record.points:
        yield grid(_columns(record.points, record.variables, layout))
        yield BLANK
    yield from _digits(record)
    yield from _details(record.points, layout)
    yield from _continua(record)
    yield from _undecided(record)
    yield from _extrema(record)
    yield _claim(record)


def _columns(points: Sequence[CriticalPoint], variables: Sequence[str], layout: Layout) -> list[Column]:
    numeric = [point for point in points if point.x is not None]
    columns: list[Column] = []
    if numeric:
        for name in variables[:6]:
            columns.append(Column(name, align([_coordinate(point, name) for point in points])))
        columns.append(Column("f", align([number(point.value) for point in points])))
    exact = [_exact(point) for point in points]
    if any(exact):
        columns.append(Column("exactly", exact, "left"))
    kinds = [(point.classification or "undecided") + (" (certified)" if point.certified else "") for point in points]
    styles = {index: STYLES.get(point.classification or "", "") for index, point in enumerate(points)}
    columns.append(Column("", kinds, "left", styles=styles))
    eigenvalues = [", ".join(number(value, 6) for value in point.eigenvalues or ()) for point in points]
    heads = "f''" if len(variables) == 1 else "eigenvalues"
    used = sum(item.width + 2 for item in columns)
    if any(eigenvalues) and used + max(map(len, eigenvalues)) <= layout.width and len(variables) <= 4:
        columns.append(Column(heads, eigenvalues, "left", "dim"))
    return columns


def _coordinate(point: CriticalPoint, name: str) -> str:
    return number(None if point.x is None else _clean(point.x[name]))


def _clean(value: float) -> float:
    """-0.0 is 0 to a reader."""
    return value + 0.0


def _exact(point: CriticalPoint) -> str:
    """``x = sqrt(2)/2, f = 1/4``: only what the digits do not say already."""
    said = [
        f"{name} = {text}"
        for name, text in (point.exact or {}).items()
        if point.x is None or text != number(_clean(point.x[name]))
    ]
    if point.exact_value is not None and point.exact_value != number(point.value):
        said.append(f"f = {point.exact_value}")
    return ", ".join(said)


def _digits(record: CriticalPoints) -> Iterator[RenderableType]:
    """``--digits``: a block for each point, every digit proved."""
    rows = [
        (f"point {index}: {name}" if len(record.points) > 1 else name, text)
        for index, point in enumerate(record.points, 1)
        for name, text in (point.digits or {}).items()
    ]
    if rows:
        yield pairs(rows)
        yield BLANK


def _details(points: Sequence[CriticalPoint], layout: Layout) -> Iterator[RenderableType]:
    """Why each is what it is: with ``--verbose``, or where the plain second-derivative test was not enough."""
    shown = [
        (str(index + 1), point.classification_detail)
        for index, point in enumerate(points)
        if point.classification_detail and (layout.verbose or _undecided_by_eigenvalues(point))
    ]
    if shown:
        yield pairs([(f"point {index}" if len(points) > 1 else "because", why) for index, why in shown], sign="")
        yield BLANK


def _continua(record: CriticalPoints) -> Iterator[RenderableType]:
    for item in record.continua:
        value = "" if item.value is None else f", where f = {item.value}"
        detail = f" ({item.classification_detail})" if item.classification_detail else ""
        yield labelled(item.description, "bold", f"critical everywhere{value}{detail}")
    if record.continua:
        yield BLANK


def _undecided(record: CriticalPoints) -> Iterator[RenderableType]:
    for item in record.undecided:
        sides = ", ".join(f"{name} in [{number(low, 9)}, {number(high, 9)}]" for name, (low, high) in item.box.items())
        yield labelled(f"undecided ({item.kind})", "bold yellow", f"{sides}: {item.reason}")
    if record.undecided:
        yield BLANK


def _extrema(record: CriticalPoints) -> Iterator[RenderableType]:
    where = "" if record.box is None else " over the box"
    for word, found in (("minimum", record.global_minimum), ("maximum", record.global_maximum)):
        if found is not None:
            place = ", ".join(f"{name} = {number(_clean(value))}" for name, value in found.x.items())
            proof = " (certified)" if found.certified else ""
            edge = ", on its edge" if found.on_boundary else ""
            yield labelled(f"global {word}{proof}", "bold", f"f = {number(found.value, 10)} at {place}{where}{edge}")


def _claim(record: CriticalPoints) -> RenderableType:
    """What is known of the whole: green only where it is known that nothing is missing."""
    found = record.message if record.points or record.continua else f"none found; {record.message}"
    if record.interrupted:
        return labelled("interrupted", "bold yellow", found)
    return paragraph(found, "green" if record.complete else "yellow")


def _undecided_by_eigenvalues(point: CriticalPoint) -> bool:
    """True where an eigenvalue is 0 (or none is known): the verdict then rests on something else, worth a line."""
    sizes = [abs(value) for value in point.eigenvalues or ()]
    return not sizes or min(sizes) <= 1e-8 * max(sizes)
