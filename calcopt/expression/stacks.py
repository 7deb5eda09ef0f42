"""The parser's state and what it does with its stacks, whatever the token."""

from __future__ import annotations

from collections.abc import Collection

from calcopt.errors import ParseError
from calcopt.expression.building import finish, term
from calcopt.expression.calls import call, check_count, form, indexed, require_number
from calcopt.expression.limits import MAX_LEVELS
from calcopt.expression.scopes import ADD, COMPARE, OR, Pending, Scope
from calcopt.expression.tokens import TOO_DEEP, Token
from calcopt.expression.tree import Place


class Stacks:
    """Where the parser stands in ``tokens``, the bracket it is in, and the brackets around that one."""

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

    def chain(self, precedence: int, operand: Place) -> Pending:
        """Append ``operand`` to the n-ary operator that waits for it, or begin one."""
        scope = self.scope
        if scope.last == precedence:
            top = scope.pending[-1]
            top.items.append(term(self.text, top, operand) if precedence == ADD else operand)
        else:
            top = Pending(precedence, operand.start, [operand])
            scope.pending.append(top)
        if precedence > COMPARE:
            require_number(self.text, operand)
        scope.operand = None
        return top

    def closed(self, scope: Scope, inner: Place, end: int) -> Place:
        """What a bracket that has just been closed stands for."""
        start, arguments = scope.start, [*scope.arguments, inner]
        if scope.kind == "group":
            return Place(inner.node, start, end, inner.children)
        if scope.kind == "bar":
            return call(self.text, "abs", arguments, start, end, None)
        if scope.kind == "index":
            return indexed(self.text, scope.name, arguments, start, end)
        if scope.kind == "call":
            check_count(self.text, scope.name, scope.typed, len(arguments), start, end)
            place = call(self.text, scope.name, arguments, start, end, scope.exponent)
            if scope.exponent is not None:
                self.raised = place
            return place
        return form(self.text, scope.kind, arguments, start, end)

    def open(self, scope: Scope, *, skip: int) -> None:
        """Enter a bracket; its contents begin ``skip`` tokens ahead."""
        self.deeper(scope.opening, 1)
        self.outer.append(self.scope)
        self.scope = scope
        self.position += skip

    def close(self, end: int) -> None:
        """Leave the bracket, whose closing token ends at ``end``; what it stands for is an operand outside."""
        scope, inner = self.scope, self.complete()
        self.levels -= 1
        self.scope = self.outer.pop()
        self.scope.operand = self.closed(scope, inner, end)

    def push(self, pending: Pending) -> None:
        """Let an operator wait for its operand."""
        self.deeper(self.tokens[self.position], pending.levels)
        self.scope.pending.append(pending)

    def deeper(self, token: Token, levels: int) -> None:
        """Count levels of nesting; :class:`ParseError` at ``token`` beyond the limit."""
        self.levels += levels
        if self.levels > MAX_LEVELS:
            raise ParseError(TOO_DEEP, self.text, token.start, token.end)

    def reduce(self, precedence: int) -> Place:
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

    def complete(self) -> Place:
        """Finish everything that waits in this bracket."""
        return self.reduce(OR)
