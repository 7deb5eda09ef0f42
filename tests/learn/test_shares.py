"""Rows in memory or in a file, cut in shares: the same blocks, and totals with the same bits."""

from __future__ import annotations

import dataclasses
import operator
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcopt.errors import FileError
from calcopt.learn import row_store
from calcopt.learn.auc import Histogram, Sampled
from calcopt.learn.checkpoint import fingerprint
from calcopt.learn.held_out import GROUP, WHOLE, HeldOut
from calcopt.learn.imputation import Presence
from calcopt.learn.metrics import Tallying, merged
from calcopt.learn.network import Network
from calcopt.learn.perceptron_scaling import moments_of_rows
from calcopt.learn.row_store import ROWS, RowStore
from calcopt.learn.shares import Block, shares_of
from calcopt.learn.training_curvature import Gram, GramImage
from calcopt.learn.training_problem import ClassCounts, Evaluation
from calcopt.learn.training_separation import ProvenMargin

RANDOM = np.random.default_rng(12)


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=5), st.sampled_from([0, 100_000, 1 << 20]), st.booleans())
def test_blocks_begin_anew_with_each_share_and_hold_its_rows(sizes: list[int], in_memory: int, by_column: bool) -> None:
    store, parts = (
        RowStore(3, in_memory=in_memory, by_column=by_column),
        [RANDOM.normal(size=(size, 3)) for size in sizes],
    )
    for part in parts:
        for some in np.array_split(part, 3):
            store.append(some)
        store.end_share()
    assert store.spooled == (24 * sum(sizes) > in_memory // 24 * 24)
    for number, part in enumerate(parts):
        blocks = [block.copy() for block in store.blocks(number)]
        assert [len(block) for block in blocks] == [
            len(part[start : start + ROWS]) for start in range(0, len(part), ROWS)
        ]
        assert np.array_equal(np.concatenate([np.empty((0, 3)), *blocks]), part)
    everything = np.empty((sum(sizes), 3))
    store.read(0, sum(sizes), everything)
    assert np.array_equal(everything, np.concatenate(parts))
    middle = everything[len(everything) // 3 : len(everything) // 2]
    some = np.empty(middle.shape)
    store.read(len(everything) // 3, len(everything) // 2, some)
    assert np.array_equal(some, middle)


@pytest.mark.parametrize("by_column", [False, True])
@pytest.mark.parametrize("in_memory", [0, 1 << 20])
def test_changes_stay(in_memory: int, by_column: bool) -> None:
    rows, targets = RANDOM.normal(size=(5000, 2)), RANDOM.normal(size=5000)
    shares = (
        shares_of(rows, targets, shares=3, in_memory=in_memory, by_column=by_column).changed(_doubled).changed(_doubled)
    )
    assert np.array_equal(shares.total(_rows, _below), 4.0 * rows)


def _doubled(rows: np.ndarray) -> None:
    rows *= 2.0


def _rows(blocks: Iterator[Block]) -> np.ndarray:
    return np.concatenate([rows.copy() for rows, _ in blocks])


def _below(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.concatenate([above, below])


def test_no_rows_have_no_total() -> None:
    with pytest.raises(ValueError, match="no row"):
        shares_of(np.empty((0, 2)), np.empty(0)).total(_rows, _below)


NETWORK = Network((4, 1), "sigmoid", "sigmoid")
THETA = RANDOM.normal(size=5)
SUMMARIES = {
    "evaluation": (Evaluation(NETWORK, THETA, None), operator.add),
    "weighted evaluation": (Evaluation(NETWORK, THETA, np.array([1.0, 3.0])), operator.add),
    "curvature": (Evaluation(NETWORK, THETA, None, with_curvature=True), operator.add),
    "gram": (Gram(4, np.array([1.0, 3.0])), operator.add),
    "image": (GramImage(THETA, None), operator.add),
    "margin": (ProvenMargin(NETWORK, THETA, None), min),
    "moments": (moments_of_rows, operator.add),
    "presence": (Presence(4), operator.add),
    "tally": (Tallying(NETWORK, THETA, True), merged),
    "histogram": (Histogram(NETWORK, THETA, np.linspace(-5.0, 5.0, 99)), operator.add),
    "sample": (Sampled(NETWORK, THETA, 7), _below),
    "classes": (ClassCounts(2), operator.add),
    "fingerprint": (fingerprint, operator.add),
}


def bits(summary: Any) -> Any:
    """A summary as plain values that are equal where every bit is."""
    if isinstance(summary, np.ndarray):
        return summary.dtype.str, summary.shape, summary.tobytes()
    if dataclasses.is_dataclass(summary):
        return [bits(getattr(summary, field.name)) for field in dataclasses.fields(summary)]
    return summary.hex() if isinstance(summary, float) else summary


@pytest.mark.parametrize("by_column", [False, True])
@pytest.mark.parametrize("name", SUMMARIES)
def test_a_total_has_the_same_bits_wherever_it_is_computed(name: str, by_column: bool) -> None:
    """In memory, from a file, and by functions and summaries that have gone through pickle, as to another process."""
    summarize, merge = SUMMARIES[name]
    rows = RANDOM.normal(size=(20_000, 4))
    targets = (rows.sum(axis=1) + RANDOM.normal(size=20_000) > 0).astype(float)

    def sent(blocks: Iterator[Block]) -> object:
        return pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(summarize))(blocks)))

    found = [
        shares_of(rows, targets, shares=5, in_memory=memory, by_column=by_column).total(function, merge)  # type: ignore[arg-type]
        for memory, function in ((1 << 22, summarize), (0, summarize), (0, sent))
    ]
    assert bits(found[0]) == bits(found[1]) == bits(found[2])


def test_the_cut_changes_sums_by_rounding_only() -> None:
    rows = RANDOM.normal(size=(9000, 4))
    targets = (rows.sum(axis=1) > 0).astype(float)
    whole, cut = (shares_of(rows, targets, shares=shares).total(*SUMMARIES["evaluation"]) for shares in (1, 7))
    assert whole.gradient == pytest.approx(cut.gradient, rel=1e-12)  # type: ignore[attr-defined]
    assert whole.right == cut.right  # type: ignore[attr-defined]


def test_moments_of_far_rows_keep_their_digits() -> None:
    """Merged over blocks and shares, the deviation at an offset of 10⁹ is that of the centred numbers."""
    small = RANDOM.integers(-50, 50, size=(30_000, 2)).astype(float)
    moments = shares_of(small + 1e9, small[:, 0], shares=4).total(moments_of_rows, operator.add)
    mean, deviation = moments.usable()
    assert mean[:2] - 1e9 == pytest.approx(small.mean(axis=0), abs=2e-7)
    assert deviation[:2] == pytest.approx(small.std(axis=0), rel=1e-12)
    assert moments.smallest[:2].tolist() == (small.min(axis=0) + 1e9).tolist()


def test_a_disk_without_room_is_told_before_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    class Small:
        free = 10 << 20

    monkeypatch.setattr(row_store.shutil, "disk_usage", lambda folder: Small)
    store = RowStore(10, in_memory=1 << 10)
    store.require_room(100_000)
    with pytest.raises(FileError, match=r"need at least 76\.3 MiB of disk there, and 10 MiB are free") as told:
        store.require_room(1_000_000)
    assert "TMPDIR" in str(told.value.hint)


def test_a_disk_that_is_full_is_told_with_what_to_do() -> None:
    """A limit on the size of files stands for the full disk."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    store = RowStore(2, in_memory=0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(FileError, match="the rows as numbers need at least") as told:
            store.append(np.zeros((100_000, 2)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "TMPDIR" in str(told.value.hint)


@given(st.integers(3, 500), st.floats(0.05, 0.9), st.integers(0, 5))
def test_the_rows_held_out_are_known_piece_by_piece(size: int, share: float, seed: int) -> None:
    held = max(1, min(size - 2, round(share * size)))
    drawn = HeldOut(size, held, np.random.SeedSequence(seed))
    whole = drawn.mask(0, size)
    assert whole.sum() == held
    middle = size // 3
    assert np.array_equal(np.concatenate([drawn.mask(0, middle), drawn.mask(middle, size)]), whole)
    expected = np.zeros(size, dtype=bool)
    expected[np.random.default_rng(np.random.SeedSequence(seed)).permutation(size)[:held]] = True
    assert np.array_equal(whole, expected)


def test_of_many_rows_each_group_holds_its_share_out() -> None:
    size, held = WHOLE + 1000, 123_457
    drawn = HeldOut(size, held, np.random.SeedSequence(4))
    pieces = [drawn.mask(start, min(size, start + 50_000)) for start in range(0, size, 50_000)]
    whole = np.concatenate(pieces)
    assert whole.sum() == held
    counts = np.add.reduceat(whole.astype(int), range(0, size, GROUP))[:-1]
    assert counts.min() >= held * GROUP // size
    assert counts.max() <= held * GROUP // size + 1
    assert not np.array_equal(whole[:GROUP], whole[GROUP : 2 * GROUP])
