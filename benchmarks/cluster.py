"""Training on twenty million rows of Parquet: two workers of a cluster on this machine beside one process.

``python benchmarks/cluster.py [ROWS]`` wants distributed. The one process passes over its rows with one thread, as a
worker does. Times are of the whole call: starting the workers, connecting and reading included.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

import calcopt

FEATURES = 5
CHUNK = 1 << 20
ROUNDS = 3


QUESTIONS: dict[str, dict[str, Any]] = {
    "perceptron, Newton to 1e-10": {"method": "newton", "tolerance": 1e-10},
    "network 5-16-1, 4 epochs of descent": {"hidden": "16", "method": "gd", "epochs": 4},
}


def main() -> None:
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 20_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        write(path, rows)
        for name, question in QUESTIONS.items():
            print(f"{rows:,} rows of {FEATURES} features, {name}")
            compare(path, question)


def compare(path: Path, question: dict[str, Any]) -> None:
    runs: dict[str | None, list[tuple[float, Any]]] = {None: [], "local:1": [], "local:2": []}
    for _ in range(ROUNDS):
        for cluster, found in runs.items():
            start = time.perf_counter()
            result = calcopt.train_perceptron(path, target="y", cluster=cluster, **question)
            found.append((time.perf_counter() - start, result))
    first = runs[None][0][1]
    median = {cluster: statistics.median(seconds for seconds, _ in found) for cluster, found in runs.items()}
    for cluster, found in runs.items():
        same = all((one.weights, one.bias, one.trace) == (first.weights, first.bias, first.trace) for _, one in found)
        speed = median[None] / median[cluster]
        print(f"  {cluster or 'one process':12} {median[cluster]:6.1f} s   speed-up {speed:.2f}   equal bits: {same}")


def write(path: Path, rows: int) -> None:
    random = np.random.default_rng(1)
    weights = np.array([0.5, -1.0, 0.25, 0.8, -0.3])
    schema = pa.schema([*((f"x{k}", pa.float64()) for k in range(FEATURES)), ("y", pa.float64())])
    with pa.parquet.ParquetWriter(path, schema) as parquet:
        for start in range(0, rows, CHUNK):
            x = random.normal(size=(min(CHUNK, rows - start), FEATURES))
            y = (random.random(len(x)) < 1 / (1 + np.exp(-(x @ weights + 0.2)))).astype(np.float64)
            parquet.write_table(pa.table([*x.T, y], schema=schema))


if __name__ == "__main__":
    main()
