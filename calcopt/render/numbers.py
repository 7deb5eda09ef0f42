"""Numbers as people read them: few digits, one decimal point under the other. Scripts get every digit (JSON, CSV)."""

from __future__ import annotations

import math
from collections.abc import Sequence

MISSING = "–"


def number(value: float | None, digits: int = 8, *, missing: str = MISSING) -> str:
    """One number standing alone: ``digits`` significant digits at most, no trailing zeros, ``missing`` for None."""
    if value is None:
        return missing
    value = float(value)
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if value == 0:
        return "0"
    if value == int(value) and abs(value) < 10 ** max(digits, 9):
        return str(int(value))
    text = f"{value:.{digits}g}"
    mantissa, mark, exponent = text.partition("e")
    return mantissa + (f"e{int(exponent):+03d}" if mark else "")


def column(values: Sequence[float | None], digits: int = 7, *, missing: str = MISSING) -> list[str]:
    """The cells of a column, equally wide, with the decimal points aligned.

    The largest magnitude gets ``digits`` significant digits, and all share its decimals. A value too small to
    show three digits that way is written as ``1.95e-04``, still aligned at its point; when even the largest is
    beyond ``digits`` digits (or below 0.001), the whole column is scientific.
    """
    finite = [abs(float(v)) for v in values if v is not None and math.isfinite(v)]
    largest = max(finite, default=0.0)
    if all(size == int(size) for size in finite) and largest < 10**digits:
        return align([number(value, missing=missing) for value in values])
    if largest >= 10**digits or largest < 1e-3:
        return scientific(values, min(digits - 1, 5), missing=missing)
    decimals = min(digits, digits - 1 - math.floor(math.log10(largest)))
    smallest = 10.0 ** (2 - decimals)
    return align([missing if value is None else _fixed(float(value), decimals, smallest) for value in values])


def scientific(values: Sequence[float | None], decimals: int = 2, *, missing: str = MISSING) -> list[str]:
    """Cells such as ``3.50e+02``, for norms, which run over many orders of magnitude."""
    return align([missing if value is None else _power_of_ten(float(value), decimals) for value in values])


def align(cells: Sequence[str]) -> list[str]:
    """Pad texts of numbers so that their decimal points (or ends) stand under each other."""
    split = [_at_the_point(cell) for cell in cells]
    left = max((len(head) for head, _ in split), default=0)
    right = max((len(tail) for _, tail in split), default=0)
    return [head.rjust(left) + tail.ljust(right) for head, tail in split]


def _fixed(value: float, decimals: int, smallest: float) -> str:
    if not math.isfinite(value):
        return number(value)
    if 0 < abs(value) < smallest:
        return f"{value:.{max(1, decimals - 4)}e}"
    return f"{value:.{decimals}f}"


def _power_of_ten(value: float, decimals: int) -> str:
    return f"{value:.{decimals}e}" if math.isfinite(value) and value != 0 else number(value)


def _at_the_point(cell: str) -> tuple[str, str]:
    """``-1.5`` → (``-1``, ``.5``); a cell without a point stays whole on the left, an exponent goes right."""
    for mark in (".", "e"):
        position = cell.find(mark)
        if position > 0 and cell[position - 1].isdigit():
            return cell[:position], cell[position:]
    return cell, ""
