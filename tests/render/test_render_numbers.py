"""Numbers for people: aligned, few digits, and never a wrong one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcopt.render.numbers import align, column, number, scientific

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (4.0, "4"),
        (-2.5, "-2.5"),
        (0.5671432904097838, "0.56714329"),
        (1e-8, "1e-08"),
        (4.1633363e-17, "4.1633363e-17"),
        (1e300, "1e+300"),
        (123456789.0, "123456789"),
        (None, "–"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_number(value: float | None, text: str) -> None:
    assert number(value) == text


@given(finite)
def test_a_number_keeps_eight_digits(value: float) -> None:
    assert float(number(value)) == pytest.approx(value, rel=1e-7, abs=1e-320)


@given(st.lists(st.one_of(st.none(), st.floats()), min_size=1, max_size=20))
def test_columns_are_equally_wide(values: list[float | None]) -> None:
    for cells in (column(values), scientific(values)):
        assert len({len(cell) for cell in cells}) == 1


@given(st.lists(finite, min_size=1, max_size=20))
def test_a_column_keeps_three_digits_of_what_is_small(values: list[float]) -> None:
    for value, cell in zip(values, column(values), strict=True):
        assert float(cell) == pytest.approx(value, rel=0.06, abs=1e-320)


def test_points_are_aligned() -> None:
    assert align(["1.5", "-10.25", "7"]) == ["  1.5 ", "-10.25", "  7   "]


def test_small_values_in_a_column_stay_at_the_point() -> None:
    assert column([4.0, 0.5, 4.16e-17]) == ["4.000000", "0.500000", "4.16e-17"]
