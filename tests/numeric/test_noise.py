"""Bounds on rounding errors: above the real ones, and not by far."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp, mpf
from precise_graphs import graph_values

from calcopt.calculus.derivatives import derivative_graph
from calcopt.expression import expand_sums, parse
from calcopt.numeric.objective import function_objective

HARD = [
    "1e16 + (x-1)^2 + y",
    "(1e8*x - 1e8*y)^2 + x*y",
    "(x + 1e10 - y - 1e10)^4 + sin(1e6*x)",
    "exp(20*x)*(x^2 - y^2) - exp(20*y)",
    "sqrt((x - y)^2 + 1e-12) + log(1 + x^2*y)",
    "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    "sum((y - exp(-i/3*x))^2, i, 1, 300)",
    "sqrt(sum((x - i/7)^2*y, i, 1, 100)) - 1e5*x",
    "sum((sum(x*j - y*i, j, 1, i))^2, i, 1, 20)",
]


@pytest.mark.parametrize("text", HARD)
def test_noise_bounds_the_real_error_and_not_by_far(text: str) -> None:

    body = parse(text).body
    derived = derivative_graph(expand_sums(body), ("x", "y"))
    zero = derived.graph.constant(0)
    roots = [derived.value, *(zero if node is None else node for node in derived.gradient)]
    places = list(derived.hessian)
    rng = np.random.default_rng(1)
    objective = function_objective(body, ("x", "y"))
    for x in rng.uniform(0.2, 2.0, (10, 2)):
        found, noise = objective.evaluate(x, 2), objective.noise(x)
        with mp.workdps(80):
            exact = graph_values(derived.graph, [*roots, *derived.hessian.values()], [mpf(float(v)) for v in x])
            error = abs(mpf(found.value) - exact[0])
            slopes = [abs(mpf(float(a)) - b) for a, b in zip(found.gradient, exact[1:3], strict=True)]  # type: ignore[arg-type]
            spread = np.zeros((2, 2))
            for (i, j), value in zip(places, exact[3:], strict=True):
                spread[i, j] = spread[j, i] = float(mpf(float(found.hessian[i, j])) - value)
        assert error <= noise.value
        assert all(slope <= bound for slope, bound in zip(slopes, noise.gradient, strict=True))
        assert np.linalg.norm(spread, 2) <= noise.hessian
    assert noise.value <= 1e-9 * (1 + abs(found.value)) + 1e4 * float(error) + 1e-3
