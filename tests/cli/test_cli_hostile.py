"""The hostile strings of the parser's tests, given to the commands: refused with status 2, nothing run or printed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from running import calcopt, run

TABLE = Path(__file__).parents[1] / "expression" / "hostile.py"


def hostile() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("hostile_strings", TABLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    strings: dict[str, str] = module.HOSTILE
    return strings


STRINGS = hostile()


@pytest.mark.parametrize("command", ["diff", "newton"])
@pytest.mark.parametrize("name", STRINGS)
def test_refused(name: str, command: str) -> None:
    words = [command, *(["--start", "1"] if command == "newton" else []), "--", STRINGS[name]]
    outcome = run(*words)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")
    assert "\x1b" not in outcome.err
    assert len(outcome.err) < 2000


@pytest.mark.parametrize("name", ["import call", "attribute chain", "shell substitution", "string product"])
def test_refused_by_a_real_process(name: str) -> None:
    outcome = calcopt("diff", STRINGS[name])
    assert (outcome.status, outcome.out) == (2, "")
    assert not Path("/tmp/calcopt-was-here").exists()
