"""Interval arithmetic: every enclosure holds what 50-digit arithmetic computes inside the box, every flag is true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf, workdps

from calcopt.calculus.precise import evaluate, literal_fraction
from calcopt.expression import exact_value, parse
from calcopt.expression.functions import FUNCTIONS
from calcopt.expression.tree import Expr, Pow, postorder
from calcopt.numeric.intervals import Curvatures, IntervalFunction
from calcopt.numeric.intervals.arithmetic import rational
from tests.strategies import expressions, smooth_expressions

NAMES = ("x", "y")
DIGITS = 60
ENDS = st.one_of(st.floats(-4, 4), st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0, 2.0]), st.floats(-60, 60))


@st.composite
def boxes(draw: st.DrawFn) -> tuple[list[float], list[float]]:
    sides = [sorted((draw(ENDS), draw(ENDS))) for _ in NAMES]
    return [side[0] for side in sides], [side[1] for side in sides]


def over(expr: Expr, low: Sequence[float], high: Sequence[float]) -> Curvatures:
    return IntervalFunction(expr, NAMES).hessian(np.array([low]), np.array([high]))


def at(expr: Expr, point: Sequence[Fraction]) -> Any | None:
    return evaluate(expr, dict(zip(NAMES, point, strict=True)), digits=DIGITS)


def isolated(expr: Expr, point: Sequence[Fraction]) -> bool:
    """Whether a power of a negative base is real by chance only: (−2)^y at y = 2; such points do not count."""
    powers = [node for node in postorder(expr) if isinstance(node, Pow) and literal_fraction(node.exponent) is None]
    return any((base := at(node.base, point)) is not None and base <= 0 for node in powers)


def inside(low: Sequence[float], high: Sequence[float]) -> list[list[Fraction]]:
    """Corners, the middle and two points in general position, exactly."""
    shares = [(0, 0), (1, 1), (0, 1), (1, 0), (Fraction(1, 2),) * 2, (Fraction(1, 3), Fraction(5, 7))]
    ends = [(Fraction(a), Fraction(b)) for a, b in zip(low, high, strict=True)]
    return [[a + share * (b - a) for share, (a, b) in zip(pair, ends, strict=True)] for pair in shares]


def check_values(expr: Expr, low: Sequence[float], high: Sequence[float]) -> None:
    found = over(expr, low, high)
    assert found.lo[0] <= found.hi[0]
    for point in inside(low, high):
        if isolated(expr, point):
            continue
        value = at(expr, point)
        if value is None:
            # values beyond all doubles count as undefined in the reference
            assert not found.everywhere[0] or abs(found.lo[0]) == math.inf or found.hi[0] == math.inf
        else:
            assert not found.nowhere[0]
            assert mpf(found.lo[0]) <= value <= mpf(found.hi[0])


@settings(max_examples=150)
@given(expr=expressions(NAMES, max_leaves=8), box=boxes())
def test_values_lie_in_the_enclosure(expr: Expr, box: tuple[list[float], list[float]]) -> None:
    check_values(expr, *box)


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=40)
@given(box=boxes())
def test_every_function_is_enclosed(name: str, box: tuple[list[float], list[float]]) -> None:
    check_values(parse(f"{name}(x, y)" if FUNCTIONS[name].min_arity == 2 else f"{name}(x)").body, *box)


@pytest.mark.parametrize(
    "power", ["2", "3", "7", "-1", "-2", "1/3", "2/3", "-5/3", "4/3", "7/5", "1/2", "3/2", "pi", "y"]
)
@settings(max_examples=40)
@given(box=boxes())
def test_every_power_is_enclosed(power: str, box: tuple[list[float], list[float]]) -> None:
    check_values(parse(f"x^({power})").body, *box)


@workdps(DIGITS)
def check_derivatives(expr: Expr, low: Sequence[float], high: Sequence[float]) -> None:
    """The mean-value theorem on each side of the box, and its second-order forms: no derivative is computed here."""
    found = over(expr, low, high)
    corners = [[Fraction(v) for v in low], [Fraction(v) for v in high]]
    middle = at(expr, [(corners[0][0] + corners[1][0]) / 2, corners[0][1]])
    values = {(i, j): at(expr, [corners[i][0], corners[j][1]]) for i in (0, 1) for j in (0, 1)}
    if None in (middle, *values.values()) or any(isolated(expr, corner) for corner in corners):
        return
    rounding = (1 + max(map(abs, values.values()))) * mpf(10) ** -50
    width = [mpf(b) - mpf(a) for a, b in zip(low, high, strict=True)]
    if found.lipschitz[0]:
        slopes = [(values[1, 0] - values[0, 0]) / width[0], (values[1, 1] - values[1, 0]) / width[1]]
        for axis, slope in enumerate(slopes):
            assert found.gradient_lo[0, axis] - rounding <= slope <= found.gradient_hi[0, axis] + rounding
    if found.smooth[0]:
        mixed = (values[1, 1] - values[1, 0] - values[0, 1] + values[0, 0]) / (width[0] * width[1])
        assert found.hessian_lo[0, 0, 1] - rounding <= mixed <= found.hessian_hi[0, 1, 0] + rounding
        bend = (values[1, 0] - 2 * middle + values[0, 0]) * 4 / (width[0] * width[0])
        assert found.hessian_lo[0, 0, 0] - rounding <= bend <= found.hessian_hi[0, 0, 0] + rounding


@st.composite
def small_boxes(draw: st.DrawFn) -> tuple[list[float], list[float]]:
    low = [draw(st.floats(-3, 3).map(lambda v: round(v, 3))) for _ in NAMES]
    return low, [v + draw(st.sampled_from([2.0**-10, 0.125, 0.5, 2.0])) for v in low]


@settings(max_examples=150)
@given(expr=expressions(NAMES, max_leaves=8), box=small_boxes())
def test_slopes_lie_in_the_enclosure_where_flags_say_so(expr: Expr, box: tuple[list[float], list[float]]) -> None:
    check_derivatives(expr, *box)


@settings(max_examples=150)
@given(expr=smooth_expressions(NAMES), box=small_boxes())
def test_derivatives_of_smooth_formulas(expr: Expr, box: tuple[list[float], list[float]]) -> None:
    check_derivatives(expr, *box)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if FUNCTIONS[name].min_arity == 1])
@settings(max_examples=30)
@given(box=small_boxes())
def test_derivatives_of_every_function(name: str, box: tuple[list[float], list[float]]) -> None:
    check_derivatives(parse(f"{name}(x)*{name}(x*y)").body, *box)


FLAGS = [  # formula, [x], everywhere, nowhere, lipschitz, smooth
    ("x^2", (-1, 1), True, False, True, True),
    ("abs(x)", (-1, 1), True, False, True, False),
    ("abs(x)", (0, 1), True, False, True, False),
    ("abs(x)", (0.5, 1), True, False, True, True),
    ("relu(x)^2", (-1, 1), True, False, True, False),
    ("x^(4/3)", (-1, 1), True, False, True, False),
    ("x^(7/3)", (-1, 1), True, False, True, True),
    ("x^(2/3)", (-1, 1), True, False, False, False),
    ("sqrt(x)", (0, 1), True, False, False, False),
    ("sqrt(x)", (-1, 1), False, False, False, False),
    ("log(x)", (-2, -1), False, True, False, False),
    ("log(x)", (0, 1), False, False, False, False),
    ("1/x", (0, 1), False, False, False, False),
    ("1/x", (0, 0), False, True, False, False),
    ("x/x", (-1, 1), False, False, False, False),
    ("0*log(x)", (-2, -1), False, True, False, False),
    ("asin(x)", (2, 3), False, True, False, False),
    ("asin(x)", (0, 1), True, False, False, False),
    ("floor(x)", (0.25, 0.75), True, False, True, True),
    ("floor(x)", (0.25, 1), True, False, False, False),
    ("tan(x)", (1.5, 1.6), False, False, False, False),
    ("max(x, 0)", (-1, 1), True, False, True, False),
    ("max(x, 2)", (-1, 1), True, False, True, True),
    ("if(x < 0, x^2, log(x))", (-2, -1), True, False, True, True),
    ("if(x < 0, x^2, log(x))", (1, 2), True, False, True, True),
    ("if(x < 0, x^2, log(x))", (-1, 1), False, False, False, False),
    ("if(x <= 0, 0, x^2)", (-1, 0), True, False, False, False),
    ("if(x > 0 and x > -3, x, x^2)", (1, 2), True, False, True, True),
]


@pytest.mark.parametrize(("text", "side", "everywhere", "nowhere", "lipschitz", "smooth"), FLAGS)
def test_flags(
    text: str, side: tuple[float, float], everywhere: bool, nowhere: bool, lipschitz: bool, smooth: bool
) -> None:
    found = over(parse(text).body, [side[0], 0.0], [side[1], 1.0])
    flags = [found.everywhere[0], found.nowhere[0], found.lipschitz[0], found.smooth[0]]
    assert flags == [everywhere, nowhere, lipschitz, smooth]


def test_the_generalized_gradient_at_a_kink_that_touches_the_box() -> None:
    found = over(parse("abs(x) + max(y, 0)").body, [0.0, 0.0], [1.0, 1.0])
    assert (found.gradient_lo[0] <= [-1.0, 0.0]).all()
    assert (found.gradient_hi[0] >= [1.0, 1.0]).all()


@pytest.mark.parametrize("text", ["1/3", "21/10", "10^400", "-10^400", "7", "2^60+1", "10^-400"])
def test_constants_are_enclosed(text: str) -> None:
    low, high = rational(exact_value(parse(text).body) or Fraction(0))[:, 0]
    exact = evaluate(parse(text).body, {}, digits=500)
    assert mpf(low) <= exact <= mpf(high)
    assert not (math.isfinite(low) and math.isfinite(high)) or high <= np.nextafter(low, math.inf)


def test_rounded_constants_do_not_pass_for_exact() -> None:
    """π − 3.14159…: a double would be off in the first digit."""
    expr = parse("x*(pi - 3.14159265358979) + sin(10^6*pi) + sqrt(2)^2 + e^1 - exp(1)").body
    found = over(expr, [1.0, 0.0], [1.0, 0.0])
    value = evaluate(expr, {"x": 1, "y": 0}, digits=80)
    assert mpf(found.lo[0]) <= value <= mpf(found.hi[0])


def test_an_even_power_is_never_negative_and_overflow_is_not_lost() -> None:
    found = over(parse("x^2 + exp(y)").body, [-3.0, -1.0], [2.0, 2000.0])
    assert -1e-290 < found.lo[0] <= math.exp(-1)
    assert found.hi[0] == math.inf
    found = over(parse("exp(y) - exp(y)").body, [0.0, 1000.0], [1.0, 1001.0])
    assert (found.lo[0], found.hi[0]) == (-math.inf, math.inf)


def test_many_boxes_are_the_same_as_one_by_one() -> None:
    expr = parse("sin(x)*exp(-y) + abs(x-y)/3 + y^3").body
    function = IntervalFunction(expr, NAMES)
    rng = np.random.default_rng(1)
    low = rng.uniform(-3, 3, (5000, 2))
    high = low + rng.uniform(0, 1, (5000, 2))
    whole = function.hessian(low, high)
    for k in (0, 2047, 2048, 4999):
        single = function.hessian(low[k : k + 1], high[k : k + 1])
        assert single.lo[0] == whole.lo[k]
        assert np.array_equal(single.gradient_hi[0], whole.gradient_hi[k])
        assert np.array_equal(single.hessian_lo[0], whole.hessian_lo[k])
        assert single.smooth[0] == whole.smooth[k]


@pytest.mark.parametrize(
    ("text", "low", "high", "least", "most"),
    [
        ("x - 1", 1.0, 2.0, 0.0, math.inf),
        ("x*y", 0.0, 1.0, 0.0, math.inf),
        ("x^3", 0.0, 1.0, 0.0, math.inf),
        ("1/(x - 1)", 1.0, 2.0, 0.5, math.inf),
        ("-1/x^2", 0.0, 1.0, -math.inf, -0.5),
        ("sin(x)", 0.0, 1.0, 0.0, 1.0),
        ("sqrt(x)*y", 0.0, 1.0, 0.0, 2.0),
    ],
)
def test_zero_ends_stay_zero(text: str, low: float, high: float, least: float, most: float) -> None:
    """A pole or the domain's end on a cut must not leak to the other side."""
    found = over(parse(text).body, [low, 0.0], [high, 1.0])
    assert least <= found.lo[0]
    assert found.hi[0] <= most


@pytest.mark.parametrize(
    "text", ["x*x*x*x*y", "x^2*(-y)", "exp(x)", "x/y", "x^5", "-(x^5)", "atan2(x, y)", "sigmoid(x)"]
)
@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e-100, -700.0, -750.0])
def test_underflow_is_enclosed(text: str, size: float) -> None:
    expr = parse(text).body
    found = over(expr, [size, 1e200], [size, 1e200])
    value = evaluate(expr, {"x": Fraction(size), "y": Fraction(1e200)}, digits=50)
    assert mpf(found.lo[0]) <= value <= mpf(found.hi[0])
