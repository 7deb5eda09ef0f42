"""Text → tokens: numbers, names, superscripts and operators, each with its place in the text.

Identifiers are ASCII letters, digits and ``_``, or one Greek glyph (``α``, ``θ₁``), which stands for its name. The
classes ``\\w`` and ``str.isalnum`` are never used: they accept superscripts, look-alike letters of other alphabets and
the digits of forty scripts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from calcopt.errors import ParseError
from calcopt.expression.functions import SPELLINGS, WORDS
from calcopt.expression.limits import MAX_LEVELS, MAX_NAME

GREEK_NAMES: tuple[str, ...] = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"),
    *("nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
)
_LOWER, _UPPER = "αβγδεζηθικλμνξοπρστυφχψω", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
GREEK: dict[str, str] = {
    **dict(zip(_LOWER, GREEK_NAMES, strict=True)),
    # Only the capitals that do not look like a Latin letter: Α (Alpha) for A is a trap, not a name.
    **{upper: name.title() for upper, name in zip(_UPPER, GREEK_NAMES, strict=True) if upper in "ΓΔΘΛΞΠΣΦΨΩ"},
    "ϵ": "epsilon",
    "ϑ": "theta",
    "ϕ": "phi",
    "ϱ": "rho",
    "ϖ": "pi",
    "ϰ": "kappa",
    "µ": "mu",
    "∆": "Delta",
}
SUBSCRIPTS: dict[str, str] = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
SUPERSCRIPTS: dict[str, str] = {
    **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True)),
    **dict(zip("ⁿˣʸᶻᵏᵐᵖᵗⁱʲᵃᵇᶜ", "nxyzkmptijabc", strict=True)),
}
OPERATOR_GLYPHS: dict[str, str] = {
    "**": "^",
    **dict.fromkeys("·×⋅∙•∗", "*"),
    **dict.fromkeys("−–‐‑", "-"),
    **dict.fromkeys("÷∕⁄", "/"),
    "≤": "<=",
    "≥": ">=",
    "⩽": "<=",
    "⩾": ">=",
}
TOO_DEEP = f"more than {MAX_LEVELS} levels of nesting"
_DEPTH = {"(": 1, "[": 1, ")": -1, "]": -1}
_GREEK_CLASS = "".join(GREEK)
_TOKEN = re.compile(
    rf"""[ \t\r\n\u00a0\u2009\u202f]*(?:
      (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<name>[A-Za-z][A-Za-z0-9_₀-₉]*|π|[{_GREEK_CLASS}](?:[0-9₀-₉]|_[A-Za-z0-9₀-₉]+)*)
    | (?P<superscript>[{"".join(SUPERSCRIPTS)}]+)
    | (?P<operator>\*\*|<=|>=|==|[-+*/^(),\[\]|<>=·×⋅∙•∗−–‐‑÷∕⁄≤≥⩽⩾])
    | (?P<end>\Z)
    | (?P<other>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Token(NamedTuple):
    """``kind`` is ``number``, ``name``, ``superscript``, ``end``, or the operator or word itself in plain spelling.

    ``text`` is what was typed, except that a name is spelled out (``α₁`` → ``alpha1``; ``σ`` stays, see the grammar).
    """

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """All tokens of ``text`` ending with one of kind ``end``; :class:`ParseError` at the first foreign character."""
    tokens: list[Token] = []
    append, match = tokens.append, _TOKEN.match
    position = depth = 0
    while True:
        found = match(text, position)
        assert found is not None  # the alternatives cover every character and the end
        group = found.lastgroup or "end"
        start, position = found.span(group)
        typed = found[group]
        if group == "number":
            append(Token("number", typed, start, position))
        elif group == "name":
            append(_name(text, typed, start))
        elif group == "operator":
            append(Token(OPERATOR_GLYPHS.get(typed, typed), typed, start, position))
            depth += _DEPTH.get(typed, 0)
            if depth > MAX_LEVELS:  # refused here already: 10^5 parentheses need not be read to the end
                raise ParseError(TOO_DEEP, text, start, position)
        elif group == "superscript":
            append(Token("superscript", typed, start, position))
        elif group == "end":
            append(Token("end", "", start, start))
            return tokens
        else:
            raise _foreign(text, start)


def _name(text: str, typed: str, start: int) -> Token:
    end = start + len(typed)
    if end - start > MAX_NAME:
        raise ParseError(f"a name may have at most {MAX_NAME} characters", text, start, end)
    if not typed.isascii() and typed != "σ":
        head = GREEK.get(typed[0], typed[0])
        typed = head + "".join(SUBSCRIPTS.get(char, char) for char in typed[1:])
    return Token(typed if typed in WORDS else "name", typed, start, end)


# ---------------------------------------------------------------------------------------------------------------
# What to say about characters that are no part of the language
# ---------------------------------------------------------------------------------------------------------------

_HINTS: dict[str, str] = {
    "√": "type sqrt(…)",
    "∛": "type cbrt(…)",
    "∑": "type sum(expression, i, from, to)",
    "∞": "there are finite numbers only",
    "!": "there is no factorial and no '!='",
    "&": "type 'and' between conditions",
    "~": "type 'not' before a condition",
    "¬": "type 'not' before a condition",
    "{": "type parentheses ( )",
    "}": "type parentheses ( )",
    "%": "type 0.05 for 5 %",
    "'": "a formula holds no quotes; for a derivative use the command diff",
    "′": "for a derivative use the command diff",
    '"': "a formula holds no quotes",
    "`": "a formula holds no quotes",
    "\\": "LaTeX is not read; type sin(x), x^2, a/b",
    ";": "several functions, separated by ';', are for newton --root",
    ":": "type if(condition, a, b) for a choice",
    "?": "type if(condition, a, b) for a choice",
    "_": "a name begins with a letter",
    "≠": "conditions are built with <, <=, >, >=",
}


def _foreign(text: str, start: int) -> ParseError:
    """The complaint about the character at ``start``, with the likeliest thing to type instead."""
    char = text[start]
    if char == ".":
        return _dotted(text, start)
    if char in "'\"`":
        closing = text.find(char, start + 1)
        return ParseError("unexpected quote", text, start, closing + 1 or start + 1, hint=_HINTS[char])
    if char == "_":
        end = _run(text, start, lambda c: c == "_" or (c.isascii() and c.isalnum()))
        return ParseError(f"unexpected name '{text[start:end][:40]}'", text, start, end, hint=_HINTS[char])
    if char in _HINTS:
        return ParseError(f"unexpected character '{char}'", text, start, start + 1, hint=_HINTS[char])
    import unicodedata  # late: only for complaints

    plain = unicodedata.normalize("NFKC", char)
    if char.isdecimal():
        end = _run(text, start, lambda c: c.isdecimal() and not c.isascii())
        digits = "".join(str(unicodedata.decimal(c)) for c in text[start:end])
        hint = f"type {digits[:40]} with the digits 0-9"
        return ParseError("numbers are written with the digits 0-9", text, start, end, hint=hint)
    shown = f"'{char}' " if char.isprintable() else ""
    message = f"unexpected character {shown}({_code_point(char)})"
    suggestion = f"type {plain}" if plain != char and plain.isascii() and plain.isalnum() else None
    return ParseError(message, text, start, start + 1, hint=suggestion)


def _code_point(char: str) -> str:
    import unicodedata

    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()


def _dotted(text: str, dot: int) -> ParseError:
    """``math.sin``, ``x.y`` or a lost point, with the dotted chain as the place."""

    def in_chain(char: str) -> bool:
        return char.isascii() and (char.isalnum() or char in "._")

    start = dot
    while start > 0 and in_chain(text[start - 1]):
        start -= 1
    end = _run(text, dot, in_chain)
    chain = text[start:end]
    last = chain.rsplit(".", 1)[-1]
    if last in SPELLINGS or last in ("pi", "e"):
        return ParseError(f"unexpected name '{chain[:40]}'", text, start, end, hint=f"type '{last}'")
    if _PLAIN_NAME.match(chain):
        return ParseError(f"unexpected name '{chain[:40]}'", text, start, end, hint="a name holds no dots")
    return ParseError("unexpected '.'", text, dot, dot + 1, hint="type * for a product, 0.5 for a decimal number")


def _run(text: str, start: int, accept: Callable[[str], bool]) -> int:
    """The end of the run of accepted characters from ``start`` on (at least one)."""
    end = start + 1
    while end < len(text) and accept(text[end]):
        end += 1
    return end
