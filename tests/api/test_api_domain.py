"""Where a formula has no finite value: its innermost part is named with its inputs, and marked in the text."""

from __future__ import annotations

from typing import Any

import pytest

from calcopt import gradient_descent, minimize, newton
from calcopt.errors import DomainError
from calcopt.expression import parse
from calcopt.expression.culprit import find_culprit
from calcopt.records import Result
from calcopt.render.console import as_text
from calcopt.render.people.layout import Layout
from calcopt.render.people.view import view

PARTS = [
    ("log(x-3) + x^2", {"x": -15.0}, "log(x-3) has no value at x = -15, where x-3 = -18"),
    ("x + sqrt(log(x))", {"x": 0.5}, "sqrt(log(x)) has no value at x = 0.5, where log(x) = -0.693147"),
    ("exp(exp(x)) - 1", {"x": 10.0}, "exp(exp(x)) overflows at x = 10, where exp(x) = 22026.5"),
    ("1/(x - y) + log(x)", {"x": 2.0, "y": 2.0}, "1/(x - y) has no value at x = 2, y = 2, where (x - y) = 0"),
    ("x^1.5 + y", {"x": -1.0, "y": 0.0}, "x^1.5 has no value at x = -1"),
    ("if(x > 0, 1, log(x))", {"x": -1.0}, "log(x) has no value at x = -1"),
    ("if(log(x) < 0, 1, 2)", {"x": -1.0}, "log(x) has no value at x = -1"),
    ("sum(log(x - i), i, 1, 5)", {"x": 3.5}, "log(x - i) has no value at i = 4, x = 3.5, where x - i = -0.5"),
    (
        "sum(log(x[i] - i), i, 1, 2)",
        {"x[1]": 5.0, "x[2]": 1.0},
        "log(x[i] - i) has no value at i = 2, x[2] = 1, where x[i] - i = -1",
    ),
]


@pytest.mark.parametrize(("text", "at", "sentence"), PARTS)
def test_the_innermost_part_is_named(text: str, at: dict[str, float], sentence: str) -> None:
    found = find_culprit(text, parse(text).place, at)
    assert found is not None
    assert found.sentence == sentence
    assert text[found.start : found.end] == sentence.partition(" has no")[0].partition(" overflows")[0]


@pytest.mark.parametrize(
    ("text", "x", "part"),
    [("(x-1)^2 + sqrt(x)", 0.0, "sqrt(x)"), ("x^(1/3)", 0.0, "x^(1/3)"), ("x + acos(x)", 1.0, "acos(x)")],
)
def test_an_infinite_slope_is_named(text: str, x: float, part: str) -> None:
    formula = parse(text)
    assert find_culprit(text, formula.place, {"x": x}) is None
    found = find_culprit(text, formula.place, {"x": x}, slopes=True)
    assert found is not None
    assert (found.expression, found.fails) == (part, "has no finite derivative")


@pytest.mark.parametrize("text", ["if(x > 0, log(x), 2)", "x^(1/3)", "x*exp(-x)", "|x|", "sum(x^i, i, 0, 3)"])
def test_what_is_finite_has_no_culprit(text: str) -> None:
    assert find_culprit(text, parse(text).place, {"x": -2.0}) is None


@pytest.mark.parametrize("solver", [gradient_descent, newton, minimize])
def test_a_start_outside_the_domain_is_marked(solver: Any) -> None:
    with pytest.raises(DomainError) as caught:
        solver("x^2 - log(a*x - 3)", {"x": -15}, let="a=2")
    error = caught.value
    assert "log(a*x - 3) has no value at a = 2, x = -15, where a*x - 3 = -33" in error.message
    assert error.report().splitlines()[1:] == ["  x^2 - log(a*x - 3)", "        ^^^^^^^^^^^^"]
    assert (error.as_dict()["position"], error.as_dict()["end"]) == (6, 18)


def test_a_system_marks_the_function_that_fails() -> None:
    with pytest.raises(DomainError) as caught:
        newton("x + y; sqrt(x) - y", {"x": -1, "y": 1}, root=True)
    assert caught.value.text[caught.value.start : caught.value.end] == "sqrt(x)"


def test_a_run_that_leaves_the_domain_names_the_part() -> None:
    result = newton("sqrt(x) + x^2/10", {"x": 3}, method="pure")
    assert isinstance(result, Result)
    assert result.status == "left_domain"
    assert result.culprit is not None
    assert result.culprit.expression == "sqrt(x)"
    assert result.message.endswith("sqrt(x) has no value at x = -2.85088")
    shown = as_text(view(result, Layout(80)), width=80, colour=False)
    assert "  sqrt(x) + x^2/10\n  ^^^^^^^\n" in shown
