"""Formulas that begin with a minus, options, and misspelt options are told apart."""

from __future__ import annotations

import pytest

from calcopt.cli.arguments import colour_choice, protect, wants_json
from calcopt.errors import UsageError

VALUED = {"--start", "--rate", "--color"}
FLAGS = {"--json", "--help", "-h"}


@pytest.mark.parametrize(
    ("words", "protected"),
    [
        (["x^2"], ["--", "x^2"]),
        (["-x^2"], ["--", "-x^2"]),
        (["-x"], ["--", "-x"]),
        (["-2x"], ["--", "-2x"]),
        (["-(x+1)"], ["--", "-(x+1)"]),
        (["--", "-x^2"], ["--", "-x^2"]),
        (["--", "-x^2", "--json"], ["--", "-x^2", "--json"]),
        (["-h"], ["-h"]),
        (["-"], ["--", "-"]),
        (["--2x"], ["--", "--2x"]),
        (["-x^2", "--json"], ["--json", "--", "-x^2"]),
        (["--start", "-1,-2", "-x"], ["--start", "-1,-2", "--", "-x"]),
        (["-x", "--start=-1"], ["--start=-1", "--", "-x"]),
        (["--strat", "1", "x"], ["--strat", "--", "1", "x"]),
        ([], []),
    ],
)
def test_protect(words: list[str], protected: list[str]) -> None:
    assert protect(words, valued=VALUED, flags=FLAGS) == protected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-json"], "did you mean --json"),
        (["-start", "1"], "did you mean --start"),
        (["--start"], "--start needs a value"),
        (["--start", "--rate", "1"], "--rate follows"),
        (["--start", "--rat", "1"], "--rat follows"),
        (["--start", "--", "x"], "-- follows"),
    ],
)
def test_refused(words: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        protect(words, valued=VALUED, flags=FLAGS)
    assert said in caught.value.report()


def test_json_is_asked_for_before_the_double_dash() -> None:
    assert wants_json(["diff", "x", "--json"])
    assert wants_json(["diff", "--ndjson", "--", "x"])
    assert not wants_json(["diff", "--", "--json"])


def test_colour_is_read_from_wrong_arguments_too() -> None:
    assert colour_choice(["diff", "--color", "never", "--bogus"]) == "never"
    assert colour_choice(["--color=always"]) == "always"
    assert colour_choice(["diff", "--color"]) == "auto"
