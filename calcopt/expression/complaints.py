"""The parser's error messages: what is wrong, where (the whole span), and what to type instead."""

from __future__ import annotations

from collections.abc import Sequence

from calcopt.errors import ParseError
from calcopt.expression.calls import syntax
from calcopt.expression.functions import FORMS
from calcopt.expression.limits import MAX_DIGITS
from calcopt.expression.scopes import APPLY, Scope
from calcopt.expression.tokens import Token
from calcopt.expression.tree import Place

_OPERAND = "a number, a name or '('"
_BRACKETS = {"(": ")", "[": "]", "|": "|"}


def missing_operand(text: str, tokens: Sequence[Token], position: int, scope: Scope) -> ParseError:
    """An operand is expected at ``tokens[position]``, but something else (or nothing) stands there."""
    token = tokens[position]
    before = tokens[position - 1] if position else None
    if token.kind == "end":
        if scope.kind == "bar" and before is scope.opening:
            return never_closed(text, scope)
        if before is None:
            return ParseError("the formula is empty", text, 0, 0, hint="type a function such as x^2")
        if before.text == "=" and scope.kind == "top" and not scope.pending:
            return ParseError(f"expected {_OPERAND} after '='", text, len(text.rstrip()), len(text.rstrip()))
        after = f"expected {_OPERAND} after '{before.text[:40]}'"
        return ParseError(after, text, before.end, before.end)
    if token.kind in ("==", "="):
        return _equals(text, token)
    if before is not None and before.kind in _BRACKETS and token.kind == _BRACKETS[before.kind]:
        what = "bars" if before.kind == "|" else "brackets" if before.kind == "[" else "parentheses"
        return ParseError(f"nothing between the {what}", text, before.start, token.end, hint=f"expected {_OPERAND}")
    if token.kind == "," or (before is not None and before.kind == ","):
        return ParseError(f"an argument is missing: expected {_OPERAND}", text, token.start, token.end)
    hint = None
    if before is not None and before.kind in ("*", "^") and token.kind in ("*", "^"):
        hint = "a power is ^ or **"
    if token.kind == "superscript":
        hint = "a superscript follows what it raises"
    what = f"expected {_OPERAND}, not '{token.text[:40]}'"
    return ParseError(what, text, token.start, token.end, hint=hint)


def unexpected(text: str, tokens: Sequence[Token], position: int, scope: Scope) -> ParseError:
    """A token that cannot follow an operand."""
    token = tokens[position]
    if token.kind in ("=", "=="):
        return _equals(text, token)
    if token.kind == "[":
        hint = "only a name has an index, as in x[i]"
        return ParseError("unexpected '['", text, token.start, token.end, hint=hint)
    if token.kind == "not":
        return ParseError("unexpected 'not'", text, token.start, token.end, hint="type 'and not' or 'or not'")
    return ParseError(f"unexpected '{token.text[:40]}'", text, token.start, token.end)


def _equals(text: str, token: Token) -> ParseError:
    if token.kind == "==":
        message, hint = "unexpected '=='", "conditions are built with <, <=, >, >="
    else:
        message = "unexpected '='"
        hint = "a head is f(x) = …; for the equation a = b type a - b (newton --root)"
    return ParseError(message, text, token.start, token.end, hint=hint)


def never_closed(text: str, scope: Scope) -> ParseError:
    """The formula ends inside a bracket."""
    token = scope.opening
    hint = "type abs(…) where bars stand inside bars" if scope.kind == "bar" else None
    return ParseError(f"'{token.text}' is never closed", text, token.start, token.end, hint=hint)


def ambiguous_bars(text: str, scope: Scope, token: Token) -> ParseError:
    """``|a|b|c|``."""
    message = "these bars can be read in two ways"
    return ParseError(message, text, scope.start, token.end, hint="type abs(…) instead")


def wrong_closing(text: str, scope: Scope, token: Token) -> ParseError:
    """A closing bracket without an opening one, or of another kind."""
    if scope.kind == "top":
        return ParseError(f"'{token.text}' closes nothing", text, token.start, token.end)
    opening = scope.opening
    message = f"'{opening.text}' is closed by '{token.text}'"
    return ParseError(message, text, opening.start, token.end, hint=f"expected '{_BRACKETS[opening.kind]}'")


def too_many_digits(text: str, token: Token) -> ParseError:
    """A literal beyond the limit."""
    return ParseError(f"a number of more than {MAX_DIGITS} digits", text, token.start, token.end)


def needs_parentheses(text: str, token: Token) -> ParseError:
    """``sum x`` and the like."""
    hint = f"type {FORMS[token.text]}"
    return ParseError(f"'{token.text}' needs its arguments in parentheses", text, token.start, token.end, hint=hint)


def needs_argument(text: str, token: Token, name: str) -> ParseError:
    """``sin + 1``, ``sin``."""
    return ParseError(
        f"the function '{token.text}' needs an argument", text, token.start, token.end, hint=f"type {syntax(name)}"
    )


def power_of_function(text: str, token: Token, value: Token) -> ParseError:
    """``sin^(…)…``: only a number or a name may stand between a function and its argument."""
    message = f"after '{token.text}^' expected a number"
    return ParseError(message, text, token.start, value.end, hint=f"type {syntax_of_power(token.text)}")


def syntax_of_power(name: str) -> str:
    """How to write a power of a function's value."""
    return f"{name}(x)^(…)"


def calls_itself(text: str, token: Token) -> ParseError:
    """``f(x) = f(x-1)``."""
    return ParseError(f"'{token.text}' is the function being defined here", text, token.start, token.end)


def two_powers(text: str, operand: Place, token: Token) -> ParseError:
    """``x²^3``."""
    hint = "type (a^b)^c or a^(b^c)"
    return ParseError("two powers in a row can be read in two ways", text, operand.start, token.end, hint=hint)


def number_after_operand(text: str, operand: Place, token: Token) -> ParseError:
    """``2 3``, ``x 2``."""
    before = text[operand.start : operand.end]
    between = f"{before}*{token.text}" if len(before) + len(token.text) < 30 else "a*b"
    start = operand.start
    if before.replace(".", "").isdecimal():
        return ParseError("two numbers side by side", text, start, token.end, hint=f"for a product type {between}")
    message = f"a number cannot follow '{before[:40]}' directly"
    return ParseError(message, text, token.start, token.end, hint=f"for a product type {between}")


def argument_or_product(text: str, scope: Scope, token: Token) -> ParseError:
    """``sin x (x+1)``: is the bracket part of the argument?"""
    pending = next(pending for pending in reversed(scope.pending) if pending.precedence == APPLY)
    name = text[pending.start : pending.head]
    hint = f"type {name}(a)*(b) or {name}(a*(b))"
    message = f"'{text[pending.start : token.end][-40:]}…' can be read in two ways"
    return ParseError(message, text, pending.start, token.end, hint=hint)


def comma(text: str, tokens: Sequence[Token], position: int, scope: Scope) -> ParseError:
    """A comma outside a list of arguments, often a decimal comma."""
    token, before, after = tokens[position], tokens[position - 1], tokens[position + 1]
    if before.kind == after.kind == "number" and before.end == token.start and token.end == after.start:
        hint = f"for a decimal number type {before.text}.{after.text}"
        return ParseError("unexpected ','", text, before.start, after.end, hint=hint)
    hint = "commas stand between the arguments of a function"
    opening = tokens.index(scope.opening)
    if scope.kind == "group" and opening and tokens[opening - 1].kind == "name":
        name = tokens[opening - 1]
        return ParseError(f"'{name.text[:40]}' is no function", text, name.start, name.end, hint=hint)
    return ParseError("unexpected ','", text, token.start, token.end, hint=hint)
