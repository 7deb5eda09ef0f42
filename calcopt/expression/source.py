"""Function strings → :class:`Formula`: head ``f(x, y) = …``, named constants, limits, order of the variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calcopt.errors import MathError, ParseError
from calcopt.expression.elements import variables_of
from calcopt.expression.expand import put_in
from calcopt.expression.functions import CONSTANTS, WORDS
from calcopt.expression.grammar import Parser
from calcopt.expression.limits import MAX_LENGTH
from calcopt.expression.names import is_function, refuse_run_together
from calcopt.expression.sizes import find_violation, is_plainly_small
from calcopt.expression.tokens import Token, tokenize
from calcopt.expression.tree import (
    Expr,
    Formula,
    Indexed,
    Place,
    Sum,
    Symbol,
    element_name,
    free_names,
    natural_key,
    postorder,
)


def parse(
    text: str,
    *,
    variables: Sequence[str] | None = None,
    max_length: int = MAX_LENGTH,
    constants: Mapping[str, Expr] | None = None,
) -> Formula:
    """Read a function string, with or without a head ``f(x, y) = …``.

    ``variables`` fixes the order of the variables where no head does. ``constants`` (the values of ``--let``) are put
    in for their names in ``body``; ``place`` keeps the formula as typed. :class:`ParseError` for anything that is not
    in the language or beyond its limits; nothing of the text is ever executed.
    """
    _check_length(text, max_length)
    constants = constants or {}
    tokens = tokenize(text)
    name, head = _head(text, tokens)
    position = next(i for i, token in enumerate(tokens) if token.kind == "=") + 1 if head is not None else 0
    known = {*(head or ()), *(variables or ()), *constants}
    parser = Parser(text, tokens, position, known, name if head is not None else None)
    place = parser.parse()
    _check_names(text, parser.symbols, known, place)
    if not is_plainly_small(tokens):
        _check_size(text, place, place.node)
    body = place.node
    if constants:
        body = put_in(place.node, constants)
        _check_size(text, place, body)
    order = head if head is not None else variables
    if order is None:
        order = _variables(text, place, body)
    return Formula(text, body, place, tuple(v for v in order if v not in constants), name or "f")


def parse_system(
    text: str,
    *,
    variables: Sequence[str] | None = None,
    max_length: int = MAX_LENGTH,
    constants: Mapping[str, Expr] | None = None,
) -> tuple[Formula, ...]:
    """Read several functions separated by ``;``.

    All share one order of variables: that of a head, else of ``variables``, else alphabetical over all of them.
    """
    _check_length(text, max_length)
    pieces: list[tuple[int, str]] = []
    offset = 0
    for piece in text.split(";"):
        pieces.append((offset, piece))
        offset += len(piece) + 1
    if len(pieces) > 1 and not pieces[-1][1].strip():
        pieces.pop()
    formulas: list[Formula] = []
    for offset, piece in pieces:
        try:
            formulas.append(parse(piece, variables=variables, max_length=max_length, constants=constants))
        except ParseError as error:
            raise ParseError(error.message, text, error.start + offset, error.end + offset, hint=error.hint) from None
    if variables is None and len(formulas) == 1:
        return tuple(formulas)
    order = variables if variables is not None else _shared_order(text, pieces, formulas)
    return tuple(Formula(f.text, f.body, f.place, tuple(order), f.name) for f in formulas)


def parse_value(text: str, *, max_length: int = MAX_LENGTH) -> Expr:
    """Read an expression without variables, such as ``pi/2`` or ``-1e-3``."""
    _check_length(text, max_length)
    parser = Parser(text, tokenize(text), 0, (), None)
    place = parser.parse()
    _check_size(text, place, place.node)
    names = free_names(place.node)
    if names:
        found = _find_name(place, names[0])
        if names[0] in ("inf", "infinity", "nan", "oo"):
            raise ParseError("expected a finite number", text, found.start, found.end)
        message = f"expected a number, found the name '{names[0][:40]}'"
        raise ParseError(message, text, found.start, found.end)
    return place.node


def _check_length(text: str, max_length: int) -> None:
    if len(text) > max_length:
        message = f"the formula has {len(text)} characters, more than {max_length}"
        raise ParseError(message, text, max_length, len(text))


def _head(text: str, tokens: Sequence[Token]) -> tuple[str | None, list[str] | None]:
    """The name and the variables of ``f(x, y) =``, or (None, None) where there is no head."""
    kinds = [token.kind for token in tokens[:3]]
    equals = next((i for i, token in enumerate(tokens) if token.kind == "="), None)
    if equals is None or kinds[:2] != ["name", "("] or tokens[equals - 1].kind != ")":
        return None, None
    inside = tokens[2 : equals - 1]
    if any(token.kind in ("(", ")") for token in inside):
        return None, None
    name = tokens[0]
    if is_function(name.text) or name.text in CONSTANTS or name.text in WORDS:
        message = f"'{name.text}' has a meaning already"
        raise ParseError(message, text, name.start, name.end, hint="name the function f, g …")
    order: list[str] = []
    for position, token in enumerate(inside):
        expected = "name" if position % 2 == 0 else ","
        if token.kind != expected:
            what = "a variable" if expected == "name" else "','"
            message = f"expected {what} in the head of the function, not '{token.text[:40]}'"
            raise ParseError(message, text, token.start, token.end, hint="type f(x, y) = …")
        if expected == "name":
            _check_variable(text, token, order)
            order.append("sigma" if token.text == "σ" else token.text)
    if len(inside) % 2 == 0:
        closing = tokens[equals - 1]
        message = "a variable is missing in the head of the function"
        raise ParseError(message, text, closing.start, closing.end, hint="type f(x, y) = …")
    return name.text, order


def _check_variable(text: str, token: Token, order: Sequence[str]) -> None:
    if token.text in CONSTANTS or (is_function(token.text) and token.text != "σ"):
        what = "a constant" if token.text in CONSTANTS else "a function"
        message = f"'{token.text}' is {what}, not a variable"
        raise ParseError(message, text, token.start, token.end, hint="choose another name")
    if token.text in order:
        raise ParseError(f"the variable '{token.text[:40]}' is listed twice", text, token.start, token.end)


def _check_names(text: str, symbols: Sequence[Place], known: set[str], root: Place) -> None:
    """``xy`` where x and y are known is a slip; an index of a sum is a known name too."""
    if not symbols:
        return
    nodes = list(postorder(root.node))
    known = known | {node.index for node in nodes if isinstance(node, Sum)}
    present = known | {node.name for node in nodes if isinstance(node, Symbol)}
    for place in symbols:
        error = refuse_run_together(text, place, known, present)
        if error is not None:
            raise error


def _check_size(text: str, root: Place, body: Expr) -> None:
    violation = find_violation(body)
    if violation is not None:
        place = _find(root, violation.node) or root
        raise ParseError(violation.message, text, place.start, place.end)


def _variables(text: str, place: Place, body: Expr) -> tuple[str, ...]:
    try:
        return variables_of(body)
    except MathError as error:
        raise ParseError(error.message, text, place.start, place.end, hint=error.hint) from None


def _find(root: Place, node: Expr) -> Place | None:
    """An occurrence of ``node`` (the first that the search meets)."""
    stack, seen = [root], set()
    while stack:
        place = stack.pop()
        if place.node is node:
            return place
        if id(place) not in seen:
            seen.add(id(place))
            stack.extend(reversed(place.children))
    return None


def _find_name(root: Place, name: str) -> Place:
    stack = [root]
    while stack:
        place = stack.pop()
        node = place.node
        if isinstance(node, Symbol) and node.name == name:
            return place
        if isinstance(node, Indexed) and name in (element_name(node), f"{node.name}[]"):
            return place
        stack.extend(reversed(place.children))
    return root


def _shared_order(text: str, pieces: Sequence[tuple[int, str]], formulas: Sequence[Formula]) -> Sequence[str]:
    heads = [
        (offset, piece, formula)
        for (offset, piece), formula in zip(pieces, formulas, strict=True)
        if "=" in piece.replace("<=", "").replace(">=", "")
    ]
    for offset, piece, formula in heads[1:]:
        if formula.variables != heads[0][2].variables:
            message = "the functions of a system must have the same variables in the same order"
            raise ParseError(message, text, offset, offset + len(piece))
    if heads:
        return heads[0][2].variables
    return sorted({name for formula in formulas for name in formula.variables}, key=natural_key)
