"""Reads one reference problem by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


def find(name: str, path: Path) -> dict[str, Any]:
    problems = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))["problems"]
    return next(problem for problem in problems if problem["name"] == name)
