"""Interval arithmetic to any precision, by another library: python-flint's Arb, or mpmath.iv where flint is missing.

Both evaluate the same exact graph as ``numeric.intervals``, one box at a time. Powers are made here: in Arb (0 ± 1)² is
nan, and x·x forgets that a square is not negative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from importlib.util import find_spec
from typing import Any, Protocol

from calcopt.errors import MissingExtraError


class Unsure(Exception):
    """A switch of the formula lies in the box, or this arithmetic lacks a function."""


class Scalars(Protocol):
    """Intervals of one library: ``ends`` of an interval are exact mpf."""

    name: str

    def working(self, bits: int) -> Any: ...

    def rational(self, value: Fraction) -> Any: ...

    def between(self, low: Any, high: Any) -> Any: ...

    def ends(self, value: Any) -> tuple[Any, Any]: ...

    def function(self, op: str, value: Any) -> Any: ...

    def pi(self) -> Any: ...


def scalars(*, flint: bool | None = None) -> Scalars:
    """Arb where python-flint is installed (or asked for), else mpmath.iv."""
    if flint is None:
        flint = has_flint()
    return Arb() if flint else Iv()


def has_flint() -> bool:
    return find_spec("flint") is not None


def require_flint(what: str) -> Arb:
    if not has_flint():
        raise MissingExtraError(f"{what} needs python-flint", hint="install it with: pip install 'calcopt[proof]'")
    return Arb()


class Arb:
    """Balls of python-flint (F. Johansson, Arb: efficient arbitrary-precision midpoint-radius arithmetic, 2017)."""

    name = "Arb (python-flint)"

    def __init__(self) -> None:
        import flint

        self._flint = flint

    @contextmanager
    def working(self, bits: int) -> Iterator[None]:
        context = self._flint.ctx
        before, context.prec = context.prec, bits
        try:
            yield
        finally:
            context.prec = before

    def rational(self, value: Fraction) -> Any:
        return self._flint.arb(self._flint.fmpq(value.numerator, value.denominator))

    def between(self, low: Any, high: Any) -> Any:
        return self._point(low).union(self._point(high))

    def _point(self, value: Any) -> Any:
        sign, mantissa, exponent, _ = value._mpf_
        point = self._flint.arb(int(-mantissa if sign else mantissa))
        return point * self._flint.arb(2) ** int(exponent)

    def ends(self, value: Any) -> tuple[Any, Any]:
        from mpmath import mp
        from mpmath.libmp import from_man_exp

        if not value.is_finite():
            return mp.ninf, mp.inf
        sides = []
        for side in (value.lower(), value.upper()):
            mantissa, exponent = side.man_exp()
            sides.append(mp.make_mpf(from_man_exp(int(mantissa), int(exponent))))
        return sides[0], sides[1]

    def function(self, op: str, value: Any) -> Any:
        return getattr(value, op)()

    def pi(self) -> Any:
        return self._flint.arb.pi()


_IV: dict[str, Callable[[Any, Any], Any]] = {
    "exp": lambda iv, x: iv.exp(x),
    "log": lambda iv, x: iv.log(x),
    "sqrt": lambda iv, x: iv.sqrt(x),
    "sin": lambda iv, x: iv.sin(x),
    "cos": lambda iv, x: iv.cos(x),
    "tan": lambda iv, x: iv.sin(x) / iv.cos(x),
    "sinh": lambda iv, x: (iv.exp(x) - iv.exp(-x)) / 2,
    "cosh": lambda iv, x: (iv.exp(x) + iv.exp(-x)) / 2,
    "tanh": lambda iv, x: 1 - 2 / (iv.exp(2 * x) + 1),
    "asinh": lambda iv, x: iv.log(x + iv.sqrt(x * x + 1)),
    "acosh": lambda iv, x: iv.log(x + iv.sqrt((x - 1) * (x + 1))),
    "atanh": lambda iv, x: iv.log((1 + x) / (1 - x)) / 2,
}


class Iv:
    """mpmath.iv, which has fewer functions: what it lacks is Unsure."""

    name = "mpmath.iv"

    def __init__(self) -> None:
        from mpmath import iv

        self._iv: Any = iv

    @contextmanager
    def working(self, bits: int) -> Iterator[None]:
        before, self._iv.prec = self._iv.prec, bits
        try:
            yield
        finally:
            self._iv.prec = before

    def rational(self, value: Fraction) -> Any:
        return self._iv.mpf(value.numerator) / self._iv.mpf(value.denominator)

    def between(self, low: Any, high: Any) -> Any:
        return self._iv.mpf([low, high])

    def ends(self, value: Any) -> tuple[Any, Any]:
        from mpmath import mp

        low, high = value._mpi_
        return mp.make_mpf(low), mp.make_mpf(high)

    def function(self, op: str, value: Any) -> Any:
        if op not in _IV:
            raise Unsure(f"mpmath.iv has no {op}; install python-flint: pip install 'calcopt[proof]'")
        return _IV[op](self._iv, value)

    def pi(self) -> Any:
        return +self._iv.pi


# -- the graph -------------------------------------------------------------------------------------------------------


def evaluate(field: Scalars, graph: Any, roots: Sequence[int], variables: Sequence[Any]) -> list[Any]:
    """The nodes ``roots`` of an exact graph where its variables lie in the given intervals; raises Unsure."""
    values: dict[int, Any] = {}
    for node in graph.reachable(roots):
        op, payload = graph.ops[node], graph.payloads[node]
        args = [values[arg] for arg in graph.args[node]]
        if op == "var":
            values[node] = variables[payload]
        elif op == "const":
            values[node] = field.rational(Fraction(payload))
        else:
            values[node] = _apply(field, op, payload, args)
    return [values[root] for root in roots]


def _apply(field: Scalars, op: str, payload: Any, args: list[Any]) -> Any:
    if op == "pi":
        return field.pi()
    if op in _SWITCHES:
        return _SWITCHES[op](field, *args)
    if op in _PLAIN:
        return _PLAIN[op](*args)
    if op == "powi":
        return power(field, args[0], payload)
    if op == "root":
        return _root(field, args[0], payload)
    if op in _COMPOSED:
        return _COMPOSED[op](field, *args)
    return field.function(op, args[0])


def power(field: Scalars, x: Any, n: int) -> Any:
    """xⁿ by its ends: monotone on each side of 0, even powers from 0 up."""
    if n < 0:
        low, high = field.ends(x)
        if low <= 0 <= high:
            raise Unsure("a divisor may be zero")
        return 1 / power(field, x, -n)
    low, high = field.ends(x)
    ends = [_repeated(field.between(end, end), n) for end in (low, high)]
    if n % 2 == 0 and low <= 0 <= high:
        ends.append(field.rational(Fraction(0)))
    sides = [field.ends(end) for end in ends]
    return field.between(min(side[0] for side in sides), max(side[1] for side in sides))


def _repeated(x: Any, n: int) -> Any:
    result = None
    while n:
        if n & 1:
            result = x if result is None else result * x
        n >>= 1
        x = x * x if n else x
    return result


def _root(field: Scalars, x: Any, exponent: Fraction) -> Any:
    """The real x^(p/q): sign(x)^p exp(p/q log |x|), away from 0."""
    sign = _sign(field, x)
    size = field.function("exp", field.rational(exponent) * field.function("log", sign * x))
    return sign * size if exponent.numerator % 2 else size


def _sign(field: Scalars, x: Any) -> int:
    low, high = field.ends(x)
    if low > 0:
        return 1
    if high < 0:
        return -1
    raise Unsure("a switch of the formula lies in the box")


def _less(field: Scalars, a: Any, b: Any) -> bool:
    return _sign(field, b - a) > 0


def _whole(field: Scalars, x: Any, *, up: int) -> Any:
    from mpmath import mp

    low, high = field.ends(x)
    if mp.floor(low) != mp.floor(high) or mp.floor(low) == low:
        raise Unsure("a jump of the formula lies in the box")
    return field.rational(Fraction(int(mp.floor(low)) + up))


_PLAIN: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "not": lambda a: not a,
    "true": lambda: True,
    "false": lambda: False,
    "select": lambda condition, a, b: a if condition else b,
}
_SWITCHES: dict[str, Callable[..., Any]] = {
    "abs": lambda field, x: _sign(field, x) * x,
    "sign": lambda field, x: field.rational(Fraction(_sign(field, x))),
    "step": lambda field, x: field.rational(Fraction((1 + _sign(field, x)) // 2)),
    "relu": lambda field, x: x if _sign(field, x) > 0 else field.rational(Fraction(0)),
    "min": lambda field, a, b: a if _less(field, a, b) else b,
    "max": lambda field, a, b: b if _less(field, a, b) else a,
    "lt": _less,
    "le": _less,
    "eq": lambda field, a, b: bool(_sign(field, b - a)) and False,
    "floor": lambda field, x: _whole(field, x, up=0),
    "ceil": lambda field, x: _whole(field, x, up=1),
}
_COMPOSED: dict[str, Callable[..., Any]] = {
    "log10": lambda field, x: field.function("log", x) / field.function("log", field.rational(Fraction(10))),
    "log2": lambda field, x: field.function("log", x) / field.function("log", field.rational(Fraction(2))),
    "sigmoid": lambda field, x: 1 / (1 + field.function("exp", -x)),
    "softplus": lambda field, x: field.function("log", 1 + field.function("exp", x)),
    "acot": lambda field, x: field.function("atan", 1 / (_sign(field, x) * x)) * _sign(field, x),
    "atan2": lambda field, y, x: _angle(field, y, x),
    "pow": lambda field, a, b: field.function("exp", b * field.function("log", a)),
}


def _angle(field: Scalars, y: Any, x: Any) -> Any:
    """atan2 away from the half-line y = 0, x ≤ 0, by atan of a quotient."""
    low, _ = field.ends(x)
    if low > 0:
        return field.function("atan", y / x)
    sign = _sign(field, y)
    return sign * field.pi() / 2 - field.function("atan", x / y)
