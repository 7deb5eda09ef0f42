"""Formulas as a directed acyclic graph: making a node simplifies lightly (constant folding, 0 and 1, signs) and
rewrites to numerically stable primitives (``1/(1+exp(-z))`` is a sigmoid, ``log(1+exp(z))`` a softplus), so every
formula that is derived later stays small.

Constants are kept exact (int or Fraction) as long as arithmetic on them is; a float constant is one that is not
rational (``pi``, ``sin(2)``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from calcopt.calculus.arena import Arena
from calcopt.calculus.folding import fold, quotient, rational_power
from calcopt.calculus.stable import one_plus_exp, stable_log

_SOFT_ZERO = ("const", "var", "data")


class Graph(Arena):
    """An arena whose nodes simplify as they are made."""

    __slots__ = ()

    # -- arithmetic ----------------------------------------------------------------------------------------------

    def add(self, a: int, b: int) -> int:
        left, right = self.ops[a], self.ops[b]
        if left == "const" or right == "const":
            x, y = self.value(a), self.value(b)
            if x is not None and y is not None:
                return self.constant(x + y)
            if x == 0:
                return b
            if y == 0:
                return a
        if a == b:
            return self.mul(self.constant(2), a)
        if right == "neg":
            return self.sub(a, self.args[b][0])
        if left == "neg":
            return self.sub(b, self.args[a][0])
        return self.node("add", (a, b) if a < b else (b, a))

    def sub(self, a: int, b: int) -> int:
        left, right = self.ops[a], self.ops[b]
        if left == "const" or right == "const":
            x, y = self.value(a), self.value(b)
            if x is not None and y is not None:
                return self.constant(x - y)
            if y == 0:
                return a
            if x == 0:
                return self.neg(b)
            if x == 1 and right == "sigmoid":  # 1 - s(z) = s(-z), without cancellation
                return self.call("sigmoid", self.neg(self.args[b][0]))
        if right == "neg":
            return self.add(a, self.args[b][0])
        if left == "neg":
            return self.neg(self.add(self.args[a][0], b))
        return self.node("sub", (a, b))

    def neg(self, a: int) -> int:
        op = self.ops[a]
        if op == "neg":
            return self.args[a][0]
        if op == "const":
            return self.constant(-self.payloads[a])  # type: ignore[operator]
        if op == "sub":
            return self.node("sub", self.args[a][::-1])
        if op == "mul":
            left, right = self.args[a]
            if self.ops[left] == "const":
                return self.mul(self.neg(left), right)
        return self.node("neg", (a,))

    def mul(self, a: int, b: int) -> int:
        ops = self.ops
        left, right = ops[a], ops[b]
        if right == "const":
            a, b, left, right = b, a, right, left
        if left == "const":
            return self._scale(a, b)
        if left == "neg":
            return self.neg(self.mul(self.args[a][0], b))
        if right == "neg":
            return self.neg(self.mul(a, self.args[b][0]))
        if a == b:
            return self.powi(a, 2)
        # constants travel outwards, where they meet and fold
        if left == "mul" and ops[self.args[a][0]] == "const":
            return self._scale(self.args[a][0], self.mul(self.args[a][1], b))
        if right == "mul" and ops[self.args[b][0]] == "const":
            return self._scale(self.args[b][0], self.mul(a, self.args[b][1]))
        return self.node("mul", (a, b) if a < b else (b, a))

    def _scale(self, constant: int, b: int) -> int:
        """constant · b; the constant is always the first argument of the product."""
        x = self.payloads[constant]
        op = self.ops[b]
        if op == "const":
            return self.constant(x * self.payloads[b])  # type: ignore[operator]
        if x == 1:
            return b
        if x == -1:
            return self.neg(b)
        if x == 0 and op in _SOFT_ZERO:  # 0·log(x) keeps the domain of log
            return constant
        if op == "neg":
            return self._scale(self.constant(-x), self.args[b][0])  # type: ignore[operator]
        if op == "mul" and self.ops[self.args[b][0]] == "const":
            return self._scale(self.mul(constant, self.args[b][0]), self.args[b][1])
        return self.node("mul", (constant, b))

    def div(self, a: int, b: int) -> int:
        left, right = self.ops[a], self.ops[b]
        if right == "const":
            x, y = self.value(a), self.value(b)
            if y == 1:
                return a
            if y == -1:
                return self.neg(a)
            if x is not None and y:
                return self.constant(quotient(x, y))
        if left == "neg":
            return self.neg(self.div(self.args[a][0], b))
        if right == "neg":
            return self.neg(self.div(a, self.args[b][0]))
        if right == "add" and (left == "const" or left == "exp"):
            exponent = one_plus_exp(self, b)
            if exponent is not None and left == "const":
                return self.mul(a, self.call("sigmoid", self.neg(exponent)))
            if exponent is not None and self.args[a][0] == exponent:
                return self.call("sigmoid", exponent)
        return self.node("div", (a, b))

    # -- powers --------------------------------------------------------------------------------------------------

    def powi(self, a: int, n: int) -> int:
        """a^n with an integer n; a^0 is 1 everywhere."""
        if n == 0:
            return self.constant(1)
        if n == 1:
            return a
        op = self.ops[a]
        if op == "const":
            folded = rational_power(self.payloads[a], n)
            if folded is not None:
                return self.constant(folded)
        elif op == "neg":
            power = self.powi(self.args[a][0], n)
            return power if n % 2 == 0 else self.neg(power)
        elif op == "powi":
            inner = self.payloads[a]
            if isinstance(inner, int) and inner > 0 and n > 0:
                return self.powi(self.args[a][0], inner * n)
        return self.node("powi", (a,), n)

    def power(self, a: int, b: int) -> int:
        """a^b over the reals: a rational literal b = p/q with odd q is the real root, for negative a too."""
        exponent = self.value(b)
        if isinstance(exponent, int):
            return self.powi(a, exponent)
        if isinstance(exponent, Fraction):
            if exponent.denominator % 2:
                return self.node("root", (a,), exponent)
            if exponent.denominator == 2:
                root = self.call("sqrt", a)
                return root if exponent == Fraction(1, 2) else self.powi(root, exponent.numerator)
        if self.value(a) == math.e:
            return self.call("exp", b)
        x = self.value(a)
        if x is not None and exponent is not None and x > 0:
            try:
                return self.constant(math.pow(x, exponent))
            except OverflowError:
                return self.constant(math.inf)
        return self.node("pow", (a, b))

    # -- functions -----------------------------------------------------------------------------------------------

    def call(self, op: str, a: int) -> int:
        """A function of one argument by the name of its primitive."""
        if self.ops[a] == "const":
            folded = fold(op, self.payloads[a])
            if folded is not None:
                return self.constant(folded)
        if op == "log":
            return stable_log(self, a)
        return self.node(op, (a,))

    def pick(self, op: str, a: int, b: int) -> int:
        """``min`` or ``max`` of two."""
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            return self.constant(min(x, y) if op == "min" else max(x, y))
        return a if a == b else self.choice(op, (a, b))

    # -- conditions ----------------------------------------------------------------------------------------------

    def compare(self, op: str, a: int, b: int) -> int:
        """``lt``, ``le`` or ``eq``: a condition node."""
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            return self.node("true" if {"lt": x < y, "le": x <= y, "eq": x == y}[op] else "false")
        return self.node(op, (a, b))

    def logic(self, op: str, a: int, b: int | None = None) -> int:
        """``and``, ``or``, ``not`` of conditions."""
        ops = self.ops
        if b is None:
            return (
                self.node({"true": "false", "false": "true"}[ops[a]])
                if ops[a] in ("true", "false")
                else self.node(op, (a,))
            )
        absorbing, neutral = ("false", "true") if op == "and" else ("true", "false")
        if ops[a] == neutral or ops[b] == absorbing:
            return b
        if ops[b] == neutral or ops[a] == absorbing:
            return a
        return self.node(op, (a, b))

    def select(self, condition: int, a: int, b: int) -> int:
        """a where the condition holds, else b."""
        op = self.ops[condition]
        if op in ("true", "false"):
            return a if op == "true" else b
        return a if a == b else self.choice("select", (condition, a, b))

    # -- sums ----------------------------------------------------------------------------------------------------

    def total(self, parts: list[int]) -> int:
        """The sum of many nodes as a balanced tree (short dependency chains, small rounding error)."""
        return self.balanced(parts, self.add)

    def balanced(self, parts: list[int], combine: Callable[[int, int], int]) -> int:
        """Combines neighbours until one is left."""
        if not parts:
            return self.constant(0)
        while len(parts) > 1:
            pairs = [combine(left, right) for left, right in zip(parts[0::2], parts[1::2], strict=False)]
            parts = pairs + parts[len(pairs) * 2 :]
        return parts[0]
