"""A saved certificate, checked again by another library: what ``calcopt verify`` does, for Python."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from calcopt.errors import FileError

if TYPE_CHECKING:
    from calcopt.records.rechecks import Recheck, RecheckedPoint

LARGEST = 50_000_000  # characters of a certificate
HINT = "calcopt classify-critical … --json writes one"
KINDS = ("local minimum", "local maximum", "saddle point", "degenerate", None)


def verify(text: str, *, source: str = "the certificate") -> Recheck:
    """Every certified point of a document that ``classify-critical --json`` wrote, proved anew.

    Arb does it where python-flint is installed, mpmath.iv otherwise. It is checked that in each enclosure there is
    exactly one critical point, and of the kind claimed; that no other point exists (``complete``) is not.
    Raises FileError for a text that is no such document.
    """
    from calcopt.certify.recheck import Rechecker
    from calcopt.certify.scalars import scalars
    from calcopt.expression import parse
    from calcopt.expression.tree import free_names
    from calcopt.records.rechecks import Recheck

    document = _document(text, source)
    function, names, points = document["function"], document["variables"], document["points"]
    formula = parse(function)
    if unknown := [name for name in free_names(formula.body) if name not in names]:
        raise FileError(f"the function holds '{unknown[0]}', which is none of its variables", source)
    field = scalars()
    again = Rechecker(formula.body, names, field)
    found = tuple(_checked(again, point, names, source) for point in points if point.get("certified") is True)
    good = sum(item.holds for item in found)
    told = f"{good} of {len(found)} certificates hold, by {field.name}" if found else "no point is certified there"
    if document.get("complete") is True:
        told += "; that there are no other points is not checked again"
    return Recheck(function, tuple(names), field.name, found, told)


def _document(text: str, source: str) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise FileError(f"longer than {LARGEST:,} characters", source)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise FileError("this is no JSON document", source, hint=HINT) from None
    if not isinstance(document, dict) or document.get("command") != "classify-critical":
        raise FileError("this is no certificate", source, hint=HINT)
    function, names, points = (document.get(key) for key in ("function", "variables", "points"))
    if not isinstance(function, str) or not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise FileError("'function' is a text and 'variables' a list of names", source)
    if not names or len(set(names)) < len(names):
        raise FileError("'variables' is a list of different names", source)
    if not isinstance(points, list) or not all(isinstance(point, dict) for point in points):
        raise FileError("'points' is a list of points", source)
    return document


def _checked(again: Any, point: Mapping[str, Any], names: list[str], source: str) -> RecheckedPoint:
    from calcopt.records.rechecks import RecheckedPoint

    enclosure = point.get("enclosure")
    kind = point.get("classification")
    if not isinstance(enclosure, dict) or not all(_is_range(enclosure.get(name)) for name in names):
        raise FileError("a certified point has an 'enclosure': [low, high] for each variable", source)
    if kind not in KINDS:
        raise FileError(f"'{kind}' is no kind of point", source)
    ranges = {name: (float(enclosure[name][0]), float(enclosure[name][1])) for name in names}
    checked = again.check(ranges, kind)
    return RecheckedPoint(ranges, kind, checked.holds, checked.reason)


def _is_range(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    if not all(isinstance(end, (int, float)) and not isinstance(end, bool) and abs(end) < 1e300 for end in value):
        return False
    return math.isfinite(value[0]) and math.isfinite(value[1]) and value[0] <= value[1]
