"""Derivatives of random expressions over the whole language against difference quotients at 90 digits.

The derivative graph is interpreted at the same precision, so what is tested is the calculus, not the rounding.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from precise_graphs import Outside, graph_values, tree_value
from strategies import SMOOTH_FUNCTIONS, expressions, smooth_expressions

from calcopt.calculus.derivatives import derivative_graph
from calcopt.expression.functions import FUNCTIONS
from calcopt.expression.tree import Call, Expr, Number, Symbol

STEP = mpf(10) ** -22
NAMES = ("x", "y")


def quotients(expr: Expr, point: list[Any]) -> tuple[list[Any], dict[tuple[int, int], Any]]:
    """Central differences for the gradient and the Hessian's lower triangle; Outside near the domain's edge."""

    def at(*moves: tuple[int, int]) -> Any:
        moved = list(point)
        for position, steps in moves:
            moved[position] += steps * STEP
        return tree_value(expr, dict(zip(NAMES, moved, strict=True)))

    here, size = at(), len(point)
    first, second = [], {}
    for i in range(size):
        up, down = at((i, 1)), at((i, -1))
        first.append((up - down) / (2 * STEP))
        second[i, i] = (up - 2 * here + down) / STEP**2
        for j in range(i):
            corners = at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1)) + at((i, -1), (j, -1))
            second[i, j] = corners / (4 * STEP**2)
    return first, second


def compare(expr: Expr, point: list[Any]) -> bool:
    """True when derivatives were compared at ``point``; False when it is no point of the domain, or near a kink."""
    with mp.workdps(90):
        try:
            first, second = quotients(expr, point)
        except Outside:
            return False
        if max(map(abs, [*first, *second.values()])) > mpf(10) ** 15:
            return False  # a pole, a corner or a jump within a step
        derived = derivative_graph(expr, NAMES)
        zero = derived.graph.constant(0)
        roots = [zero if node is None else node for node in derived.gradient]
        roots += [derived.hessian.get(place, zero) for place in second]
        found = graph_values(derived.graph, roots, point)
        expected = [*first, *second.values()]
        scale = max(mpf(1), *map(abs, expected))
        for value, reference in zip(found, expected, strict=True):
            assert abs(value - reference) <= mpf(10) ** -9 * scale, (expr, point, found, expected)
    return True


def points(seed: int) -> list[list[Any]]:
    rng = random.Random(seed)
    return [[mpf(rng.uniform(-2.0, 2.0)), mpf(rng.uniform(0.1, 3.0))] for _ in range(3)]


@pytest.mark.parametrize("kind", ["smooth", "all"])
def test_random_expressions_agree_with_difference_quotients(kind: str) -> None:
    strategy = smooth_expressions(NAMES) if kind == "smooth" else expressions(NAMES)
    compared = 0

    @settings(max_examples=700)
    @given(strategy, st.integers(0, 10**6))
    def check(expr: Expr, seed: int) -> None:
        nonlocal compared
        compared += sum(compare(expr, point) for point in points(seed)) > 0

    check()
    assert compared >= 400  # each of both kinds, of 700; the others have no point of their domain among three


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_every_function_is_derived(name: str) -> None:
    x, y = Symbol("x"), Symbol("y")
    inner = Call("sin", x) if name in SMOOTH_FUNCTIONS else x
    function = FUNCTIONS[name]
    forms = [Call(name, *[inner, y, x][: max(function.min_arity, 1)])]
    if function.max_arity != 1:
        forms.append(Call(name, *[y, inner, x][: max(function.min_arity, 2)]))
    else:
        forms += [Call(name, y), Call(name, Call("exp", y)), Call(name, Call("sqrt", Call("abs", x)))]
    grid = [[mpf(a) / 7, mpf(b) / 7] for a in (-11, -3, 2, 5, 12) for b in (1, 4, 9, 16)]
    assert sum(compare(form, point) for form in forms for point in grid) >= 5


@pytest.mark.parametrize("exponent", ["1/3", "2/3", "-1/3", "3/5", "1/2", "3/4", "7", "-2", "0.2", "0", "pi"])
def test_powers_are_real(exponent: str) -> None:
    from calcopt.expression import parse

    expr = parse(f"x^({exponent}) + y", variables=NAMES).body
    grid = [[mpf(a) / 7, mpf(1)] for a in (-11, -3, 2, 5, 12)]
    compared = [compare(expr, point) for point in grid]
    assert all(compared[2:])
    if exponent not in ("1/2", "3/4", "pi"):
        assert all(compared)


def test_a_number_has_no_derivative_entries() -> None:
    derived = derivative_graph(Number(3), NAMES)
    assert derived.gradient == (None, None)
    assert derived.hessian == {}
