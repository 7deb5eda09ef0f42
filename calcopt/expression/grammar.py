"""Tokens → tree: an operator-precedence parser with explicit stacks (see ``scopes.py`` for the binding strengths).

Every step looks at one token in one of two states: an operand is expected (``_OPERAND`` handlers), or one has just
been read (``_OPERATOR`` handlers). Reference: V. R. Pratt, *Top down operator precedence* (1973); the stacks are those
of Dijkstra's shunting yard.
"""

from __future__ import annotations

from collections.abc import Callable

from calcopt.expression import complaints, names
from calcopt.expression.building import finish
from calcopt.expression.calls import check_count, require_condition, require_number, wrong_count
from calcopt.expression.functions import CONSTANTS, FORMS, SPELLINGS
from calcopt.expression.limits import number_from_text
from calcopt.expression.scopes import (
    ADD,
    AND,
    APPLY,
    ARGUMENT_MUL,
    ARGUMENT_SIGN,
    COMPARE,
    FACTOR_SIGN,
    MUL,
    NOT,
    OR,
    POW,
    SIGN,
    SIGNS,
    Pending,
    Scope,
)
from calcopt.expression.stacks import Stacks
from calcopt.expression.superscripts import superscript
from calcopt.expression.tokens import Token
from calcopt.expression.tree import Constant, Expr, Number, Place, Pow, Symbol

_CLOSING = {"group": ")", "call": ")", "bar": "|", "index": "]", **dict.fromkeys(FORMS, ")")}


class Parser(Stacks):
    """Reads one expression from ``tokens[position:]`` up to the end."""

    def parse(self) -> Place:
        """The place of the whole expression; :class:`ParseError` at the first thing that does not fit."""
        tokens = self.tokens
        while True:
            token = tokens[self.position]
            if self.scope.operand is None:
                _OPERAND.get(token.kind, Parser._missing_operand)(self, token)
            elif token.kind == "end":
                break
            else:
                _OPERATOR.get(token.kind, Parser._unexpected)(self, token)
        if self.outer:
            raise complaints.never_closed(self.text, self.scope)
        return require_number(self.text, self.complete())

    # -----------------------------------------------------------------------------------------------------------
    # An operand is expected
    # -----------------------------------------------------------------------------------------------------------

    def _number(self, token: Token) -> None:
        value = number_from_text(token.text)
        if value is None:
            raise complaints.too_many_digits(self.text, token)
        self.scope.operand = Place(Number(value), token.start, token.end)
        self.position += 1

    def _name(self, token: Token) -> None:
        name = token.text
        following = self.tokens[self.position + 1].kind
        if name in FORMS:
            if following != "(":
                raise complaints.needs_parentheses(self.text, token)
            self.open(Scope(name, self.tokens[self.position + 1], token.start, name, name), skip=2)
        elif name in SPELLINGS and (name != "σ" or following == "("):
            self._function(token)
        elif following == "[" and name not in CONSTANTS:
            self.open(Scope("index", self.tokens[self.position + 1], token.start, _spelled(name)), skip=2)
        else:
            if following == "(" and name not in CONSTANTS:
                if name == self.head:
                    raise complaints.calls_itself(self.text, token)
                error = names.refuse_as_function(self.text, token, self.known)
                if error is not None:
                    raise error
            node: Expr = Constant(CONSTANTS[name]) if name in CONSTANTS else Symbol(_spelled(name))
            place = self.scope.operand = Place(node, token.start, token.end)
            if len(name) > 1:
                self.symbols.append(place)
            self.position += 1

    def _function(self, token: Token) -> None:
        name = SPELLINGS[token.text]
        self.position += 1
        exponent = self._function_exponent(token, name)
        following = self.tokens[self.position]
        if following.kind == "(":
            self.open(Scope("call", following, token.start, name, token.text, exponent), skip=1)
        elif following.kind in ("name", "number", "|") or self._is_sign_of_argument():
            check_count(self.text, name, token.text, 1, token.start, token.end)
            self.push(Pending(APPLY, token.start, function=name, exponent=exponent, head=token.end, levels=1))
        else:
            raise complaints.needs_argument(self.text, token, name)

    def _is_sign_of_argument(self) -> bool:
        """True in ``exp -x``; ``exp - x`` is more likely a forgotten argument."""
        sign = self.tokens[self.position]
        return sign.kind == "-" and sign.end == self.tokens[self.position + 1].start

    def _function_exponent(self, token: Token, name: str) -> Place | None:
        """The 2 of ``sin^2 x`` or ``sin² x``; ``sin^-1 x`` is refused because it has two readings."""
        following = self.tokens[self.position]
        if following.kind == "superscript":
            self.position += 1
            exponent = superscript(self.text, following)
            if "⁻" in following.text:
                raise names.refuse_as_inverse(self.text, name, token.start, following.end)
            return exponent
        if following.kind != "^":
            return None
        value = self.tokens[self.position + 1]
        if value.kind == "-":
            end = self.tokens[self.position + 2].end
            raise names.refuse_as_inverse(self.text, name, token.start, end)
        if value.kind == "number" or (value.kind == "name" and not names.is_function(value.text)):
            self.position += 1
            (self._number if value.kind == "number" else self._plain_name)(value)
            power, self.scope.operand = self.scope.operand, None
            return power
        raise complaints.power_of_function(self.text, token, value)

    def _plain_name(self, token: Token) -> None:
        name = token.text
        node: Expr = Constant(CONSTANTS[name]) if name in CONSTANTS else Symbol(_spelled(name))
        self.scope.operand = Place(node, token.start, token.end)
        self.position += 1

    def _group(self, token: Token) -> None:
        self.open(Scope("group", token, token.start), skip=1)

    def _bar(self, token: Token) -> None:
        self.open(Scope("bar", token, token.start), skip=1)

    def _sign(self, token: Token) -> None:
        last = self.scope.last
        self.position += 1
        if token.kind == "+":
            if self.tokens[self.position].kind == "end":
                raise complaints.missing_operand(self.text, self.tokens, self.position, self.scope)
            return
        if last in (APPLY, ARGUMENT_SIGN):
            precedence = ARGUMENT_SIGN
        else:
            precedence = FACTOR_SIGN if last in (MUL, FACTOR_SIGN, POW) else SIGN
        # Signs that the printer puts in parentheses count as a level, so that what is printed can be read again.
        deep = last in SIGNS or last in (MUL, POW) or (last == ADD and self.scope.pending[-1].negate)
        self.push(Pending(precedence, token.start, levels=int(deep)))

    def _not(self, token: Token) -> None:
        if self.scope.last > NOT:
            raise complaints.missing_operand(self.text, self.tokens, self.position, self.scope)
        self.position += 1
        self.push(Pending(NOT, token.start, levels=1))

    def _missing_operand(self, token: Token) -> None:
        if token.kind == ")" and self.scope.kind in ("call", *FORMS) and not self.scope.arguments:
            scope = self.scope
            raise wrong_count(self.text, scope.name, scope.typed, 0, scope.start, token.end)
        raise complaints.missing_operand(self.text, self.tokens, self.position, self.scope)

    # -----------------------------------------------------------------------------------------------------------
    # An operand has been read
    # -----------------------------------------------------------------------------------------------------------

    def _plus_or_minus(self, token: Token) -> None:
        operand = self.reduce(ADD + 1)
        top = self.chain(ADD, operand)
        top.negate, top.start = token.kind == "-", token.start
        self.position += 1

    def _times(self, token: Token) -> None:
        operand = self.reduce(MUL + 1)
        self._multiply(operand, divide=token.kind == "/")
        self.position += 1

    def _multiply(self, operand: Place, *, divide: bool) -> None:
        """A product of any length is one node; each quotient is a node of two."""
        require_number(self.text, operand)
        scope = self.scope
        if scope.last == MUL and (divide or scope.pending[-1].divide):
            operand = finish(self.text, scope.pending.pop(), operand)
        top = self.chain(MUL, operand)
        top.divide = divide

    def _power(self, token: Token) -> None:
        operand = self.scope.operand
        assert operand is not None
        if operand is self.raised:
            raise complaints.two_powers(self.text, operand, token)
        require_number(self.text, operand)
        self.scope.operand = None
        self.push(Pending(POW, operand.start, [operand], levels=int(self.scope.last == POW)))
        self.position += 1

    def _superscript(self, token: Token) -> None:
        operand = self.scope.operand
        assert operand is not None
        if operand is self.raised:
            raise complaints.two_powers(self.text, operand, token)
        require_number(self.text, operand)
        exponent = superscript(self.text, token)
        self.deeper(token, len(exponent.children) > 0)
        self.levels -= len(exponent.children) > 0
        node = Pow(operand.node, exponent.node)
        self.raised = self.scope.operand = Place(node, operand.start, token.end, (operand, exponent))
        self.position += 1

    def _compare(self, token: Token) -> None:
        operand = self.reduce(COMPARE + 1)
        require_number(self.text, operand)
        self.chain(COMPARE, operand).operators.append(token)
        self.position += 1

    def _and_or(self, token: Token) -> None:
        precedence = AND if token.kind == "and" else OR
        operand = self.reduce(precedence + 1)
        self.chain(precedence, require_condition(self.text, operand))
        self.position += 1

    def _implied_product(self, token: Token) -> None:
        """``2x``, ``x (x+1)``, ``sin x cos x``; a number as the second factor is more likely a slip."""
        operand = self.reduce(FACTOR_SIGN)
        if token.kind == "number":
            raise complaints.number_after_operand(self.text, operand, token)
        if self.scope.last in (APPLY, ARGUMENT_SIGN, ARGUMENT_MUL):
            if token.kind != "name" or self.text[operand.start] in "|(":
                raise complaints.argument_or_product(self.text, self.scope, token)
            if not names.is_function(token.text):
                self.chain(ARGUMENT_MUL, operand)
                return
            operand = self.reduce(APPLY)
        self._multiply(operand, divide=False)

    def _comma(self, token: Token) -> None:
        scope = self.scope
        if scope.kind in ("top", "group", "bar"):
            raise complaints.comma(self.text, self.tokens, self.position, scope)
        scope.arguments.append(self.complete())
        scope.operand = None
        self.position += 1

    def _close(self, token: Token) -> None:
        scope = self.scope
        if _CLOSING.get(scope.kind) != token.kind:
            raise complaints.wrong_closing(self.text, scope, token)
        self.position += 1
        self.close(token.end)

    def _bar_after_operand(self, token: Token) -> None:
        if self.scope.kind == "bar":
            self._close(token)
            return
        if self._bars_are_ambiguous():
            raise complaints.ambiguous_bars(self.text, self.scope, token)
        self._implied_product(token)

    def _bars_are_ambiguous(self) -> bool:
        """``|a|b|c|`` is |a|·b·|c| or |a·|b|·c|; ``|a||b|`` and ``|a| + 2|b|`` have one sensible reading."""
        index = self.position - 1
        while index >= 0 and self.tokens[index].kind in ("name", "number", "superscript", "^"):
            index -= 1
        return index >= 0 and self.tokens[index].kind == "|" and self.tokens[index + 1].kind in ("name", "number")

    def _unexpected(self, token: Token) -> None:
        raise complaints.unexpected(self.text, self.tokens, self.position, self.scope)


def _spelled(name: str) -> str:
    return "sigma" if name == "σ" else name


_Handler = Callable[[Parser, Token], None]
_OPERAND: dict[str, _Handler] = {
    "number": Parser._number,
    "name": Parser._name,
    "(": Parser._group,
    "|": Parser._bar,
    "+": Parser._sign,
    "-": Parser._sign,
    "not": Parser._not,
}
_OPERATOR: dict[str, _Handler] = {
    **dict.fromkeys(("+", "-"), Parser._plus_or_minus),
    **dict.fromkeys(("*", "/"), Parser._times),
    **dict.fromkeys(("<", "<=", ">", ">="), Parser._compare),
    **dict.fromkeys(("and", "or"), Parser._and_or),
    **dict.fromkeys(("number", "name", "("), Parser._implied_product),
    **dict.fromkeys((")", "]"), Parser._close),
    "^": Parser._power,
    "superscript": Parser._superscript,
    ",": Parser._comma,
    "|": Parser._bar_after_operand,
}
