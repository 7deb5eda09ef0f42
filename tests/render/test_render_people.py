"""What people see, to the letter: files under ``snapshots``, rewritten with CALCOPT_UPDATE_SNAPSHOTS=1."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from examples import RECORDS, one_derivative, wide_result

from calcopt.records import LineFit
from calcopt.render.console import UNLIMITED, as_text
from calcopt.render.people.layout import Layout
from calcopt.render.people.view import view

SNAPSHOTS = Path(__file__).with_name("snapshots")


def check(name: str, text: str) -> None:
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("CALCOPT_UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def shown(record: object, *, width: int = 80, colour: bool = False, verbose: bool = False) -> str:
    return as_text(view(record, Layout(width, verbose=verbose)), width=width, colour=colour)


@pytest.mark.parametrize("name", RECORDS)
def test_at_80_columns(name: str) -> None:
    text = shown(RECORDS[name]())
    assert max(map(len, text.split("\n"))) <= 80
    check(f"{name}-80", text)


@pytest.mark.parametrize("name", RECORDS)
def test_piped_nothing_is_cut_or_padded(name: str) -> None:
    text = shown(RECORDS[name](), width=UNLIMITED)
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.split("\n"))
    check(f"{name}-piped", text)


@pytest.mark.parametrize("name", ["newton", "descent", "runs", "sauna"])
def test_in_colour(name: str) -> None:
    check(f"{name}-colour", shown(RECORDS[name](), colour=True))


def test_verbose_shows_every_row() -> None:
    brief, full = shown(RECORDS["descent"]()), shown(RECORDS["descent"](), verbose=True)
    assert "⋮" in brief
    assert "⋮" not in full
    assert sum(line.lstrip().startswith("2") for line in full.split("\n")) > 100


def test_user_text_is_never_markup() -> None:
    text = shown(replace(one_derivative(), function="x[1] + [red]y[/red] + [/]"))
    assert "x[1] + [red]y[/red] + [/]" in text


def test_control_characters_are_not_passed_on() -> None:
    assert "\x1b" not in shown(replace(one_derivative(), function="x\x1b[31m"))


def test_many_variables_are_counted_not_listed() -> None:
    text = shown(wide_result(1000))
    assert "990 more" in text
    assert len(text.split("\n")) < 30


def mixed_line() -> LineFit:
    """A fit whose coefficients are many orders of magnitude apart."""
    values = {"height": 3.002228, "b": 0.0010074453, "c": -207526.76, "intercept": -7.4711441}
    return replace(
        RECORDS["line"](),
        features=("height", "b", "c"),
        parameters=values,
        standard_errors=dict(zip(values, (0.01490123, 1.41679e-5, 16307.2, 14.1678), strict=True)),
        t_values=dict.fromkeys(values, 2.5),
        p_values=dict.fromkeys(values, 0.02),
        confidence_intervals={name: (value - 1e-3 * abs(value), value) for name, value in values.items()},
    )


def test_a_line_of_mixed_magnitudes_keeps_the_digits_and_names_of_every_row() -> None:
    text = shown(mixed_line())
    rows = {line.split()[0]: line.split()[1:] for line in text.split("\n") if line.count("…") == 1}
    assert max(map(len, text.split("\n"))) <= 80
    assert rows["height"][:2] == ["3.002228", "0.014901"]
    assert rows["b"][:2] == ["0.0010074453", "1.4168e-05"]
    assert rows["c"] == ["-207526.76", "16307", "2.5", "0.02", "-207734", "…", "-207527"]
    assert rows["intercept"][1] == "14.168"


def test_a_narrow_terminal_wraps_tables_and_cuts_no_number() -> None:
    assert [line for line in shown(mixed_line(), width=40).split("\n") if line.count("…") == 1] == [
        line for line in shown(mixed_line()).split("\n") if line.count("…") == 1
    ]


def test_a_line_that_was_not_reached_shows_its_advice() -> None:
    assert "advice  try --rate 0.1" in shown(replace(RECORDS["line"](), status="diverged", advice="try --rate 0.1"))
