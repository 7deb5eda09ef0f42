"""An operator and its operands → a node with its place."""

from __future__ import annotations

from collections.abc import Sequence

from calcopt.errors import ParseError
from calcopt.expression.calls import call, require_condition, require_number
from calcopt.expression.scopes import ADD, AND, APPLY, ARGUMENT_MUL, COMPARE, MUL, NOT, OR, POW, Pending
from calcopt.expression.tokens import Token
from calcopt.expression.tree import Add, And, Compare, Div, Expr, Mul, Neg, Not, Or, Piecewise, Place, Pow, postorder


def finish(text: str, top: Pending, operand: Place) -> Place:
    """The place that ``top`` makes with its last operand."""
    precedence = top.precedence
    if precedence == ADD:
        return _joined(Add, [*top.items, term(text, top, operand)])
    if precedence in (AND, OR):
        return _joined(And if precedence == AND else Or, [*top.items, require_condition(text, operand)])
    if precedence == NOT:
        require_condition(text, operand)
        return Place(Not(operand.node), top.start, operand.end, (operand,))
    require_number(text, operand)
    if precedence == MUL and top.divide:
        return _joined(Div, [*top.items, operand])
    if precedence in (MUL, ARGUMENT_MUL):
        return _joined(Mul, [*top.items, operand])
    if precedence == POW:
        return _joined(Pow, [*top.items, operand])
    if precedence == APPLY:
        return call(text, top.function, (operand,), top.start, operand.end, top.exponent)
    if precedence == COMPARE:
        return _comparison(text, [*top.items, operand], top.operators)
    return Place(Neg(operand.node), top.start, operand.end, (operand,))


def term(text: str, top: Pending, operand: Place) -> Place:
    """The next term of a sum: negated after a minus."""
    require_number(text, operand)
    return Place(Neg(operand.node), top.start, operand.end, (operand,)) if top.negate else operand


def _joined(kind: type[Expr], parts: Sequence[Place]) -> Place:
    return Place(kind(*[part.node for part in parts]), parts[0].start, parts[-1].end, tuple(parts))


def _comparison(text: str, sides: Sequence[Place], operators: Sequence[Token]) -> Place:
    """``a < b``, or ``a < b < c`` as ``a < b and b < c``."""
    comparisons = [
        Place(Compare(operator.kind, left.node, right.node), left.start, right.end, (left, right))
        for left, operator, right in zip(sides[:-1], operators, sides[1:], strict=True)
    ]
    if len(comparisons) == 1:
        return comparisons[0]
    if len({operator.kind[0] for operator in operators}) > 1:
        place = operators[-1]
        hint = "join two comparisons with 'and'"
        raise ParseError("the signs of a chain must point the same way", text, place.start, place.end, hint=hint)
    for side in sides[1:-1]:
        # Its tree is used twice; with choices inside choices that would double at every level.
        if any(isinstance(node, Piecewise) for node in postorder(side.node)):
            hint = "write two comparisons joined with 'and'"
            raise ParseError("a choice cannot stand in the middle of a chain", text, side.start, side.end, hint=hint)
    return _joined(And, comparisons)
