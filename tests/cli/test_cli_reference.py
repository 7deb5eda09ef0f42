"""docs/cli.md is what the commands say of themselves."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from calcopt.cli.commands import COMMANDS

SCRIPT = Path(__file__).parents[2] / "docs" / "build_cli_reference.py"


def test_the_reference_is_current_and_has_every_command() -> None:
    spec = importlib.util.spec_from_file_location("build_cli_reference", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = SCRIPT.with_name("cli.md").read_text(encoding="utf-8")
    assert text == module.page(), "run: python docs/build_cli_reference.py"
    assert all(f"\n## calcopt {name}\n" in text for name in COMMANDS)
