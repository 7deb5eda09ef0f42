"""Mini-batches in random order: every row once an epoch, whatever the buffer, and the same order for the same seed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from calcopt.learn.shares import LocalShares, shares_of
from calcopt.learn.shuffling import shuffled_batches

WIDTH = 3


def numbered(rows: int, *, in_memory: int = 1 << 20, shares: int = 1) -> LocalShares:
    """Rows that tell their number, in each column and as the target."""
    numbers = np.arange(rows, dtype=np.float64)
    return shares_of(np.column_stack([numbers, -numbers]), numbers, shares=shares, in_memory=in_memory)


def epoch(shares: LocalShares, batch: int, seed: int, buffer: int) -> list[list[int]]:
    """The numbers of the rows in every batch, each row checked to have kept its cells together."""
    batches = []
    for rows, targets in shuffled_batches(shares, batch, np.random.default_rng(seed), buffer=buffer):
        assert rows[:, 0].tolist() == targets.tolist() == (-rows[:, 1]).tolist()
        batches.append(targets.astype(int).tolist())
    return batches


@given(
    st.integers(1, 700),
    st.integers(1, 90),
    st.integers(1, 12_000),
    st.sampled_from([0, 1 << 20]),
    st.integers(1, 5),
    st.integers(0, 3),
)
def test_every_row_comes_once_an_epoch_in_full_batches(
    rows: int, batch: int, buffer: int, in_memory: int, shares: int, seed: int
) -> None:
    batches = epoch(numbered(rows, in_memory=in_memory, shares=shares), batch, seed, buffer)
    assert sorted(number for some in batches for number in some) == list(range(rows))
    assert all(len(some) == batch for some in batches[:-1])
    assert 1 <= len(batches[-1]) <= batch


@given(st.integers(1, 700), st.integers(1, 12_000))
def test_where_the_rows_live_does_not_change_their_order(rows: int, buffer: int) -> None:
    orders = [epoch(numbered(rows, in_memory=memory), 7, 1, buffer) for memory in (0, 5000, 1 << 20)]
    assert orders[0] == orders[1] == orders[2]


def test_rows_that_fit_the_buffer_are_one_permutation() -> None:
    order = [number for some in epoch(numbered(500), 32, 5, 500 * 8 * WIDTH) for number in some]
    assert order == np.random.default_rng(5).permutation(500).tolist()


def test_a_small_buffer_still_mixes_rows_from_far_apart() -> None:
    """Of 64 runs in a buffer of a tenth of the rows, batches hold rows from many places of the table."""
    rows = 20_000
    batches = epoch(numbered(rows), 50, 3, rows * 8 * WIDTH // 10)
    reach = np.array([max(some) - min(some) for some in batches])
    assert np.median(reach) > rows / 2
    firsts = {epoch(numbered(rows), 50, seed, rows * 8 * WIDTH // 10)[0][0] for seed in range(5)}
    assert len(firsts) == 5


def test_the_next_epoch_has_another_order() -> None:
    shares, generator = numbered(3000), np.random.default_rng(0)
    orders = [
        np.concatenate([targets for _, targets in shuffled_batches(shares, 16, generator, buffer=9000)]).tolist()
        for _ in range(2)
    ]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])
