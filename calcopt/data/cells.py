"""What a cell holds: a number, nothing, or something else, and how to say which.

These rules are the reference. The fast readers may refuse more than they do, never less: whatever a fast reader
refuses is read again with these rules, row by row, and either turns out to be right or becomes an error with its
place.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Literal

from calcopt.errors import printable

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|1\.#\w+)", re.IGNORECASE)
_MISSING_WORD = re.compile(r"na|n/a|null|none|nil|missing|[-?.*]|--", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([,'’_ \u00a0\u202f]\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})*|\d*),\d+([eE][+-]?\d+)?")


Decimals = Literal[".", ","]
"""What stands before the fraction of a number."""


class BadCellError(ValueError):
    """A cell that is not what was asked for: ``says`` completes "column 'x' holds …"; ``hint`` says what to write."""

    def __init__(self, says: str, hint: str | None = None) -> None:
        super().__init__(says)
        self.says, self.hint = says, hint


def shown(text: str) -> str:
    """A cell as it is quoted in messages: control characters made visible, cut at 40 characters."""
    return f"'{printable(text if len(text) <= 40 else text[:39] + '…')}'"


def number_from_text(text: str, decimal: Decimals = ".") -> float | None:
    """The finite double that ``text`` writes, None for an empty (or blank) cell; else ``BadCellError``."""
    word = text.strip()
    if not word:
        return None
    if decimal == ",":
        word = _with_point(word)
    if _NUMBER.fullmatch(word) is None:
        raise _not_a_number(word)
    value = float(word)
    if not math.isfinite(value):
        raise BadCellError(f"{shown(word)}, which is too large for a double (the limit is about 1.8e308)")
    return value


def _with_point(word: str) -> str:
    """``1,5`` as ``1.5``; a point is refused: it may be one of thousands (1.000) or of decimals."""
    if "." in word and _NUMBER.fullmatch(word.replace(",", "")):
        bare = word.replace(".", "") if "," in word else word.replace(".", ",")
        says = f"{shown(word)}, which has a point though decimals are written with a comma"
        raise BadCellError(says, f"write {bare}")
    return word.replace(",", ".") if _NUMBER.fullmatch(word.replace(",", ".", 1)) else word


def looks_like_number(text: str, decimal: Decimals = ".") -> bool:
    """True for a number, and for ``nan`` and ``inf``: what nobody would choose as the name of a column."""
    word = text.strip()
    if decimal == ",":
        word = word.replace(".", " ").replace(",", ".")
    return _NUMBER.fullmatch(word) is not None or _NOT_FINITE.fullmatch(word) is not None


def number_from_value(value: object) -> float | None:
    """The finite double that a typed value is (JSON, Parquet, memory), None when missing; else ``BadCellError``."""
    if value is None:
        return None
    if isinstance(value, bool):
        raise BadCellError(f"{str(value).lower()}, which is not a number", "write 1 and 0 to use it as a number")
    if isinstance(value, (int, float, Decimal)):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise BadCellError(f"{str(value)[:40]}, which is not a finite number", "leave a missing value empty (null)")
        return number
    if isinstance(value, str):
        hint = "write numbers without quotes" if _NUMBER.fullmatch(value.strip()) else None
        raise BadCellError(f"the text {shown(value)}, not a number", hint)
    raise BadCellError(f"{shown(str(value))} (a {type(value).__name__}), which is not a number")


def text_from_value(value: object) -> str | None:
    """A typed value as text, None when missing (null, or blank); lists and objects are a ``BadCellError``."""
    if value is None:
        return None
    if isinstance(value, (list, dict)):
        kind = "a list" if isinstance(value, list) else "an object"
        raise BadCellError(f"{kind}, not text or a number")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if text.strip() else None


def _not_a_number(word: str) -> BadCellError:
    says = f"{shown(word)}, which is not a number"
    if _NOT_FINITE.fullmatch(word):
        return BadCellError(f"{shown(word)}, which is not a finite number", "leave the cell empty if it is missing")
    if _MISSING_WORD.fullmatch(word):
        return BadCellError(says, "leave the cell empty if it is missing")
    if "," in word and _DECIMAL_COMMA.fullmatch(word) and _THOUSANDS.fullmatch(word):
        plain = word.replace(",", "")
        return BadCellError(
            says, f"write {plain} (no thousands separators) or {word.replace(',', '.')} (a decimal point)"
        )
    if _THOUSANDS.fullmatch(word):
        return BadCellError(says, f"write {re.sub(r'[^0-9.+-]', '', word)}, without thousands separators")
    if _DECIMAL_COMMA.fullmatch(word):
        plain = word.replace(".", "").replace(",", ".")
        return BadCellError(says, f"write {plain}, with a decimal point")
    if _NUMBER.fullmatch(word.replace("\N{MINUS SIGN}", "-")):
        return BadCellError(says, "its minus sign is not the ASCII '-'")
    if word.endswith("%") and _NUMBER.fullmatch(word[:-1].strip()):
        return BadCellError(says, "write it without the percent sign")
    return BadCellError(says)
