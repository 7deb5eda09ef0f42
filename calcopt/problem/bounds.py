"""Bounds of some parameters: ``a=0..10,b=0..,c=..5``. Unlike a box, an end may be left open, and a name left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from calcopt.errors import UsageError, did_you_mean
from calcopt.problem.assignments import Piece, error, outside_brackets, pieces_of_text, text_of, value_of


def as_bounds(value: str | Mapping[str, Any] | Sequence[Any], names: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Name → (low, high), ±inf where an end is open; one range without a name holds for all ``names``.

    :class:`ValueTextError` for an unknown name, a name given twice, a reversed range, or an end that is no number.
    """
    if isinstance(value, Mapping):
        text = ",".join(f"{name}={_range(limits)}" for name, limits in value.items())
    else:
        text = _range(value)
    pieces = pieces_of_text(text)
    if len(pieces) == 1 and pieces[0].name is None:
        return dict.fromkeys(names, ends_of(pieces[0]))
    found: dict[str, tuple[float, float]] = {}
    for piece in pieces:
        if piece.name is None:
            raise error("a range needs the name of its parameter", piece.text, piece.span, hint="such as a=0..10")
        if piece.name not in names:
            near = did_you_mean(piece.name, names)
            hint = f"did you mean '{near}'?" if near else f"the parameters are {', '.join(names)}"
            raise error(f"there is no parameter '{piece.name}'", piece.text, piece.name_span, hint=hint)
        if piece.name in found:
            raise error(f"'{piece.name}' is given twice", piece.text, piece.name_span)
        found[piece.name] = ends_of(piece)
    return found


def _range(limits: Any) -> str:
    if isinstance(limits, str):
        return limits
    if not isinstance(limits, (tuple, list)) or len(limits) != 2:
        raise UsageError("bounds have two ends", hint="write low..high or [low, high]")
    return "..".join("" if end is None or end in (math.inf, -math.inf) else text_of(end, "a bound") for end in limits)


def ends_of(piece: Piece) -> tuple[float, float]:
    """The two ends of ``low..high``, ±inf for one that is left open."""
    from calcopt.expression.values import constant_value

    start, end = piece.value
    dots = outside_brackets(piece.typed, "..")
    if len(dots) != 1 or piece.typed == "..":
        raise error("bounds are written low..high", piece.text, piece.value, hint="such as 0..10, 0.. or ..5")
    before, after = piece.typed[: dots[0]].rstrip(), piece.typed[dots[0] + 2 :].lstrip()
    low = constant_value(value_of(piece.text, (start, start + len(before)))) if before else -math.inf
    high = constant_value(value_of(piece.text, (end - len(after), end))) if after else math.inf
    if not low < high:
        hint = f"write {after}..{before}" if low > high else "give the parameter this value with --let"
        raise error("the lower bound is not below the upper", piece.text, piece.value, hint=hint)
    return low, high
