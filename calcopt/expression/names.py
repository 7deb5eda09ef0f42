"""What a name means, and what to say when it means nothing."""

from __future__ import annotations

import re
from collections.abc import Collection

from calcopt.errors import ParseError, did_you_mean
from calcopt.expression.functions import FORMS, SPELLINGS
from calcopt.expression.tokens import GREEK, GREEK_NAMES, Token
from calcopt.expression.tree import Place, Symbol

_VARIABLE_LIKE = rf"(?:[A-Za-z]|{'|'.join((*GREEK_NAMES, *set(GREEK.values())))})(?:_?[0-9]+)?"
_INVERSES = ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "sech", "csch")
_FAMILIAR = {
    "sgn": "sign",
    "signum": "sign",
    "tg": "tan",
    "ctg": "cot",
    "cotan": "cot",
    "cosec": "csc",
    "arctg": "atan",
    "sh": "sinh",
    "ch": "cosh",
    "th": "tanh",
    "root": "sqrt",
    "power": "x^y",
    "pow": "x^y",
    "heaviside": "step",
    "logistic": "sigmoid",
    "sigma": "sigmoid",
    "expit": "sigmoid",
    "log1p": "log(1 + x)",
    "expm1": "exp(x) - 1",
    "where": "if",
    "ite": "if",
    "ceiling": "ceil",
}
"""Names from other systems whose spelling is not close enough to be guessed."""


def is_function(name: str) -> bool:
    """True for every spelling of a function or form."""
    return name in SPELLINGS or name in FORMS


def refuse_as_function(text: str, token: Token, known: Collection[str]) -> ParseError | None:
    """The error for ``name(`` where the name is no function; None where it is a product, as in ``x(x+1)``."""
    name = token.text
    if name in known or (re.fullmatch(_VARIABLE_LIKE, name) and name not in _FAMILIAR):
        return None
    guess = _FAMILIAR.get(name.lower()) or did_you_mean(name, [*SPELLINGS, *FORMS])
    hint = f"did you mean '{guess}'?" if guess else f"for a product type {name[:40]}*(…)"
    return ParseError(f"unknown function '{name[:40]}'", text, token.start, token.end, hint=hint)


def refuse_as_inverse(text: str, function: str, start: int, end: int) -> ParseError:
    """The error for ``sin^-1 x``, which some read as the inverse and some as the reciprocal."""
    inverse = f"a{function}(x) for the inverse, " if function in _INVERSES else ""
    hint = f"type {inverse}1/{function}(x) for the reciprocal"
    return ParseError(f"'{text[start:end][:40]}' can be read in two ways", text, start, end, hint=hint)


def refuse_run_together(text: str, place: Place, known: Collection[str], present: Collection[str]) -> ParseError | None:
    """The error for ``xy`` where x and y are known and xy is not, and for ``sinx`` where x is ``present``."""
    if not isinstance(place.node, Symbol) or place.node.name in known:
        return None
    name = place.node.name
    guess = _as_call(name, present) or as_product(name, known)
    if guess is None:
        return None
    hint = f"did you mean '{guess}'?"
    return ParseError(f"unknown name '{name[:40]}'", text, place.start, place.end, hint=hint)


def _as_call(name: str, present: Collection[str]) -> str | None:
    """``sin(x)`` for ``sinx``."""
    for end in range(2, len(name)):
        if name[:end] in SPELLINGS and name[end:] in present:
            return f"{name[:end]}({name[end:]})"
    return None


def as_product(name: str, known: Collection[str]) -> str | None:
    """``x*y`` for ``xy`` where x and y are known; None where the name is no row of known names."""
    parts = _split(name, known)
    return "*".join(parts) if parts else None


def _split(name: str, known: Collection[str]) -> list[str] | None:
    """``name`` as two or more known names in a row (the longest first part that works), or None."""
    ways: dict[int, list[str]] = {0: []}
    for end in range(1, len(name) + 1):
        for start in range(end):
            if start in ways and name[start:end] in known:
                ways[end] = [*ways[start], name[start:end]]
                break
    found = ways.get(len(name))
    return found if found and len(found) > 1 else None
