"""Every example of the README is run, in a real shell, and prints what the README says (see ``page``)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.page import ROOT, check, examples

README = ROOT / "README.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A writable copy of what a user's clone has beside the README (examples may write files)."""
    copy = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "sample_problems", copy / "sample_problems")
    return copy


def test_there_are_examples_for_every_command() -> None:
    commands = " ".join(command for command, _ in examples(README))
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
    check(README, folder)
