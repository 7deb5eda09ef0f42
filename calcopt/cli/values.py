"""Numbers on the command line: ``0.01``, ``1e-8``, ``1/200``; what is no finite number is refused at its place."""

from __future__ import annotations

import math

from calcopt.errors import CalcoptError, ValueTextError


def real_number(text: str) -> float:
    """A finite number, or a constant expression such as ``1/200``."""
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        value = _expression(text)
    if not math.isfinite(value):
        raise ValueTextError(f"'{text}' is not a finite number", text, 0, len(text))
    return value


def whole_number(text: str) -> int:
    """A whole number from 0 on; ``1e5`` too."""
    value = real_number(text)
    if value != int(value) or value < 0:
        raise ValueTextError(f"'{text}' is not a whole number from 0 on", text, 0, len(text))
    return int(value)


def _expression(text: str) -> float:
    from calcopt.expression import constant_value, parse_value

    try:
        return constant_value(parse_value(text))
    except CalcoptError as error:
        raise ValueTextError(f"'{text}' is not a number ({error.message})", text, 0, len(text)) from None
