"""Training on a cluster of real processes: the bits of one process, whatever dies on the way."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cluster_processes import processes

import calcopt
from calcopt.data import cluster as cluster_module
from calcopt.data import columnar
from calcopt.errors import ClusterError, DataError, UsageError
from calcopt.records import Epoch, TrainedPerceptron

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def small_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "PIECE", 500)


@pytest.fixture
def table(tmp_path: Path) -> str:
    """3000 rows in six partitions: numbers (some of b missing), levels, sentences, and three kinds of targets."""
    random = np.random.default_rng(8)
    a, b, c = random.normal(size=(3, 3000)) * [[1.0], [10.0], [0.1]] + [[0.0], [100.0], [5.0]]
    level = random.choice(["low", "mid", "high"], 3000)
    z = a + (b - 100) / 20 + (level == "high") + random.logistic(size=3000)
    words = [" ".join(random.choice(["ya", "na", "so"], 4)) for _ in range(3000)]
    columns: dict[str, Any] = {
        "a": a,
        "b": pa.array(b, mask=random.random(3000) < 0.05),
        "c": c,
        "level": level,
        "words": words,
        "number": 3 * a - c + random.normal(size=3000),
        "two": np.where(z > 0, "yes", "no"),
        "three": np.digitize(z, [-1.0, 1.0]),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet", row_group_size=100)
    return str(tmp_path / "t.parquet")


QUESTIONS: list[dict[str, Any]] = [
    {"target": "two", "features": "a,c,level", "method": "newton"},
    {"target": "two", "features": "a,b", "missing": "mean", "validation": 0.2, "l2": 0.01, "class_weights": "balanced"},
    {"target": "number", "features": "a,c", "method": "newton", "validation": 0.1},
    {"target": "three", "features": "a,b,c", "missing": "skip", "task": "classification", "epochs": 20},
    {"target": "two", "text": "words", "epochs": 5},
    {"target": "two", "features": "a,c", "hidden": "4", "epochs": 8, "seed": 3, "activation": "tanh"},
]


def test_the_same_bits_on_any_number_of_workers(table: str) -> None:
    alone = [calcopt.train_perceptron(table, **question) for question in QUESTIONS]
    with processes(workers=1) as found:
        for workers in (1, 2, 4):
            while len(found.workers) < workers:
                found.worker()
            for question, expected in zip(QUESTIONS, alone, strict=True):
                assert calcopt.train_perceptron(table, cluster=found.address, **question) == expected


class Killing:
    """Kills a process after an epoch."""

    def __init__(self, process: Any, after: int) -> None:
        self.process, self.after, self.seen = process, after, list[int]()

    def __call__(self, epoch: Epoch) -> None:
        self.seen.append(epoch.epoch)
        if epoch.epoch == self.after:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()


LONG: dict[str, Any] = {"target": "two", "features": "a,c,level", "method": "gd", "epochs": 12, "validation": 0.1}


def same(one: TrainedPerceptron, other: TrainedPerceptron) -> bool:
    return (one.weights, one.bias, one.trace, one.validation) == (
        other.weights,
        other.bias,
        other.trace,
        other.validation,
    )


def test_a_worker_that_is_killed_in_mid_run_changes_nothing(table: str) -> None:
    alone = calcopt.train_perceptron(table, **LONG)
    with processes(workers=2) as found:
        killing = Killing(found.workers[0], 3)
        assert same(calcopt.train_perceptron(table, cluster=found.address, on_epoch=killing, **LONG), alone)
        assert killing.seen == [*range(13)]


def test_the_scheduler_is_killed_and_the_run_resumed(
    table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 2)
    alone = calcopt.train_perceptron(table, **LONG)
    checkpoint = tmp_path / "run.checkpoint"
    with processes(workers=2) as found, pytest.raises(ClusterError) as caught:
        calcopt.train_perceptron(
            table, cluster=found.address, checkpoint=checkpoint, on_epoch=Killing(found.scheduler, 5), **LONG
        )
    assert "went away" in caught.value.message
    assert f"--resume {checkpoint}" in (caught.value.hint or "")
    kept = checkpoint.read_bytes()
    with processes(workers=1) as found:  # on another cluster
        resumed = calcopt.train_perceptron(table, cluster=found.address, resume=checkpoint, **LONG)
    assert resumed.resumed_from == 5
    assert same(resumed, alone)
    checkpoint.write_bytes(kept)  # and on none
    assert same(calcopt.train_perceptron(table, resume=checkpoint, **LONG), alone)


def test_mini_batches_are_refused_before_anything_is_read(table: str) -> None:
    with pytest.raises(UsageError, match="mini-batches") as caught:
        calcopt.train_perceptron(table, target="two", features="a", method="adam", cluster="local:1")
    assert caught.value.hint == "use --method newton, or gd"


def test_errors_name_the_row(table: str) -> None:
    missing = pq.read_table(table)["b"].is_null().to_pylist().index(True) + 1
    with pytest.raises(DataError, match=f"row {missing}: column 'b' is missing"):
        calcopt.train_perceptron(table, target="two", features="a,b", cluster="local:1")
    with pytest.raises(DataError, match=f"row {missing}: the target 'b' is missing"):
        calcopt.train_perceptron(table, target="b", features="a", missing="mean", cluster="local:1")
