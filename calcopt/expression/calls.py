"""Function calls and call-like forms, once their arguments are read: numbers of arguments, kinds, trees."""

from __future__ import annotations

from collections.abc import Sequence

from calcopt.errors import ParseError
from calcopt.expression.functions import FORMS, FUNCTIONS
from calcopt.expression.limits import MAX_INDEX
from calcopt.expression.tree import (
    And,
    Call,
    Compare,
    Expr,
    Indexed,
    Not,
    Number,
    Or,
    Piecewise,
    Place,
    Pow,
    Sum,
    Symbol,
)

CONDITIONS = (Compare, And, Or, Not)


def require_number(text: str, place: Place) -> Place:
    """``place`` unless it is a condition."""
    if isinstance(place.node, CONDITIONS):
        hint = "type if(condition, a, b) to choose between two values"
        raise ParseError("a condition cannot be used as a number", text, place.start, place.end, hint=hint)
    return place


def require_condition(text: str, place: Place) -> Place:
    """``place`` if it is a condition."""
    if not isinstance(place.node, CONDITIONS):
        hint = "compare with <, <=, > or >="
        raise ParseError("a condition is expected here, not a number", text, place.start, place.end, hint=hint)
    return place


def syntax(name: str) -> str:
    """How a function or form is written: ``sin(x)``, ``log(x) or log(x, base)``."""
    return FORMS.get(name) or FUNCTIONS[name].syntax or f"{name}(x)"


def wrong_count(text: str, name: str, typed: str, count: int, start: int, end: int) -> ParseError:
    """The error for a call with a wrong number of arguments."""
    given = "1 argument" if count == 1 else f"{count} arguments"
    message = f"'{typed}' cannot take {given}" if count else f"'{typed}' needs an argument"
    return ParseError(message, text, start, end, hint=f"type {syntax(name)}")


def call(text: str, name: str, arguments: Sequence[Place], start: int, end: int, exponent: Place | None) -> Place:
    """``name(arguments)``, or its power for ``sin^2(x)``."""
    for argument in arguments:
        require_number(text, argument)
    node = Call(name, *[argument.node for argument in arguments])
    place = Place(node, start, end, tuple(arguments))
    return place if exponent is None else Place(Pow(node, exponent.node), start, end, (place, exponent))


def check_count(text: str, name: str, typed: str, count: int, start: int, end: int) -> None:
    """Refuse a wrong number of arguments of a plain function."""
    function = FUNCTIONS[name]
    if count < function.min_arity or (function.max_arity is not None and count > function.max_arity):
        raise wrong_count(text, name, typed, count, start, end)


def indexed(text: str, name: str, indices: Sequence[Place], start: int, end: int) -> Place:
    """``x[i]`` or ``x[i,j]``; a literal index is a whole number."""
    for index in indices:
        require_number(text, index)
        node = index.node
        if isinstance(node, Number) and (node.value.denominator != 1 or node.value > MAX_INDEX):
            message = f"an index is a whole number from 0 to {MAX_INDEX}"
            raise ParseError(message, text, index.start, index.end)
    return Place(Indexed(name, *[index.node for index in indices]), start, end, tuple(indices))


def form(text: str, name: str, arguments: Sequence[Place], start: int, end: int) -> Place:
    """``if(…)``, ``piecewise(…)`` or ``sum(…)``."""
    count = len(arguments)
    if name == "sum":
        if count != 4:
            raise wrong_count(text, name, name, count, start, end)
        return _sum(text, arguments, start, end)
    if count != 3 if name == "if" else count < 3 or count % 2 == 0:
        raise wrong_count(text, name, name, count, start, end)
    for position, argument in enumerate(arguments):
        is_condition = position % 2 == 0 and position < count - 1
        (require_condition if is_condition else require_number)(text, argument)
    return Place(Piecewise(*[argument.node for argument in arguments]), start, end, tuple(arguments))


def _sum(text: str, arguments: Sequence[Place], start: int, end: int) -> Place:
    body, index, lower, upper = arguments
    if not isinstance(index.node, Symbol):
        hint = f"type {FORMS['sum']}"
        raise ParseError("the index of a sum is a plain name", text, index.start, index.end, hint=hint)
    parts = tuple(require_number(text, part) for part in (body, lower, upper))
    node: Expr = Sum(index.node.name, *[part.node for part in parts])
    return Place(node, start, end, parts)
