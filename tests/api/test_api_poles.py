"""Poles: searches do not step over them, bare methods say that they did, and removable ones are no obstacle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calcopt import gradient_descent, minimize, newton
from calcopt.expression import parse
from calcopt.numeric.objective import function_objective
from calcopt.numeric.poles import poles_of
from calcopt.records import Result

NEWTON = ["safeguarded", "line-search", "trust-region"]
LOCAL = ["safeguarded", "line-search", "trust-region", "truncated-newton", "l-bfgs", "barzilai-borwein"]


def found(result: object) -> Result:
    assert isinstance(result, Result)
    return result


@pytest.mark.parametrize("method", LOCAL)
@pytest.mark.parametrize(
    ("function", "start", "expected"), [("x + 1/x", 5, 1.0), ("x + 1/(x-2)^2", 5, 2 + 2 ** (1 / 3))]
)
def test_a_search_stays_on_its_side_of_a_pole(method: Any, function: str, start: float, expected: float) -> None:
    """Newton's step from 5 leads to −55, where f is lower and falls for ever."""
    result = found(minimize(function, {"x": start}, method=method))
    assert result.status == "converged"
    assert result.verdict.classification == "local minimum"
    assert float(result.x[0]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("method", ["backtracking", "strong-wolfe", "barzilai-borwein"])
def test_descent_stays_on_its_side_of_a_pole(method: Any) -> None:
    result = found(gradient_descent("x + 1/x", "0.1", method=method))
    assert (result.status, round(float(result.x[0]), 6)) == ("converged", 1.0)


def test_a_maximum_is_found_on_its_side_too() -> None:
    result = found(newton("-x - 1/x", "5", maximize=True))
    assert float(result.x[0]) == pytest.approx(1.0)
    assert result.verdict.classification == "local maximum"


@pytest.mark.parametrize(
    "run",
    [
        lambda: newton("x + 1/x", "5", method="pure"),
        lambda: gradient_descent("x + 1/x", "5", rate=10, max_iterations=20),
    ],
)
def test_a_bare_method_says_that_it_jumped(run: Any) -> None:
    result = found(run())
    assert "step 1 jumped over a pole of f, near x = " in result.message


@pytest.mark.parametrize(
    ("function", "a", "b", "pole"),
    [
        ("1/x", -1.0, 2.0, 0.0),
        ("1/x^2", -1.0, 2.0, 0.0),
        ("x^-3", -1.0, 2.0, 0.0),
        ("1/((x-1)*(x+3))", 0.0, 2.0, 1.0),
        ("tan(x)", 1.0, 2.0, np.pi / 2),
        ("exp(1/(x-1))", 0.0, 3.0, 1.0),
        ("1/x", 1.0, 2.0, None),
        ("sin(x)/x", -1.0, 2.0, None),
        ("(x^2-1)/(x-1)", 0.0, 3.0, None),
        ("x/(1+x^2)", -5.0, 5.0, None),
    ],
)
def test_poles_are_told_from_removable_singularities(function: str, a: float, b: float, pole: float | None) -> None:
    body = parse(function).body
    objective = function_objective(body, ("x",))
    poles = poles_of(body, objective)
    assert poles is not None
    for ends in ((a, b), (b, a)):
        seen = poles.between(np.array([ends[0]]), np.array([ends[1]]))
        assert (seen is None) == (pole is None)
        if seen is not None and pole is not None:
            assert float(seen[0]) == pytest.approx(pole, abs=1e-9)
    assert objective.counts.value == 0, "looking for poles does not count as an evaluation"


def test_formulas_without_denominators_have_no_watch() -> None:
    for text in ("x^2 + sin(x)", "exp(-x)", "x/2", "x^0.5"):
        body = parse(text).body
        assert poles_of(body, function_objective(body, ("x",))) is None


def test_a_removable_singularity_is_stepped_over() -> None:
    result = found(newton("-sin(x)/x", "3"))
    assert float(result.x[0]) == pytest.approx(0.0, abs=1e-6)
