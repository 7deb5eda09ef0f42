"""Bounds as text, rounded outwards, so that what is read is as true as what was proved."""

from __future__ import annotations

import math
from typing import Any


def bound(value: float, digits: int, *, upward: bool) -> str:
    """A bound with ``digits`` significant digits, rounded away from what it bounds, so that the text is true too."""
    from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

    if not math.isfinite(value) or value == 0:
        return repr(value) if value else "0"
    exact = Decimal(value)
    digits = digits if abs(value) > 1e-290 else 1  # the slack that stands for what underflow may have lost
    last = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    with _wide():
        kept = exact.quantize(last, rounding=ROUND_CEILING if upward else ROUND_FLOOR)
        return _plain(kept.normalize())


def between(lower: float, upper: float) -> str:
    """``[lower, upper]`` with as many digits as tell the two apart, each rounded outwards."""
    width = upper - lower
    if not math.isfinite(width):
        digits = 10
    else:
        largest = max(abs(lower), abs(upper))
        digits = 1 if width <= 0 or largest == 0 else 2 + max(0, math.floor(math.log10(largest / width) + 1))
        digits = min(digits, 17) if width > 0 else 17
    small = [min(digits, 3) if abs(end) < width else digits for end in (lower, upper)]
    return f"[{bound(lower, small[0], upward=False)}, {bound(upper, small[1], upward=True)}]"


def enclosure(lower: float, upper: float) -> str:
    """``midpoint ± radius`` that holds [lower, upper], with the digits that are known; a point alone."""
    from decimal import ROUND_CEILING, Decimal

    if lower == upper or not math.isfinite(upper - lower):
        return _plain(Decimal(repr(lower)).normalize()) if lower == upper else between(lower, upper)
    with _wide():
        low, high = Decimal(lower), Decimal(upper)
        radius = (high - low) / 2
        last = Decimal(1).scaleb(radius.adjusted())
        middle = ((low + high) / 2).quantize(last)
        reach = max(high - middle, middle - low).quantize(last, rounding=ROUND_CEILING)
        return f"{_plain(middle.normalize() if middle == 0 else middle)} ± {_plain(reach.normalize())}"


def _wide() -> Any:
    """Decimal arithmetic with digits to spare: a double has up to 767 of them."""
    from decimal import Context, localcontext

    return localcontext(Context(prec=1100))


def _plain(value: Any) -> str:
    """A decimal without an exponent where that is short."""
    if value == 0:
        return "0"
    if -5 <= value.adjusted() <= 15 and value.as_tuple().exponent > -25:
        return f"{value:f}"
    text = f"{value:e}"
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent):+03d}"
