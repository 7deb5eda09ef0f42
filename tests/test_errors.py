"""Errors build their own sentences and their own JSON."""

from __future__ import annotations

import pytest

from calcopt.errors import DataError, ParseError, UsageError, did_you_mean, excerpt


def test_a_source_error_underlines_the_whole_span() -> None:
    error = ParseError("unknown function 'sinn'", "3*x + sinn(x)", 6, 10, hint="did you mean 'sin'?")
    assert error.report() == "unknown function 'sinn'; did you mean 'sin'?\n  3*x + sinn(x)\n        ^^^^"
    assert error.as_dict()["position"] == 6


def test_a_file_error_names_its_place() -> None:
    error = DataError("'12a' is not a number", "points.csv", line=3, column=5, width=3, line_text="1,2,12a")
    assert error.report().splitlines() == ["points.csv:3:5: '12a' is not a number", "  1,2,12a", "      ^^^"]
    assert error.as_dict() == {
        "kind": "data",
        "message": "'12a' is not a number",
        "file": "points.csv",
        "line": 3,
        "column": 5,
    }


@pytest.mark.parametrize(("start", "end"), [(0, 3), (500, 503), (997, 1000), (1000, 1001)])
def test_a_long_line_is_shown_as_a_window(start: int, end: int) -> None:
    text = "".join(chr(ord("a") + i % 26) for i in range(1000))
    line, carets = excerpt(text, start, end).splitlines()
    assert len(line) <= 78
    marked = line[carets.index("^") : carets.rindex("^") + 1]
    assert marked.replace("…", "") in text[start:end]


def test_a_caret_beyond_the_end_stands_after_the_line() -> None:
    assert excerpt("x +", 3, 4) == "  x +\n     ^"


def test_control_characters_are_shown_not_printed() -> None:
    assert "\x1b" not in excerpt("x + \x1b[31m", 4, 5)


def test_one_suggestion_at_most() -> None:
    assert did_you_mean("sinn", ["sin", "sinh", "cos"]) in {"sin", "sinh"}
    assert did_you_mean("qqqq", ["sin", "cos"]) is None
    assert did_you_mean("Sin", ["sin", "sinh"]) == "sin"


def test_hints_stand_in_text_and_json() -> None:
    error = UsageError("no start", hint="add --start x=1")
    assert error.report() == "no start; add --start x=1"
    assert error.as_dict() == {"kind": "usage", "message": "no start", "hint": "add --start x=1"}
