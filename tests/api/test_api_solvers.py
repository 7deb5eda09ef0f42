"""``gradient_descent`` and ``newton`` as a user of Python calls them."""

from __future__ import annotations

import doctest
import subprocess
import sys

import numpy as np
import pytest

import calcopt.api.solvers as solvers
from calcopt.api.solvers import gradient_descent, newton
from calcopt.errors import MathError, ParseError, UsageError, ValueTextError
from calcopt.expression import parse
from calcopt.records import Iteration, Result, Runs

E7 = "x^4 + 0.8y^4 + 4x^2 + 2y^2 - x*y - 0.2x^2*y"


def one(answer: Result | Runs) -> Result:
    assert isinstance(answer, Result)
    return answer


def test_the_examples_of_the_docstrings() -> None:
    failures, tried = doctest.testmod(solvers)
    assert failures == 0
    assert tried >= 6


@pytest.mark.parametrize(
    ("function", "start", "rate", "steps", "x", "value"),
    [
        ("exp(x) - log(x)", "x=0.05", 0.005, 756, [0.56714329], 2.3303661248),
        ("85 - x^2(x-6)y^2(y-6)/90", "0.5,0.6", 0.05, 155, [4, 4], 3313 / 45),
        ("f(m, b) = 14m^2+3b^2+38+12m*b-42m-20b", {"m": 0, "b": 0}, 0.01, 2592, [0.5, 7 / 3], 25 / 6),
    ],
)
def test_the_course_by_descent(
    function: str, start: object, rate: float, steps: int, x: list[float], value: float
) -> None:
    result = one(gradient_descent(function, start, rate=rate))  # type: ignore[arg-type]
    assert (result.command, result.status, result.iterations) == ("gd", "converged", steps)
    np.testing.assert_allclose(result.x, x, atol=2e-8)
    assert result.value == pytest.approx(value, abs=1e-10)
    assert result.function == function


def test_the_course_by_newton() -> None:
    rows: list[Iteration] = []
    result = one(newton(E7, "4,4", method="pure", on_iteration=rows.append))
    assert (result.command, result.method, result.status, result.iterations) == ("newton", "pure", "converged", 8)
    assert [row.iteration for row in rows] == list(range(9))
    assert tuple(rows) == result.trace
    np.testing.assert_allclose(result.verdict.eigenvalues, [6 - 5**0.5, 6 + 5**0.5])
    zero = one(newton("exp(x) - 1/x", 0.05, method="pure", root=True))
    assert zero.goal == "root"
    assert zero.x[0] == pytest.approx(0.567143290409783873)


@pytest.mark.parametrize(
    "start", ["x=4,y=4", "4,4", {"x": 4, "y": "8/2"}, {"y": 4.0, "x": 4.0}, [4, 4], (4.0, 4.0), np.array([4.0, 4.0])]
)
def test_a_start_may_be_written_in_many_ways(start: object) -> None:
    result = newton(E7, start)  # type: ignore[arg-type]
    assert one(result).trace[0].x.tolist() == [4.0, 4.0]


def test_several_starts_give_runs() -> None:
    answer = newton("x^4 - 2x^2 + 0.3x", ["x=-2", "x=2", "x=0.1"])
    assert isinstance(answer, Runs)
    assert answer.best == 0
    assert answer.remarks[0] == "3 starts found 2 different minima"
    assert len({run.counts.value for run in answer.runs}) >= 1
    several = gradient_descent("x^2 + y^2", [{"x": 1, "y": 1}, {"x": 2, "y": -1}], rate=0.1)
    assert isinstance(several, Runs)
    assert several.remarks[0] == "2 starts found the same minimum"


def test_constants_order_and_formulas() -> None:
    result = one(newton("(x - a)^2 + (x - b)^2", 0, let={"a": 1, "b": "1/2"}))
    assert result.variables == ("x",)
    assert result.x[0] == pytest.approx(0.75)
    formula = parse("(x - a)^2")
    assert one(newton(formula, 0, let="a=3")).x[0] == pytest.approx(3)
    ordered = one(newton("x + 2y + x^2 + y^2", "0,5", variables=["y", "x"]))
    assert ordered.variables == ("y", "x")
    assert ordered.trace[0].x.tolist() == [0.0, 5.0]


def test_maximize_and_box() -> None:
    coin = one(newton("7 log(p) + 3 log(1-p)", "p=0.5", maximize=True))
    assert coin.x[0] == pytest.approx(0.7)
    assert coin.verdict.classification == "local maximum"
    assert coin.value == pytest.approx(7 * np.log(0.7) + 3 * np.log(0.3))
    boxed = one(gradient_descent("x^2 + y^2", "3,3", method="backtracking", box="x=1..5,y=-5..5"))
    np.testing.assert_allclose(boxed.x, [1, 0], atol=1e-7)
    assert "bound active: x = 1 (lower)" in boxed.message


def test_systems() -> None:
    by_text = one(newton("x^2 + y^2 - 4; x - y", "1,2", root=True))
    by_list = one(newton(["x^2 + y^2 - 4", "x - y"], "1,2", root=True))
    by_formula = one(newton([parse("x^2 + y^2 - 4"), parse("x - y")], "1,2", root=True))
    for result in (by_text, by_list, by_formula):
        assert result.status == "converged"
        np.testing.assert_allclose(result.x, [2**0.5, 2**0.5])
        assert result.residual is not None
        assert result.residual.shape == (2,)
    assert by_text.function == "x^2 + y^2 - 4; x - y"


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: gradient_descent("sinn(x)", 1), ParseError, "unknown function 'sinn'"),
        (lambda: gradient_descent("x^2", "y=1"), ValueTextError, "y"),
        (lambda: gradient_descent("x^2 + y^2", "x=1"), ValueTextError, "y"),
        (lambda: gradient_descent("x^2", 1, rate=0), UsageError, "rate"),
        (lambda: gradient_descent("x^2", 1, method="fast"), UsageError, "unknown method 'fast'"),  # type: ignore[arg-type]
        (lambda: gradient_descent("x^2; x", 1), UsageError, "system"),
        (lambda: gradient_descent("3", 1), MathError, "no variables"),
        (lambda: gradient_descent("log(x)", -1), MathError, "not defined at the start x = -1"),
        (lambda: gradient_descent("x^2", 1, tolerance=-1), UsageError, "tolerance"),
        (lambda: newton("x^2", 1, method="gauss"), UsageError, "unknown method"),  # type: ignore[arg-type]
        (lambda: newton("x^2", 1, root=True, maximize=True), UsageError, "exclude"),
        (lambda: newton("x^2", 1, root=True, box="0..1"), UsageError, "exclude"),
        (lambda: newton("x^2", 1, method="pure", box="0..1"), UsageError, "bounds"),
        (lambda: newton(["x^2", "x"], 1), UsageError, "2 functions cannot be minimized"),
        (lambda: newton([], 1, root=True), UsageError, "no function"),
    ],
)
def test_mistakes_are_answered_with_what_to_type(call: object, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()  # type: ignore[operator]


def test_a_run_loads_no_heavy_module() -> None:
    code = (
        "import sys; from calcopt.api.solvers import newton; r = newton('x^4 + y^2 - x', '1,1'); "
        "assert r.status == 'converged'; "
        "heavy = ('sympy', 'scipy', 'pyarrow', 'rich', 'msgspec', 'ruamel.yaml', 'numpy.testing'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
