"""Where a cluster is: ``local:N``, ``tcp://host:port``, or ``file:scheduler.json``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from calcopt.errors import FileError, UsageError

MOST_LOCAL = 256
HINT = "such as tcp://host:8786, file:scheduler.json, or local:2 for two workers on this machine"


@dataclass(frozen=True)
class Address:
    """What was ``typed``, and one of: a number of ``local`` workers, a scheduler's ``file``, its ``tcp`` address."""

    typed: str
    local: int | None = None
    file: str | None = None
    tcp: str | None = None


def parse_address(typed: str) -> Address:
    """Raises ``UsageError``, or ``FileError`` for a scheduler file that is not there."""
    text = typed.strip()
    if match := re.fullmatch(r"local:(\d+)", text):
        number = int(match[1])
        if not 1 <= number <= MOST_LOCAL:
            raise UsageError(f"--cluster {typed} asks for {number} workers", hint=f"from 1 to {MOST_LOCAL}")
        return Address(text, local=number)
    if text.startswith("file:"):
        path = os.path.expanduser(text.removeprefix("file:").removeprefix("//"))
        if not os.path.isfile(path):
            raise FileError("no such file", path, hint="start one: dask scheduler --scheduler-file FILE")
        return Address(text, file=path)
    if re.fullmatch(r"(tcp|tls|ucx|ws|wss)://[^/\s]+:\d+", text):
        return Address(text, tcp=text)
    hint = f"add the port: {text}:8786" if re.fullmatch(r"(tcp|tls)://[^/\s:]+", text) else HINT
    if re.fullmatch(r"[\w.-]+:\d+", text):
        hint = f"write tcp://{text}"
    raise UsageError(f"--cluster does not understand '{typed}'", hint=hint)
