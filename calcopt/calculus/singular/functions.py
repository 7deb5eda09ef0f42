"""The functions of the language on germs; the ones with switches ask for the sign of their argument."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import count
from typing import Any

from mpmath import mp, mpf

from calcopt.calculus.singular.elementary import (
    arctangent,
    exponential,
    logarithm,
    reciprocal,
    root,
    sine_and_cosine,
)
from calcopt.calculus.singular.germs import (
    DOUBTFUL,
    VANISHED,
    Germ,
    NoValues,
    Undecided,
    add,
    constant,
    multiply,
    negative,
    parts_of,
    scaled,
    series,
)

Function = Callable[..., Germ]
NEAREST_INTEGER = VANISHED * 10**5


def _sign(g: Germ, width: Fraction) -> Germ:
    return constant(g.sign()) if not g.is_zero else Germ()


def _absolute(g: Germ, width: Fraction) -> Germ:
    return negative(g) if g.sign() < 0 else g


def _relu(g: Germ, width: Fraction) -> Germ:
    return g if g.sign() > 0 else Germ()


def _step(g: Germ, width: Fraction) -> Germ:
    return constant(int(g.sign() >= 0))


def _floor(g: Germ, width: Fraction) -> Germ:
    grows, level, _ = parts_of(g)
    if grows.terms:
        raise Undecided  # jumps without end
    nearest = mp.nint(level)
    distance = abs(level - nearest)
    if distance > NEAREST_INTEGER * (1 + abs(level)):
        if distance < DOUBTFUL:
            raise Undecided
        return constant(mp.floor(level))
    above = add(g, constant(-nearest)).sign() if distance == 0 else add(g, constant(-level)).sign()
    return constant(nearest if above >= 0 else nearest - 1)


def _ceil(g: Germ, width: Fraction) -> Germ:
    return negative(_floor(negative(g), width))


def _extreme(sign: int) -> Function:
    def choose(*args: Any) -> Germ:
        best: Germ = args[0]
        for other in args[1:-1]:
            if sign * add(other, negative(best)).sign() > 0:
                best = other
        return best

    return choose


def _log(g: Germ, *rest: Any) -> Germ:
    width = rest[-1]
    if len(rest) == 1:
        return logarithm(g, width)
    return multiply(logarithm(g, width), reciprocal(logarithm(rest[0], width), width), width)


def _log_of_base(base: int) -> Function:
    return lambda g, width: scaled(logarithm(g, width), 1 / mp.log(base))


def _tan(g: Germ, width: Fraction) -> Germ:
    sine, cosine = sine_and_cosine(g, width)
    return multiply(sine, reciprocal(cosine, width), width)


def _cot(g: Germ, width: Fraction) -> Germ:
    sine, cosine = sine_and_cosine(g, width)
    return multiply(cosine, reciprocal(sine, width), width)


def _asin(g: Germ, width: Fraction) -> Germ:
    """Inside by atan(u/√(1−u²)); towards ±1 by ±(π/2 − 2 asin √((1−|u|)/2)), with the root exact at the edge."""
    if g.huge:
        raise NoValues
    sign = g.sign() if not g.is_zero else 0
    if sign < 0:
        return negative(_asin(negative(g), width))
    if add(constant(2), scaled(g, mpf(-4))).sign() >= 0:
        below = root(add(constant(1), negative(multiply(g, g, width))), 2, width)
        return arctangent(multiply(g, reciprocal(below, width), width), width)
    half = scaled(add(constant(1), negative(g)), mpf(1) / 2)
    if half.is_zero:
        return constant(mp.pi / 2)
    inner = root(half, 2, width)
    below = root(add(constant(1), negative(half)), 2, width)
    angle = arctangent(multiply(inner, reciprocal(below, width), width), width)
    return add(constant(mp.pi / 2), scaled(angle, mpf(-2)))


def _acos(g: Germ, width: Fraction) -> Germ:
    return add(constant(mp.pi / 2), negative(_asin(g, width)))


def _acot(g: Germ, width: Fraction) -> Germ:
    return constant(mp.pi / 2) if g.is_zero else arctangent(reciprocal(g, width), width)


def _exp_pair(g: Germ, width: Fraction) -> tuple[Germ, Germ]:
    return exponential(g, width), exponential(negative(g), width)


def _sinh(g: Germ, width: Fraction) -> Germ:
    up, down = _exp_pair(g, width)
    return scaled(add(up, negative(down)), mpf(1) / 2)


def _cosh(g: Germ, width: Fraction) -> Germ:
    return scaled(add(*_exp_pair(g, width)), mpf(1) / 2)


def _tanh(g: Germ, width: Fraction) -> Germ:
    """(1 − w)/(1 + w) with w = exp(−2|u|), so that nothing overflows."""
    if not g.is_zero and g.sign() < 0:
        return negative(_tanh(negative(g), width))
    w = exponential(scaled(g, mpf(-2)), width)
    return multiply(add(constant(1), negative(w)), reciprocal(add(constant(1), w), width), width)


def _asinh(g: Germ, width: Fraction) -> Germ:
    if not g.is_zero and g.sign() < 0:
        return negative(_asinh(negative(g), width))
    return logarithm(add(g, root(add(multiply(g, g, width), constant(1)), 2, width)), width)


def _acosh(g: Germ, width: Fraction) -> Germ:
    if g.sign() < 0:
        raise NoValues
    return logarithm(add(g, root(add(multiply(g, g, width), constant(-1)), 2, width)), width)


def _atanh(g: Germ, width: Fraction) -> Germ:
    above, below = add(constant(1), g), add(constant(1), negative(g))
    return scaled(logarithm(multiply(above, reciprocal(below, width), width), width), mpf(1) / 2)


def _inverted(function: Function) -> Function:
    """f(1/u): asec from acos, acsch from asinh …"""
    return lambda g, width: function(reciprocal(g, width), width)


def _one_over(function: Function) -> Function:
    return lambda g, width: reciprocal(function(g, width), width)


def _sigmoid(g: Germ, width: Fraction) -> Germ:
    if not g.is_zero and g.sign() > 0:
        return reciprocal(add(constant(1), exponential(negative(g), width)), width)
    w = exponential(g, width)
    return multiply(w, reciprocal(add(constant(1), w), width), width)


def _softplus(g: Germ, width: Fraction) -> Germ:
    size = g if g.is_zero else _absolute(g, width)
    return add(_relu(g, width), logarithm(add(constant(1), exponential(negative(size), width)), width))


def _erf(g: Germ, width: Fraction) -> Germ:
    """Taylor coefficients by the recurrence of the derivatives of exp(−t²); ±1 and a flat rest at infinity."""
    if g.huge or (g.terms and (g.lead()[0] < 0 or (g.lead()[0] == 0 and g.lead()[1] > 0))):
        return add(constant(g.sign()), Germ(flat=-g.sign()))
    _, level, small = parts_of(g)

    def coefficients() -> Any:
        yield mpf(0)
        before, here = mpf(0), 2 / mp.sqrt(mp.pi) * mp.exp(-level * level)
        for k in count(1):
            yield here / k  # here: the coefficient of t^(k−1) in 2/√π · exp(−(c + t)²)
            before, here = here, -2 * (level * here + before) / k

    return add(constant(mp.erf(level)), series(small, coefficients(), width))


def _atan2(y: Germ, x: Germ, width: Fraction) -> Germ:
    """The angle of (x, y) in (−π, π]: by atan(y/x) on the right, by ±π/2 − atan(x/y) above and below."""
    if y.is_zero:
        if x.is_zero:
            return Germ()
        return Germ() if x.sign() > 0 else constant(mp.pi)
    if not x.is_zero and x.sign() > 0:
        return arctangent(multiply(y, reciprocal(x, width), width), width)
    quarter = constant(y.sign() * mp.pi / 2)
    return add(quarter, negative(arctangent(multiply(x, reciprocal(y, width), width), width)))


FUNCTIONS: dict[str, Function] = {
    "exp": exponential,
    "log": _log,
    "log10": _log_of_base(10),
    "log2": _log_of_base(2),
    "sqrt": lambda g, width: root(g, 2, width),
    "cbrt": lambda g, width: root(g, 3, width),
    "abs": _absolute,
    "sign": _sign,
    "floor": _floor,
    "ceil": _ceil,
    "min": _extreme(-1),
    "max": _extreme(1),
    "sin": lambda g, width: sine_and_cosine(g, width)[0],
    "cos": lambda g, width: sine_and_cosine(g, width)[1],
    "tan": _tan,
    "cot": _cot,
    "sec": lambda g, width: reciprocal(sine_and_cosine(g, width)[1], width),
    "csc": lambda g, width: reciprocal(sine_and_cosine(g, width)[0], width),
    "asin": _asin,
    "acos": _acos,
    "atan": arctangent,
    "acot": _acot,
    "asec": _inverted(_acos),
    "acsc": _inverted(_asin),
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": _tanh,
    "coth": _one_over(_tanh),
    "sech": _one_over(_cosh),
    "csch": _one_over(_sinh),
    "asinh": _asinh,
    "acosh": _acosh,
    "atanh": _atanh,
    "acoth": _inverted(_atanh),
    "asech": _inverted(_acosh),
    "acsch": _inverted(_asinh),
    "atan2": _atan2,
    "sigmoid": _sigmoid,
    "relu": _relu,
    "softplus": _softplus,
    "erf": _erf,
    "step": _step,
}
