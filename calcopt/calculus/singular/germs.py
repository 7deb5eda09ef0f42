"""One-sided expansions at a point: sums of terms c · h^e · L^b in a distance h → 0+, where L = log(1/h).

A germ is such a sum with a remainder: ``order`` N says that what is left out is o(h^e) for every e < N (None: nothing
is left out). Exponents are exact rationals, coefficients numbers of 150 digits; a sum that cancels to less than 10^-125
of its parts is zero, and one that comes near that without reaching it is not believed (:class:`Undecided`). Beyond
all powers there are ``flat`` parts, such as exp(−1/h), and ``huge`` values, such as exp(1/h): only their sign is kept.
References: J. Shackell, *Symbolic Asymptotics* (2004), ch. 2-3; D. Gruntz, thesis, ETH Zürich (1996).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from mpmath import mp, mpf

Key = tuple[Fraction, int]
"""(e, b) of a term h^e L^b."""
DIGITS = 150
VANISHED = mpf(10) ** -125
DOUBTFUL = mpf(10) ** -90
MOST_TERMS = 80
MOST_POWERS = 40
ZERO, ONE = Fraction(0), Fraction(1)
UNKNOWN = 2
"""The sign of a flat part that is there, but whose sign is not known."""


class Undecided(Exception):
    """The expansion does not say: too few terms, or a behaviour outside of these scales."""


class NoValues(Exception):
    """The function has no real values on this side of the point."""


class Germ(NamedTuple):
    """``terms`` by (e, b); ``flat`` and ``huge`` are signs, 0 where there is no such part."""

    terms: dict[Key, Any] = {}  # noqa: RUF012 - never changed
    order: Fraction | None = None
    flat: int = 0
    huge: int = 0

    @property
    def is_zero(self) -> bool:
        """True for what is exactly zero."""
        return not self.terms and self.order is None and not self.flat and not self.huge

    def lead(self) -> tuple[Fraction, int, Any]:
        """(e, b, c) of the dominant term; :class:`Undecided` where there is none above the remainder."""
        if not self.terms:
            raise Undecided
        e, b = min(self.terms, key=lambda key: (key[0], -key[1]))
        return e, b, self.terms[e, b]

    def sign(self) -> int:
        """The sign for all small h > 0."""
        if self.huge:
            return self.huge
        if self.terms:
            return 1 if self.lead()[2] > 0 else -1
        if self.order is not None or self.flat == UNKNOWN:
            raise Undecided
        return self.flat


def constant(value: Any) -> Germ:
    """A number as a germ."""
    return Germ({(ZERO, 0): mpf(value)} if value else {})


def monomial(exponent: Fraction, coefficient: Any = 1) -> Germ:
    """c · h^e."""
    return Germ({(exponent, 0): mpf(coefficient)})


def _least(*orders: Fraction | None) -> Fraction | None:
    known = [order for order in orders if order is not None]
    return min(known) if known else None


def _flat_sum(one: int, other: int) -> int:
    if not one or not other:
        return one or other
    return one if one == other else UNKNOWN


def _flat_product(one: int, other: int) -> int:
    return UNKNOWN if UNKNOWN in (one, other) else one * other


def add(*germs: Germ) -> Germ:
    """The sum; what cancels is dropped."""
    signs = {germ.huge for germ in germs if germ.huge}
    if signs:
        if len(signs) > 1:
            raise Undecided
        return Germ(huge=signs.pop())
    order = _least(*(germ.order for germ in germs))
    parts: dict[Key, list[Any]] = {}
    flat = 0
    for germ in germs:
        flat = _flat_sum(flat, germ.flat)
        for key, value in germ.terms.items():
            if order is None or key[0] < order:
                parts.setdefault(key, []).append(value)
    terms = {key: total for key, values in parts.items() if (total := summed(values))}
    return _bounded(terms, order, flat)


def summed(values: Sequence[Any]) -> Any:
    """The sum, exactly 0 where it cancels to the last digits; :class:`Undecided` in between."""
    if len(values) == 1:
        return values[0]
    total, scale = mp.fsum(values), max(abs(value) for value in values)
    if abs(total) <= VANISHED * scale:
        return mpf(0)
    if abs(total) <= DOUBTFUL * scale:
        raise Undecided
    return total


def _bounded(terms: dict[Key, Any], order: Fraction | None, flat: int = 0) -> Germ:
    """No more terms than are useful: the last ones go into the remainder."""
    if len(terms) > MOST_TERMS:
        cut = sorted(key[0] for key in terms)[MOST_TERMS]
        order = _least(order, cut)
        terms = {key: value for key, value in terms.items() if key[0] < cut}
    return Germ(terms, order, flat)


def scaled(germ: Germ, factor: Any) -> Germ:
    """c · g for a number c."""
    if not factor:
        return Germ()
    sign = 1 if factor > 0 else -1
    flat = germ.flat if germ.flat == UNKNOWN else germ.flat * sign
    return Germ({key: value * factor for key, value in germ.terms.items()}, germ.order, flat, germ.huge * sign)


def negative(germ: Germ) -> Germ:
    return scaled(germ, mpf(-1))


def shifted(germ: Germ, exponent: Fraction) -> Germ:
    """h^e · g."""
    order = None if germ.order is None else germ.order + exponent
    return Germ({(e + exponent, b): c for (e, b), c in germ.terms.items()}, order, germ.flat, germ.huge)


def multiply(one: Germ, other: Germ, width: Fraction) -> Germ:
    """The product, with exponents up to ``width`` above the lowest."""
    if one.is_zero or other.is_zero:
        return Germ()
    if one.huge or other.huge:
        if (one.flat and not one.terms) or (other.flat and not other.terms):
            raise Undecided
        return Germ(huge=one.sign() * other.sign())
    order = _least(_product_order(one, other), _product_order(other, one))
    parts: dict[Key, list[Any]] = {}
    cut = order
    if one.terms and other.terms:
        limit = one.lead()[0] + other.lead()[0] + width
        long = len(one.terms) * len(other.terms) > MOST_TERMS
        cut = _least(order, limit) if long or order is not None else order
    for (e, b), c in one.terms.items():
        for (f, d), k in other.terms.items():
            if cut is None or e + f < cut:
                parts.setdefault((e + f, b + d), []).append(c * k)
    terms = {key: total for key, values in parts.items() if (total := summed(values))}
    return _bounded(terms, cut, _product_flat(one, other))


def _product_order(one: Germ, other: Germ) -> Fraction | None:
    """The order of (remainder of one) · (leading term of other)."""
    if one.order is None:
        return None
    if other.terms:
        return one.order + other.lead()[0]
    return None if other.order is None else one.order + other.order


def _product_flat(one: Germ, other: Germ) -> int:
    if not one.flat and not other.flat:
        return 0
    if (one.terms and other.terms) or one.order is not None or other.order is not None:
        return UNKNOWN
    if one.flat and other.flat:
        return _flat_product(one.flat, other.flat) if not (one.terms or other.terms) else UNKNOWN
    alone, against = (one, other) if one.flat else (other, one)
    return _flat_product(alone.flat, against.sign()) if not alone.terms else UNKNOWN


def series(small: Germ, coefficients: Iterable[Any], width: Fraction) -> Germ:
    """Σ aₖ gᵏ for a germ g → 0, by Horner's rule from the power where gᵏ leaves the ``width``."""
    if not small.terms and small.order is None:
        first = next(iter(coefficients))
        return Germ(constant(first).terms, None, UNKNOWN if small.flat else 0)
    lowest = small.lead()[0] if small.terms else small.order
    if lowest is None or lowest <= 0:
        raise Undecided
    count = min(int(width / lowest) + 1, MOST_POWERS)
    known = [value for value, _ in zip(coefficients, range(count + 1), strict=False)]
    total = constant(known[-1])
    for value in reversed(known[:-1]):
        total = add(multiply(total, small, width), constant(value))
    order = _least(total.order, lowest * (count + 1))
    flat = UNKNOWN if small.flat else 0
    return Germ({key: c for key, c in total.terms.items() if order is None or key[0] < order}, order, flat)


def parts_of(germ: Germ) -> tuple[Germ, Any, Germ]:
    """(what grows beyond all bounds, the limit of the rest, what goes to 0 like a power of h)."""
    if germ.huge or (germ.order is not None and germ.order <= 0):
        raise Undecided
    grows = {key: c for key, c in germ.terms.items() if key[0] < 0 or (key[0] == 0 and key[1] > 0)}
    small = {key: c for key, c in germ.terms.items() if key[0] > 0}
    if any(e == 0 and b < 0 for e, b in germ.terms):
        raise Undecided  # 1/log(h) goes to 0 more slowly than every power
    return Germ(grows), germ.terms.get((ZERO, 0), mpf(0)), Germ(small, germ.order, germ.flat)


def limit(germ: Germ) -> Any:
    """The limit for h → 0+: a number, or ±inf."""
    if germ.huge:
        return germ.huge * mp.inf
    if germ.terms:
        e, b, c = germ.lead()
        if e < 0 or (e == 0 and b > 0):
            return mp.sign(c) * mp.inf
    if germ.order is not None and germ.order <= 0:
        raise Undecided
    return germ.terms.get((ZERO, 0), mpf(0))


def slope(germ: Germ) -> Any:
    """The limit of (g − g(0+)) / h."""
    rest = {key: c for key, c in germ.terms.items() if key != (ZERO, 0)}
    return limit(shifted(Germ(rest, germ.order, germ.flat, germ.huge), -ONE))
