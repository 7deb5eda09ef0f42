"""Every example of the README is run, in a real shell, and prints what the README says.

A ```console block holds commands after ``$`` and their output; a line ``…`` stands for any lines. Set
CALCOPT_UPDATE_README=1 to write the present output into the README, then read the difference before committing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.S)


def examples() -> list[tuple[str, str]]:
    """Pairs (command, expected output) in the order of the page."""
    found = []
    for block in BLOCK.findall(README.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = part.split("\n")
            count = 1
            while lines[count - 1].endswith("\\"):
                count += 1
            found.append(("\n".join(lines[:count]), "\n".join(lines[count:]).rstrip("\n")))
    return found


def run(command: str, folder: Path) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, timeout=120, check=False
    )
    text = (done.stdout + done.stderr).decode("utf-8")
    return "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n"))


def matches(expected: str, actual: str) -> bool:
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()) + r"\n" for line in expected.split("\n")
    )
    return re.fullmatch(pattern, actual + "\n") is not None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A writable copy of what a user's clone has beside the README (examples may write files)."""
    copy = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "sample_problems", copy / "sample_problems")
    return copy


def test_there_are_examples_for_every_command() -> None:
    commands = " ".join(command for command, _ in examples())
    for name in (
        "diff",
        "gd",
        "newton",
        "classify-critical",
        "fit-line",
        "fit",
        "train-perceptron",
        "predict",
        "model",
        "schema",
    ):
        assert f"calcopt {name}" in commands, f"the README shows no `calcopt {name}`"


@pytest.mark.slow
def test_the_examples_print_what_the_readme_says(folder: Path) -> None:
    """In order, since later examples use files that earlier ones wrote."""
    text = README.read_text(encoding="utf-8")
    wrong = []
    for command, expected in examples():
        actual = run(command, folder)
        if not matches(expected, actual):
            wrong.append(f"$ {command}\n--- expected\n{expected}\n--- printed\n{actual}")
            before = f"{expected}\n" if expected else ""
            text = text.replace(f"$ {command}\n{before}", f"$ {command}\n{actual}\n", 1)
    if os.environ.get("CALCOPT_UPDATE_README") == "1":
        README.write_text(text, encoding="utf-8")
        return
    assert not wrong, "\n\n".join(wrong)
