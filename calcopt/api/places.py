"""Places without a derivative, and the study of a function of one variable, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calcopt.calculus.singular.switching import has_switches
from calcopt.errors import MathError
from calcopt.expression.tree import Expr, free_names, postorder
from calcopt.records.places import Place, Singularities, Study, SwitchingSet

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.calculus.singular.found import Found, Singular
    from calcopt.calculus.singular.sets import SwitchSet
    from calcopt.records import Derivatives

Range = tuple[Expr, Expr]
LARGEST_STUDIED = 40
"""Nodes of a formula that is studied unasked; solving f' = 0 for larger ones may take long."""
SECONDS = 1.5
"""For the places of a formula; what was not examined by then is said to be open."""
LARGEST_EXAMINED = 1000


def with_places(record: Derivatives, partials: Partials, *, box: object, study: bool | None) -> Derivatives:
    """The record with its places without a derivative; with the study when asked, or (None) for short formulas."""
    from calcopt.problem.points import as_box

    names, body = partials.names, partials.body
    asked = study is True or box is not None
    ranges = None if box is None else as_box(box, names)
    switched = has_switches(body)
    if switched and sum(1 for _ in postorder(body)) > LARGEST_EXAMINED:
        note = f"a formula of more than {LARGEST_EXAMINED} parts is not examined"
        return replace(record, non_differentiable=Singularities(complete=False, note=note))
    if len(names) > 1 or not set(free_names(body)) <= set(names):
        return replace(record, non_differentiable=_sets(partials) if switched else Singularities())
    limits = None if ranges is None else ranges[names[0]]
    if study is None:
        small = sum(1 for _ in postorder(body)) <= LARGEST_STUDIED
        study = record.order == 1 and small and not record.at
    if not switched and not study:
        return replace(record, non_differentiable=Singularities())
    from calcopt.calculus.singular.found import Found

    found = _found(body, names[0], limits) if switched else Found()
    record = replace(record, non_differentiable=_record(found, names[0]))
    return replace(record, study=_study(partials, found, limits, asked=asked)) if study else record


def _found(body: Expr, name: str, limits: Range | None) -> Found:
    from calcopt.calculus.singular.places import find

    return find(body, name, limits, seconds=SECONDS)


def _study(partials: Partials, found: Found, limits: Range | None, *, asked: bool) -> Study:
    from calcopt.calculus.singular.study import study

    try:
        return study(partials, found, limits, search=asked)
    except MathError as error:  # the second derivative may have no form where the first has one
        return Study(omitted=error.message)


def _record(found: Found, name: str) -> Singularities:
    listed = [_place(place, name) for place in found.places]
    return Singularities(
        places=tuple(place for place in listed if place.kind != "smooth"),
        smooth=tuple(place for place in listed if place.kind == "smooth"),
        complete=found.complete,
        note="; ".join(found.notes),
    )


def _place(place: Singular, name: str) -> Place:
    from calcopt.calculus.singular.found import family_text

    root, decision = place.root, place.decision
    assert decision.kind is not None
    return Place(
        at={name: float(root.number)},
        kind=decision.kind,
        left=_float(decision.left.slope),
        right=_float(decision.right.slope),
        left_limit=_float(decision.left.limit),
        right_limit=_float(decision.right.limit),
        value=_float(decision.value),
        exact=None if root.exact is None else {name: str(root.exact)},
        detail=decision.detail,
        period=None if root.period is None else str(root.period),
        family=None if root.period is None else family_text(root),
        order=decision.order,
    )


def _float(value: Any | None) -> float | None:
    return None if value is None else float(value) + 0.0


def _sets(partials: Partials) -> Singularities:
    """The switching curves and surfaces of several variables (or of one beside symbolic constants).

    A set that was smooth at every point sampled is no proof, so that any set makes the list incomplete.
    """
    from calcopt.calculus.singular.sets import switching_sets

    listed, smooth, notes = [], [], []
    sets, finished = switching_sets(partials.body, partials.names, seconds=SECONDS)
    if not finished:
        notes.append(f"the time of {SECONDS:g} seconds was up: not every set was examined")
    for found in sets:
        record = _set(found, partials)
        if not found.kinds and not found.outside:
            notes.append(f"no point with {found.equation} = 0 was found")
        elif found.kinds and set(found.kinds) != {"smooth"}:
            listed.append(record)
        elif found.kinds:
            smooth.append(record)
    note = "; ".join(["kinds were sampled at points of each set", *notes]) if listed or notes else ""
    return Singularities(sets=tuple(listed), smooth_sets=tuple(smooth), complete=not sets, note=note)


def _set(found: SwitchSet, partials: Partials) -> SwitchingSet:
    from calcopt.calculus.singular.sets import single_point

    worst = found.kind
    detail = found.details[0] if len(set(found.details)) == 1 or found.point is not None else ""
    if worst is None and found.kinds:
        counts = {kind: found.kinds.count(kind) for kind in dict.fromkeys(found.kinds)}
        total = len(found.kinds)
        detail = ", ".join(f"{kind} at {count} of {total} points" for kind, count in counts.items())
    at = None if found.point is None else single_point(found.point, partials.names)
    return SwitchingSet(f"{found.equation} = 0", worst, detail, len(found.kinds), at)


def verdict_at(partials: Partials, point: Mapping[str, Expr], *, defined: bool, on_switch: bool) -> str | None:
    """What one-sided expansions add at a given point: limits where f has no value, and whether f is differentiable.

    For several variables a plane must fit along the axes and diagonals; that it does so there proves nothing, so only
    the contrary is said.
    """
    from calcopt.calculus.singular.kinds import decide
    from calcopt.calculus.singular.sets import kind_at

    names = partials.names
    if not defined and len(names) == 1:
        decision = decide(partials.body, point, {names[0]: 1})
        return decision.detail if decision.kind in ("removable", "undefined", "jump", "domain edge") else None
    if not defined or not on_switch or len(names) < 2:
        return None
    kind, detail = kind_at(partials.body, point, names)
    return None if kind in (None, "smooth", "undetermined") else f"not differentiable there: {kind}; {detail}"
