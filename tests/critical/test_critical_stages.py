"""The parts of the search: the child process, polishing, the numeric search, definiteness."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from mpmath import exp, mpf, workdps

from calcopt.calculus.algebra.lowest_form import grows_at_infinity
from calcopt.calculus.algebra.partials import Partials
from calcopt.calculus.algebra.zeros import Zeros, split
from calcopt.critical.child import solve_in_child
from calcopt.critical.classify import classify
from calcopt.critical.kinks import kinks
from calcopt.critical.newton_search import stationary_points
from calcopt.critical.point import polish
from calcopt.expression import parse


def test_child_answers_and_is_stopped_in_time() -> None:
    solved = solve_in_child(parse("x^x").body, ["x"], seconds=30)
    assert solved is not None
    assert [[str(c) for c in point] for point in solved.points] == [["1/e"]]
    assert not solved.complete
    assert solve_in_child(parse("x^x").body, ["x"], seconds=0.01) is None


def test_child_sends_curves() -> None:
    solved = solve_in_child(parse("x*y*z").body, ["x", "y", "z"], seconds=60)
    assert solved is not None
    assert (len(solved.curves), solved.complete) == (3, True)


def test_polishing_gives_sixty_digits_or_nothing() -> None:
    partials = Partials(parse("exp(x) - log(x)").body, ["x"])
    found = polish(partials, {"x": 0.5})
    assert found is not None
    with workdps(50):
        x = found.coordinates["x"]
        assert abs(x * exp(x) - 1) < mpf(10) ** -30  # the omega constant
    assert polish(Partials(parse("exp(x)").body, ["x"]), {"x": 0.0}) is None
    assert polish(partials, {"x": -1.0}) is None


def test_numeric_search_finds_all_of_rastrigin() -> None:
    body = parse("20 + x^2 + y^2 - 10*cos(2*pi*x) - 10*cos(2*pi*y)").body
    low, high = np.array([-1.4, -1.4]), np.array([1.4, 1.4])
    found = stationary_points(body, ["x", "y"], low, high)
    inside = found[np.all((found >= low) & (found <= high), axis=1)]
    assert len(inside) == 25


@pytest.mark.parametrize("dimension", [1, 3, 12])
def test_numeric_search_in_several_dimensions(dimension: int) -> None:
    names = [f"x{k}" for k in range(dimension)]
    body = parse(" + ".join(f"cosh({name} - 1)" for name in names)).body
    found = stationary_points(body, names, np.full(dimension, -2.0), np.full(dimension, 3.0))
    assert found == pytest.approx(np.ones((1, dimension)), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "grows"),
    [
        ("x^4 - 100x", "positive"),
        ("-x^6 + x^5", "negative"),
        ("x^3", "both signs"),
        ("x^2 + x y + y^2", "positive"),
        ("x^2 + 2x y + y^2", None),
        ("x^2 - y^2", "both signs"),
        ("x^6/3 + 4y^4 + x^3 y - x y", "positive"),
        ("x^6 + y^4 + 9x^3 y^2", None),
        ("(1-x)^2 + 100(y-x^2)^2", None),
        ("x^2 + y^2 + z^2 - x y - y z", "positive"),
        ("x*exp(x)", None),
    ],
)
def test_growth_at_infinity(text: str, grows: str | None) -> None:
    formula = parse(text)
    assert grows_at_infinity(Partials(formula.body, formula.variables)) == grows


def test_kinks_are_listed() -> None:
    assert list(map(str, kinks(parse("abs(x) + x^(2/3) + x^2 + if(x > 1, 1, 2)").body))) == [
        "abs(x)",
        "x^(2/3)",
        "if(x > 1, 1, 2)",
    ]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("x^3/3 - 1e-20*x", [-1e-10, 1e-10]),
        ("x^3/3 - (10^9)*x^2 + (10^18 - 10^-6)*x", [1e9 - 1e-3, 1e9 + 1e-3]),
    ],
)
def test_exact_points_close_together_are_not_merged(text: str, points: list[float]) -> None:
    found = classify(parse(text).body, ["x"], function=text)
    assert found.complete
    assert [point.x["x"] for point in found.points if point.x is not None] == points
    assert [point.classification for point in found.points] == ["local maximum", "local minimum"]


def test_a_point_that_fails_verification_takes_the_claim_of_completeness_away() -> None:
    text = "1e60*(x^4 + y^4 - x*y + x)"
    found = classify(parse(text).body, ["x", "y"], function=text)
    assert found.points or not found.complete


def test_more_combinations_of_factors_than_are_followed_are_no_answer() -> None:
    x = sympy.symbols("x1:5", real=True)
    system = [sympy.prod([v - k - 7 * j for v in x for k in range(2)]) for j in range(4)]
    zeros = Zeros()
    assert not split(system, x, zeros)
    assert not zeros.points
