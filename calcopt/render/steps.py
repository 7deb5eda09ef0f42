"""Steps, secants and limits for scripts: documents, rows and events. LaTeX is in ``derivation``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from calcopt.records import Derivatives
from calcopt.records.steps import Limit, Name, SecantTable, Step

Fields = dict[str, Any]


def document(step: Step) -> Fields:
    """``{rule, function, derivative, …, steps[]}``, the steps that it follows from inside it."""
    return {**alone(step), "steps": [document(inner) for inner in step.steps]}


def alone(step: Step) -> Fields:
    """A step without those it follows from; what does not apply is left out."""
    fields: Fields = {
        "rule": step.rule,
        "function": step.function,
        "derivative": step.derivative,
        "with_respect_to": step.with_respect_to,
        "function_latex": step.function_latex,
        "derivative_latex": step.derivative_latex,
    }
    if step.note:
        fields["note"] = step.note
    if step.names:
        fields["names"] = _names(step.names)
    if step.held_fixed:
        fields["held_fixed"] = step.held_fixed
    if step.short_form is not None:
        short = step.short_form
        fields["short_form"] = {
            "expression": short.expression,
            "latex": short.latex,
            "names": _names(short.names),
        }
    return fields


def _names(names: Sequence[Name]) -> dict[str, str]:
    return {item.name: item.formula for item in names}


def events(roots: Sequence[Step]) -> Iterator[Fields]:
    """Every step of every derivative, parts before wholes: ``derivative_number`` counts the derivatives from 0."""
    for number, root in enumerate(roots):
        for depth, step in root.walk():
            yield {"event": "step", "derivative_number": number, "depth": depth, **alone(step)}


def table(record: Derivatives) -> Iterator[Fields]:
    """The lines of CSV of what was asked for: the steps, else the secants, else the values towards a limit."""
    if record.steps:
        yield from _rows(record.steps)
    elif record.secants:
        for found in record.secants:
            place = {f"at {name}": value for name, value in found.at.items()}
            for row in found.rows:
                yield {"variable": found.variable, **place, "step": row.step, "left": row.left, "right": row.right}
    else:
        for reached in record.limits:
            for at, value in reached.rows:
                yield {reached.variable: at, "value": value}


def _rows(roots: Sequence[Step]) -> Iterator[Fields]:
    """A line for every step."""
    for number, root in enumerate(roots):
        for depth, step in root.walk():
            yield {
                "derivative_number": number,
                "depth": depth,
                "rule": step.rule,
                "with_respect_to": " ".join(step.with_respect_to),
                "function": step.function,
                "derivative": step.derivative,
            }


def secants(table: SecantTable) -> Fields:
    """A table of secants: the rows from the largest step to the smallest."""
    return {
        "variable": table.variable,
        "at": table.at,
        "rows": [{"step": row.step, "left": row.left, "right": row.right} for row in table.rows],
        "left": table.left,
        "right": table.right,
        "slope": table.slope,
        "message": table.message,
    }


def limit(found: Limit) -> Fields:
    """A limit and the values that approach it; ``infinite`` is ``inf`` or ``-inf`` where they outgrow all bounds."""
    infinite = found.exact if found.exact in ("inf", "-inf") else None
    return {
        "function": found.function,
        "variable": found.variable,
        "target": found.target,
        "side": found.side,
        "exact": None if infinite else found.exact,
        "infinite": infinite,
        "latex": found.latex,
        "value": found.value,
        "rows": [{found.variable: at, "value": value} for at, value in found.rows],
        "message": found.message,
    }
