"""Where a formula may have no derivative, and the one-sided limits that decide it.

A derivative found by rules is valid off the *switches* of a formula: the kink of abs, the jump of sign, the edge of a
domain, the zero of a root. At a point exactly on a switch the answer is decided by the mean-value theorem: if f is
continuous at a and f'(x) has a limit as x → a from one side, that limit is the one-sided derivative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from mpmath import mp, mpf, workdps

from calcopt.calculus.precise import Values, evaluate, evaluate_sure, literal_fraction, sign_of
from calcopt.expression.tree import Add, Call, Compare, Constant, Expr, Mul, Neg, Number, Pow, Sum, postorder

DISTANCES = tuple(Fraction(1, 10**k) for k in (60, 80, 100))
DIGITS = 260
AGREEMENT = mpf(10) ** -15


@dataclass(frozen=True, slots=True)
class Switch:
    """A node of the formula and the argument whose zero is the switch."""

    node: Expr
    argument: Expr


ZERO = Number(0)
AT_ZERO = frozenset({"abs", "sign", "relu", "step", "sqrt", "cbrt", "acot"})
AT_ONE = {"asin": (1, -1), "acos": (1, -1), "asec": (1, -1), "acsc": (1, -1), "acosh": (1,), "asech": (1,)}


def switches(expr: Expr) -> Iterator[Switch]:
    """Every place where the derivative found by rules may fail to be the derivative, with the argument to test.

    floor and ceil switch at every integer: their argument here is sin(πu).
    """
    for node in postorder(expr):
        match node:
            case Call(name, args) if name in AT_ZERO:
                yield Switch(node, args[0])
            case Call(name, args) if name in AT_ONE:
                yield from (Switch(node, Add(args[0], Number(1) if at < 0 else Neg(Number(1)))) for at in AT_ONE[name])
            case Call("floor" | "ceil", args):
                yield Switch(node, Call("sin", _times_pi(args[0])))
            case Call("min" | "max", args):
                for position, left in enumerate(args):
                    yield from (Switch(node, Add(left, Neg(right))) for right in args[position + 1 :])
            case Call("atan2", args):
                yield Switch(node, args[0])
            case Compare(_, left, right):
                yield Switch(node, Add(left, Neg(right)))
            case Pow(base, exponent):
                literal = literal_fraction(exponent)
                if literal is None or literal.denominator != 1:
                    yield Switch(node, base)


def _times_pi(argument: Expr) -> Expr:
    return Mul(Constant("pi"), argument)  # type: ignore[no-any-return]


def active_switches(expr: Expr, values: Values) -> tuple[Expr, ...]:
    """The nodes of ``expr`` that are exactly on a switch at the point ``values`` (sums are looked at as a whole)."""
    if any(isinstance(node, Sum) for node in postorder(expr)):
        return tuple(switch.node for switch in switches(expr))
    return tuple(dict.fromkeys(switch.node for switch in switches(expr) if sign_of(switch.argument, values) == 0))


@dataclass(frozen=True, slots=True)
class Side:
    """How f behaves on one side of a point: ``approach`` says whether f comes to its value there; ``limits`` are those
    of the derivatives of order 1, 2, …: an mpf, ±inf where they grow beyond all bounds, None where none was found."""

    approach: Literal["continuous", "jump", "no values"]
    limits: tuple[Any | None, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of a point along one variable."""

    left: Side
    right: Side

    def verdict(self, order: int) -> tuple[Any | None, str | None]:
        """The derivative of that order at the point, or None and the reason why there is none."""
        for name, side in (("left", self.left), ("right", self.right)):
            if side.approach == "jump":
                return None, f"the derivative does not exist: a jump (on the {name})"
            if side.approach == "no values":
                return None, f"the derivative does not exist (the function has no values on the {name})"
        for k in range(order):
            low, high = self.left.limits[k], self.right.limits[k]
            which = "derivative" if k == 0 else f"derivative of order {k + 1}"
            if not _equal(low, high):
                kind = _kind(low, high) if k == 0 else ""
                return None, f"the {which} does not exist{kind} (left {_shown(low)}, right {_shown(high)})"
        return self.right.limits[order - 1], None


def _kind(low: Any | None, high: Any | None) -> str:
    """The name of the place, from its one-sided slopes: corner, cusp or vertical tangent."""
    if low is None or high is None:
        return ""
    finite = bool(mp.isfinite(low)), bool(mp.isfinite(high))
    if all(finite):
        return ": a corner"
    if any(finite):
        return ": vertical on one side"
    return ": a vertical tangent" if low == high else ": a cusp"


def _equal(low: Any | None, high: Any | None) -> bool:
    if low is None or high is None or not mp.isfinite(low) or not mp.isfinite(high):
        return False
    return bool(abs(high - low) <= AGREEMENT * (1 + abs(low)))


def one_sided(expr: Expr, derivatives: Sequence[Expr], name: str, values: Values) -> Sides:
    """Limits from both sides along ``name`` at ``values``; ``derivatives`` are those of order 1, 2, … by ``name``."""
    here = evaluate_sure(expr, values)

    def side(direction: int) -> Side:
        slopes = tuple(_limit(slope, name, values, direction) for slope in derivatives)
        return Side(_approach(expr, here, name, values, direction), slopes)

    return Sides(side(-1), side(1))


def _near(expr: Expr, name: str, values: Values, offset: Fraction) -> Any | None:
    with workdps(DIGITS):
        point = dict(values)
        start = values[name]
        base = (
            evaluate(start, {}, digits=DIGITS) if isinstance(start, Expr) else mpf(start.numerator) / start.denominator
        )
        point[name] = base + mpf(offset.numerator) / offset.denominator
        return evaluate(expr, point, digits=DIGITS)


def _limit(expr: Expr, name: str, values: Values, side: int) -> Any | None:
    first, middle, last = (_near(expr, name, values, side * distance) for distance in DISTANCES)
    if first is None or middle is None or last is None:
        return None
    with workdps(DIGITS):
        if abs(last) > 10 * abs(middle) > 100 * abs(first) and last * first > 0:
            return mp.sign(last) * mp.inf
        change = abs(last - middle)
        steady = change <= AGREEMENT * (1 + abs(last)) and change <= abs(middle - first) + mpf(10) ** -100
        return (mpf(0) if abs(last) < mpf(10) ** -18 else last) if steady else None


def _approach(expr: Expr, here: Any | None, name: str, values: Values, side: int) -> Any:
    if _near(expr, name, values, side * DISTANCES[-1]) is None:
        return "no values"
    return "continuous" if _equal(_limit(expr, name, values, side), here) else "jump"


def _shown(value: Any | None) -> str:
    if value is None:
        return "no limit found"
    if not mp.isfinite(value):
        return "−∞" if value < 0 else "+∞"
    with workdps(15):
        nearest = mp.nint(value)
        text = str(int(nearest)) if abs(value - nearest) < mpf(10) ** -12 else repr(float(value))
    return text.replace("-", "−")
