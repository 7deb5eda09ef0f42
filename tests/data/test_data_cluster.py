"""A Dask cluster of real processes reads a table: the bits of one process, whatever happens to the workers."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cluster_processes import Processes, processes

from calcopt.data import cluster as cluster_module
from calcopt.data import columnar, delimited_piece
from calcopt.data.cluster import connected
from calcopt.data.cluster_address import parse_address
from calcopt.data.cluster_worker import readable
from calcopt.data.passes import total
from calcopt.data.table import Table, memory_table, open_table
from calcopt.errors import CalcoptError, ClusterError, DataError, FileError, UsageError
from calcopt.learn.line import fit_line

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Doomed:
    """Sums a partition; the first to reach partition ``at`` takes its process down, as ``kill -9`` does."""

    column: str
    marks: str
    at: int
    attempts: int = 1

    def __call__(self, partition: Table) -> float:
        rows = np.concatenate([batch.columns[0] for batch in partition.batches([self.column])])
        if rows[0] == self.at:
            for attempt in range(self.attempts):
                try:
                    os.close(os.open(f"{self.marks}/{attempt}", os.O_CREAT | os.O_EXCL))
                except FileExistsError:
                    continue
                os.kill(os.getpid(), signal.SIGKILL)
        return float(rows.sum())


def add(a: float, b: float) -> float:
    return a + b


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Processes]:
    with processes(workers=2) as found:
        yield found


@pytest.fixture
def csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """20 partitions of three columns, the first one counting."""
    random = np.random.default_rng(3)
    columns = np.column_stack([np.arange(2000), random.normal(1e6, 3, 2000), random.normal(size=2000)])
    lines = [f"{int(n):05d},{x!r},{y!r}\n" for n, x, y in columns.tolist()]
    path = tmp_path / "t.csv"
    path.write_text("n,x,y\n" + "".join(lines))
    monkeypatch.setattr(delimited_piece, "PIECE", path.stat().st_size // 20 + 1)
    return str(path)


def test_the_same_bits_on_any_number_of_workers(csv: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "PIECE", 100)
    random = np.random.default_rng(4)
    x = random.normal(1e6, 3, 3000)
    pq.write_table(pa.table({"x": x, "y": 2 * x + random.normal(size=3000)}), tmp_path / "t.parquet", row_group_size=70)
    questions = [(csv, ["x"]), (csv, ["n", "x"]), (str(tmp_path / "t.parquet"), ["x"])]
    alone = [fit_line(open_table(source), x=features, y="y") for source, features in questions]
    with processes(workers=1) as found:
        for workers in (1, 2, 4):
            while len(found.workers) < workers:
                found.worker()
            for (source, features), expected in zip(questions, alone, strict=True):
                table = open_table(source)
                with connected(found.address, table) as crew:
                    assert crew.threads == workers
                    assert fit_line(table, x=features, y="y") == expected


def test_a_worker_that_is_killed_in_mid_pass_changes_nothing(csv: str, tmp_path: Path) -> None:
    (tmp_path / "marks").mkdir()
    table = open_table(csv)
    first = [next(iter(part.batches(["n"]))).columns[0][0] for part in table.partitions()]
    doomed = Doomed("n", str(tmp_path / "marks"), int(first[7]))
    with processes(workers=2) as found:
        with connected(found.address, table):
            assert total(table, doomed, add) == sum(range(2000))
        assert (table.rows, table.skipped) == (2000, 0)
        assert sorted(worker.poll() is None for worker in found.workers) == [False, True]
    assert [mark.name for mark in (tmp_path / "marks").iterdir()] == ["0"]


def test_a_partition_that_kills_every_worker_is_an_error(
    csv: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "ALONE_SECONDS", 0.1)
    monkeypatch.setattr(cluster_module, "_LOOK_SECONDS", 0.1)
    for workers, said in ((5, "4 workers died at the same partition"), (2, "has no worker left")):
        marks = tmp_path / str(workers)
        marks.mkdir()
        table = open_table(csv)
        doomed = Doomed("n", str(marks), 0, attempts=9)
        with (
            processes(workers=workers) as found,
            connected(found.address, table),
            pytest.raises(ClusterError, match=said),
        ):
            total(table, doomed, add)


def test_the_loss_of_the_scheduler_is_an_error(csv: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 2)
    with processes(workers=1) as found:
        table = open_table(csv)
        with connected(found.address, table):
            found.scheduler.kill()
            found.scheduler.wait()
            with pytest.raises(ClusterError, match=f"the cluster {found.address} went away"):
                total(table, Doomed("n", "", -1), add)
        assert table.crew is None


def test_errors_of_the_data_are_those_of_one_process(two_workers: Processes, csv: str) -> None:
    text = Path(csv).read_text()
    Path(csv).write_text(text.replace("\n01500,", "\n0150o,"))
    reports = []
    for address in (None, two_workers.address):
        table = open_table(csv)
        with connected(address, table) if address else nullcontext(), pytest.raises(DataError) as caught:
            fit_line(table, x=["n"], y="y")
        reports.append(caught.value.report())
    assert reports[0] == reports[1]
    assert ":1502:" in reports[0]


def test_a_cut_inside_a_cell_is_noticed_there_too(
    two_workers: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited_piece, "PIECE", 20)
    (tmp_path / "t.csv").write_text('n,a\n1,"one\ntwo\nthree\nfour\nfive\nsix"\n2,"seven, ""eight"""\n3,nine\n')
    table = open_table(str(tmp_path / "t.csv"))
    with connected(two_workers.address, table):
        assert total(table, Doomed("n", "", -1), add) == 6


def test_local_workers_need_no_scheduler(csv: str) -> None:
    table = open_table(csv)
    with connected("local:2", table) as crew:
        assert crew.threads == 2
        assert fit_line(table, x=["x"], y="y") == fit_line(open_table(csv), x=["x"], y="y")
    assert table.crew is None


def test_workers_that_do_not_fit(
    two_workers: Processes, csv: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = open_table(csv)
    ours = cluster_module.versions()
    with monkeypatch.context() as changed:
        changed.setattr(cluster_module, "versions", lambda: {**ours, "NumPy": "9.9"})
        # what is sent is a function by name, so workers still answer with theirs
        changed.setattr(cluster_module.Cluster, "_run", lambda self, *_: {"tcp://1.2.3.4:5": ours})
        said = r"worker tcp://1.2.3.4:5 has NumPy .*, this process 9.9"
        with pytest.raises(ClusterError, match=said), connected(two_workers.address, table):
            pass
    broken = tmp_path / "elsewhere" / "calcopt"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'calcopt'\", name='calcopt')\n")
    with processes(workers=0) as found:
        found.worker(path=str(broken.parent))
        with pytest.raises(ClusterError, match="the workers cannot import calcopt"), connected(found.address, table):
            pass


def test_a_scheduler_without_workers(csv: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 0.2)
    with (
        processes(workers=0) as found,
        pytest.raises(ClusterError, match="has no worker"),
        connected(found.address, open_table(csv)),
    ):
        pass
    with pytest.raises(ClusterError, match="no scheduler answers"), connected(found.address, open_table(csv)):
        pass


def test_what_no_worker_can_read(two_workers: Processes, tmp_path: Path) -> None:
    table = memory_table({"x": [1, 2], "y": [1, 2]})
    with pytest.raises(ClusterError, match="cannot read 'data'"), connected(two_workers.address, table):
        pass
    (tmp_path / "a").write_text("12345")
    assert readable({str(tmp_path / "a"): 5}) is None
    assert "5 bytes there, and 6 here" in (readable({str(tmp_path / "a"): 6}) or "")
    assert "no such file" in (readable({str(tmp_path / "b"): 6}) or "")


@pytest.mark.parametrize(
    ("typed", "kind", "words"),
    [
        ("localhost:8786", UsageError, "write tcp://localhost:8786"),
        ("tcp://host", UsageError, "add the port: tcp://host:8786"),
        ("local:0", UsageError, "from 1 to 256"),
        ("local:x", UsageError, "local:2"),
        ("", UsageError, "tcp://host:8786"),
        ("http://a:1", UsageError, "tcp://host:8786"),
        ("file:no-such.json", FileError, "dask scheduler --scheduler-file"),
    ],
)
def test_addresses(typed: str, kind: type[CalcoptError], words: str) -> None:
    with pytest.raises(kind) as caught:
        parse_address(typed)
    assert words in caught.value.report()


def test_a_scheduler_that_is_named_by_its_file(two_workers: Processes, csv: str, tmp_path: Path) -> None:
    (tmp_path / "scheduler.json").write_text(json.dumps({"address": two_workers.address}))
    table = open_table(csv)
    with connected(f"file:{tmp_path / 'scheduler.json'}", table):
        assert fit_line(table, x=["x"], y="y") == fit_line(open_table(csv), x=["x"], y="y")
    for text in ("{}", "not JSON", "[]", '{"address": 5}', '{"address": "here"}'):
        (tmp_path / "scheduler.json").write_text(text)
        with pytest.raises(FileError, match="scheduler"):
            parse_address(f"file:{tmp_path}/scheduler.json")
