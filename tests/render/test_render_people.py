"""What people see, to the letter: files under ``snapshots``, rewritten with CALCOPT_UPDATE_SNAPSHOTS=1."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from examples import RECORDS, one_derivative, wide_result

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
