"""From renderables to a stream: the one place that makes a Rich console."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import RenderableType

UNLIMITED = 100_000  # characters: wider than any table of ours, so that nothing is cut off a terminal


def show(parts: Iterable[RenderableType], stream: TextIO, *, width: int, colour: bool) -> None:
    """Write the parts to ``stream``, in colour or plain, without trailing blanks.

    Rich writes into memory, never to the stream itself: a closed pipe or a full disk is then an error of our own
    write, and no half of a table is left behind by an error while it is made.
    """
    stream.write(as_text(parts, width=width, colour=colour))
    stream.flush()


def as_text(parts: Iterable[RenderableType], *, width: int, colour: bool) -> str:
    """What ``show`` writes."""
    from rich.console import Console

    memory = io.StringIO()
    console = Console(
        file=memory,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for part in parts:
        console.print(part, crop=False)
    return "".join(line.rstrip() + "\n" for line in memory.getvalue().split("\n")[:-1])
