"""All critical points in a box, with proof: counts known by hand, every enclosure checked in other arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from calcopt.calculus.algebra.partials import Partials
from calcopt.calculus.precise import evaluate
from calcopt.certify.critical_search import Budget, CriticalSearch
from calcopt.certify.inertia import eigenvalue_bounds, kind
from calcopt.certify.undecided import explained
from calcopt.critical.point import polish
from calcopt.expression import parse
from calcopt.expression.tree import free_names
from calcopt.numeric.intervals import IntervalFunction
from calcopt.problem.points import as_box
from tests.certify.critical_cases import CASES

CHECKED_POINTS = 6  # of a case with many


def search(text: str, box: str, budget: Budget | None = None) -> CriticalSearch:
    body = parse(text).body
    names = sorted(free_names(body))
    ranges = as_box(box, names)
    low, high = (np.array([float(evaluate(ranges[name][end], {})) for name in names]) for end in (0, 1))
    found = CriticalSearch(IntervalFunction(body, names), low, high, budget or Budget())
    found.run()
    return found


def kinds(found: CriticalSearch) -> list[str | None]:
    over = found.f.hessian(found.found.lo, found.found.hi)
    return [kind(over.hessian_lo[row], over.hessian_hi[row]) for row in range(len(found.found))]


def refined(text: str, names: tuple[str, ...], start: Any) -> list[Any]:
    """The zero of the gradient by Newton's method at 60 digits, with SymPy's derivatives instead of the graph's."""
    better = polish(Partials(parse(text).body, names), dict(zip(names, start, strict=True)))
    assert better is not None
    return [better.numbers()[name] for name in names]


@pytest.mark.parametrize(("text", "box", "minima", "maxima", "saddles"), CASES, ids=[case[0] for case in CASES])
def test_all_points_are_found_once_and_nothing_stays_open(
    text: str, box: str, minima: int, maxima: int, saddles: int
) -> None:
    found = search(text, box)
    assert found.finished
    assert found.complete
    counted = [kinds(found).count(what) for what in ("local minimum", "local maximum", "saddle point")]
    assert counted == [minima, maxima, saddles]
    assert len(found.found) == sum(counted)
    points = found.found
    for row in range(min(len(points), CHECKED_POINTS)):
        root = refined(text, found.f.names, 0.5 * (points.lo[row] + points.hi[row]))
        assert all(
            mpf(low) <= v <= mpf(high) for v, low, high in zip(root, points.lo[row], points.hi[row], strict=True)
        )
        assert (points.hi[row] - points.lo[row]).max() < 1e-10


@pytest.mark.parametrize(
    ("text", "box", "kind"),
    [
        ("x^4 + y^4", "-3..3", "degenerate"),
        ("(y - x^2)*(y - 2x^2)", "-3..3", "degenerate"),
        ("x^3 - 3x*y^2", "-3..3", "degenerate"),
        ("(x^2 + y^2 - 1)^2", "-3..3", "continuum"),
        ("|x| + |y|", "-3..3", "kink"),
        ("|x*y - 1| + x^2", "-3..3", "kink"),
        ("floor(x) + y^2", "0.5..1.5", "jump"),
        ("x^(2/3)", "-3..3", "kink"),
        ("max(x, 0)^2", "-3..3", "kink"),
        ("sin(x)/x + y^2", "-1..1", "domain edge"),
    ],
)
def test_what_stays_open_is_merged_and_explained(text: str, box: str, kind: str) -> None:
    found = search(text, box)
    assert not found.complete
    left = explained(found.f, *found.open, found.low, found.high)
    assert 1 <= len(left) <= 12
    assert kind in {item.kind for item in left}
    lo, hi = found.open
    assert all(any((item.lo <= lo[k]).all() and (item.hi >= hi[k]).all() for item in left) for k in range(len(lo)))


def test_a_minimum_without_a_derivative_is_never_dropped() -> None:
    """The corner or cusp lies in some undecided box, wherever the cuts fall."""
    for at in ("0", "1/3", "0.7", "1"):
        for text in (f"|x - {at}|", f"(x - {at})^(2/3)", f"sqrt(|x - {at}|)", f"max(x - {at}, 2*({at} - x))"):
            found = search(text, "-2..3")
            lo, hi = found.open
            place = float(evaluate(parse(at).body, {}))
            assert ((lo[:, 0] <= place + 1e-12) & (hi[:, 0] >= place - 1e-12)).any(), text


def test_a_flat_region_is_known_to_be_flat() -> None:
    found = search("max(x, 0)^2 + 1", "-3..3")
    lo, hi = (np.concatenate([part[end] for part in found.flat])[:, 0] for end in (0, 1))
    assert (lo.min(), hi.max()) == (-3.0, 0.0)


@pytest.mark.parametrize("budget", [Budget(max_boxes=40), Budget(time_limit=1e-9)])
def test_a_spent_budget_is_no_completeness(budget: Budget) -> None:
    found = search("sin(x*y) + cos(x^2)", "-10..10", budget)
    assert found.exhausted
    assert not found.complete
    assert not found.finished
    (left,) = explained(found.f, *found.open, found.low, found.high, exhausted=found.exhausted)
    assert left.kind == "budget"


def test_points_beside_the_box_do_not_count() -> None:
    assert len(search("(x - 1)^2 + y^2", "-1..0.999999").found) == 0
    assert len(search("(x - 1)^2 + y^2", "-1..1").found) == 1
    assert len(search("(x - 1)^2 + y^2", "x=0.5..1.000001,y=-1..1").found) == 1


coefficients = st.integers(-6, 6)


@settings(max_examples=60)
@given(roots=st.lists(st.integers(-20, 20), min_size=1, max_size=5, unique=True))
def test_polynomials_with_chosen_critical_points(roots: list[int]) -> None:
    """f' = ∏ (x − r/4), integrated exactly: the points are the roots, minima and maxima in turn."""
    coefficients = np.poly1d([1.0])
    for root in roots:
        coefficients *= np.poly1d([1.0, -root / 4])
    whole = coefficients.integ()
    text = " + ".join(f"({float(c)!r})*x^{whole.order - k}" for k, c in enumerate(whole.coeffs))
    # 1/3 in a coefficient is rounded: the roots move by little, and stay simple
    found = search(text.replace("e-", "*10^-").replace("e+", "*10^"), "-6..6")
    assert found.complete
    places = np.sort(0.5 * (found.found.lo + found.found.hi)[:, 0])
    assert places == pytest.approx(sorted(root / 4 for root in roots), abs=1e-9)


@settings(max_examples=60)
@given(entries=st.lists(coefficients, min_size=6, max_size=6), spread=st.sampled_from([0.0, 1e-12, 0.125, 1.0]))
def test_eigenvalue_bounds_hold_for_matrices_in_the_enclosure(entries: list[int], spread: float) -> None:
    matrix = np.zeros((3, 3))
    matrix[np.triu_indices(3)] = entries
    matrix = matrix + np.triu(matrix, 1).T
    bounds = eigenvalue_bounds(matrix - spread, matrix + spread)
    assert bounds is not None
    rng = np.random.default_rng(0)
    for _ in range(5):
        shift = rng.uniform(-spread, spread, (3, 3))
        values = sorted(mp.eigsy(mp.matrix(matrix + 0.5 * (shift + shift.T)), eigvals_only=True))
        assert all(mpf(a) <= v <= mpf(b) for a, v, b in zip(bounds[0], values, bounds[1], strict=True))


def test_many_variables_do_not_fill_the_memory_at_the_start() -> None:
    names = [f"x{k}" for k in range(1, 31)]
    found = search(" + ".join(f"cosh({name})" for name in names), "-1..1", Budget(max_boxes=2000))
    assert found.boxes <= 2000
    assert found.complete
    assert len(found.found) == 1
