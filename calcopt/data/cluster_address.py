"""Where a cluster is: ``local:N``, ``tcp://host:port``, or ``file:scheduler.json``."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass

from calcopt.errors import FileError, UsageError

_ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://[^/\s]+:\d+")
_WRITE = "dask scheduler --scheduler-file FILE writes one"
MOST_LOCAL = 256
HINT = "such as tcp://host:8786, file:scheduler.json, or local:2 for two workers on this machine"


@dataclass(frozen=True)
class Address:
    """What was ``typed``, and either a number of ``local`` workers or the scheduler's ``tcp`` address."""

    typed: str
    local: int | None = None
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
        return Address(text, tcp=_read(os.path.expanduser(text.removeprefix("file:").removeprefix("//"))))
    if _ADDRESS.fullmatch(text):
        return Address(text, tcp=text)
    hint = f"add the port: {text}:8786" if re.fullmatch(r"(tcp|tls)://[^/\s:]+", text) else HINT
    if re.fullmatch(r"[\w.-]+:\d+", text):
        hint = f"write tcp://{text}"
    raise UsageError(f"--cluster does not understand '{typed}'", hint=hint)


def _read(path: str) -> str:
    """The address in the JSON file that a scheduler writes with --scheduler-file."""
    try:
        with open(path, encoding="utf-8") as file:
            address = json.load(file)["address"]
    except FileNotFoundError:
        raise FileError("no such file", path, hint=_WRITE) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError("this is not a file that a scheduler has written", path, hint=_WRITE) from error
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise FileError("no address of a scheduler stands in this file", path, hint=_WRITE)
    return address
