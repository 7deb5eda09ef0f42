"""``name=value`` lists: a text or a mapping becomes pieces with their places, pieces become names and values.

The option's text is the one form everything else is turned into (``{"x": 1, "y": 2}`` is ``x=1,y=2``), so that a
mistake in a problem file or in a Python call is reported as clearly as one on the command line: with a caret.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Rational, Real
from typing import NamedTuple

from calcopt.errors import ParseError, UsageError, ValueTextError
from calcopt.expression.functions import CONSTANTS
from calcopt.expression.limits import digits_of
from calcopt.expression.tree import Expr

_INFINITIES = frozenset(("inf", "infinity", "oo", "nan"))


class Piece(NamedTuple):
    """One comma-separated part of ``text``: ``name=value``, or a value alone (``name`` None).

    Spans are offsets into ``text``; ``value`` is the span of the value without surrounding blanks.
    """

    text: str
    name: str | None
    name_span: tuple[int, int]
    value: tuple[int, int]

    @property
    def typed(self) -> str:
        """The value as it was typed."""
        return self.text[slice(*self.value)]

    @property
    def span(self) -> tuple[int, int]:
        """From the name (or the value) to the end of the value."""
        return (self.name_span if self.name is not None else self.value)[0], self.value[1]


def error(message: str, text: str, span: tuple[int, int], *, hint: str | None = None) -> ValueTextError:
    """A :class:`ValueTextError` at ``span``."""
    return ValueTextError(message, text, *span, hint=hint)


# ---------------------------------------------------------------------------------------------------------------
# Text and mappings → pieces
# ---------------------------------------------------------------------------------------------------------------


def pieces_of_text(text: str) -> tuple[Piece, ...]:
    """The pieces between the commas of ``text`` that are outside brackets; an empty piece is an error."""
    if not text.strip():
        raise error("there is nothing here", text, (0, len(text)), hint="type a value, such as x=1")
    pieces, start = [], 0
    for comma in [*outside_brackets(text, ","), len(text)]:
        pieces.append(_piece(text, *_trim(text, start, comma)))
        start = comma + 1
    return tuple(pieces)


def pieces_of_mapping(values: Mapping[str, object]) -> tuple[Piece, ...]:
    """The pieces of the text ``name=value,…`` that says the same as ``values``."""
    texts: list[tuple[str, str]] = []
    for name, value in values.items():
        if not isinstance(name, str):
            raise UsageError(f"a name is a text, not {name!r}")
        texts.append((name, text_of(value, name)))
    return _joined(texts)


def pieces_of_sequence(values: Sequence[object]) -> tuple[Piece, ...]:
    """The pieces of the text ``value,value,…`` that says the same as ``values``."""
    return _joined([(None, text_of(value, f"value {place}")) for place, value in enumerate(values, start=1)])


def text_of(value: object, where: str) -> str:
    """A number, an expression or a text as the text that reads back as exactly that value (``0.1`` is 1/10)."""
    if isinstance(value, str):
        return value
    if isinstance(value, Expr):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise UsageError(f"{where} is a number or an expression, not {_described(value)}")
    if isinstance(value, Rational):
        whole = ("-" if value < 0 else "") + digits_of(int(abs(value.numerator)))
        return whole if value.denominator == 1 else f"{whole}/{digits_of(int(value.denominator))}"
    return repr(float(value))


def outside_brackets(text: str, mark: str) -> list[int]:
    """Where ``mark`` occurs in ``text`` outside parentheses and square brackets, from left to right."""
    found, depth, position = [], 0, 0
    while position < len(text):
        if not depth and text.startswith(mark, position):
            found.append(position)
            position += len(mark)
            continue
        depth = max(0, depth + (text[position] in "([") - (text[position] in ")]"))
        position += 1
    return found


def _piece(text: str, start: int, end: int) -> Piece:
    if start == end:
        raise error("a value is missing", text, (start, start + 1), hint="values are separated by single commas")
    equals = [
        at for at in outside_brackets(text[start:end], "=") if text[start + at - 1 : start + at] not in ("<", ">")
    ]
    if not equals:
        return Piece(text, None, (start, start), (start, end))
    name_span = _trim(text, start, start + equals[0])
    value = _trim(text, start + equals[0] + 1, end)
    if name_span[0] == name_span[1]:
        raise error("a name is missing before '='", text, (start + equals[0], start + equals[0] + 1))
    if value[0] == value[1]:
        raise error(f"'{text[slice(*name_span)]}' has no value", text, (start, end))
    if text[value[0]] == "=":
        raise error("a value is given with one '='", text, (value[0], value[0] + 1))
    return Piece(text, _canonical(text, name_span), name_span, value)


def _joined(texts: Iterable[tuple[str | None, str]]) -> tuple[Piece, ...]:
    parts: list[tuple[str | None, int, int, int]] = []
    whole = ""
    for name, value in texts:
        whole += "," if whole else ""
        start = len(whole)
        whole += f"{name}=" if name is not None else ""
        parts.append((name, start, len(whole), len(whole) + len(value)))
        whole += value
    if not parts:
        raise error("there is nothing here", "", (0, 1), hint="give a value for every variable")
    return tuple(_checked(whole, *part) for part in parts)


def _checked(whole: str, name: str | None, start: int, middle: int, end: int) -> Piece:
    value = _trim(whole, middle, end)
    if value[0] == value[1]:
        raise error(f"'{name}' has no value" if name else "a value is missing", whole, (start, end))
    if name is None:
        return Piece(whole, None, (start, start), value)
    span = _trim(whole, start, middle - 1)
    return Piece(whole, _canonical(whole, span), span, value)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _described(value: object) -> str:
    words = {bool: "a truth value", complex: "a complex number", type(None): "empty"}
    return words.get(type(value), f"a {type(value).__name__}")


# ---------------------------------------------------------------------------------------------------------------
# Names and values
# ---------------------------------------------------------------------------------------------------------------


def _canonical(text: str, span: tuple[int, int]) -> str:
    """The name at ``span`` in the language's own spelling: ``α`` is alpha, ``x [ 3 ]`` is x[3]."""
    from calcopt.expression.tokens import tokenize

    typed = text[slice(*span)]
    try:
        tokens = tokenize(typed)
    except ParseError as problem:
        raise _moved(problem, text, span[0]) from None
    kinds = "".join({"name": "n", "number": "d", "end": ""}.get(token.kind, token.kind) for token in tokens)
    is_element = kinds.startswith("n[") and kinds.endswith("]") and set(kinds[2:-1].split(",")) == {"d"}
    if kinds != "n" and not is_element:
        hint = "write one value for each name: x=1,y=2" if "=" not in typed else None
        raise error(f"'{typed}' is not a name", text, span, hint=hint)
    name = "".join(token.text for token in tokens).replace("σ", "sigma")
    if name in CONSTANTS:
        raise error(f"'{name}' is a constant and has its own value", text, span)
    return name


def value_of(text: str, span: tuple[int, int]) -> Expr:
    """The constant, finite expression at ``span`` of ``text``."""
    from calcopt.expression import parse_value
    from calcopt.expression.values import constant_value

    typed = text[slice(*span)]
    if typed.lower().lstrip("+- ") in _INFINITIES:
        raise error(f"{typed} is not a finite number", text, span)
    try:
        expr: Expr = parse_value(typed)
    except ParseError as problem:
        raise _moved(problem, text, span[0]) from None
    if not math.isfinite(constant_value(expr)):
        raise error(f"{typed} is not a finite number", text, span)
    return expr


def _moved(problem: ParseError, text: str, offset: int) -> ValueTextError:
    """The same complaint about a part of ``text`` that begins at ``offset``."""
    start = min(problem.start + offset, len(text))
    return ValueTextError(
        problem.message, text, start, min(problem.end + offset, max(len(text), start + 1)), hint=problem.hint
    )
