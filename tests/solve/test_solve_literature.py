"""Test functions of any size from the literature, as indexed sums: ``minimize`` at n = 100 and n = 2000.

Sources: Moré, Garbow & Hillstrom 1981 (13 Powell, 23 penalty I, 25 variably dimensioned, 26 trigonometric, 28 discrete
boundary value, 30 Broyden tridiagonal); Bongartz, Conn, Gould & Toint 1995, CUTE (the names in capitals). Minima of 0
are evident from the formulas; the others are those that CUTE's users report to the digits given.
"""

from __future__ import annotations

import numpy as np
import pytest

import calcopt

FIRST_OF_FOUR = "i - 4*floor((i-1)/4)"
BVP = "(2*x[i] {} + (x[i] + i/(n+1) + 1)^3/(2*(n+1)^2))^2"
FUNCTIONS: dict[str, tuple[str, str, float]] = {
    "powell": (
        "sum((x[4*i-3] + 10*x[4*i-2])^2 + 5*(x[4*i-1] - x[4*i])^2 + (x[4*i-2] - 2*x[4*i-1])^4"
        " + 10*(x[4*i-3] - x[4*i])^4, i, 1, n/4)",
        f"x[i]=piecewise({FIRST_OF_FOUR} < 1.5, 3, {FIRST_OF_FOUR} < 2.5, -1, {FIRST_OF_FOUR} < 3.5, 0, 1)",
        0.0,
    ),
    "broyden tridiagonal": (
        "((3 - 2*x[1])*x[1] - 2*x[2] + 1)^2 + sum(((3 - 2*x[i])*x[i] - x[i-1] - 2*x[i+1] + 1)^2, i, 2, n-1)"
        " + ((3 - 2*x[n])*x[n] - x[n-1] + 1)^2",
        "x[i]=-1",
        0.0,
    ),
    "discrete boundary value": (
        f"sum({BVP.format('- x[i-1] - x[i+1]')}, i, 2, n-1) + sum({BVP.format('- x[i+1]')}, i, 1, 1)"
        f" + sum({BVP.format('- x[i-1]')}, i, n, n)",
        "x[i]=i/(n+1)*(i/(n+1) - 1)",
        0.0,
    ),
    "DIXON": ("(x[1]-1)^2 + sum(i*(2*x[i]^2 - x[i-1])^2, i, 2, n)", "x[i]=1", 0.0),
    "ARWHEAD": ("sum((x[i]^2 + x[n]^2)^2 - 4*x[i] + 3, i, 1, n-1)", "x[i]=1", 0.0),
    "TRIDIA": ("(x[1]-1)^2 + sum(i*(2*x[i] - x[i-1])^2, i, 2, n)", "x[i]=1", 0.0),
    "LIARWHD": ("sum(4*(x[i]^2 - x[1])^2 + (x[i]-1)^2, i, 1, n)", "x[i]=4", 0.0),
    "DQRTIC": ("sum((x[i] - i)^4, i, 1, n)", "x[i]=2", 0.0),
}
SIZED: dict[tuple[str, int], float] = {
    ("sum((x[i]^2 + x[i+1]^2)^2 - 4*x[i] + 3, i, 1, n-1)", 1000): 1108.1947,  # ENGVAL1 from x = 2
    ("16 + sum((x[i]-2)^4 + (x[i]*x[i+1] - 2*x[i+1])^2 + (x[i+1]+1)^2, i, 1, n-1)", 2000): 12003.285,  # EDENSCH
}


@pytest.mark.parametrize("n", [100, 2000])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_any_size(name: str, n: int) -> None:
    text, start, minimum = FUNCTIONS[name]
    result = calcopt.minimize(text, start, let=f"n={n}", max_iterations=200)
    assert isinstance(result, calcopt.Result)
    assert result.reached_goal, result.message
    assert len(result.x) == n
    assert result.value == pytest.approx(minimum, abs=1e-8)


@pytest.mark.parametrize(("text", "n"), SIZED)
def test_minima_that_depend_on_the_size(text: str, n: int) -> None:
    result = calcopt.minimize(text, "x[i]=2" if "^2)^2 - 4" in text else "x[i]=0", let=f"n={n}")
    assert isinstance(result, calcopt.Result)
    assert result.verdict.classification == "local minimum"
    assert result.value == pytest.approx(SIZED[text, n], rel=1e-6)


@pytest.mark.parametrize(("n", "minimum"), [(4, 2.24997e-5), (10, 7.08765e-5), (100, 9.02491e-4)])
def test_penalty_one(n: int, minimum: float) -> None:
    """The values at 4 and 10 are those of Moré, Garbow & Hillstrom."""
    text = "sum(1e-5*(x[i]-1)^2, i, 1, n) + (sum(x[i]^2, i, 1, n) - 1/4)^2"
    result = calcopt.minimize(text, "x[i]=i", let=f"n={n}")
    assert isinstance(result, calcopt.Result)
    assert result.reached_goal
    assert result.value == pytest.approx(minimum, rel=1e-5)


def test_a_hessian_too_large_to_store_is_not_needed() -> None:
    """The minimum of penalty I has equal components c with 1e-5 (c − 1) + 2c (nc² − 1/4) = 0."""
    n = 10_000
    text = "sum(1e-5*(x[i]-1)^2, i, 1, n) + (sum(x[i]^2, i, 1, n) - 1/4)^2"
    result = calcopt.minimize(text, "x[i]=i", let=f"n={n}")
    assert isinstance(result, calcopt.Result)
    assert (result.method, result.status) == ("l-bfgs", "converged")
    assert result.verdict.classification is None
    assert "too large to store" in result.verdict.detail
    c = max(np.roots([2 * n, 0, 1e-5 - 0.5, -1e-5]).real)
    np.testing.assert_allclose(result.x, c, rtol=1e-6)


def test_cosines_in_a_chain() -> None:
    """Every cosine can be −1: COSINE of CUTE."""
    result = calcopt.minimize("sum(cos(-0.5*x[i+1] + x[i]^2), i, 1, n-1)", "x[i]=1", let="n=100")
    assert isinstance(result, calcopt.Result)
    assert result.reached_goal
    assert result.value == pytest.approx(-99, abs=1e-9)
