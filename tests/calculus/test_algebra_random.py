"""SymPy's derivatives, brought into the language, on random expressions: against the derivative graph and against
difference quotients, all at 90 digits and more, so that what is tested is the calculus and not the rounding."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from precise_graphs import Outside, graph_values
from strategies import SMOOTH_FUNCTIONS, expressions, smooth_expressions

from calcopt.calculus.algebra.outof import NotExpressible
from calcopt.calculus.algebra.partials import Partials
from calcopt.calculus.derivatives import derivative_graph
from calcopt.calculus.precise import evaluate
from calcopt.calculus.sides import active_switches
from calcopt.errors import MathError
from calcopt.expression import parse
from calcopt.expression.functions import FUNCTIONS
from calcopt.expression.tree import Call, Expr, Symbol

NAMES = ("x", "y")
PAIRS = (("x", "x"), ("x", "y"), ("y", "y"))
STEP = Fraction(1, 10**40)
DIGITS = 250
Point = dict[str, Fraction]


def quotient(expr: Expr, point: Point, by: tuple[str, ...]) -> object | None:
    """The central difference quotient of order len(by); its error is of the order of 1e-80."""
    if not by:
        return evaluate(expr, point, digits=DIGITS)
    *rest, last = by
    up = quotient(expr, {**point, last: point[last] + STEP}, tuple(rest))
    down = quotient(expr, {**point, last: point[last] - STEP}, tuple(rest))
    return None if up is None or down is None else (up - down) / (2 * mpf(STEP.numerator) / STEP.denominator)


def agree(one: object, other: object) -> bool:
    return bool(abs(one - other) <= mpf(10) ** -25 * (1 + abs(one) + abs(other)))


def compare(expr: Expr, point: Point) -> bool:
    """True when all derivatives up to the second were compared, False when this is no point of the domain."""
    with mp.workdps(DIGITS):
        here = evaluate(expr, point, digits=DIGITS)
        if here is None or abs(here) > mpf(10) ** 30 or active_switches(expr, point):
            return False
        places = [("x",), ("y",), *PAIRS]
        expected = [quotient(expr, point, by) for by in places]
        if any(value is None or abs(value) > mpf(10) ** 30 for value in expected):
            return False
        try:
            partials = Partials(expr, NAMES)
            trees = [partials.tree(by) for by in places]
        except MathError:
            return False  # a constant part such as sqrt(-2): refused as a whole
        for by, tree, reference in zip(places, trees, expected, strict=True):
            assert parse(str(tree), variables=NAMES).body is tree, (str(expr), by, str(tree))
            value = evaluate(tree, point, digits=DIGITS)
            assert value is not None, (str(expr), by, str(tree), point)
            assert agree(value, reference), (str(expr), by, str(tree), point, value, reference)
        _compare_with_graph(expr, point, expected)
    return True


def _compare_with_graph(expr: Expr, point: Point, expected: list[object]) -> None:
    derived = derivative_graph(expr, NAMES)
    zero = derived.graph.constant(0)
    roots = [zero if node is None else node for node in derived.gradient]
    roots += [derived.hessian.get(place, zero) for place in ((0, 0), (1, 0), (1, 1))]
    numbers = [mpf(point[name].numerator) / point[name].denominator for name in NAMES]
    try:
        found = graph_values(derived.graph, roots, numbers)
    except Outside:
        return
    scale = max(mpf(1), *map(abs, expected))  # the graph holds pi and e as doubles, hence the wider tolerance
    for value, reference in zip(found, expected, strict=True):
        assert abs(value - reference) <= mpf(10) ** -9 * scale, (str(expr), point, found, expected)


def points(seed: int) -> list[Point]:
    rng = random.Random(seed)
    return [{"x": Fraction(rng.randint(-200, 200), 97), "y": Fraction(rng.randint(1, 300), 101)} for _ in range(3)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["smooth", "all"])
def test_printed_derivatives_of_random_expressions(kind: str) -> None:
    strategy = smooth_expressions(NAMES, max_leaves=6) if kind == "smooth" else expressions(NAMES, max_leaves=6)
    compared = 0

    @settings(max_examples=500)
    @given(strategy, st.integers(0, 10**6))
    def check(expr: Expr, seed: int) -> None:
        nonlocal compared
        try:
            compared += sum(compare(expr, point) for point in points(seed)) > 0
        except NotExpressible as failure:
            raise AssertionError(f"{expr}: {failure}") from failure

    check()
    assert compared >= 250  # of each kind; the others have no point of their domain among three


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_every_function_has_a_printed_derivative(name: str) -> None:
    x, y = Symbol("x"), Symbol("y")
    inner = Call("sin", x) if name in SMOOTH_FUNCTIONS else x
    function = FUNCTIONS[name]
    forms = [Call(name, *[inner, y, x][: max(function.min_arity, 1)])]
    if function.max_arity != 1:
        forms.append(Call(name, *[y, inner, x][: max(function.min_arity, 2)]))
    else:
        forms += [Call(name, y), Call(name, Call("exp", y)), Call(name, Call("sqrt", Call("abs", x)))]
    grid = [{"x": Fraction(a, 7), "y": Fraction(b, 7)} for a in (-11, -3, 2, 5, 12) for b in (1, 4, 9, 16)]
    assert sum(compare(form, point) for form in forms for point in grid) >= 5


@pytest.mark.parametrize("exponent", ["1/3", "2/3", "-1/3", "3/5", "1/2", "3/4", "7", "-2", "0.2", "0", "pi"])
def test_powers_are_real(exponent: str) -> None:
    expr = parse(f"x^({exponent}) + y", variables=NAMES).body
    grid = [{"x": Fraction(a, 7), "y": Fraction(1)} for a in (-11, -3, 2, 5, 12)]
    compared = [compare(expr, point) for point in grid]
    assert all(compared[2:])
    assert all(compared) or exponent in ("1/2", "3/4", "pi")
