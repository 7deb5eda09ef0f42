"""What Python hands over as data, as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from typing import BinaryIO

    from calcopt.data.table import Table

Missing = Literal["error", "skip"]


def as_table(
    data: object,
    *,
    delimiter: str | None,
    header: bool,
    decimal: str,
    missing: Missing,
    stdin: BinaryIO | None,
) -> Table:
    """A path, glob, folder or ``"-"``; or a mapping of columns, a data frame, a 2-D array."""
    from calcopt.data.table import memory_table, open_table

    if isinstance(data, (str, Path)):
        return open_table(str(data), delimiter=delimiter, header=header, decimal=decimal, missing=missing, stdin=stdin)
    return memory_table(data, missing=missing)
