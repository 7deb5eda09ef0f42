"""``--digits``: certified points refined by Arb, which proves each of them once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calcopt.certify.recheck import Rechecker
from calcopt.records import CriticalPoint, CriticalPoints

if TYPE_CHECKING:
    from calcopt.certify.scalars import Scalars
    from calcopt.expression.tree import Expr


def with_digits(record: CriticalPoints, body: Expr, count: int, field: Scalars) -> CriticalPoints:
    """The record with ``count`` proved digits for every certified point; what Arb refuses is certified no more."""
    again = Rechecker(body, record.variables, field)
    points = tuple(_refined(point, again, count) for point in record.points)
    return replace(record, points=points)


def _refined(point: CriticalPoint, again: Rechecker, count: int) -> CriticalPoint:
    if not point.certified or point.enclosure is None:
        return point
    checked = again.check(point.enclosure, point.classification)
    if not checked.holds:
        detail = f"{point.classification_detail}; {again.field.name} did not prove it again: {checked.reason}"
        return replace(point, certified=False, classification_detail=detail)
    return replace(point, digits=again.digits(point.enclosure, count))
