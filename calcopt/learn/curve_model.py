"""The text of a model, ``y ~ expression`` or ``y = expression``: which names are data, and which parameters."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calcopt.errors import ParseError, UsageError, did_you_mean
from calcopt.expression import expand_sums, parse
from calcopt.expression.functions import CONSTANTS, SPELLINGS
from calcopt.expression.tree import Constant, Expr, free_names, postorder

_SPLIT = re.compile(r"~|(?<![<>=])=(?!=)")
_CALL = re.compile(r"\s*([A-Za-z]\w*)\s*\(\s*\w+(?:\s*,\s*\w+)*\s*\)\s*")


@dataclass(frozen=True, slots=True)
class CurveModel:
    """``response ~ body``. ``columns`` are the table's names for ``names``, the columns as the formulas spell them.

    ``target`` is the left side as it was typed; ``constants`` are the names that were given values, and these.
    """

    text: str
    target: str
    response: Expr
    body: Expr
    parameters: tuple[str, ...]
    names: tuple[str, ...]
    columns: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    constants: tuple[tuple[str, str], ...] = ()


def parse_model(text: str, columns: Sequence[str], constants: Mapping[str, Expr] | None = None) -> CurveModel:
    """Names that are columns are data (a column is never hidden by ``--let``), the others are parameters.

    Raises ParseError for what is no formula, UsageError for a model without parameters, or with one on the left.
    """
    constants = constants or {}
    left, right, offset = _sides(text)
    spelled = {_spelling(column): column for column in columns if column}
    doubled = next((name for name in constants if name in spelled), None)
    if doubled is not None:
        raise UsageError(f"--let gives a value to '{doubled}', which is a column of the data", hint="leave it out")
    response = _parse(text, left, 0, constants)
    body = _parse(text, right, offset, constants)
    _require_columns_left(text, response, spelled)
    used = free_names(body)
    parameters = tuple(name for name in used if name not in spelled)
    if not parameters:
        raise UsageError(
            "the model has no parameters: every name in it is a column of the data",
            hint=f"such as {left.strip()} ~ a*{used[0] if used else 'x'} + b",
        )
    names = tuple(dict.fromkeys([*free_names(response), *(name for name in used if name in spelled)]))
    warnings = [*_near_misses(parameters, spelled, names), *_hidden_constants(response, body, columns)]
    return CurveModel(
        text.strip(),
        left.strip(),
        response,
        body,
        parameters,
        names,
        tuple(spelled[name] for name in names),
        tuple(warnings),
        tuple((name, str(value)) for name, value in constants.items()),
    )


def _sides(text: str) -> tuple[str, str, int]:
    found = _SPLIT.search(text)
    if found is None or not text[: found.start()].strip():
        at = found.start() if found is not None else 0
        raise ParseError("a model is written y ~ expression", text, at, at + 1, hint="such as 'y ~ a*exp(-b*x) + c'")
    left, offset = text[: found.start()], found.end()
    head = _CALL.fullmatch(left)
    if head is not None and head[1] not in SPELLINGS:
        raise ParseError(
            "the left side of a model is what is measured, without a list of variables",
            text,
            0,
            len(left.rstrip()),
            hint=f"type {head[1]} ~ …",
        )
    again = _SPLIT.search(text, offset)
    if again is not None:
        raise ParseError("a model has one '~' or '='", text, again.start(), again.end())
    return left, text[offset:], offset


def _parse(text: str, part: str, offset: int, constants: Mapping[str, Expr]) -> Expr:
    try:
        return expand_sums(parse(part, constants=constants).body)
    except ParseError as error:
        raise ParseError(error.message, text, error.start + offset, error.end + offset, hint=error.hint) from None


def _spelling(column: str) -> str:
    """A column's name as formulas spell it: ``α`` is alpha; what is no name stays as it is and matches nothing."""
    if column.isascii():
        return column
    from calcopt.expression.tokens import tokenize

    try:
        tokens = tokenize(column)
    except ParseError:
        return column
    return tokens[0].text.replace("σ", "sigma") if [token.kind for token in tokens] == ["name", "end"] else column


def _require_columns_left(text: str, response: Expr, columns: Mapping[str, str]) -> None:
    for name in free_names(response):
        if name not in columns:
            close = did_you_mean(name, columns)
            listed = ", ".join(list(columns.values())[:20])
            hint = f"did you mean '{close}'? The columns are {listed}" if close else f"the columns are {listed}"
            start = max(text.find(name), 0)
            raise ParseError(f"there is no column '{name}'", text, start, start + len(name), hint=hint)


def _near_misses(parameters: Sequence[str], columns: Mapping[str, str], used: Sequence[str]) -> list[str]:
    """A parameter named almost like a column that the model does not use is most likely a slip."""
    warnings = []
    for name in parameters:
        left = [column for column in columns if column not in used and len(column) > 1]
        close = next((column for column in left if column.lower() == name.lower()), None)
        if close is None and len(name) > 3:
            close = next(iter(difflib.get_close_matches(name, left, n=1, cutoff=0.8)), None)
        if close is not None:
            warnings.append(f"'{name}' is taken as a parameter, for no column has that name; did you mean '{close}'?")
    return warnings


def _hidden_constants(response: Expr, body: Expr, columns: Sequence[str]) -> list[str]:
    used = {node.fields[0] for node in postorder(response, body) if isinstance(node, Constant)}
    return [
        f"'{column}' in the model is the constant, not the column of that name"
        for column in columns
        if CONSTANTS.get(column) in used
    ]
