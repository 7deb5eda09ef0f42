"""A graph without rounded constants: what is not rational stays a node, to be enclosed when it is evaluated.

:class:`calcopt.calculus.graph.Graph` folds sin(2) and π + 1 to doubles, whose error nobody knows afterwards. Here
constants are int or Fraction of any size, and π is a node of its own (operation ``pi``).
"""

from __future__ import annotations

import math
from fractions import Fraction

from calcopt.calculus.folding import Value, fold
from calcopt.calculus.graph import Graph
from calcopt.calculus.stable import one_plus_exp

_LARGEST_POWER = 20_000  # bits of a folded power
_EXACT = ("abs", "sign", "step", "relu", "floor", "ceil")
_AT_ZERO = {"exp": 1, "cos": 1, "cosh": 1, "sin": 0, "tan": 0, "asin": 0, "atan": 0, "sinh": 0, "tanh": 0, "asinh": 0}
_AT_ONE = {"log": 0, "log2": 0, "log10": 0, "acosh": 0, "acos": 0}


class ExactGraph(Graph):
    """A graph whose constants are exact rationals.

    ``deriving`` is set while derivatives are taken: a/a is then 1, and a·aⁿ is aⁿ⁺¹. No domain is lost by that: the
    flags of a box come from the nodes of f alone, and where f is smooth no divisor of its derivatives is zero.
    """

    __slots__ = ("deriving",)

    def __init__(self) -> None:
        super().__init__()
        self.deriving = False

    def constant(self, value: Value) -> int:
        """A rational; of floats only π, e and the factors of derivatives that stand for a formula are known."""
        if isinstance(value, float):
            return self._irrational(value)
        exact = value.numerator if value.denominator == 1 else value
        key = (exact.numerator, exact.denominator) if isinstance(exact, Fraction) else exact
        found = self._constants.get(key)
        if found is None:
            found = self._constants[key] = self._append("const", (), exact)
        return found

    def _irrational(self, value: float) -> int:
        if value == math.pi:
            return self.node("pi")
        if value == math.e:
            return self.node("exp", (self.constant(1),))
        if value == math.log(10) or value == math.log(2):
            return self.node("log", (self.constant(10 if value > 2 else 2),))
        if value == 2 / math.sqrt(math.pi):  # the factor of erf'
            return self.div(self.constant(2), self.node("sqrt", (self.node("pi"),)))
        if value.is_integer():
            return self.constant(int(value))
        raise ArithmeticError(f"{value!r} is a rounded constant")

    def call(self, op: str, a: int) -> int:
        """A function of one argument; folded only where its value is rational for sure."""
        value = self.value(a)
        if value is not None:
            known = self._rational_value(op, value)
            if known is not None:
                return self.constant(known)
        if op == "log":
            if self.ops[a] == "exp":
                return self.args[a][0]
            exponent = one_plus_exp(self, a)
            if exponent is not None:
                return self.node("softplus", (exponent,))
        return self.node(op, (a,))

    def _rational_value(self, op: str, value: Value) -> Value | None:
        if op in _EXACT:
            folded = fold(op, value)
            return int(folded) if isinstance(folded, float) else folded
        if value == 0:
            return _AT_ZERO.get(op)
        if value == 1 and op in _AT_ONE:
            return _AT_ONE[op]
        if op == "sqrt" and value > 0:
            above, below = math.isqrt(value.numerator), math.isqrt(value.denominator)  # type: ignore[union-attr]
            return Fraction(above, below) if Fraction(above, below) ** 2 == value else None
        return None

    def mul(self, a: int, b: int) -> int:
        if self.deriving:
            for one, other in ((a, b), (b, a)):
                n = self.payloads[other]
                if self.ops[other] == "powi" and self.args[other] == (one,) and isinstance(n, int):
                    return self.powi(one, n + 1)
        return super().mul(a, b)

    def div(self, a: int, b: int) -> int:
        """c/uⁿ is c·u⁻ⁿ, whose derivative has u once; in c·nuⁿ⁻¹/u²ⁿ it would vary twice, and lose its sign at 0."""
        if self.deriving and a == b:
            return self.constant(1)
        if self.ops[a] == "const" and self.ops[b] != "const":
            found = super().div(a, b)
            if self.ops[found] != "div" or self.args[found] != (a, b):
                return found
            base, n = (self.args[b][0], self.payloads[b]) if self.ops[b] == "powi" else (b, 1)
            return self.mul(a, self.node("powi", (base,), -int(n)))  # type: ignore[arg-type]
        return super().div(a, b)

    def powi(self, a: int, n: int) -> int:
        value = self.value(a)
        if value is None:
            return super().powi(a, n)
        if n == 0:
            return self.constant(1)
        bits = max(Fraction(value).numerator.bit_length(), Fraction(value).denominator.bit_length())
        if (value == 0 and n < 0) or bits * abs(n) > _LARGEST_POWER:
            return self.node("powi", (a,), n) if n != 1 else a
        return self.constant(Fraction(value) ** n)

    def power(self, a: int, b: int) -> int:
        if self.ops[a] == "exp" and self.value(self.args[a][0]) == 1:
            return self.call("exp", b)
        exponent = self.value(b)
        if exponent is not None and self.value(a) is not None:
            root = exponent.denominator  # type: ignore[union-attr]
            if root == 1:
                return self.powi(a, int(exponent))
            if root % 2:
                return self.node("root", (a,), Fraction(exponent))
            return self.node("pow", (a, b)) if root > 2 else super().power(a, b)
        return super().power(a, b)
