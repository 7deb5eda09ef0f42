"""Tokens → tree: an operator-precedence parser with explicit stacks (see ``scopes.py`` for the binding strengths).

Every step looks at one token in one of two states: an operand is expected (``_OPERAND`` handlers), or one has just
been read (``_OPERATOR`` handlers). Reference: V. R. Pratt, *Top down operator precedence* (1973); the stacks are those
of Dijkstra's shunting yard.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from calcopt.errors import ParseError
from calcopt.expression import complaints, names
from calcopt.expression.building import finish
from calcopt.expression.calls import call, check_count, form, require_condition, require_number, wrong_count
from calcopt.expression.functions import CONSTANTS, FORMS, SPELLINGS
from calcopt.expression.limits import MAX_LEVELS, number_from_text
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
from calcopt.expression.superscripts import superscript
from calcopt.expression.tokens import Token
from calcopt.expression.tree import Constant, Expr, Indexed, Number, Place, Pow, Symbol

_CLOSING = {"group": ")", "call": ")", "bar": "|", "index": "]", **dict.fromkeys(FORMS, ")")}


class Parser:
    """Reads one expression from ``tokens[position:]`` up to the end."""

    def __init__(self, text: str, tokens: list[Token], position: int, known: Collection[str], head: str | None) -> None:
        self.text = text
        self.tokens = tokens
        self.position = position
        self.known = known
        self.head = head
        self.scope = Scope("top", tokens[position], tokens[position].start)
        self.outer: list[Scope] = []
        self.levels = 0
        self.raised: Place | None = None
        """The operand just made by a superscript: ``x²^3`` is ambiguous."""
        self.symbols: list[Place] = []

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
        return require_number(self.text, self._complete())

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
            self._open(name, self.tokens[self.position + 1], token.start, skip=2)
        elif name in SPELLINGS and (name != "σ" or following == "("):
            self._function(token)
        elif following == "[" and name not in CONSTANTS:
            self._open("index", self.tokens[self.position + 1], token.start, name=_spelled(name), skip=2)
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
            self._open("call", following, token.start, name=name, exponent=exponent, skip=1)
        elif following.kind in ("name", "number", "|", "-", "+"):
            check_count(self.text, name, token.text, 1, token.start, token.end)
            self._push(Pending(APPLY, token.start, function=name, exponent=exponent, head=token.end, levels=1))
        else:
            raise complaints.needs_argument(self.text, token, name)

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
            exponent, self.scope.operand = self.scope.operand, None
            return exponent
        raise complaints.power_of_function(self.text, token, value)

    def _plain_name(self, token: Token) -> None:
        name = token.text
        node: Expr = Constant(CONSTANTS[name]) if name in CONSTANTS else Symbol(_spelled(name))
        self.scope.operand = Place(node, token.start, token.end)
        self.position += 1

    def _group(self, token: Token) -> None:
        self._open("group", token, token.start, skip=1)

    def _bar(self, token: Token) -> None:
        self._open("bar", token, token.start, skip=1)

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
        self._push(Pending(precedence, token.start, levels=int(deep)))

    def _not(self, token: Token) -> None:
        if self.scope.last > NOT:
            raise complaints.missing_operand(self.text, self.tokens, self.position, self.scope)
        self.position += 1
        self._push(Pending(NOT, token.start, levels=1))

    def _missing_operand(self, token: Token) -> None:
        if token.kind == ")" and self.scope.kind in ("call", *FORMS) and not self.scope.arguments:
            name, start = self.scope.name or self.scope.kind, self.scope.start
            typed = self.text[start : self.scope.opening.start].split("^")[0].strip()
            raise wrong_count(self.text, name, typed, 0, start, token.end)
        raise complaints.missing_operand(self.text, self.tokens, self.position, self.scope)

    # -----------------------------------------------------------------------------------------------------------
    # An operand has been read
    # -----------------------------------------------------------------------------------------------------------

    def _plus_or_minus(self, token: Token) -> None:
        operand = self._reduce(ADD + 1)
        top = self._chain(ADD, operand)
        top.negate, top.start = token.kind == "-", token.start
        self.position += 1

    def _times(self, token: Token) -> None:
        operand = self._reduce(MUL + 1)
        self._multiply(operand, divide=token.kind == "/")
        self.position += 1

    def _multiply(self, operand: Place, *, divide: bool) -> None:
        """A product of any length is one node; each quotient is a node of two."""
        require_number(self.text, operand)
        scope = self.scope
        if scope.last == MUL and (divide or scope.pending[-1].divide):
            operand = finish(self.text, scope.pending.pop(), operand)
        top = self._chain(MUL, operand)
        top.divide = divide

    def _chain(self, precedence: int, operand: Place) -> Pending:
        """Append ``operand`` to the n-ary operator that waits for it, or begin one."""
        scope = self.scope
        if scope.last == precedence:
            top = scope.pending[-1]
            top.items.append(_term(self.text, top, operand) if precedence == ADD else operand)
        else:
            top = Pending(precedence, operand.start, [operand])
            scope.pending.append(top)
        if precedence > COMPARE:
            require_number(self.text, operand)
        scope.operand = None
        return top

    def _power(self, token: Token) -> None:
        operand = self.scope.operand
        assert operand is not None
        if operand is self.raised:
            raise complaints.two_powers(self.text, operand, token)
        require_number(self.text, operand)
        self.scope.operand = None
        self._push(Pending(POW, operand.start, [operand], levels=int(self.scope.last == POW)))
        self.position += 1

    def _superscript(self, token: Token) -> None:
        operand = self.scope.operand
        assert operand is not None
        if operand is self.raised:
            raise complaints.two_powers(self.text, operand, token)
        require_number(self.text, operand)
        exponent = superscript(self.text, token)
        node = Pow(operand.node, exponent.node)
        self.raised = self.scope.operand = Place(node, operand.start, token.end, (operand, exponent))
        self.position += 1

    def _compare(self, token: Token) -> None:
        operand = self._reduce(COMPARE + 1)
        require_number(self.text, operand)
        self._chain(COMPARE, operand).operators.append(token)
        self.position += 1

    def _and_or(self, token: Token) -> None:
        precedence = AND if token.kind == "and" else OR
        operand = self._reduce(precedence + 1)
        self._chain(precedence, require_condition(self.text, operand))
        self.position += 1

    def _implied_product(self, token: Token) -> None:
        """``2x``, ``x (x+1)``, ``sin x cos x``; a number as the second factor is more likely a slip."""
        operand = self._reduce(FACTOR_SIGN)
        if token.kind == "number":
            raise complaints.number_after_operand(self.text, operand, token)
        if self.scope.last in (APPLY, ARGUMENT_SIGN, ARGUMENT_MUL):
            if token.kind != "name":
                raise complaints.argument_or_product(self.text, self.scope, token)
            if not names.is_function(token.text):
                self._chain(ARGUMENT_MUL, operand)
                return
            operand = self._reduce(APPLY)
        self._multiply(operand, divide=False)

    def _comma(self, token: Token) -> None:
        scope = self.scope
        if scope.kind in ("top", "group", "bar"):
            raise complaints.comma(self.text, self.tokens, self.position)
        scope.arguments.append(self._complete())
        scope.operand = None
        self.position += 1

    def _close(self, token: Token) -> None:
        scope = self.scope
        if _CLOSING.get(scope.kind) != token.kind:
            raise complaints.wrong_closing(self.text, scope, token)
        inner = self._complete()
        self.position += 1
        self.levels -= 1
        self.scope = self.outer.pop()
        self.scope.operand = self._closed(scope, inner, token.end)

    def _bar_after_operand(self, token: Token) -> None:
        if self.scope.kind == "bar":
            self._close(token)
        else:
            self._implied_product(token)

    # -----------------------------------------------------------------------------------------------------------
    # Stacks
    # -----------------------------------------------------------------------------------------------------------

    def _closed(self, scope: Scope, inner: Place, end: int) -> Place:
        """What a bracket that has just been closed stands for."""
        start, arguments = scope.start, [*scope.arguments, inner]
        if scope.kind == "group":
            return Place(inner.node, start, end, inner.children)
        if scope.kind == "bar":
            return call(self.text, "abs", arguments, start, end, None)
        if scope.kind == "index":
            node = Indexed(scope.name, *[require_number(self.text, index).node for index in arguments])
            return Place(node, start, end, tuple(arguments))
        if scope.kind == "call":
            typed = self.text[start : scope.opening.start].split("^")[0].strip()
            check_count(self.text, scope.name, typed, len(arguments), start, end)
            place = call(self.text, scope.name, arguments, start, end, scope.exponent)
            if scope.exponent is not None:
                self.raised = place
            return place
        return form(self.text, scope.kind, arguments, start, end)

    def _open(
        self, kind: str, token: Token, start: int, *, skip: int, name: str = "", exponent: Place | None = None
    ) -> None:
        self._deeper(token, 1)
        self.outer.append(self.scope)
        self.scope = Scope(kind, token, start, name, exponent)
        self.position += skip

    def _push(self, pending: Pending) -> None:
        self._deeper(self.tokens[self.position], pending.levels)
        self.scope.pending.append(pending)

    def _deeper(self, token: Token, levels: int) -> None:
        self.levels += levels
        if self.levels > MAX_LEVELS:
            raise ParseError(f"more than {MAX_LEVELS} levels of nesting", self.text, token.start, token.end)

    def _reduce(self, precedence: int) -> Place:
        """Finish every waiting operator that binds at least as tightly as ``precedence``."""
        scope = self.scope
        operand = scope.operand
        assert operand is not None
        while scope.pending and scope.pending[-1].precedence >= precedence:
            top = scope.pending.pop()
            self.levels -= top.levels
            operand = finish(self.text, top, operand)
        scope.operand = operand
        return operand

    def _complete(self) -> Place:
        return self._reduce(OR)

    def _unexpected(self, token: Token) -> None:
        raise complaints.unexpected(self.text, self.tokens, self.position, self.scope)


def _term(text: str, top: Pending, operand: Place) -> Place:
    from calcopt.expression.building import term

    return term(text, top, operand)


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
