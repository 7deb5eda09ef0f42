"""The area under the curve of very many rows, from a histogram: near that of all scores, and its bound holds."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcopt.learn import auc
from calcopt.learn.auc import Histogram, area_of_histogram, area_under_curve
from calcopt.learn.metrics import area_of_many, measure
from calcopt.learn.network import Network
from calcopt.learn.shares import shares_of
from calcopt.learn.training_problem import TrainingProblem

NETWORK = Network((1, 1), "sigmoid", "sigmoid")
THETA = np.array([1.0, 0.0])


def problem(scores: np.ndarray, positive: np.ndarray) -> TrainingProblem:
    """A perceptron whose scores are its only feature."""
    return TrainingProblem(NETWORK, shares_of(scores[:, None], positive.astype(float), shares=3))


@given(st.integers(20, 400), st.integers(1, 4), st.integers(0, 99))
def test_the_bound_holds(rows: int, bins: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    scores, positive = generator.integers(-9, 9, rows) / 4.0, generator.random(rows) < 0.4
    exact = area_under_curve(scores, positive)
    edges = np.unique(generator.choice(scores, bins))
    counts = np.zeros((2, 2 * len(edges) + 1), dtype=np.int64)
    for score, side in zip(scores, positive.astype(int), strict=True):
        counts[side, np.searchsorted(edges, score, "left") + np.searchsorted(edges, score, "right")] += 1
    found = area_of_histogram(counts, rows)
    if exact is None:
        assert found is None
        return
    assert found is not None
    assert abs(found[0] - exact) <= found[1] + 1e-15


def test_many_rows_need_no_list_of_scores() -> None:
    generator = np.random.default_rng(1)
    positive = generator.random(300_000) < 0.3
    scores = generator.normal(size=300_000) + positive
    exact = area_under_curve(scores, positive)
    assert exact is not None
    for bins in (1 << 17, 1 << 18):
        assert area_of_many(problem(scores, positive), THETA, bins=bins) == pytest.approx(exact, abs=1e-6)
    assert area_of_many(problem(scores, positive), THETA, bins=1000) is None


def test_equal_scores_are_exact() -> None:
    generator = np.random.default_rng(2)
    scores, positive = generator.integers(0, 5, 10_000).astype(float), generator.random(10_000) < 0.5
    assert area_of_many(problem(scores, positive), THETA, bins=500) == pytest.approx(
        measure(problem(scores, positive), THETA).area_under_curve, abs=1e-14
    )


def test_one_class_or_an_infinite_score_have_no_area() -> None:
    scores = np.arange(100.0)
    assert area_of_many(problem(scores, scores < 200), THETA) is None
    assert area_of_many(problem(np.append(scores, np.inf), np.arange(101) % 2 == 0), THETA) is None


@pytest.mark.parametrize("by_column", [False, True])
def test_counts_of_rows_in_a_file_are_those_of_rows_in_memory(by_column: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(3)
    scores, positive = generator.integers(-99, 99, 20_000) / 8.0, generator.random(20_000) < 0.4
    edges = np.unique(generator.choice(scores, 30))
    expected = np.zeros((2, 2 * len(edges) + 1), dtype=np.int64)
    places = np.searchsorted(edges, scores, "left") + np.searchsorted(edges, scores, "right")
    np.add.at(expected, (positive.astype(int), places), 1)
    for chunk in (1, 5000, 1 << 20):
        monkeypatch.setattr(auc, "CHUNK", chunk)
        for room in (0, 1 << 30):
            shares = shares_of(scores[:, None], positive.astype(float), shares=2, in_memory=room, by_column=by_column)
            assert np.array_equal(shares.total(Histogram(NETWORK, THETA, edges), operator.add), expected)
