"""Sums of squares: what is recognised, and that the residuals' squares sum to f."""

from __future__ import annotations

import numpy as np
import pytest

from calcopt.expression import parse
from calcopt.numeric.objective import function_objective
from calcopt.numeric.squares import residual_system


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("100*(y - x^2)^2 + (1 - x)^2", 2),
        ("x^4/3 + (x*y - 1)^2*2 + 7", 2),
        ("x*x + y^2*x^2", 2),
        ("-(-(x - 1)^2) + 3", 1),
        ("(exp(x) - y)^6 - -2*(x+y)^2", 2),
        ("0.5*((x-1)^2 + (y-2)^2)", 2),
        ("sum((x - i)^2 + (y*i - 1)^4, i, 1, 5)", 10),
    ],
)
def test_residuals_square_and_sum_to_f(text: str, count: int) -> None:
    formula = parse(text)
    system = residual_system(formula.body, formula.variables)
    assert system is not None
    objective = function_objective(formula.body, formula.variables)
    points = np.random.default_rng(0).normal(size=(5, len(formula.variables)))
    offsets = []
    for x in points:
        found, true = system.evaluate(x, 1), objective.evaluate(x, 1)
        assert found.residual.shape == (count,)
        assert found.jacobian is not None
        np.testing.assert_allclose(2 * found.jacobian.T @ found.residual, true.gradient, rtol=1e-12, atol=1e-12)
        offsets.append(true.value - float(found.residual @ found.residual))
    np.testing.assert_allclose(offsets, offsets[0], atol=1e-10)


@pytest.mark.parametrize(
    "text",
    [
        "x^2 - y^2",
        "x^3",
        "exp(x) + x^2",
        "x^2 + x*y + y^2",
        "-(x^2)",
        "sqrt(x)^3",
        "5",
        "x^2/y",
        "sum(x[i]^2, i, 1, 5000)",
    ],
)
def test_what_is_no_sum_of_squares_as_it_stands(text: str) -> None:
    formula = parse(text)
    assert residual_system(formula.body, formula.variables or ("x",)) is None
