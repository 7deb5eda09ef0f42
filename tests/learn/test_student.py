"""Student's t distribution, against SciPy and mpmath."""

from __future__ import annotations

import math

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtr, stdtrit

from calcopt.learn.student import quantile, two_sided


@pytest.mark.parametrize("freedom", [1, 2, 3, 5, 10, 30, 100, 199, 201, 1000, 12345])
def test_p_values_to_all_digits(freedom: int) -> None:
    for t in (1e-8, 0.01, 0.5, 1.0, 1.5, 1.7, 1.75, 2.0, 3.0, 10.0, 37.0, 300.0, 1e5):
        with mpmath.workdps(40):
            x = mpmath.mpf(freedom) / (freedom + mpmath.mpf(t) ** 2)
            exact = mpmath.betainc(mpmath.mpf(freedom) / 2, mpmath.mpf(1) / 2, 0, x, regularized=True)
        if exact > 1e-300:
            assert two_sided(t, freedom) == pytest.approx(float(exact), rel=2e-13)
            assert two_sided(-t, freedom) == two_sided(t, freedom)


@given(st.floats(0, 8), st.integers(1, 10**9))
def test_p_values_are_those_of_scipy(t: float, freedom: int) -> None:
    assert two_sided(t, freedom) == pytest.approx(2 * float(stdtr(freedom, -t)), rel=1e-9)


@given(st.integers(1, 10**9), st.sampled_from([0.9, 0.5, 0.1, 0.05, 0.01, 0.001]))
def test_quantiles_are_those_of_scipy(freedom: int, tail: float) -> None:
    assert quantile(tail, freedom) == pytest.approx(float(stdtrit(freedom, 1 - tail / 2)), rel=1e-13)


def test_ends() -> None:
    assert two_sided(0.0, 5) == 1.0
    assert two_sided(math.inf, 5) == two_sided(-1e200, 5) == 0.0
    assert math.isnan(two_sided(math.nan, 5))
    assert two_sided(1e-300, 7) == 1.0
