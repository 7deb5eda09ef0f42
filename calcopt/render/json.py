"""The one JSON writer: no NaN, no Infinity, floats that read back as the same double."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, TextIO


def plain(value: Any) -> Any:
    """``value`` as what JSON knows: arrays become lists, mappings dicts, numbers that are not finite None."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # NumPy arrays and scalars, without importing NumPy to ask
        return plain(value.tolist())
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    raise TypeError(f"no JSON form for {type(value).__name__}")


def line(value: Any) -> str:
    """One line of JSON, without the newline."""
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False)


def document(fields: Mapping[str, Any]) -> str:
    """A JSON object for a file or a screen: a field a line, and an object a line in lists of objects."""
    return "{\n" + ",\n".join(f"  {line(key)}: {_field(plain(value))}" for key, value in fields.items()) + "\n}"


def _field(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return "[\n" + ",\n".join(f"    {line(item)}" for item in value) + "\n  ]"
    return line(value)


def write_document(stream: TextIO, fields: Mapping[str, Any]) -> None:
    """Write one document and a newline, and flush."""
    stream.write(document(fields) + "\n")
    stream.flush()


def write_line(stream: TextIO, fields: Mapping[str, Any]) -> None:
    """Write one object as one line, and flush, so that a reader sees it as it happens."""
    stream.write(line(fields) + "\n")
    stream.flush()
