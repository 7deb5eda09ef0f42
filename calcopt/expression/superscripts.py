"""Exponents written as superscripts: ``x²``, ``x⁻¹``, ``eˣ``, ``e²ˣ``."""

from __future__ import annotations

import re

from calcopt.errors import ParseError
from calcopt.expression.limits import number_from_text
from calcopt.expression.tokens import SUPERSCRIPTS, Token
from calcopt.expression.tree import Expr, Mul, Neg, Number, Place, Symbol

_FORM = re.compile(r"([+-]?)([0-9]*)([a-z]?)")


def superscript(text: str, token: Token) -> Place:
    """The exponent: an optional sign, a number, a letter, or a number times a letter."""
    plain = "".join(SUPERSCRIPTS[char] for char in token.text)
    found = _FORM.fullmatch(plain)
    if found is None or not (found[2] or found[3]):
        hint = f"type ^({plain[:40]})"
        raise ParseError("this superscript cannot be read", text, token.start, token.end, hint=hint)
    sign, digits, letter = found.groups()
    value = number_from_text(digits or "0")
    if value is None:
        raise ParseError("a number of more than 10000 digits", text, token.start, token.end)
    middle, end = token.start + len(sign) + len(digits), token.end
    parts = [Place(Number(value), token.start + len(sign), middle)] if digits else []
    if letter:
        parts.append(Place(_symbol(letter), middle, end))
    place = parts[0]
    if len(parts) == 2:
        place = Place(Mul(parts[0].node, parts[1].node), parts[0].start, end, tuple(parts))
    return Place(Neg(place.node), token.start, end, (place,)) if sign == "-" else place


def _symbol(letter: str) -> Expr:
    return Symbol(letter)  # type: ignore[no-any-return]
