"""The bounds of the language as numbers, and decimal literals within them."""

from __future__ import annotations

import math
from fractions import Fraction

MAX_LENGTH = 20_000
"""Characters of a formula on the command line (files: :data:`MAX_FILE_LENGTH`)."""
MAX_FILE_LENGTH = 1_000_000
MAX_LEVELS = 200
"""Levels of brackets, signs, powers and functions inside each other."""
MAX_HEIGHT = 1000
"""Nodes from the root of a tree to its deepest leaf."""
MAX_NAME = 100
MAX_DIGITS = 10_000
MAX_TERMS = 10**8
MAX_ELEMENTS = 10**6
"""Variables ``x[1] … x[n]`` that indexed names in sums may stand for."""
MAX_INDEX = 10**9
"""The largest index of an element ``x[…]``."""
MAX_BITS = MAX_DIGITS * math.log2(10) - 1e-6
"""log₂ of the first integer with more than :data:`MAX_DIGITS` digits."""

_PIECE = 4000
"""Digits converted at once: Python refuses more than 4300 in one ``int(…)`` or ``str(…)``."""


def number_from_text(typed: str) -> Fraction | None:
    """The exact value of a decimal literal such as ``12``, ``.5``, ``5.``, ``1e-6``; None beyond the limit."""
    if len(typed) < 10 and typed.isdecimal():
        return Fraction(int(typed))
    mantissa, _, exponent = typed.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    digits = (whole + decimals).lstrip("0")
    if not digits:
        return Fraction(0)
    if len(exponent.lstrip("+-0")) > 6:
        return None
    shift = int(exponent or 0) - len(decimals)
    if len(digits) + max(shift, 0) > MAX_DIGITS or -shift > MAX_DIGITS:
        return None
    value = integer_from_digits(digits)
    return Fraction(value * 10**shift) if shift >= 0 else Fraction(value, 10**-shift)


def integer_from_digits(digits: str) -> int:
    """``int(digits)`` for any number of digits."""
    value = 0
    for start in range(0, len(digits), _PIECE):
        piece = digits[start : start + _PIECE]
        value = value * 10 ** len(piece) + int(piece)
    return value


def digits_of(value: int) -> str:
    """``str(value)`` for an integer ≥ 0 with any number of digits."""
    if value.bit_length() < 3 * _PIECE:
        return str(value)
    pieces: list[str] = []
    while value:
        value, rest = divmod(value, 10**_PIECE)
        pieces.append(str(rest).rjust(_PIECE, "0"))
    return "".join(reversed(pieces)).lstrip("0")


def bits(value: Fraction) -> float:
    """log₂ of the larger of numerator and denominator: the size of a rational when written out (0 for 0 and ±1)."""
    return math.log2(max(abs(value.numerator), value.denominator))
