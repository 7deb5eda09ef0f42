"""Enclosures of a formula of one variable and of its derivative on an interval, with Python's floats.

Every operation is widened outwards: by one unit in the last place for + − · /, by four for functions of the C library.
An enclosure says whether the formula is defined and differentiable on all of the interval.
Reference: R. E. Moore, R. B. Kearfott, M. J. Cloud, *Introduction to Interval Analysis* (2009), ch. 5-6.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from calcopt.calculus.precise import literal_fraction
from calcopt.expression.tree import Add, Call, Constant, Div, Expr, Mul, Neg, Number, Pow, Symbol, postorder

Interval = tuple[float, float]
INF = math.inf
ALL = (-INF, INF)
LARGEST_ANGLE = 1e6


class Empty(Exception):
    """The formula has no value anywhere on the interval."""


class Unknown(Exception):
    """An operation that is not enclosed here."""


class Enclosure(NamedTuple):
    """Values on the part of the interval where there are any; ``slope`` holds where ``smooth``."""

    value: Interval
    slope: Interval
    smooth: bool = True


def down(x: float, ulps: int = 1) -> float:
    for _ in range(ulps):
        x = math.nextafter(x, -INF)
    return x


def up(x: float, ulps: int = 1) -> float:
    for _ in range(ulps):
        x = math.nextafter(x, INF)
    return x


def _outward(low: float, high: float, ulps: int = 1) -> Interval:
    if math.isnan(low) or math.isnan(high):
        return ALL
    return down(low, ulps), up(high, ulps)


def plus(a: Interval, b: Interval) -> Interval:
    return _outward(a[0] + b[0], a[1] + b[1])


def minus(a: Interval) -> Interval:
    return -a[1], -a[0]


def times(a: Interval, b: Interval) -> Interval:
    if (0.0, 0.0) in (a, b):
        return 0.0, 0.0
    products = [0.0 if 0.0 in (x, y) else x * y for x in a for y in b]
    return _outward(min(products), max(products))


def inverse(a: Interval) -> Interval:
    """1/a; the whole line where 0 is inside, a half-line where it is an end."""
    if a == (0.0, 0.0):
        raise Empty
    if a[0] < 0 < a[1]:
        return ALL
    low = 1 / a[1] if a[1] else -INF
    high = 1 / a[0] if a[0] else INF
    return _outward(low, high)


def _monotone(function: Callable[[float], float], a: Interval) -> Interval:
    return _outward(function(a[0]), function(a[1]), 4)


def whole_power(a: Interval, n: int) -> Interval:
    """aⁿ for n ≥ 0, even powers from 0 up."""
    low, high = _float_power(a[0], n), _float_power(a[1], n)
    if n % 2 == 0:
        least = 0.0 if a[0] <= 0 <= a[1] else min(low, high)
        return max(0.0, down(least, 4)) if n else 1.0, up(max(low, high), 4)
    return _outward(low, high, 4)


def _float_power(x: float, n: float) -> float:
    try:
        return math.pow(x, n)
    except OverflowError:
        return -INF if x < 0 and n % 2 == 1 else INF


def sine(a: Interval) -> Interval:
    """sin a; (−1, 1) where the interval holds a peak, or is too far out to tell."""
    if a[1] - a[0] >= 2 * math.pi or max(abs(a[0]), abs(a[1])) > LARGEST_ANGLE:
        return -1.0, 1.0
    ends = math.sin(a[0]), math.sin(a[1])
    low, high = max(-1.0, down(min(ends), 4)), min(1.0, up(max(ends), 4))
    slack = 1e-9
    if math.floor((a[1] + slack) / (2 * math.pi) - 0.25) > math.floor((a[0] - slack) / (2 * math.pi) - 0.25):
        high = 1.0
    if math.floor((a[1] + slack) / (2 * math.pi) + 0.25) > math.floor((a[0] - slack) / (2 * math.pi) + 0.25):
        low = -1.0
    return low, high


QUARTER = (down(math.pi / 2), up(math.pi / 2))


def cosine(a: Interval) -> Interval:
    return sine(plus(a, QUARTER))


def exponential(a: Interval) -> Interval:
    return max(0.0, down(_exp(a[0]), 4)), up(_exp(a[1]), 4)


def _exp(x: float) -> float:
    return INF if x > 709 else math.exp(x)


def logarithm(a: Interval) -> Interval:
    low = -INF if a[0] <= 0 else math.log(a[0])
    return _outward(low, math.log(a[1]) if a[1] < INF else INF, 4)


def root(a: Interval) -> Interval:
    return max(0.0, down(math.sqrt(max(a[0], 0.0)), 1)), up(math.sqrt(a[1]))


def enclose(tree: Expr, name: str, interval: Interval) -> Enclosure:
    """Value and slope of ``tree`` on the interval. Raises Empty and Unknown."""
    done: dict[Expr, Enclosure] = {}
    for node in postorder(tree):
        done[node] = _node(node, [done[child] for child in node.args], name, interval)
    return done[tree]


def _node(node: Expr, args: list[Enclosure], name: str, interval: Interval) -> Enclosure:
    match node:
        case Number(number):
            value = number.numerator / number.denominator
            return Enclosure((value, value) if value == number else _outward(value, value), (0.0, 0.0))
        case Constant(constant):
            value = math.pi if constant == "pi" else math.e
            return Enclosure(_outward(value, value), (0.0, 0.0))
        case Symbol(other):
            if other != name:
                raise Unknown
            return Enclosure(interval, (1.0, 1.0))
        case Neg():
            return Enclosure(minus(args[0].value), minus(args[0].slope), args[0].smooth)
        case Add():
            return _folded(args, lambda a, b: Enclosure(plus(a.value, b.value), plus(a.slope, b.slope)))
        case Mul():
            return _folded(args, _times)
        case Div():
            return _folded([args[0], _chain("inverse", args[1])], _times)
        case Pow(_, exponent):
            return _power(args[0], args[1], exponent)
        case Call(function) if len(args) == 1:
            return _chain(function, args[0])
        case _:
            raise Unknown


def _folded(args: list[Enclosure], join: Callable[[Enclosure, Enclosure], Enclosure]) -> Enclosure:
    total = args[0]
    for other in args[1:]:
        joined = join(total, other)
        total = Enclosure(joined.value, joined.slope, total.smooth and other.smooth)
    return total


def _times(a: Enclosure, b: Enclosure) -> Enclosure:
    return Enclosure(times(a.value, b.value), plus(times(a.slope, b.value), times(a.value, b.slope)))


def _power(base: Enclosure, raised: Enclosure, exponent: Expr) -> Enclosure:
    literal = literal_fraction(exponent)
    if literal is not None and literal.denominator == 1 and abs(literal) <= 1000:
        n = abs(literal.numerator)
        slope = times((float(n), float(n)), whole_power(base.value, n - 1)) if n else (0.0, 0.0)
        power = Enclosure(whole_power(base.value, n), times(slope, base.slope), base.smooth)
        return power if literal >= 0 else _chain("inverse", power)
    if literal is not None and literal.denominator % 2:
        raise Unknown
    inner = _folded([raised, _chain("log", base)], _times)
    return _chain("exp", inner)


def _chain(function: str, u: Enclosure) -> Enclosure:
    """Value and slope of function(u)."""
    if function not in DEFINED and function not in RULES:
        raise Unknown
    domain = DEFINED.get(function, ALL)
    low, high = max(u.value[0], domain[0]), min(u.value[1], domain[1])
    if low > high or (function in ("log", "log2", "log10") and high <= 0):
        raise Empty
    inside = domain[0] < u.value[0] and u.value[1] < domain[1]
    if function == "inverse":
        inside = not u.value[0] <= 0 <= u.value[1]
    value, slope = RULES[function]((low, high))
    return Enclosure(value, times(slope, u.slope) if inside else ALL, u.smooth and inside)


def _rule(value: Callable[[Interval], Interval], slope: Callable[[Interval], Interval]) -> Callable[..., object]:
    return lambda a: (value(a), slope(a))


def _scaled_log(base: float) -> Callable[[Interval], tuple[Interval, Interval]]:
    factor = _outward(1 / math.log(base), 1 / math.log(base), 4)
    return lambda a: (times(logarithm(a), factor), times(inverse(a), factor))


def _tanh_slope(a: Interval) -> Interval:
    return plus((1.0, 1.0), minus(whole_power(_monotone(math.tanh, a), 2)))


def _sigmoid(a: Interval) -> Interval:
    below = plus((1.0, 1.0), exponential(minus(a)))
    return inverse(below)


def _sigmoid_slope(a: Interval) -> Interval:
    s = _sigmoid(a)
    return times(s, plus((1.0, 1.0), minus(s)))


RULES: dict[str, Callable[[Interval], tuple[Interval, Interval]]] = {
    "inverse": lambda a: (inverse(a), minus(inverse(whole_power(a, 2))) if not a[0] <= 0 <= a[1] else ALL),
    "exp": lambda a: (exponential(a), exponential(a)),
    "log": lambda a: (logarithm(a), inverse(a)),
    "log2": _scaled_log(2),
    "log10": _scaled_log(10),
    "sqrt": lambda a: (root(a), inverse(times((2.0, 2.0), root(a))) if a[1] > 0 else ALL),
    "sin": lambda a: (sine(a), cosine(a)),
    "cos": lambda a: (cosine(a), minus(sine(a))),
    "sinh": lambda a: (_monotone(_sinh, a), _cosh_interval(a)),
    "cosh": lambda a: (_cosh_interval(a), _monotone(_sinh, a)),
    "tanh": lambda a: (_monotone(math.tanh, a), _tanh_slope(a)),
    "atan": lambda a: (_monotone(math.atan, a), inverse(plus((1.0, 1.0), whole_power(a, 2)))),
    "erf": lambda a: (
        _monotone(math.erf, a),
        times(exponential(minus(whole_power(a, 2))), _outward(2 / math.sqrt(math.pi), 2 / math.sqrt(math.pi), 4)),
    ),
    "sigmoid": lambda a: (_sigmoid(a), _sigmoid_slope(a)),
}
DEFINED: dict[str, Interval] = {"log": (0.0, INF), "log2": (0.0, INF), "log10": (0.0, INF), "sqrt": (0.0, INF)}


def _sinh(x: float) -> float:
    return math.copysign(INF, x) if abs(x) > 709 else math.sinh(x)


def _cosh_interval(a: Interval) -> Interval:
    ends = [INF if abs(x) > 709 else math.cosh(x) for x in a]
    return 1.0 if a[0] <= 0 <= a[1] else max(1.0, down(min(ends), 4)), up(max(ends), 4)
