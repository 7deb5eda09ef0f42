"""Powers, exponentials and logarithms of germs; the other functions are made of these (see ``functions``)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import count
from typing import Any

from mpmath import mp, mpf

from calcopt.calculus.singular.germs import (
    VANISHED,
    ZERO,
    Germ,
    NoValues,
    Undecided,
    add,
    constant,
    multiply,
    parts_of,
    scaled,
    series,
    shifted,
)

LARGEST_DENOMINATOR = 1000
MOST_FACTORS = 64


def reciprocal(germ: Germ, width: Fraction) -> Germ:
    """1/g; no values where g is zero."""
    return power(germ, Fraction(-1), width)


def power(germ: Germ, exponent: Fraction, width: Fraction) -> Germ:
    """g^(p/q), the real root for an odd q."""
    if germ.is_zero:
        if exponent < 0:
            raise NoValues
        return constant(1) if exponent == 0 else germ
    if exponent == 0:
        return constant(1)
    beyond = germ.huge or (germ.flat and not germ.terms and germ.order is None)
    if not beyond and 0 < exponent <= MOST_FACTORS and exponent.denominator == 1:
        return _repeated(germ, exponent.numerator, width)
    sign = germ.sign()
    if sign < 0 and exponent.denominator % 2 == 0:
        raise NoValues
    sign = sign if exponent.numerator % 2 else 1
    if beyond:
        return Germ(flat=sign) if bool(germ.flat) == (exponent > 0) else Germ(huge=sign)
    e, b, c = germ.lead()
    logs = b * exponent
    if logs.denominator != 1:
        raise Undecided
    binomial = series(_beside_one(germ), _binomials(exponent), width)
    size = mp.power(abs(c), mpf(exponent.numerator) / exponent.denominator)
    scale = Germ({(e * exponent, int(logs)): sign * size})
    return multiply(scale, binomial, width)


def _repeated(germ: Germ, times: int, width: Fraction) -> Germ:
    """g·g·…·g by squaring: exact for polynomials."""
    result, square = constant(1), germ
    while times:
        if times & 1:
            result = multiply(result, square, width)
        times >>= 1
        square = multiply(square, square, width) if times else square
    return result


def _beside_one(germ: Germ) -> Germ:
    """ε in g = c h^e L^b (1 + ε)."""
    e, b, c = germ.lead()
    rest = {key: value / c for key, value in germ.terms.items() if key != (e, b)}
    if any(f == e for f, _ in rest):
        raise Undecided  # 1 + log(h): the next term is smaller only by a power of the logarithm
    moved = {(f - e, d - b): value for (f, d), value in rest.items()}
    return Germ(moved, None if germ.order is None else germ.order - e, germ.flat)


def _binomials(exponent: Fraction) -> Iterator[Any]:
    value = mpf(1)
    for k in count():
        yield value
        value = value * (exponent - k).numerator / ((exponent - k).denominator * (k + 1))


def logarithm(germ: Germ, width: Fraction) -> Germ:
    """log g; no values where g ≤ 0."""
    if germ.is_zero or germ.sign() < 0:
        raise NoValues
    if germ.huge or not germ.terms:
        raise Undecided
    e, b, c = germ.lead()
    if b:
        raise Undecided
    beside = _beside_one(germ)
    inside = series(beside, (mpf((-1) ** (k + 1)) / k if k else mpf(0) for k in count()), width)
    if beside.flat and not beside.terms and beside.order is None:
        inside = beside  # log(1 + ε) = ε(1 + …)
    value = mp.log(c)
    terms = constant(mpf(0) if abs(value) <= VANISHED else value)
    return add(inside, terms, Germ({(ZERO, 1): -mpf(e.numerator) / e.denominator} if e else {}))


def exponential(germ: Germ, width: Fraction) -> Germ:
    """exp g: a multiple of log(h) gives a power of h, more than that a flat or a huge germ."""
    if germ.huge:
        return Germ(huge=1) if germ.huge > 0 else Germ(flat=1)
    if germ.terms and germ.lead()[0] < 0 and (germ.order is None or germ.lead()[0] < germ.order):
        return Germ(huge=1) if germ.lead()[2] > 0 else Germ(flat=1)
    grows, level, small = parts_of(germ)
    power_of_h = ZERO
    for (_, b), c in sorted(grows.terms.items(), key=lambda item: -item[0][1]):
        if b > 1:
            return Germ(huge=1) if c > 0 else Germ(flat=1)
        power_of_h -= _rational(c)
    result = scaled(series(small, _inverse_factorials(), width), mp.exp(level))
    if small.flat in (1, -1) and not small.terms and small.order is None:
        result = Germ(result.terms, result.order, small.flat)
    return shifted(result, power_of_h)


def _inverse_factorials() -> Iterator[Any]:
    value = mpf(1)
    for k in count(1):
        yield value
        value = value / k


def _rational(value: Any) -> Fraction:
    """The simple fraction that a coefficient of log(h) is; Undecided where it is none."""
    scale = Fraction(int(mp.nint(value * mpf(10) ** 40)), 10**40)
    found = scale.limit_denominator(LARGEST_DENOMINATOR)
    if abs(mpf(found.numerator) / found.denominator - value) > mpf(10) ** -100:
        raise Undecided
    return found


def root(germ: Germ, degree: int, width: Fraction) -> Germ:
    """The square root, the cube root …"""
    return power(germ, Fraction(1, degree), width)


def sine_and_cosine(germ: Germ, width: Fraction) -> tuple[Germ, Germ]:
    """sin g and cos g; where g grows without bounds, only that they stay between −1 and 1 is known."""
    bounded = Germ(order=ZERO)
    if germ.huge or (germ.order is not None and germ.order <= 0):
        return bounded, bounded
    if any(e < 0 or (e == 0 and b > 0) for e, b in germ.terms):
        return bounded, bounded
    _, level, small = parts_of(germ)
    sine = series(small, (mpf(0) if k % 2 == 0 else _signed_factorial(k) for k in count()), width)
    cosine = series(small, (mpf(0) if k % 2 else _signed_factorial(k) for k in count()), width)
    s, c = _clean(mp.sin(level), level), _clean(mp.cos(level), level)
    if small.flat and not small.terms and small.order is None:
        sine = Germ(flat=small.flat)
    return (
        add(scaled(cosine, s), scaled(sine, c)),
        add(scaled(cosine, c), scaled(sine, -s)),
    )


def _clean(value: Any, argument: Any) -> Any:
    """sin(π) to 150 digits is not quite zero."""
    scale = VANISHED * (1 + abs(argument))
    if abs(value) <= scale:
        return mpf(0)
    if abs(value) <= scale * mpf(10) ** 25:
        raise Undecided
    return value


def _signed_factorial(k: int) -> Any:
    return mpf((-1) ** (k // 2)) / mp.factorial(k)


def arctangent(germ: Germ, width: Fraction) -> Germ:
    """atan g, in (−π/2, π/2); of what grows without bounds ±π/2 − atan(1/g)."""
    if germ.huge:
        return add(constant(germ.huge * mp.pi / 2), Germ(flat=-germ.huge))
    if germ.terms and (germ.lead()[0] < 0 or (germ.lead()[0] == 0 and germ.lead()[1] > 0)):
        inverse = arctangent(reciprocal(germ, width), width)
        return add(constant(germ.sign() * mp.pi / 2), scaled(inverse, mpf(-1)))
    _, level, small = parts_of(germ)
    if level:
        # atan(c + ε) = atan c + atan(ε / (1 + c(c + ε)))
        below = add(constant(1 + level * level), scaled(small, level))
        small = multiply(small, reciprocal(below, width), width)
    tail = series(small, (mpf(0) if k % 2 == 0 else mpf((-1) ** (k // 2)) / k for k in count()), width)
    if small.flat and not small.terms and small.order is None:
        tail = Germ(flat=small.flat)
    return add(constant(mp.atan(level)), tail)
