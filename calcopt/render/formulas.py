"""The documents of ``diff`` and ``classify-critical`` (see ``documents``)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from calcopt.records import AtPoint, Continuum, CriticalPoint, CriticalPoints, Derivatives, GlobalExtremum
from calcopt.records.rechecks import Recheck

Fields = dict[str, Any]


def derivatives(record: Derivatives) -> Fields:
    """The document of ``diff``; the values are there with ``--at``, ``points`` with several of them."""
    fields: Fields = {
        "command": "diff",
        "function": record.function,
        "variables": record.variables,
        "order": record.order,
        "derivatives": [
            {"with_respect_to": item.with_respect_to, "expression": item.expression, "latex": item.latex}
            for item in record.derivatives
        ],
    }
    if record.gradient is not None:
        fields["gradient"] = record.gradient
    if record.hessian is not None:
        fields["hessian"] = record.hessian
    if record.at:
        fields |= _at_point(record.at[0])
    if len(record.at) > 1:
        fields["points"] = [_at_point(point) for point in record.at]
    return fields | _places(record) | explanations(record)


def _places(record: Derivatives) -> Fields:
    """Where there is no derivative, and the study of a function of one variable."""
    from calcopt.render import places

    fields: Fields = {} if record.non_differentiable is None else places.singularities(record.non_differentiable)
    return fields if record.study is None else {**fields, "study": places.study(record.study)}


def explanations(record: Derivatives) -> Fields:
    """``steps``, ``secants`` and ``limits``, each where it was asked for."""
    if not (record.steps or record.secants or record.limits):
        return {}
    from calcopt.render import steps

    fields: Fields = {}
    if record.steps:
        fields["steps"] = [steps.document(root) for root in record.steps]
    if record.secants:
        fields["secants"] = [steps.secants(table) for table in record.secants]
    if record.limits:
        fields["limits"] = [steps.limit(found) for found in record.limits]
    return fields


def _at_point(point: AtPoint) -> Fields:
    fields: Fields = {"at": point.at, "value": point.value, "derivative_values": point.derivative_values}
    optional = {
        "gradient_value": point.gradient_value,
        "hessian_value": point.hessian_value,
        "eigenvalues": point.eigenvalues,
        "exact_at": point.exact_at,
        "exact_value": point.exact_value,
        "exact_derivative_values": point.exact_derivative_values or None,
        "tangent": point.tangent,
        "remarks": point.remarks or None,
    }
    return fields | {name: value for name, value in optional.items() if value is not None}


def critical_points(record: CriticalPoints) -> Fields:
    """The document of ``classify-critical``."""
    return {
        "command": "classify-critical",
        "function": record.function,
        "variables": record.variables,
        "box": record.box,
        "points": [critical_point(point) for point in record.points],
        "continua": [_continuum(item) for item in record.continua],
        "undecided": [{"box": item.box, "kind": item.kind, "reason": item.reason} for item in record.undecided],
        "complete": record.complete,
        "method": record.method,
        "message": record.message,
        "interrupted": record.interrupted,
        "boxes": record.boxes,
        "global_minimum": _extremum(record.global_minimum),
        "global_maximum": _extremum(record.global_maximum),
    }


def critical_point(point: CriticalPoint) -> Fields:
    """One element of ``points``."""
    return {
        "x": point.x,
        "exact": point.exact,
        "value": point.value,
        "exact_value": point.exact_value,
        "gradient_norm": point.gradient_norm,
        "hessian": point.hessian,
        "eigenvalues": point.eigenvalues,
        "classification": point.classification,
        "classification_detail": point.classification_detail,
        "certified": point.certified,
        "enclosure": point.enclosure,
        **({} if point.digits is None else {"digits": point.digits}),
    }


def recheck(record: Recheck) -> Fields:
    """The document of ``verify``."""
    return {
        "command": "verify",
        "function": record.function,
        "variables": record.variables,
        "arithmetic": record.arithmetic,
        "verified": record.reached_goal,
        "message": record.message,
        "certificates": [
            {
                "enclosure": item.enclosure,
                "classification": item.classification,
                "holds": item.holds,
                "reason": item.reason or None,
            }
            for item in record.certificates
        ],
    }


def _continuum(item: Continuum) -> Fields:
    return {
        "description": item.description,
        "equations": item.equations,
        "value": item.value,
        "classification_detail": item.classification_detail,
    }


def _extremum(found: GlobalExtremum | None) -> Fields | None:
    if found is None:
        return None
    bounds = {} if found.lower is None else {"lower": found.lower, "upper": found.upper}
    return {
        "x": found.x,
        "value": found.value,
        "certified": found.certified,
        **bounds,
        "on_boundary": found.on_boundary,
    }


def document(record: Derivatives | CriticalPoints, *, trace: bool = True) -> Fields:
    """The document of either; without ``trace`` no steps, which were events of their own."""
    if isinstance(record, CriticalPoints):
        return critical_points(record)
    return derivatives(record if trace else replace(record, steps=()))
