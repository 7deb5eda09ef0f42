"""Lists that may be typed with commas: ``A,B`` and ``[A, B]`` say the same."""

from __future__ import annotations

from collections.abc import Sequence

from calcopt.errors import ValueTextError


def names_of(value: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Names of columns or variables from ``"A, B"`` or ``["A", "B"]``; None for None.

    :class:`ValueTextError` for an empty name or one given twice.
    """
    if value is None:
        return None
    text = value if isinstance(value, str) else ",".join(value)
    names, start = [], 0
    for part in text.split(",") if isinstance(value, str) else value:
        name = part.strip() if isinstance(value, str) else part
        if not name.strip():
            raise ValueTextError("a name is missing", text, start, start + len(part), hint="write A,B")
        if name in names:
            place = start + len(part) - len(part.lstrip())
            raise ValueTextError(f"'{name}' is given twice", text, place, place + len(name))
        names.append(name)
        start += len(part) + 1
    return tuple(names)


def sizes_of(value: str | int | Sequence[int] | None) -> tuple[int, ...]:
    """Layer sizes from ``"8,4"``, ``8`` or ``[8, 4]``; empty for None."""
    if value is None:
        return ()
    if isinstance(value, int):
        value = [value]
    text = value if isinstance(value, str) else ",".join(map(str, value))
    sizes, start = [], 0
    for part in text.split(","):
        digits = part.strip()
        if not (digits.isascii() and digits.isdecimal() and 0 < int(digits[:10]) <= 1_000_000):
            place = start + len(part) - len(part.lstrip())
            raise ValueTextError(
                f"'{digits}' is not a number of units", text, place, place + len(digits), hint="write 8,4"
            )
        sizes.append(int(digits))
        start += len(part) + 1
    return tuple(sizes)
