"""Bounds as text are true bounds."""

from __future__ import annotations

from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from calcopt.records.outward import between, bound, enclosure

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite, st.integers(1, 17))
def test_a_bound_is_rounded_away(value: float, digits: int) -> None:
    assert Decimal(bound(value, digits, upward=True)) >= Decimal(value) >= Decimal(bound(value, digits, upward=False))


@given(finite, finite)
def test_an_interval_is_rounded_outwards(a: float, b: float) -> None:
    low, high = sorted((a, b))
    if (high - low) == float("inf"):
        return
    left, right = between(low, high).strip("[]").split(", ")
    assert Decimal(left) <= Decimal(low) <= Decimal(high) <= Decimal(right)
    with localcontext() as context:
        context.prec = 1200
        if low == high:
            assert float(enclosure(low, high)) == low
            return
        middle, _, radius = enclosure(low, high).partition(" ± ")
        assert Decimal(middle) - Decimal(radius) <= Decimal(low)
        assert Decimal(middle) + Decimal(radius) >= Decimal(high)


def test_examples() -> None:
    assert enclosure(2.0, 2.0) == "2"
    assert enclosure(-1.0, 1.0) == "0 ± 1"
    assert enclosure(0.75, 1.25) == "1.0 ± 0.3"
    assert bound(1.0000001, 3, upward=True) == "1.01"
    assert bound(-1.0000001, 3, upward=False) == "-1.01"
