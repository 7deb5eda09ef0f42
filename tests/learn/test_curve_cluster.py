"""Curves on a cluster of real processes: the bits of this process alone, whatever happens to the workers."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cluster_processes import processes
from curves import bits

import calcopt
from calcopt.data import columnar
from calcopt.data.table import open_table
from calcopt.errors import ClusterError, DataError
from calcopt.records import Iteration

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(5)
X = RANDOM.uniform(0, 5, 12_000)
DATA = {
    "x": X,
    "y": 4 * np.exp(-0.7 * X) + 1 + 0.05 * RANDOM.standard_t(3, size=X.size),
    "w": RANDOM.uniform(0.5, 2, X.size),
}
CURVE = "y ~ a*exp(-b*x) + c"


@pytest.fixture
def pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eight partitions."""
    monkeypatch.setattr(columnar, "PIECE", 1_500)
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table(DATA), path, row_group_size=500)
    assert len(open_table(str(path)).partitions()) == 8
    return path


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (CURVE, {"start": "a=1,b=0.1,c=0"}),
        ("y ~ a + b*x + c*x^2 + d*sin(k*x)", {"weights": "w", "let": "k=1/3"}),
        (CURVE, {"loss": "huber", "weights": "w", "box": "b=0..0.6"}),
    ],
)
def test_a_fit_has_the_same_bits_on_a_cluster(pieces: Path, model: str, options: dict[str, Any]) -> None:
    here = calcopt.fit(model, str(pieces), **options)
    assert here.status == "converged"
    for workers in (1, 2):
        assert bits(calcopt.fit(model, str(pieces), cluster=f"local:{workers}", **options)) == bits(here)


def test_a_worker_that_is_killed_in_mid_run_changes_no_bit(pieces: Path) -> None:
    """Its partitions are read again by the other one."""
    here = calcopt.fit(CURVE, str(pieces), "a=1,b=0.1,c=0")
    assert here.trace[-1].iteration > 3
    with processes(workers=2) as found:

        def kill(iteration: Iteration) -> None:
            if iteration.iteration == 2:
                found.workers[0].kill()

        there = calcopt.fit(CURVE, str(pieces), "a=1,b=0.1,c=0", cluster=found.address, on_iteration=kill)
        assert found.workers[0].wait() == -signal.SIGKILL
    assert bits(there) == bits(here)


def test_the_residuals_are_written_in_order(pieces: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here.ndjson", tmp_path / "there.ndjson"
    calcopt.fit("y ~ a + b*x", str(pieces), residuals=str(here))
    calcopt.fit("y ~ a + b*x", str(pieces), residuals=str(there), cluster="local:2")
    assert there.read_bytes() == here.read_bytes()
    assert [json.loads(line)["x"] for line in there.read_text().splitlines()] == DATA["x"].tolist()


def test_errors_tell_the_row_as_they_do_without_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from calcopt.data import delimited_piece

    monkeypatch.setattr(delimited_piece, "PIECE", 600)
    path = tmp_path / "bad.csv"
    path.write_text("x,y\n" + "".join(f"{n},{'-1' if n == 250 else n + 1}\n" for n in range(1, 301)))
    with pytest.raises(DataError, match=r"'log\(y\)' has no finite value in row 250 of those used"):
        calcopt.fit("log(y) ~ a*x + b", str(path), cluster="local:1")
    path.write_text("x,y\n" + "".join(f"{n},{'abc' if n == 250 else n + 1}\n" for n in range(1, 301)))
    with pytest.raises(DataError, match="column 'y' holds 'abc'") as caught:
        calcopt.fit("y ~ a*x + b", str(path), cluster="local:1")
    assert caught.value.line == 251


def test_a_table_in_memory_cannot_be_read_by_a_cluster() -> None:
    with pytest.raises(ClusterError, match="cannot read"):
        calcopt.fit("y ~ a*x + b", DATA, cluster="local:1")
