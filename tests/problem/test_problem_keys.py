"""The keys of a problem file are the options of its command: the table agrees with the commands, typos are faults."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from calcopt.cli.commands import COMMANDS, load
from calcopt.errors import FileError
from calcopt.problem.keys import ABOUT, KEYS
from calcopt.problem.load import key_types, loads

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from running import run

SUBJECT = {"function", "functions", "data", "model"}
"""Keys that stand for the command's argument."""


@pytest.mark.parametrize("command", KEYS)
def test_the_keys_of_a_command_are_its_options(command: str) -> None:
    params = load(command).params
    options = {name.removeprefix("--") for param in params for name in param.opts if name.startswith("--")}
    assert KEYS[command] - SUBJECT <= options
    assert options & set(key_types()) <= KEYS[command]


def test_every_key_belongs_to_a_command() -> None:
    assert set(key_types()) == ABOUT.union(*KEYS.values())
    assert set(KEYS) <= set(COMMANDS)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            "command: newton\nfunction: x^2\nrate: 0.1",
            3,
            "'rate' is no option of calcopt newton; it belongs to gd, fit-line and train-p",
        ),
        ("command: gd\nfunction: x^2\nepochs: 5", 3, "'epochs' is no option of calcopt gd; it belongs to train-perc"),
        ("command: fit-line\ndata: a.csv\ntarget: y", 3, "'target' is no option of calcopt fit-line; it belongs to tr"),
    ],
)
def test_a_key_that_the_files_own_command_lacks_is_a_fault(text: str, line: int, said: str) -> None:
    with pytest.raises(FileError) as caught:
        loads(text)
    assert caught.value.line == line
    assert said in caught.value.report()


def test_a_file_for_several_commands_is_read_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("function: x^2 + 1\nstart: 3\norder: 2\nrate: 0.1\n")
    outcome = run("newton", str(path), "--quiet")
    assert outcome.status == 0
    assert outcome.out.startswith("x ")
    assert outcome.err == f"warning: {path}: calcopt newton does not use 'order', 'rate'\n"


def test_a_table_named_by_a_file_is_read_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n1,2\n2,4.1\n3,5.9\n")
    path = tmp_path / "p.yaml"
    path.write_text("data: t.csv\nepochs: 7\n")
    assert run("fit-line", str(path), "--quiet").err == f"warning: {path}: calcopt fit-line does not use 'epochs'\n"
