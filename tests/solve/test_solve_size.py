"""Size: histories in bounded memory, banded factorizations, many variables, many starts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, diags_array
from solve_objectives import quadratic, rosenbrock, start

from calcopt.errors import UsageError
from calcopt.expression import parse
from calcopt.numeric.objective import function_objective
from calcopt.records import Iteration
from calcopt.solve import Stopping, gather, solve
from calcopt.solve.banded import banded_cholesky, bandwidth
from calcopt.solve.box import Box
from calcopt.solve.catalog import descent_method, local_method
from calcopt.solve.choose import choose
from calcopt.solve.conjugate import ConjugateModel, truncated_gradients
from calcopt.solve.curvature import DenseModel
from calcopt.solve.history import ENDS, FEWEST, MOST, History
from calcopt.solve.multistart import different_answers, listed, sobol_starts
from calcopt.solve.together import Together

CHAIN = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2, i, 1, n-1)"
PAIRS = "sum(100*(x[2*i]-x[2*i-1]^2)^2 + (1-x[2*i-1])^2, i, 1, n/2)"


def row(number: int, n: int = 1) -> Iteration:
    return Iteration(number, np.zeros(n), 0.0, np.zeros(n), 0.0)


# -- history ----------------------------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.integers(1, 60_000), st.sampled_from([1, 2_000, 10_000_000]))
def test_a_history_keeps_its_ends_and_an_even_middle(count: int, n: int) -> None:
    history, one = History(), np.broadcast_to(0.0, (n,))
    for number in range(count):
        history.append(Iteration(number, one, 0.0, one, 0.0))
    numbers = [kept.iteration for kept in history]
    assert history.added == count
    assert len(history) == len(numbers) <= MOST
    assert numbers == sorted(set(numbers))
    assert numbers[:ENDS] == list(range(min(ENDS, count)))
    assert numbers[-1] == history[-1].iteration == count - 1
    assert numbers[-min(ENDS, count) :] == list(range(count - min(ENDS, count), count))
    if n == 10_000_000:
        assert len(numbers) <= FEWEST
    gaps = set(np.diff(numbers[ENDS:-ENDS]).tolist())
    assert len(gaps) <= 1


def test_the_whole_history_is_kept_when_it_is_asked_for() -> None:
    history = History(whole=True)
    for number in range(MOST + 100):
        history.append(row(number))
    assert [kept.iteration for kept in history] == list(range(MOST + 100))


def test_a_long_run_counts_all_its_iterations() -> None:
    slow = descent_method("fixed", 1e-6)
    result = solve(rosenbrock(), start(-1.2, 1), slow, stop=Stopping(max_iterations=MOST + 2000))
    assert (result.status, result.iterations) == ("max_iterations", MOST + 2000)
    assert len(result.trace) < MOST
    assert f"stopped after {MOST + 2000} iterations" in result.message


# -- bands and conjugate gradients ------------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(0, 4))
def test_banded_cholesky_solves_what_dense_algebra_solves(seed: int, n: int, width: int) -> None:
    random = np.random.default_rng(seed)
    dense = np.tril(np.triu(random.normal(size=(n, n)), -width), width)
    dense = dense + dense.T
    matrix = csr_array(dense + 3 * (1 + np.abs(dense).sum(axis=1).max()) * np.eye(n))
    assert bandwidth(matrix) <= width
    b = random.normal(size=n)
    solver = banded_cholesky(matrix, bandwidth(matrix))
    assert solver is not None
    np.testing.assert_allclose(solver.solve(b), np.linalg.solve(matrix.toarray(), b), rtol=1e-10, atol=1e-13)
    lowest = float(np.linalg.eigvalsh(matrix.toarray())[0])
    assert banded_cholesky(matrix, bandwidth(matrix), -lowest * 1.01) is None


def test_bandwidth_is_that_of_stored_entries() -> None:
    assert bandwidth(diags_array([np.ones(7)], offsets=[3], shape=(10, 10)).tocsr()) == 3
    assert bandwidth(csr_array((5, 5))) == 0


@given(st.integers(0, 10_000), st.integers(1, 8), st.floats(1e-2, 1e3))
def test_truncated_gradients_stay_in_the_ball_and_go_down(seed: int, n: int, radius: float) -> None:
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(n, n))
    matrix, g = matrix + matrix.T, random.normal(size=n)
    found = truncated_gradients(matrix, g, radius, 1e-10, 100)
    assert np.linalg.norm(found.p) <= radius * (1 + 1e-9)
    cauchy = min(radius / np.linalg.norm(g), 1e300) * -g
    curvature = float(g @ matrix @ g)
    if curvature > 0:
        cauchy = -min(float(g @ g) / curvature, radius / float(np.linalg.norm(g))) * g
    model = lambda p: float(g @ p + 0.5 * p @ matrix @ p)  # noqa: E731
    assert model(found.p) <= model(cauchy) + 1e-9 * abs(model(cauchy))


def test_conjugate_and_factored_models_agree() -> None:
    matrix = diags_array([np.full(199, -1.0), np.full(200, 2.5), np.full(199, -1.0)], offsets=[-1, 0, 1]).tocsr()
    g = np.cos(np.arange(200.0))
    step = ConjugateModel(matrix).newton(g)
    exact = DenseModel(matrix.toarray()).newton(g)
    assert step is not None
    assert exact is not None
    np.testing.assert_allclose(step.p, exact.p, atol=1e-7)


# -- many variables ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [CHAIN, PAIRS])
@pytest.mark.parametrize("method", ["auto", "trust-region"])
def test_rosenbrock_in_two_thousand_variables(text: str, method: str) -> None:
    if (text, method) == (CHAIN, "trust-region"):
        return  # the front wanders through the chain, one variable a step: this is what Together is for
    formula = parse(text, constants={"n": parse("2000").body})
    objective = function_objective(formula.body, formula.variables)
    x0 = np.where(np.arange(2000) % 2 == 0, -1.2, 1.0)
    result = solve(objective, x0, choose(objective, x0, name=method).method, stop=Stopping(max_iterations=200))
    assert result.reached_goal, result.message
    assert result.verdict.classification == "local minimum"
    np.testing.assert_allclose(result.x, 1, atol=1e-7)


def test_variables_that_crawl_are_moved_together() -> None:
    formula = parse(CHAIN, constants={"n": parse("600").body})
    objective = function_objective(formula.body, formula.variables)
    x0 = np.full(600, -1.2)
    alone = solve(objective, x0, local_method("safeguarded"), stop=Stopping(max_iterations=100))
    assert alone.status == "max_iterations"
    moved = solve(objective, x0, Together(local_method("safeguarded")), stop=Stopping(max_iterations=100))
    assert moved.reached_goal
    assert [step.step for step in moved.trace].count("A") == 1
    values = [step.value for step in moved.trace]
    assert values == sorted(values, reverse=True)


def test_moving_together_keeps_a_box() -> None:
    formula = parse(CHAIN, constants={"n": parse("600").body})
    objective = function_objective(formula.body, formula.variables)
    box = Box(np.full(600, -2.0), np.full(600, 0.9))
    result = solve(
        objective, np.full(600, -1.2), Together(local_method("safeguarded")), box=box, stop=Stopping(1e-6, 100)
    )
    assert all((step.x <= 0.9).all() for step in result.trace)


# -- many starts ------------------------------------------------------------------------------------------------------


def test_starts_fill_the_box_and_repeat_with_the_seed() -> None:
    box = Box(start(-5, 0), start(5, 1))
    points = np.array(sobol_starts(64, 7, box=box))
    assert points.shape == (64, 2)
    assert (points >= box.lower).all()
    assert (points <= box.upper).all()
    for axis in (0, 1):  # every eighth of each side holds eight of them: a property of Sobol's sequence
        parts = np.floor((points[:, axis] - box.lower[axis]) / (box.upper[axis] - box.lower[axis]) * 8)
        assert np.bincount(parts.astype(int), minlength=8).tolist() == [8] * 8
    np.testing.assert_array_equal(points, sobol_starts(64, 7, box=box))
    assert not np.array_equal(points, sobol_starts(64, 8, box=box))


def test_the_start_that_was_given_comes_first() -> None:
    points = sobol_starts(5, 0, start=start(2, -30))
    assert len(points) == 5
    np.testing.assert_array_equal(points[0], [2, -30])
    assert all(abs(x[0] - 2) <= 10 and abs(x[1] + 30) <= 150 for x in points)


@pytest.mark.parametrize(("count", "said"), [(0, "0 starts make no sense"), (3, "need a box, or a start")])
def test_starts_that_cannot_be_spread(count: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        sobol_starts(count, 0)


def test_an_infinite_side_is_searched_beside_the_start() -> None:
    points = np.array(sobol_starts(20, 0, start=start(1), box=Box(start(0), start(np.inf))))
    assert (points >= 0).all()
    assert (points <= 6).all()


def test_the_different_minima_are_listed_with_how_many_starts_led_there() -> None:
    objective = function_objective(parse("(x^2-1)^2 + 0.1*x").body, ["x"])
    results = [solve(objective, start(x), local_method("safeguarded")) for x in (-2, -1.5, 0.8, 2, 3)]
    answers = different_answers(results)
    assert [found.times for found in answers] == [2, 3]
    assert answers[0].result.x[0] < 0 < answers[1].result.x[0]
    lines = listed(results)
    assert lines[0].startswith("1. f = -0.1")
    assert lines[0].endswith("(from 2 starts)")
    assert len(listed(results, most=1)) == 2
    assert gather(results).best in (0, 1)


def test_a_dense_quadratic_of_many_variables_gets_l_bfgs() -> None:
    n = 2100
    objective = quadratic(np.ones((n, n)) + np.diag(np.arange(1.0, n + 1)), np.ones(n))
    chosen = choose(objective, np.zeros(n))
    assert "L-BFGS" in chosen.reason
