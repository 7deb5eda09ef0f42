"""The global minimum over a box: bounds that hold the true one, places that hold every minimizer."""

from __future__ import annotations

import math
import random
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import calcopt
from calcopt.calculus.precise import evaluate
from calcopt.errors import MathError, UsageError
from calcopt.expression import parse

SIX_HUMP = "4x^2 - 2.1x^4 + x^6/3 + x*y - 4y^2 + 4y^4"
ACKLEY = "-20exp(-0.2 sqrt(0.5(x^2+y^2))) - exp(0.5(cos(2pi x)+cos(2pi y))) + e + 20"
GOLDSTEIN_PRICE = "(1+(x+y+1)^2*(19-14x+3x^2-14y+6x*y+3y^2))*(30+(2x-3y)^2*(18-32x+12x^2+48y-36x*y+27y^2))"
WOOD = "100(b-a^2)^2+(1-a)^2+90(d-c^2)^2+(1-c)^2+10.1((b-1)^2+(d-1)^2)+19.8(b-1)(d-1)"
BRANIN = "(y - 5.1/(4pi^2) x^2 + 5/pi x - 6)^2 + 10(1-1/(8pi))cos(x) + 10"

# function, box, f*, minimizers, whether each is proved to be a single critical point
PROBLEMS = {
    "parabola": ("(x-1)^2", "-3..3", 0, [(1,)], True),
    "six-hump camel": (
        SIX_HUMP,
        "-3..3",
        -1.0316284534898774,
        [(-0.0898420131, 0.7126564030), (0.0898420131, -0.7126564030)],
        True,
    ),
    "Himmelblau": (
        "(x^2+y-11)^2+(x+y^2-7)^2",
        "-5..5",
        0,
        [(-3.7793102534, -3.2831859913), (-2.8051180870, 3.1313125183), (3, 2), (3.5844283403, -1.8481265270)],
        True,
    ),
    "Rastrigin": ("20+x^2+y^2-10cos(2pi x)-10cos(2pi y)", "-5.12..5.12", 0, [(0, 0)], True),
    "Rosenbrock": ("100(y-x^2)^2+(1-x)^2", "-5..5", 0, [(1, 1)], True),
    "Goldstein-Price": (GOLDSTEIN_PRICE, "-2..2", 3, [(0, -1)], True),
    "Wood": (WOOD, "-10..10", 0, [(1, 1, 1, 1)], True),
    "Branin": (
        BRANIN,
        "x=-5..10,y=0..15",
        0.39788735772973816,
        [(-math.pi, 12.275), (math.pi, 2.275), (3 * math.pi, 2.475)],
        True,
    ),
    "Ackley": (ACKLEY, "-5..5", 0, [(0, 0)], False),
    "corner": ("abs(x) + abs(y-1)", "-3..3", 0, [(0, 1)], False),
    "flat": ("x^4", "-1..2", 0, [(0,)], False),
    "cusp": ("x^(2/3)", "-1..2", 0, [(0,)], False),
    "hinge": ("relu(x) - 0.5x", "-1..2", 0, [(0,)], False),
    "edge": ("x", "1..2", 1, [(1,)], False),
    "edge of the domain": ("sqrt(x)", "0..4", 0, [(0,)], False),
    "corner of the box": ("x*y", "1..2", 1, [(1, 1)], False),
    "on a face": ("x + (y-1)^2", "0..3", 0, [(0, 1)], True),
    "tiny": ("1e-10*(x-1)^2", "-3..3", 0, [(1,)], True),
    "huge": ("1e12*(x-1)^2 + 1e15", "-3..3", 1e15, [(1,)], True),
    "greatest of two": ("max((x-1)^2, (x+1)^2)", "-3..3", 1, [(0,)], False),
    "both ends": ("cos(x^3) - x^2", "-2..2", -4.145500033808614, [(-2,), (2,)], False),
    "pieces": ("if(x < 1, (x-2)^2, x)", "-3..3", 1, [(1,)], False),
}


def searched(function: str, **options: Any) -> Any:
    """The answer over a box, which always carries what was proved."""
    result = calcopt.minimize(function, **options)
    assert isinstance(result, calcopt.Result)
    assert result.proof is not None
    assert result.proof.lower is not None
    assert result.proof.upper is not None
    return result


@pytest.mark.parametrize("name", PROBLEMS)
def test_known_minima(name: str) -> None:
    function, box, least, minimizers, single = PROBLEMS[name]
    result = searched(function, box=box)
    assert result.status == "converged"
    assert result.reached_goal
    proof = result.proof
    assert proof.certified
    room = 1e-9 * max(1, abs(least)) if least != int(least) else 0.0
    assert proof.lower <= least + room
    assert proof.upper >= least - room
    assert proof.upper - proof.lower <= 1e-8 * max(1, abs(least))
    for point in minimizers:
        held = [
            all(
                low - 1e-9 <= value <= high + 1e-9
                for value, (low, high) in zip(point, place.enclosure.values(), strict=True)
            )
            for place in proof.minimizers
        ]
        assert sum(held) == 1, (point, proof.minimizers)
    if single:
        assert len(proof.minimizers) == len(minimizers)
        assert all(place.unique for place in proof.minimizers)


def test_the_upper_bound_is_taken_at_the_answer() -> None:
    """f(x) at 50 digits lies between the bounds, for the very doubles that are given."""
    for name in ("six-hump camel", "Branin", "Ackley", "Goldstein-Price"):
        function, box, *_ = PROBLEMS[name]
        result = searched(function, box=box)
        with mpmath.workdps(50):
            names = dict(zip(result.variables, map(mpmath.mpf, result.x.tolist()), strict=True))
            exact = evaluate(parse(function).body, names, digits=50)
            assert result.proof.lower <= exact <= result.proof.upper


def test_a_maximum_is_the_minimum_of_the_negative() -> None:
    least = searched("-(x-1)^2 + sin(3x)", box="-2..2")
    most = searched("(x-1)^2 - sin(3x)", box="-2..2", maximize=True)
    assert most.proof.upper == -least.proof.lower
    assert most.value == -least.value
    assert [place.enclosure for place in most.proof.minimizers] == [place.enclosure for place in least.proof.minimizers]


def test_what_is_only_approached_is_not_called_a_minimum() -> None:
    """floor(x) + x² comes as near to −1 as one likes, left of 0, and is never −1."""
    result = searched("floor(x) + x^2", box="-3..3")
    assert result.verdict.classification is None
    assert "may only be approached" in result.verdict.detail
    assert result.proof.lower <= -1


def test_no_finite_bound() -> None:
    result = searched("log(x)", box="0..1", max_boxes=2000)
    assert result.status == "max_iterations"
    assert not result.certified
    assert not result.reached_goal
    assert result.proof.lower == -math.inf
    overflow = searched("exp(x) - exp(x) + x^2", box="0..2000", max_boxes=200)
    assert not overflow.certified


def test_budgets_give_what_was_proved_so_far() -> None:
    hard = "+".join(f"sin({k}*x*y + {k}*z)*cos({k}*x - y)" for k in range(1, 9))
    result = searched(hard, box="-5..5", max_boxes=3000)
    assert (result.status, result.certified, result.reached_goal) == ("max_iterations", False, False)
    assert -16 <= result.proof.lower < result.proof.upper < 0
    timed = searched(hard, box="-5..5", time_limit=1e-9)
    assert timed.status == "time_limit"


def test_a_curve_of_minimizers_is_bounded_work() -> None:
    result = searched("(x-y)^2", box="-1..1")
    assert result.certified
    assert result.proof.boxes < 100_000
    assert not any(place.unique for place in result.proof.minimizers)


@pytest.mark.parametrize(
    ("function", "box", "error", "words"),
    [
        ("log(x)", "-3..-1", MathError, "no value anywhere in the box"),
        ("x^2", None, UsageError, "needs a start, or a box"),
        ("x^2; x", "-1..1", UsageError, "system"),
    ],
)
def test_bad_input(function: str, box: str | None, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        calcopt.minimize(function, box=box)


TERMS = [
    "sin({a}*x)",
    "cos({a}*x*y)",
    "{a}*x^2",
    "{a}*y^3",
    "abs(x - {a}*y)",
    "exp({a}*x/4)",
    "sqrt(x^2 + {a}^2*y^2)",
    "max(x, {a}*y)",
    "{a}*x*y",
]


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from(TERMS), st.integers(-4, 4).filter(bool)), min_size=1, max_size=4),
    st.integers(0, 10**6),
)
def test_no_sample_is_below_the_bound_or_outside_the_places(parts: list[tuple[str, int]], seed: int) -> None:
    """Whatever the function: points of the box never refute what was proved of it."""
    function = " + ".join(term.format(a=f"({a})") for term, a in parts)
    result = searched(function, box="x=-2..1,y=-1..2", variables=("x", "y"), max_boxes=5_000)
    proof = result.proof
    chance = random.Random(seed)
    near = [(float(result.x[0]) + chance.gauss(0, 1e-6), float(result.x[1]) + chance.gauss(0, 1e-6)) for _ in range(20)]
    wide = [(chance.uniform(-2, 1), chance.uniform(-1, 2)) for _ in range(60)] + [
        (x, y) for x in (-2, 1) for y in (-1, 2)
    ]
    body = parse(function, variables=("x", "y")).body
    for x, y in [*near, *wide]:
        if not (-2 <= x <= 1 and -1 <= y <= 2):
            continue
        value = evaluate(body, {"x": mpmath.mpf(x), "y": mpmath.mpf(y)}, digits=30)
        assert value >= proof.lower
        if value <= proof.lower:
            assert any(_inside(place.enclosure, x, y) for place in proof.minimizers)


def _inside(box: object, x: float, y: float) -> bool:
    assert isinstance(box, dict)
    return bool(box["x"][0] <= x <= box["x"][1] and box["y"][0] <= y <= box["y"][1])


@settings(max_examples=60)
@given(st.lists(st.integers(-9, 9), min_size=3, max_size=7))
def test_polynomials_of_one_variable_against_their_roots(coefficients: list[int]) -> None:
    """The least value at the ends and at the real roots of p', which NumPy finds."""
    text = " + ".join(f"({c})*x^{k}" for k, c in enumerate(coefficients))
    polynomial = np.polynomial.Polynomial(coefficients)
    slope = polynomial.deriv()
    roots = slope.roots() if slope.degree() > 0 and any(coefficients[1:]) else np.zeros(0)
    real = [root.real for root in np.atleast_1d(roots) if abs(root.imag) < 1e-7 and -2 <= root.real <= 3]
    least = min(float(polynomial(x)) for x in [-2.0, 3.0, *real])
    result = searched(text, box="-2..3", variables=("x",))
    assert result.certified
    slack = 1e-9 * max(1.0, abs(least))
    assert result.proof.lower - slack <= least <= result.proof.upper + slack
