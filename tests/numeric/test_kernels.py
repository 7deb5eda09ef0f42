"""Generated kernels against the plain interpreter, and against each other."""

from __future__ import annotations

import math
import random
import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from precise_graphs import graph_values
from strategies import expressions

from calcopt.calculus.derivatives import derivative_graph
from calcopt.expression import parse
from calcopt.expression.functions import FUNCTIONS
from calcopt.expression.tree import Expr
from calcopt.numeric.codegen import array_kernel, scalar_kernel, source
from calcopt.numeric.evaluate import compile_functions, gradient_and_hessian
from calcopt.numeric.rounding import node_errors

NAMES = ("x", "y")


@settings(max_examples=300)
@given(expressions(NAMES), st.integers(0, 10**6))
def test_kernels_agree_with_the_interpreter_within_their_error_bounds(expr: Expr, seed: int) -> None:
    rng = random.Random(seed)
    derived = derivative_graph(expr, NAMES)
    roots = [derived.value, *(node for node in derived.gradient if node is not None), *derived.hessian.values()]
    scalar, array = scalar_kernel(derived.graph, roots), array_kernel(derived.graph, roots)
    points = np.array([[rng.uniform(-2, 2), rng.uniform(0.1, 3)] for _ in range(3)])
    with np.errstate(all="ignore"):
        rows = [np.broadcast_to(values, (3,)) for values in array(list(points.T), ())]
        bounds = node_errors(derived.graph, roots, [(column, np.zeros(3)) for column in points.T], ())
    for k, point in enumerate(points):
        one = scalar(point.tolist(), ())
        with mp.workdps(60):
            exact = graph_values(derived.graph, roots, [mpf(value) for value in point])
        for fast, row, (_, bound), reference in zip(one, rows, bounds, exact, strict=True):
            error = float(np.broadcast_to(bound, (3,))[k])
            assert isinstance(fast, float)
            if math.isfinite(row[k]) and math.isfinite(error):
                assert abs(fast - row[k]) <= 4 * error
                if mp.isfinite(reference):
                    assert abs(mpf(float(row[k])) - reference) <= 2 * error + sys.float_info.min  # underflow


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("log(x)", -1.0, math.nan),
        ("log(x)", 0.0, -math.inf),
        ("exp(x)", 1000.0, math.inf),
        ("1/x", 0.0, math.inf),
        ("x^(-2)", 0.0, math.inf),
        ("sqrt(x)", -1.0, math.nan),
        ("x^x", -0.5, math.nan),
        ("cosh(x)", 1e4, math.inf),
        ("atanh(x)", 1.0, math.inf),
        ("sin(x)", math.inf, math.nan),
        ("floor(x)", math.inf, math.inf),
        ("x^1000", 1e10, math.inf),
        ("max(x, 1)", math.nan, math.nan),
        ("1/0 + x", 1.0, math.inf),
        ("log(-1)*x", 1.0, math.nan),
        ("if(x > 0, log(x), 5)", -1.0, 5.0),
        ("erf(x) + softplus(x)", math.inf, math.inf),
        ("log(1/(1+exp(-x)))", -1000.0, -1000.0),
        ("log(exp(x) + exp(2*x))", 800.0, 1600.0),
        ("acot(x)", 0.0, math.pi / 2),
    ],
)
def test_what_is_not_finite_is_quiet(text: str, x: float, expected: float) -> None:
    expr = parse(text).body
    derived = derivative_graph(expr, ("x",))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scalar = scalar_kernel(derived.graph, [derived.value, *derived.hessian.values()])([x], ())[0]
        array = compile_functions([expr], ["x"])(np.array([[x], [x]]))[0, 1]
    assert scalar == pytest.approx(expected, nan_ok=True)
    assert array == pytest.approx(expected, nan_ok=True)


EXTREME = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -8.0,
    710.0,
    -710.0,
    5e-324,
    -1e-300,
    1e16,
    1e308,
    -1e308,
    math.inf,
    -math.inf,
    math.nan,
]
HOSTILE = [
    *("x^y", "abs(x)^y", "0^x", "(-1)^x", "x^0", "x^2", "x^5", "x^(-3)", "x^100", "x^(1/3)", "x^(2/3)", "x^(-7/5)"),
    *(
        "x^(1/2)",
        "x^(-3/2)",
        "x^pi",
        "2^x",
        "x^x",
        "x/y",
        "max(x, y, 1)",
        "min(x, y, 0)",
        "sqrt(max(x, 0))",
        "x*log(x)",
    ),
    *("if(x < y and y < 1 or x >= 2, x*y, x/y)", "piecewise(x < 0, sqrt(-x), x <= 1, x^2, log(x))", "log(x, y)"),
    *("if(sqrt(x) > log(y), tan(x), 1/y)", "exp(x)/(1 + exp(x))", "log(exp(x) + exp(y))", "atan2(x, y)", "sin(x)/x"),
    *(f"{name}(x)" for name, function in FUNCTIONS.items() if function.min_arity <= 1),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_kernels_agree_at_extreme_points(text: str) -> None:
    derived = derivative_graph(parse(text).body, NAMES)
    roots = [derived.value, *(node for node in derived.gradient if node is not None), *derived.hessian.values()]
    scalar, array = scalar_kernel(derived.graph, roots), array_kernel(derived.graph, roots)
    # NumPy's own power of -inf differs between arrays and numbers
    points = [(x, y) for x in EXTREME for y in EXTREME if text != "x^y" or x != -math.inf]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with np.errstate(all="ignore"):
            rows = array(list(np.array(points).T.copy()), ())
        table = np.array([scalar(point, ()) for point in points]).T
    for fast, row in zip(table, rows, strict=True):
        assert np.allclose(fast, row, rtol=1e-12, atol=1e-300, equal_nan=True)


@pytest.mark.parametrize(
    ("text", "at", "slope"),
    [
        ("abs(x)", 0.0, 0.0),
        ("relu(x)", 0.0, 1.0),
        ("max(x, 0)", 0.0, 1.0),
        ("max(0, x)", 0.0, 0.0),
        ("min(x, 2*x)", -1.0, 2.0),
        ("floor(x) + ceil(x) + sign(x) + step(x)", 0.5, 0.0),
        ("if(x > 0, sqrt(x), 0)", -1.0, 0.0),
        ("if(x > 0, sqrt(x), 3*x)", 0.0, 3.0),
        ("max(sqrt(x), 1)", 0.0, 0.0),
        ("piecewise(x < -1, x^2, x < 1 and not x < 0, x^3, x > 5 or x < 0, 7*x, 1)", 0.5, 0.75),
        ("piecewise(x < -1, x^2, x < 1 and not x < 0, x^3, x > 5 or x < 0, 7*x, 1)", -0.5, 7.0),
        ("piecewise(x < -1, x^2, x < 1 and not x < 0, x^3, x > 5 or x < 0, 7*x, 1)", 3.0, 0.0),
    ],
)
def test_the_convention_at_kinks(text: str, at: float, slope: float) -> None:
    _, gradient, _ = gradient_and_hessian(parse(text).body, ["x"])(np.array([[at]]))
    assert gradient[0, 0] == slope


def test_batched_derivatives_have_the_promised_shapes() -> None:
    points = np.linspace(0.1, 2.0, 10).reshape(5, 2)
    f, g, h = gradient_and_hessian(parse("x^2*y + exp(y)").body, NAMES)(points)
    x, y = points.T
    assert (f.shape, g.shape, h.shape) == ((5,), (5, 2), (5, 2, 2))
    assert np.allclose(g, np.stack([2 * x * y, x * x + np.exp(y)], axis=1), rtol=1e-15)
    assert np.allclose(h[:, 0, 1], 2 * x)
    assert np.array_equal(h, h.transpose(0, 2, 1))
    values = compile_functions([parse("x+y").body, parse("7").body], NAMES)(points)
    assert np.array_equal(values, [x + y, np.full(5, 7.0)])
    with pytest.raises(ValueError, match="shape"):
        compile_functions([parse("x").body], NAMES)(np.zeros(3))


def test_source_holds_our_names_only() -> None:
    derived = derivative_graph(parse("lambda_*imports^2 + sin(t0)*exec").body)
    text = source(derived.graph, [derived.value])
    assert "import" not in text
    assert "lambda" not in text
    assert "exec" not in text


def test_importing_numeric_is_cheap() -> None:
    code = (
        "import sys, numpy, calcopt.numeric.objective, calcopt.numeric.system, calcopt.numeric.evaluate;"
        "print([name for name in ('sympy', 'scipy', 'scipy.optimize', 'scipy.sparse') if name in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
