"""Rows that a process keeps: the same blocks at every pass, read once while there is room, and room that comes back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from calcopt.data import kept
from calcopt.data.blocks import ROWS
from calcopt.data.kept import forget, fresh_blocks, kept_blocks, new_owner
from calcopt.data.table import Table, memory_table

COUNT = 3 * ROWS + 17
DATA = {"x": np.arange(COUNT) / 8, "y": -np.arange(COUNT) / 4, "z": np.ones(COUNT)}


class Watched:
    """A partition that counts how often it is read."""

    def __init__(self, number: int = 0) -> None:
        (self._table,) = memory_table(DATA).partitions()
        self.number, self.reads, self.rows, self.skipped = number, 0, 0, 0

    def batches(self, *wanted: Any) -> Iterator[Any]:
        self.reads += 1
        yield from self._table.batches(*wanted)
        self.rows, self.skipped = self._table.rows, self._table.skipped


@pytest.fixture(autouse=True)
def _only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_shelves", kept._Shelves())


def passed(partition: Any, owner: str, **how: Any) -> list[np.ndarray]:
    return list(kept_blocks(partition, ["y", "x"], owner=owner, **how))


def held() -> int:
    return sum(shelf.memory for shelf in kept._shelves._shelves.values())


@pytest.mark.parametrize("memory", [1 << 20, 50_000, 0])
@pytest.mark.parametrize("by_column", [True, False])
@pytest.mark.parametrize("size", [ROWS, 1000, 8192])
def test_the_same_blocks_from_memory_and_from_the_file(
    monkeypatch: pytest.MonkeyPatch, memory: int, by_column: bool, size: int
) -> None:
    monkeypatch.setattr(kept, "IN_MEMORY", memory)
    partition, owner = Watched(), new_owner()
    for _ in range(3):
        blocks = passed(partition, owner, by_column=by_column, size=size)
        assert (partition.rows, partition.skipped) == (COUNT, 0)
        assert [block.shape[1 if by_column else 0] for block in blocks[:-1]] == [size] * (COUNT // size)
        assert all(block.flags.c_contiguous for block in blocks)
        whole = np.concatenate(blocks, axis=1).T if by_column else np.concatenate(blocks)
        assert np.array_equal(whole, np.column_stack([DATA["y"], DATA["x"]]))
        partition.rows = partition.skipped = -1
    assert partition.reads == 1
    assert held() <= memory
    fresh = list(fresh_blocks(partition._table, ["y", "x"], by_column=by_column, size=size))
    assert all(np.array_equal(one, other) for one, other in zip(fresh, blocks, strict=True))


def test_what_was_not_read_to_its_end_is_not_kept() -> None:
    partition, owner = Watched(), new_owner()
    blocks = kept_blocks(partition, ["x"], owner=owner)  # type: ignore[arg-type]
    next(blocks)
    assert held() > 0
    blocks.close()  # type: ignore[attr-defined]
    assert held() == 0
    assert len(passed(partition, owner)) == 4
    assert partition.reads == 2


def test_without_room_rows_are_read_anew_and_what_is_kept_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "IN_MEMORY", 16 * COUNT)
    monkeypatch.setattr(kept, "SPARE", 1 << 62)
    one, other, owner = Watched(0), Watched(1), new_owner()
    for _ in range(3):
        for partition in (one, other):
            assert sum(map(len, passed(partition, owner))) == COUNT
            assert partition.rows == COUNT
    assert (one.reads, other.reads) == (1, 3)


def test_partitions_columns_and_owners_are_kept_apart() -> None:
    partition, owner = Watched(), new_owner()
    x = np.concatenate(list(kept_blocks(partition, ["x"], owner=owner)))  # type: ignore[arg-type]
    y = np.concatenate(list(kept_blocks(partition, ["y"], owner=owner)))  # type: ignore[arg-type]
    passed(partition, new_owner())
    assert np.array_equal(x[:, 0], DATA["x"])
    assert np.array_equal(y[:, 0], DATA["y"])
    assert partition.reads == 3


def test_memory_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    partition, first, second = Watched(), new_owner(), new_owner()
    passed(partition, first)
    passed(partition, second)
    assert held() == 32 * COUNT
    forget(first)
    assert held() == 16 * COUNT
    passed(partition, first)
    assert partition.reads == 3
    monkeypatch.setattr(kept, "IDLE", -1.0)
    passed(partition, new_owner())
    assert held() == 16 * COUNT


def test_on_a_full_disk_the_rows_of_others_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk has room for one table and a half."""

    class Usage:
        def __init__(self, _: str) -> None:
            taken = sum(shelf._end for shelf in kept._shelves._shelves.values())
            self.free = kept.SPARE + 24 * COUNT - taken

    monkeypatch.setattr(kept, "IN_MEMORY", 0)
    monkeypatch.setattr(kept.shutil, "disk_usage", Usage)
    partition, first, second = Watched(), new_owner(), new_owner()
    passed(partition, first)
    for _ in range(2):
        passed(partition, second)
    assert list(kept._shelves._shelves) == [second]
    assert partition.reads == 2


def test_many_threads_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "IN_MEMORY", 100_000)
    owner, partitions = new_owner(), [Watched(number) for number in range(6)]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            for blocks in pool.map(lambda partition: passed(partition, owner), partitions):
                assert np.array_equal(np.concatenate(blocks), np.column_stack([DATA["y"], DATA["x"]]))
    assert [partition.reads for partition in partitions] == [1] * 6
    assert isinstance(partitions[0]._table, Table)
