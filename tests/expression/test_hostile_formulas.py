"""Nothing that a formula holds is run, and nothing holds the parser up."""

from __future__ import annotations

import contextlib
import sys
import time
import unicodedata  # noqa: F401  the complaints import it late, which is no harm
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from hostile import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st

from calcopt.errors import ParseError
from calcopt.expression import parse, parse_system, parse_value
from calcopt.expression.grammar import Parser
from calcopt.expression.sizes import find_violation, is_plainly_small
from calcopt.expression.tokens import tokenize
from calcopt.expression.tree import Formula

SECONDS = 1.0
"""The bound of the specification; a refusal usually takes less than a millisecond."""


_watching = False


def _refuse_execution(event: str, arguments: tuple[object, ...]) -> None:
    """Python reports every way to run code or reach the system as an audit event."""
    forbidden = ("exec", "compile", "open", "os.", "subprocess.", "socket.", "ctypes.", "code.__new__")
    if _watching and event.startswith(forbidden):
        raise AssertionError(f"the parser caused {event}{arguments!r}")


sys.addaudithook(_refuse_execution)


@pytest.fixture
def watch() -> Callable[[], AbstractContextManager[None]]:
    """A context in which running anything is an error."""

    @contextmanager
    def watching() -> Iterator[None]:
        global _watching
        _watching = True
        try:
            yield
        finally:
            _watching = False

    return watching


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("max_length", [20_000, 1_000_000])
def test_hostile_formula_is_refused(
    name: str, max_length: int, watch: Callable[[], AbstractContextManager[None]]
) -> None:
    text = HOSTILE[name]
    if name == "too long" and max_length > 20_000:
        assert isinstance(parse(text, max_length=max_length), Formula)
        return
    begin = time.process_time()
    with watch(), pytest.raises(ParseError) as caught:
        parse(text, max_length=max_length)
    report = caught.value.report()
    assert time.process_time() - begin < SECONDS
    assert 0 <= caught.value.start <= len(text)
    assert len(report) < 600
    assert all(char.isprintable() or char == "\n" for char in report)


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_value_is_refused(name: str, watch: Callable[[], AbstractContextManager[None]]) -> None:
    with watch(), pytest.raises(ParseError):
        parse_value(HOSTILE[name])


def test_the_recursion_limit_is_never_needed() -> None:
    text = "(" * 200 + "x" + ")" * 200
    depth = len(_frames())
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 60)
    try:
        parse(text)
        parse("sin(" * 200 + "x" + ")" * 200)
        str(parse("1/(1+" * 200 + "x" + ")" * 200).body)
    finally:
        sys.setrecursionlimit(limit)


def _frames() -> list[object]:
    frame = sys._getframe()
    frames: list[object] = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return frames


_ALPHABET = st.sampled_from(
    [
        *"xyzabefin0123456789.+-*/^()[]|,<>= _πσα²³⁻·−",
        "sin ",
        "log",
        "if(",
        "sum(",
        "not ",
        " and ",
        "<=",
        "**",
        "f(x)=",
    ]
)


def _outcome(text: str) -> Formula | ParseError:
    try:
        return parse(text)
    except ParseError as error:
        found = error
    assert 0 <= found.start <= len(text)
    assert found.report()
    return found


@settings(max_examples=1500)
@given(st.lists(_ALPHABET, max_size=30).map("".join))
def test_text_made_of_the_language_is_read_or_refused(text: str) -> None:
    outcome = _outcome(text)
    if isinstance(outcome, Formula):
        assert parse(str(outcome.body)).body is outcome.body


@settings(max_examples=500)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    _outcome(text)


@settings(max_examples=300)
@given(st.lists(_ALPHABET, max_size=30).map("".join))
def test_systems_and_values_are_read_or_refused(text: str) -> None:
    for read in (parse_system, parse_value):
        with contextlib.suppress(ParseError):
            read(text)


@settings(max_examples=500)
@given(st.lists(st.sampled_from([*"9x+-*/^()^^*", "99", "(9^9)", "sqrt", "cos"]), max_size=40).map("".join))
def test_the_short_look_at_the_tokens_agrees_with_the_walk(text: str) -> None:
    try:
        place = Parser(text, tokenize(text), 0, (), None).parse()
    except ParseError:
        return
    if is_plainly_small(tokenize(text)):
        assert find_violation(place.node) is None
