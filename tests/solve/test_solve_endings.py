"""How runs end that have no answer: unbounded, never attained, round in circles, or diverging; with the evidence."""

from __future__ import annotations

from typing import Any

import pytest

from calcopt import gradient_descent, minimize, newton
from calcopt.records import Result


def found(result: object) -> Result:
    assert isinstance(result, Result)
    assert not result.reached_goal
    return result


UNBOUNDED = [
    ("x^3 - 3x", "-5", "x → −∞"),
    ("-x^2 - 1/x", "5", "x → ∞"),
    ("x^2*y - y", "1,2", "(x, y) = t·(0, 1), t → ∞"),
]


@pytest.mark.parametrize("method", ["safeguarded", "trust-region"])
@pytest.mark.parametrize(("function", "start", "ray"), UNBOUNDED)
def test_unbounded_names_the_ray(function: str, start: str, ray: str, method: Any) -> None:
    result = found(newton(function, start, method=method))
    assert result.status == "unbounded"
    assert f"along {ray}" in result.message
    assert "f seems unbounded below: it falls to -" in result.message


def test_unbounded_above() -> None:
    result = found(newton("x + y", "1,1", maximize=True))
    assert result.status == "unbounded"
    assert "f seems unbounded above: it rises to" in result.message
    assert "along (x, y) = t·(0.71, 0.71), t → ∞" in result.message


NEVER = [("exp(-x)", "1", "x → ∞"), ("1/x", "2", "x → ∞"), ("exp(x)", "1", "x → −∞"), ("1/(1+x^2)", "3", "x → ∞")]


@pytest.mark.parametrize(("function", "start", "way"), NEVER)
def test_an_infimum_that_is_not_attained(function: str, start: str, way: str) -> None:
    """f tends to 0 at infinity: no minimum, and values farther out as evidence."""
    result = found(newton(function, start))
    assert result.status == "diverged"
    assert f"f still falls on the way to {way}: f = " in result.message
    assert result.advice is not None
    assert "infimum does not seem to be attained" in result.advice


@pytest.mark.parametrize("method", ["l-bfgs", "barzilai-borwein"])
def test_a_small_slope_on_the_way_to_infinity_is_no_minimum(method: Any) -> None:
    """∇f is within the tolerance and the Hessian singular, but f falls on, near and far."""
    result = found(minimize("exp(-x-y)", "-1.2,1", method=method))
    assert result.verdict.classification is None
    assert "f still falls on the way to (x, y) = t·(0.71, 0.71)" in result.verdict.detail


@pytest.mark.parametrize("function", ["x^4 + y^4", "x^4 + y^2 - x^6/1000", "(x+y)^4"])
def test_a_flat_minimum_is_not_taken_for_a_way_to_infinity(function: str) -> None:
    result = minimize(function, "0.5,0.3", method="l-bfgs")
    assert isinstance(result, Result)
    assert result.reached_goal


def test_a_supremum_that_is_not_attained() -> None:
    result = found(newton("-exp(-x)", "1", maximize=True))
    assert "f still rises on the way to x → ∞" in result.message
    assert result.advice is not None
    assert "supremum" in result.advice


@pytest.mark.parametrize(("function", "start", "pole"), [("x^2 + 1/x", "-2", "x = "), ("tan(x)", "1", "x = -1.5708")])
def test_falling_down_beside_a_pole(function: str, start: str, pole: str) -> None:
    result = found(newton(function, start))
    assert result.status == "unbounded"
    assert f"f is unbounded below beside a pole near {pole}" in result.message


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (lambda: gradient_descent("x^2", "1", rate=1), "go to and fro between x = "),
        (lambda: gradient_descent("|x|", "0.3", rate=0.2), "go to and fro between x = "),
        (lambda: newton("x^3 - 2x + 2", "0", root=True, method="pure"), "repeats itself with period 2"),
        (lambda: newton("x^4/4 - x^2 + 2x", "0", method="pure"), "repeats itself with period 2"),
    ],
)
def test_cycles_are_recognised(run: Any, said: str) -> None:
    result = found(run())
    assert result.status == "stalled"
    assert said in result.message


@pytest.mark.parametrize(("function", "start"), [("x^2", "1"), ("x^2 + 9y^2", "1,1"), ("cosh(x) + x^4", "1")])
def test_a_fixed_rate_that_is_too_large_is_called_so_at_once(function: str, start: str) -> None:
    result = found(gradient_descent(function, start, rate=1.5, max_iterations=1_000_000))
    assert result.status == "diverged"
    assert result.iterations <= 12
    assert result.advice is not None
    assert "try --rate" in result.advice


@pytest.mark.parametrize("scale", [1e-10, 1e-6, 1.0, 1e6, 1e10])
@pytest.mark.parametrize("method", ["auto", "safeguarded", "line-search", "trust-region", "l-bfgs"])
@pytest.mark.parametrize(
    ("function", "start", "answer"),
    [
        ("(1-x)^2 + 100(y-x^2)^2", "-1.2,1", (1.0, 1.0)),
        ("exp(x) - log(x) + (y-2)^4 + y^2", "0.05,1", (0.567143290, 1.164877652)),
    ],
)
def test_a_factor_before_f_changes_nothing(
    function: str, start: str, answer: tuple[float, float], method: Any, scale: float
) -> None:
    """1e-10·f is solved like f: the same point, and never a claim of success elsewhere."""
    result = minimize(f"{scale:.0e}*({function})", start, method=method)
    assert isinstance(result, Result)
    if result.reached_goal:
        assert [float(value) for value in result.x] == pytest.approx(answer, abs=1e-3)
    if method != "l-bfgs":
        assert result.reached_goal, result.message


@pytest.mark.parametrize("method", ["auto", "safeguarded", "line-search", "trust-region", "l-bfgs"])
def test_a_large_constant_changes_nothing(method: Any) -> None:
    """1e16 + f: differences of f drown in rounding, slopes do not."""
    result = minimize("10^16 + (1-x)^2 + 100(y-x^2)^2", "-1.2,1", method=method)
    assert isinstance(result, Result)
    if method in ("auto", "safeguarded", "line-search"):
        assert result.reached_goal, result.message
    if result.reached_goal:
        assert [float(value) for value in result.x] == pytest.approx([1.0, 1.0], abs=1e-5)
    else:  # differences of f drown in rounding: given up, and said so
        assert result.status == "stalled"
        assert "rounding error" in result.message
