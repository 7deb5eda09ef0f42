"""SymPy functions of our own, where SymPy's mean something else on the real line.

SymPy's ``x**(1/3)`` is complex at −8, its ``sign'`` is a Dirac delta, ``Max'`` a Heaviside with value 1/2 at 0, and its
``Piecewise`` evaluates conditions eagerly. These stand-ins are real, differentiate to formulas of calcopt's own
language, and are otherwise opaque to SymPy, so that no rewriting rule meant for complex numbers reaches them.
Derivatives hold away from the switches; what happens on a switch is decided in ``calculus/sides.py``.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Function, Integer, Pow, Rational, S

__all__ = [
    "COMPARISONS",
    "CONNECTIVES",
    "Ceiling",
    "Choose",
    "Element",
    "Extreme",
    "Floor",
    "Largest",
    "Not",
    "RealAbs",
    "RealPower",
    "Relu",
    "Sigmoid",
    "Sign",
    "Smallest",
    "Softplus",
    "Step",
    "real_abs",
    "real_power",
]


class _Real(Function):  # type: ignore[misc]
    """A function with real values for real arguments."""

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(arg.is_extended_real for arg in self.args) else None


def real_power(base: Any, exponent: Any) -> Any:
    """base^exponent on the real line: the real root where the exponent is p/q with an odd q > 1."""
    if not (exponent.is_Rational and exponent.q % 2 == 1 and exponent.q > 1):
        return Pow(base, exponent)
    if isinstance(base, RealPower):
        return real_power(base.args[0], base.args[1] * exponent)
    if base.is_Pow and base.exp.is_Integer:
        return real_power(base.base, base.exp * exponent)
    if base.is_nonnegative:
        return Pow(base, exponent)
    if base.is_nonpositive:
        return (-1) ** (exponent.p % 2) * Pow(-base, exponent)
    return RealPower(base, exponent)


class RealPower(Function):  # type: ignore[misc]
    """b^(p/q), q odd, real for negative b too: sgn(b)^p |b|^(p/q). Build it with :func:`real_power`."""

    nargs = 2

    @classmethod
    def eval(cls, base: Any, exponent: Any) -> Any:
        if base.is_nonnegative or base.is_nonpositive or isinstance(base, RealPower):
            return real_power(base, exponent)
        return None

    def fdiff(self, argindex: int = 1) -> Any:
        base, exponent = self.args
        return exponent * real_power(base, exponent - 1)

    def _eval_derivative(self, symbol: Any) -> Any:
        return self.fdiff() * self.args[0].diff(symbol)

    def _eval_power(self, other: Any) -> Any:
        return real_power(self.args[0], self.args[1] * other) if other.is_Integer else None

    def _eval_is_extended_real(self) -> bool | None:
        return True if self.args[0].is_extended_real else None

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.args[1].p % 2 == 0 and self.args[0].is_extended_real else None


class Sign(_Real):
    nargs = 1

    @classmethod
    def eval(cls, arg: Any) -> Any:
        if arg.is_zero:
            return S.Zero
        return S.One if arg.is_positive else S.NegativeOne if arg.is_negative else None

    def _eval_derivative(self, symbol: Any) -> Any:
        return S.Zero

    def _eval_power(self, other: Any) -> Any:
        return Sign(self.args[0]) if other.is_Integer and other.is_odd and other != 1 and other > 0 else None


class RealAbs(_Real):
    """|u| for an argument that SymPy cannot see to be real, such as log(x)."""

    nargs = 1

    @classmethod
    def eval(cls, arg: Any) -> Any:
        return Abs(arg) if arg.is_extended_real else None

    def fdiff(self, argindex: int = 1) -> Any:
        return Sign(self.args[0])

    def _eval_power(self, other: Any) -> Any:
        return self.args[0] ** other if other.is_Integer and other.is_even else None


def real_abs(arg: Any) -> Any:
    return Abs(arg) if arg.is_extended_real else RealAbs(arg)


class _Constant(_Real):
    """Constant between its jumps."""

    nargs = 1

    def _eval_derivative(self, symbol: Any) -> Any:
        return S.Zero


class Floor(_Constant):
    @classmethod
    def eval(cls, arg: Any) -> Any:
        return Integer(arg.p // arg.q) if arg.is_Rational else None


class Ceiling(_Constant):
    @classmethod
    def eval(cls, arg: Any) -> Any:
        return Integer(-(-arg.p // arg.q)) if arg.is_Rational else None


class Step(_Constant):
    """0 below zero, 1 from zero on."""

    @classmethod
    def eval(cls, arg: Any) -> Any:
        return S.One if arg.is_nonnegative else S.Zero if arg.is_negative else None


class Relu(_Real):
    nargs = 1

    @classmethod
    def eval(cls, arg: Any) -> Any:
        return arg if arg.is_nonnegative else S.Zero if arg.is_nonpositive else None

    def fdiff(self, argindex: int = 1) -> Any:
        return Step(self.args[0])


class Sigmoid(_Real):
    nargs = 1

    @classmethod
    def eval(cls, arg: Any) -> Any:
        return Rational(1, 2) if arg.is_zero else None

    def fdiff(self, argindex: int = 1) -> Any:
        return self * (1 - self)


class Softplus(_Real):
    nargs = 1

    def fdiff(self, argindex: int = 1) -> Any:
        return Sigmoid(self.args[0])


class Extreme(_Real):
    """min or max: its derivative is that of the argument which is the extreme one, the first among equals."""

    @classmethod
    def eval(cls, *args: Any) -> Any:
        if len(args) == 1:
            return args[0]
        if all(arg.is_Rational for arg in args):
            return max(args) if cls is Largest else min(args)
        return None

    def _eval_derivative(self, symbol: Any) -> Any:
        slopes = [arg.diff(symbol) for arg in self.args]
        if all(slope == slopes[0] for slope in slopes):
            return slopes[0]
        compare = COMPARISONS[">=" if isinstance(self, Largest) else "<="]
        pieces: list[Any] = []
        for position, arg in enumerate(self.args[:-1]):
            others = [compare(arg, other) for other in self.args[position + 1 :]]
            pieces += [others[0] if len(others) == 1 else CONNECTIVES["and"](*others), slopes[position]]
        return Choose(*pieces, slopes[-1])


class Largest(Extreme):
    pass


class Smallest(Extreme):
    pass


class Choose(Function):  # type: ignore[misc]
    """piecewise(condition, value, …, otherwise), with conditions SymPy does not look into."""

    @classmethod
    def eval(cls, *args: Any) -> Any:
        if len(args) == 1 or all(value == args[-1] for value in args[1::2]):
            return args[-1]
        return None

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(value.is_extended_real for value in (*self.args[1::2], self.args[-1])) else None

    def _eval_derivative(self, symbol: Any) -> Any:
        pieces: list[Any] = list(self.args)
        for position in [*range(1, len(pieces), 2), len(pieces) - 1]:
            pieces[position] = pieces[position].diff(symbol)
        return Choose(*pieces)


class _Condition(Function):  # type: ignore[misc]
    """A truth value inside :class:`Choose`; it never stands alone, so its derivative is never asked for."""


class Less(_Condition):
    operator = "<"


class LessOrEqual(_Condition):
    operator = "<="


class Greater(_Condition):
    operator = ">"


class GreaterOrEqual(_Condition):
    operator = ">="


class All(_Condition):
    pass


class Any_(_Condition):
    pass


class Not(_Condition):
    pass


COMPARISONS: dict[str, Any] = {kind.operator: kind for kind in (Less, LessOrEqual, Greater, GreaterOrEqual)}
CONNECTIVES: dict[str, Any] = {"and": All, "or": Any_}


class Element(Function):  # type: ignore[misc]
    """a[i] with an index that is not literal; fields are the name (as a symbol) and the indices."""

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_derivative(self, symbol: Any) -> Any:
        return S.Zero
