"""The fields of places without a derivative and of the study of a function of one variable."""

from __future__ import annotations

from typing import Any

from calcopt.records.places import Inflection, Place, Singularities, Span, Study, SwitchingSet

Fields = dict[str, Any]


def singularities(record: Singularities) -> Fields:
    """``non_differentiable`` and what belongs to it; sets only for functions of several variables."""
    points = [set_as_place(item) for item in record.sets if item.at is not None]
    fields: Fields = {"non_differentiable": [place(item) for item in record.places] + points}
    sets = [switching_set(item) for item in record.sets if item.at is None]
    if sets:
        fields["non_differentiable_sets"] = sets
    if record.smooth:
        fields["smooth_switches"] = [place(item) for item in record.smooth]
    if record.smooth_sets:
        fields["smooth_sets"] = [switching_set(item) for item in record.smooth_sets]
    fields["non_differentiable_complete"] = record.complete
    if record.note:
        fields["non_differentiable_note"] = record.note
    return fields


def place(record: Place) -> Fields:
    """One element of ``non_differentiable``; slopes and limits that are infinite are null, and ``detail`` says so."""
    fields: Fields = {
        "at": record.at,
        "exact": record.exact,
        "kind": record.kind,
        "left": record.left,
        "right": record.right,
        "left_limit": record.left_limit,
        "right_limit": record.right_limit,
        "value": record.value,
        "detail": record.detail,
    }
    if record.period is not None:
        fields |= {"period": record.period, "family": record.family}
    if record.kind == "smooth":
        fields["order"] = record.order
    return fields


def set_as_place(record: SwitchingSet) -> Fields:
    """A set that is a single point, beside the places of one variable."""
    return {"at": record.at, "kind": record.kind, "left": None, "right": None, "detail": record.detail}


def switching_set(record: SwitchingSet) -> Fields:
    return {
        "equation": record.equation,
        "kind": record.kind,
        "detail": record.detail,
        "samples": record.samples,
    }


def study(record: Study) -> Fields:
    """The object ``study``: intervals with their ends as numbers (null without an end) and as exact text."""
    lists = {
        "increasing": record.increasing,
        "decreasing": record.decreasing,
        "constant": record.constant,
        "concave_up": record.concave_up,
        "concave_down": record.concave_down,
    }
    fields: Fields = {"domain": record.domain, "domain_intervals": _spans(record.pieces)}
    fields |= {name: _spans(spans) for name, spans in lists.items()}
    fields |= {"inflections": [_inflection(item) for item in record.inflections], "window": record.window}
    return fields | ({"omitted": record.omitted} if record.omitted else {})


def _spans(spans: tuple[Span, ...] | None) -> list[Fields] | None:
    if spans is None:
        return None
    return [{"low": span.low, "high": span.high, "exact": span.text} for span in spans]


def _inflection(item: Inflection) -> Fields:
    return {"x": item.x, "exact": item.exact, "value": item.value, "exact_value": item.exact_value}
