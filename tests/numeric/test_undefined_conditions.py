"""A condition whose side has no value: the choice by it has none either, in every evaluator."""

from __future__ import annotations

import math

import numpy as np
import pytest
from mpmath import mpf

from calcopt.calculus.algebra.into import to_sympy
from calcopt.calculus.algebra.outof import from_sympy
from calcopt.calculus.precise import evaluate_float
from calcopt.expression import parse
from calcopt.numeric.intervals import IntervalFunction
from calcopt.numeric.objective import function_objective

NAN = math.nan
CASES = [
    ("if(log(x) < 0, 1, 2)", -1.0, NAN),
    ("if(log(x) < 0, 1, 2)", 0.5, 1.0),
    ("if(log(x) < 0, 1, 2)", 3.0, 2.0),
    ("if(sqrt(x) >= 0, 1, 2)", -4.0, NAN),
    ("if(not(log(x) < 0), 1, 2)", -1.0, NAN),
    ("if(log(x) < 0, x, x)", -1.0, -1.0),
    ("if(x > 0 and log(x) < 0, 1, 2)", -1.0, 2.0),
    ("if(log(x) < 0 and x > 0, 1, 2)", -1.0, 2.0),
    ("if(x < 0 or log(x) < 0, 1, 2)", -1.0, 1.0),
    ("if(log(x) < 0 or x < 0, 1, 2)", -1.0, 1.0),
    ("if(log(x) < 0 or x > 0, 1, 2)", -1.0, NAN),
    ("if(log(x) < 0 and x < 0, 1, 2)", -1.0, NAN),
    ("piecewise(x < 0, 5, log(x) < 0, 1, 2)", -1.0, 5.0),
    ("piecewise(x > 0, 5, log(x) < 0, 1, 2)", -1.0, NAN),
    ("if(asin(x) < atanh(x), 1, 2)", 2.0, NAN),
    ("if(x < 1, if(log(x) < 0, 1, 2), 3)", -1.0, NAN),
    ("if(x < 1, 3, if(log(-x) < 0, 1, 2))", 2.0, NAN),
    ("x*if(log(x) <= 0, 1, 2)", -1.0, NAN),
]


@pytest.mark.parametrize(("function", "x", "expected"), CASES)
def test_all_evaluators_agree(function: str, x: float, expected: float) -> None:
    body = parse(function).body
    found = {
        "a small function": function_objective(body, ("x",)).evaluate(np.array([x]), 0).value,
        "precise": evaluate_float(body, {"x": mpf(x)}),
        "by way of SymPy": evaluate_float(from_sympy(to_sympy(body)), {"x": mpf(x)}),
    }
    for name, value in found.items():
        np.testing.assert_equal(value, expected, err_msg=name)


@pytest.mark.parametrize("count", [20, 400])
@pytest.mark.parametrize(("function", "x", "expected"), CASES)
def test_arrays_and_tapes_agree(function: str, x: float, expected: float, count: int) -> None:
    """The same function many times over, as elements of one group; then beside many others, as a tape."""
    element = function.replace("x", "x[i]")
    body = parse(f"sum({element}, i, 1, {count})").body
    objective = function_objective(body)
    value = objective.evaluate(np.full(count, x), 0).value
    np.testing.assert_equal(value, expected * count)
    several = " + ".join(f"({function.replace('x', f'x[{k}]')})*{k}" for k in range(1, 41))
    tape = function_objective(parse(several).body)
    value = tape.evaluate(np.full(40, x), 0).value
    np.testing.assert_allclose(value, expected * sum(range(1, 41)), rtol=1e-14)


@pytest.mark.parametrize(("function", "x", "expected"), CASES)
def test_intervals_hold_the_value_and_say_where_there_is_none(function: str, x: float, expected: float) -> None:
    f = IntervalFunction(parse(function).body, ["x"])
    for half in (0.0, 0.25):
        box = f.value(np.array([[x - half]]), np.array([[x + half]]))
        if math.isnan(expected):
            assert not box.everywhere[0]
        else:
            assert not box.nowhere[0]
            assert box.lo[0] <= expected <= box.hi[0]


@pytest.mark.parametrize("function", [case[0] for case in CASES])
def test_derivatives_exist_where_the_value_does(function: str) -> None:
    objective = function_objective(parse(f"({function}) + x^2").body, ("x",))
    for x in (-1.5, -0.7, 0.3, 2.0):
        found = objective.evaluate(np.array([x]), 2)
        assert found.gradient is not None
        assert math.isnan(found.value) == math.isnan(evaluate_float(parse(function).body, {"x": mpf(x)}))
        if math.isfinite(found.value):
            assert np.isfinite(found.gradient).all()


def test_an_overflow_on_both_sides_is_no_answer() -> None:
    """inf − inf: whether exp(x) < exp(2x) cannot be told in doubles, so no branch is taken."""
    objective = function_objective(parse("if(exp(x) - exp(2x) < 0, 1, 2)").body, ("x",))
    assert math.isnan(objective.evaluate(np.array([1000.0]), 0).value)
