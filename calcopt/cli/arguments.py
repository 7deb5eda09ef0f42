"""Arguments that begin with a minus: formulas (``-x^2``) are kept apart from options and from misspelt options.

A pure function from the words of the command line and the command's own options to words that Typer reads right.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from calcopt.errors import UsageError, did_you_mean

LONG_OPTION = re.compile(r"--[A-Za-z][\w-]*(=.*)?", re.DOTALL)
SHORT_WORD = re.compile(r"-([A-Za-z][\w-]*)(=.*)?", re.DOTALL)


def protect(words: Sequence[str], *, valued: Collection[str], flags: Collection[str]) -> list[str]:
    """``words`` with everything that is no option moved behind ``--``, in order.

    ``valued`` and ``flags`` are the options with and without a value (``--start``, ``-h``). A word that begins
    with a minus is an option when it is one of these, or looks like a long one (then Typer finds it unknown and
    suggests); any other is a formula. ``-json`` for ``--json`` is refused, and so is an option whose value is
    missing because the next option follows.
    """
    options: list[str] = []
    others: list[str] = []
    waiting = list(reversed(words))
    while waiting:
        word = waiting.pop()
        if word == "--":
            others.extend(reversed(waiting))
            break
        head, _, value = word.partition("=")
        if value and head in flags and (variants := _variants(head, flags)):
            options.append(_variant(head, value, variants))
        elif word in valued:
            options += [word, *_value(word, waiting, {*valued, *flags})]
        elif word in flags or LONG_OPTION.fullmatch(word):
            options.append(word)
        else:
            _refuse_single_dash(word, {*valued, *flags})
            others.append(word)
    return [*options, *(["--", *others] if others else [])]


def _variants(flag: str, flags: Collection[str]) -> list[str]:
    """The values that a flag may take: ``all`` where there is ``--steps`` and ``--steps-all``."""
    return sorted(other[len(flag) + 1 :] for other in flags if other.startswith(f"{flag}-"))


def _variant(flag: str, value: str, variants: Collection[str]) -> str:
    """``--steps=all`` is the flag ``--steps-all``: an option whose value may be left out."""
    if value not in variants:
        raise UsageError(
            f"{flag} knows no {value!r}", hint=f"type {flag} alone, or {' or '.join(f'{flag}={v}' for v in variants)}"
        )
    return f"{flag}-{value}"


def _value(option: str, waiting: list[str], known: Collection[str]) -> list[str]:
    """The next word, whatever it begins with, unless it is an option itself."""
    if not waiting:
        raise UsageError(f"option {option} needs a value")
    if waiting[-1] in known or waiting[-1] == "--" or LONG_OPTION.fullmatch(waiting[-1]):
        raise UsageError(f"option {option} needs a value, but {waiting[-1]} follows")
    return [waiting.pop()]


def _refuse_single_dash(word: str, known: Collection[str]) -> None:
    """``-json`` was hardly meant as minus the variable json."""
    match = SHORT_WORD.fullmatch(word)
    if match is not None and len(match[1]) > 1 and f"--{match[1]}" in known:
        raise UsageError(
            f"no such option {word.partition('=')[0]}",
            hint=f"did you mean -{word}? (a formula that begins with a minus can follow --)",
        )


def wants_json(words: Sequence[str]) -> bool:
    """Whether errors are to be JSON, asked before the arguments are understood."""
    before = list(words)[: list(words).index("--")] if "--" in words else words
    return "--json" in before or "--ndjson" in before


def colour_choice(words: Sequence[str]) -> str:
    """``--color`` as far as it can be read from arguments that may be wrong."""
    for index, word in enumerate(words):
        if word == "--color" and index + 1 < len(words):
            return words[index + 1]
        if word.startswith("--color="):
            return word.partition("=")[2]
    return "auto"


def suggestion(word: str, known: Collection[str]) -> str | None:
    """``did you mean 'newton'?``, or None."""
    close = did_you_mean(word, known)
    return None if close is None else f"did you mean '{close}'?"
