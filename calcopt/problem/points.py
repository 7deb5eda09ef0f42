"""Points, boxes and constants as users write them: ``x=4,y=4``, ``4,4``, ``x=-5..5``, ``a=3,b=pi/2``.

Values are exact expressions (``0.1`` is one tenth, ``pi/2`` stays ``pi/2``); :func:`point_values` gives the floats.
Texts, mappings and sequences go through the same code; every mistake is a :class:`ValueTextError` with its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from calcopt.errors import UsageError, did_you_mean
from calcopt.expression.tree import Expr
from calcopt.problem.assignments import (
    Piece,
    error,
    outside_brackets,
    pieces_of_mapping,
    pieces_of_sequence,
    pieces_of_text,
    text_of,
    value_of,
)

Scalar: TypeAlias = "str | float | Expr"
PointLike: TypeAlias = "str | float | Mapping[str, Scalar] | Sequence[Scalar]"
Point: TypeAlias = dict[str, Expr]
Box: TypeAlias = dict[str, tuple[Expr, Expr]]


# ---------------------------------------------------------------------------------------------------------------
# Points
# ---------------------------------------------------------------------------------------------------------------


def parse_point(text: str, variables: Sequence[str]) -> Point:
    """``x=4,y=4`` or ``4,4`` (in the order of ``variables``) as variable → value, in that order.

    :class:`ValueTextError` when a variable is unknown, missing or given twice, the number of values is another one,
    or a value is not a finite constant.
    """
    return _point(pieces_of_text(text), variables)


def as_point(value: PointLike | Expr, variables: Sequence[str]) -> Point:
    """A point given as the option's text, a number, a mapping name → value, or a sequence in the order of variables."""
    if isinstance(value, str):
        return parse_point(value, variables)
    return _point(_pieces(value), variables)


def as_points(value: PointLike | Expr | Sequence[PointLike], variables: Sequence[str]) -> tuple[Point, ...]:
    """One point or several.

    A sequence of mappings, of sequences or of texts is several points; a sequence with a number in it is one. For two
    variables and more a sequence of bare values (``["pi/2", "1/3"]``) is one point too: none of them could be a point.
    """
    several = _several(value, len(variables))
    points: list[Any] = [value] if several is None else several
    return tuple(as_point(one, variables) for one in points)


def point_values(point: Mapping[str, Expr]) -> dict[str, float]:
    """The floats of a point."""
    from calcopt.expression.values import constant_value

    return {name: constant_value(value) for name, value in point.items()}


def _point(pieces: Sequence[Piece], variables: Sequence[str]) -> Point:
    if _named(pieces):
        known = _by_name(pieces, variables)
        values = {name: value_of(piece.text, piece.value) for name, piece in known.items()}
        _refuse_missing(known, variables)
        return {name: values[name] for name in variables}
    _refuse_other_count(pieces, variables)
    return {name: value_of(piece.text, piece.value) for name, piece in zip(variables, pieces, strict=True)}


def _pieces(value: object) -> tuple[Piece, ...]:
    if isinstance(value, Mapping):
        return pieces_of_mapping(value)
    items = _items(value)
    return pieces_of_sequence([value] if items is None else items)


def _several(value: object, dimension: int) -> list[Any] | None:
    """The points in ``value``, or None when it is one point itself."""
    items = _items(value)
    if not items:
        return None
    if all(isinstance(item, str) for item in items):
        bare = not any(outside_brackets(str(item), ",") or "=" in str(item) for item in items)
        return None if bare and dimension > 1 and len(items) == dimension else items
    return items if any(isinstance(item, Mapping) or _items(item) is not None for item in items) else None


def _items(value: object) -> list[object] | None:
    """The items of a sequence (lists, tuples, NumPy vectors), or None for a scalar or a text."""
    if isinstance(value, (str, Expr, Mapping)) or not (hasattr(value, "__len__") and hasattr(value, "__getitem__")):
        return None
    try:
        return [*value]  # type: ignore[misc]
    except TypeError:  # a NumPy scalar in an array of no dimension
        return None


# ---------------------------------------------------------------------------------------------------------------
# Boxes
# ---------------------------------------------------------------------------------------------------------------


def parse_box(text: str, variables: Sequence[str]) -> Box:
    """``x=-5..5,y=0..pi``, ``-5..5`` (for all) or ``-5..5,0..pi`` (in the order of variables) as name → (low, high).

    :class:`ValueTextError` as for points, and when a range is reversed, has no width, or an end is not finite.
    """
    return _box(pieces_of_text(text), variables)


def as_box(value: object, variables: Sequence[str]) -> Box:
    """A box given as text, as a mapping name → ``(low, high)`` or ``"low..high"``, or as one such pair for all."""
    if isinstance(value, str):
        return parse_box(value, variables)
    if isinstance(value, Mapping):
        return _box(pieces_of_mapping({name: _range_text(limits, name) for name, limits in value.items()}), variables)
    items = _items(value) or []
    if items and all(_items(item) is not None for item in items):
        return _box(pieces_of_sequence([_range_text(item, "a box") for item in items]), variables)
    return parse_box(_range_text(value, "a box"), variables)


def _range_text(limits: object, where: str) -> str:
    if isinstance(limits, str):
        return limits
    items = _items(limits)
    if items is None or len(items) != 2:
        raise UsageError(f"the box of {where} has two ends", hint="write low..high or [low, high]")
    return "..".join(f"({text_of(item, where)})" if isinstance(item, Expr) else text_of(item, where) for item in items)


def _box(pieces: Sequence[Piece], variables: Sequence[str]) -> Box:
    if _named(pieces):
        known = _by_name(pieces, variables)
        ranges = {name: range_of(piece) for name, piece in known.items()}
        _refuse_missing(known, variables, "range", "..")
        return {name: ranges[name] for name in variables}
    if len(pieces) == 1:
        return dict.fromkeys(variables, range_of(pieces[0]))
    _refuse_other_count(pieces, variables, "range")
    return {name: range_of(piece) for name, piece in zip(variables, pieces, strict=True)}


def range_of(piece: Piece) -> tuple[Expr, Expr]:
    """The two ends of ``low..high``."""
    from calcopt.expression.values import constant_value

    start, end = piece.value
    dots = outside_brackets(piece.typed, "..")
    if len(dots) != 1 or dots[0] in (0, end - start - 2):
        raise error("a range is written low..high", piece.text, piece.value, hint="such as -5..5 or 0..pi")
    low = value_of(piece.text, (start, start + len(piece.typed[: dots[0]].rstrip())))
    after = piece.typed[dots[0] + 2 :]
    high = value_of(piece.text, (end - len(after.lstrip()), end))
    lowest, highest = constant_value(low), constant_value(high)
    if lowest > highest:
        typed = f"{after.strip()}..{piece.typed[: dots[0]].rstrip()}"
        raise error("the range is reversed", piece.text, piece.value, hint=f"write {typed}")
    if lowest == highest:
        raise error("the range has no width", piece.text, piece.value, hint="its high end is above its low end")
    return low, high


# ---------------------------------------------------------------------------------------------------------------
# Constants
# ---------------------------------------------------------------------------------------------------------------


def parse_assignments(text: str) -> Point:
    """``a=3,b=pi/2`` as name → value, for ``--let``."""
    return _assignments(pieces_of_text(text))


def as_assignments(value: str | Mapping[str, Scalar] | Sequence[str] | None) -> Point:
    """Constants given as text, several texts, or a mapping; none at all for None."""
    if value is None:
        return {}
    if isinstance(value, str):
        return parse_assignments(value)
    if isinstance(value, Mapping):
        return _assignments(pieces_of_mapping(value)) if value else {}
    return _assignments([piece for text in value for piece in pieces_of_text(text)])


def _assignments(pieces: Sequence[Piece]) -> Point:
    for piece in pieces:
        if piece.name is None:
            raise error("a constant is written name=value", piece.text, piece.span, hint="such as a=3")
    return {name: value_of(piece.text, piece.value) for name, piece in _by_name(pieces, None).items()}


# ---------------------------------------------------------------------------------------------------------------
# What names and counts may be
# ---------------------------------------------------------------------------------------------------------------


def _named(pieces: Sequence[Piece]) -> bool:
    named = [piece for piece in pieces if piece.name is not None]
    if named and len(named) < len(pieces):
        odd = next(piece for piece in pieces if piece.name is None)
        raise error(
            f"'{odd.typed}' has no name but others have one", odd.text, odd.span, hint="name every value, or none"
        )
    return bool(named)


def _by_name(pieces: Sequence[Piece], variables: Sequence[str] | None) -> dict[str, Piece]:
    """Name → piece; an unknown name (``variables`` None: there is none) or a name given twice is an error."""
    found: dict[str, Piece] = {}
    for piece in pieces:
        assert piece.name is not None
        if variables is not None and piece.name not in variables:
            near = did_you_mean(piece.name, variables)
            hint = f"did you mean '{near}'?" if near else _inventory(variables)
            raise error(f"unknown variable '{piece.name}'", piece.text, piece.name_span, hint=hint)
        if piece.name in found:
            raise error(f"'{piece.name}' is given twice", piece.text, piece.name_span)
        found[piece.name] = piece
    return found


def _refuse_missing(
    known: Mapping[str, Piece], variables: Sequence[str], what: str = "value", example: str = ""
) -> None:
    missing = [name for name in variables if name not in known]
    if missing:
        last = list(known.values())[-1]
        few = missing[:5]
        names = ", ".join(f"'{name}'" for name in few) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        hint = "add " + ", ".join(f"{name}=…" + (f"{example}…" if example else "") for name in few)
        raise error(f"no {what} for {names}", last.text, last.span, hint=hint)


def _refuse_other_count(pieces: Sequence[Piece], variables: Sequence[str], what: str = "value") -> None:
    if len(pieces) == len(variables):
        return
    text = pieces[0].text
    shown = text if len(text) <= 40 else text[:39] + "…"
    count = f"{len(pieces)} {what}{'' if len(pieces) == 1 else 's'}"
    raise error(f"{shown} has {count}, but {_inventory(variables)}", text, (pieces[0].value[0], pieces[-1].value[1]))


def _inventory(variables: Sequence[str]) -> str:
    """The function has 2 variables: x, y."""
    if not variables:
        return "the function has no variables"
    names = ", ".join(variables) if len(variables) <= 8 else f"{', '.join(variables[:3])}, …, {variables[-1]}"
    return f"the function has {len(variables)} variable{'' if len(variables) == 1 else 's'}: {names}"
