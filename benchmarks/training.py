"""Training beside scikit-learn: the sigmoid perceptron in memory and from a file, more rows, and a small network.

    python benchmarks/training.py [rows, 1000000 unless given] [rounds, 5] [perceptron network growth, all unless given]

Each side has its own defaults for threads. A perceptron is trained to a gradient norm of 1e-10 of the mean loss, which
is measured here for both sides. Runs from a file are child processes, so that their peak memory is their own.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

FEATURES = 20
TOLERANCE = 1e-10
ACCURACY = 0.97


def made(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Standard normal features, and classes that overlap."""
    generator = np.random.default_rng(seed)
    weights = np.random.default_rng(99).normal(size=FEATURES) / 2
    x = generator.normal(size=(rows, FEATURES))
    return x, (generator.random(rows) < 1 / (1 + np.exp(-(x @ weights + 0.3)))).astype(np.float64)


def write_parquet(rows: int, place: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    group, writer = 1 << 17, None
    for number, start in enumerate(range(0, rows, group)):
        x, y = made(min(group, rows - start), seed=number)
        table = pa.table({**{f"x{column}": x[:, column] for column in range(FEATURES)}, "y": y})
        writer = writer or parquet.ParquetWriter(place, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def timed(job: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = job()
    return time.perf_counter() - start, result


def trained_from(place: str, in_memory: int) -> None:
    """In a child process: the whole of a training from a file, its seconds and its peak memory."""
    from calcopt.data.table import open_table
    from calcopt.learn.perceptron import train
    from calcopt.learn.perceptron_options import Options
    from calcopt.learn.perceptron_table import local_examples

    seconds, fit = timed(
        lambda: train(
            open_table(place),
            target="y",
            options=Options(method="newton", tolerance=TOLERANCE),
            prepare=partial(local_examples, in_memory=in_memory),
        )
    )
    print(json.dumps({"seconds": seconds, "peak": peak_memory(), "norm": fit.gradient_norm, "rows": fit.rows}))


def peak_memory() -> int:
    """MiB of this program alone: what the system counts for a process begins with the memory of its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def child(place: Path, in_memory: int) -> dict[str, Any]:
    words = [sys.executable, __file__, "--child", str(place), str(in_memory)]
    found: dict[str, Any] = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    return found


def gradient_norm(x: np.ndarray, y: np.ndarray, weights: np.ndarray, bias: float) -> float:
    error = 1 / (1 + np.exp(-(x @ weights + bias))) - y
    return float(np.linalg.norm(np.append(x.T @ error, error.sum()))) / len(y)


def perceptron(rows: int, rounds: int, place: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    from calcopt import train_perceptron

    x, y = made(rows)
    columns = {f"x{number}": np.ascontiguousarray(x[:, number]) for number in range(FEATURES)} | {"y": y}
    norms: dict[str, float] = {}

    def peer(solver: str) -> None:
        found = LogisticRegression(C=np.inf, solver=solver, tol=TOLERANCE, max_iter=1000).fit(x, y)
        norms[solver] = gradient_norm(x, y, found.coef_[0], found.intercept_[0])

    def call() -> None:
        fit = train_perceptron(columns, target="y", method="newton", tolerance=TOLERANCE)
        weights = np.array([fit.weights[f"x{number}"] for number in range(FEATURES)])  # type: ignore[index]
        norms["calcopt"] = gradient_norm(x, y, weights, fit.bias)  # type: ignore[arg-type]

    jobs: dict[str, Callable[[], Any]] = {
        "newton-cholesky": partial(peer, "newton-cholesky"),
        "lbfgs": partial(peer, "lbfgs"),
        "train_perceptron": call,
        "training alone": partial(training_alone, x, y),
        "from Parquet, spooled": lambda: child(place, 0)["seconds"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _, (name, job) in itertools.product(range(rounds), jobs.items()):
        spent, result = timed(job)
        seconds[name].append(result if isinstance(result, float) else spent)
    print(f"sigmoid perceptron, {rows:,} x {FEATURES}; gradient norms", {k: f"{v:.0e}" for k, v in norms.items()})
    for name in list(jobs)[2:]:
        ours = median(seconds[name])
        ratios = ", ".join(f"{ours / median(seconds[them]):.2f} of {them}" for them in list(jobs)[:2])
        print(f"  {name:22} {ours:6.2f} s: {ratios}")


def training_alone(x: np.ndarray, y: np.ndarray) -> float:
    """The seconds of the training loop on rows that stand ready."""
    from threadpoolctl import threadpool_limits

    from calcopt.learn import training
    from calcopt.learn.network import Network
    from calcopt.learn.shares import shares_of
    from calcopt.learn.training_newton import Newton
    from calcopt.learn.training_problem import TrainingProblem

    shares, network = shares_of(x, y, by_column=True), Network((FEATURES, 1), "sigmoid", "sigmoid")
    with threadpool_limits(1, user_api="blas"):
        stopping = training.Stopping(100, TOLERANCE, when_separable=True)
        problem = TrainingProblem(network, shares)
        return timed(lambda: training.run(problem, Newton(), np.zeros(FEATURES + 1), stopping))[0]


def more_rows(rows: int, rounds: int, folder: Path, place: Path) -> None:
    many = folder / "many.parquet"
    write_parquet(10 * rows, many)
    few, ten = ([child(where, 0) for _ in range(rounds)] for where in (place, many))
    growth = median(run["seconds"] for run in ten) / median(run["seconds"] for run in few)
    peaks = [max(run["peak"] for run in runs) for runs in (few, ten)]
    print(f"ten times the rows, spooled: {growth:.1f} times as long; peak memory {peaks[0]} and {peaks[1]} MiB")
    usual = [child(where, 256 << 20)["peak"] for where in (place, many)]
    print(f"  with up to 256 MiB of rows in memory, as usual: {usual[0]} and {usual[1]} MiB")


def network(rounds: int) -> None:
    """64-64-10 on the digits with Adam: the seconds to the first epoch at which enough test rows are right."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier

    x, y = load_digits(return_X_y=True)
    for batch, activation in itertools.product((32, 200), ("relu", "sigmoid")):
        ours, theirs = [], []
        for seed in range(rounds):
            parts = train_test_split(x / 16.0, y, test_size=360, random_state=seed)
            name = "logistic" if activation == "sigmoid" else activation
            peer = partial(MLPClassifier, (64,), activation=name, batch_size=batch, random_state=seed, alpha=0.0)
            theirs.append(until_right(partial(their_epochs, peer, parts)))
            ours.append(until_right(partial(our_epochs, parts, batch, activation, seed)))
        ratio = median(spent for spent, _ in ours) / median(spent for spent, _ in theirs)
        each = median(spent / n for spent, n in ours) / median(spent / n for spent, n in theirs)
        epochs = f"{median(n for _, n in ours):.0f} epochs, MLPClassifier {median(n for _, n in theirs):.0f}"
        print(
            f"digits, {activation}, batches of {batch}: {ratio:.2f} of MLPClassifier's time ({epochs}; {each:.2f} each)"
        )


def until_right(run: Callable[[int], tuple[float, float]]) -> tuple[float, int]:
    """The seconds of the shortest run, to an eighth of its epochs, that ends with enough test rows right."""
    low, high = 0, 16
    while run(high)[1] < ACCURACY and high < 256:
        low, high = high, 2 * high
    while high - low > max(1, high // 8):
        middle = (low + high) // 2
        low, high = (low, middle) if run(middle)[1] >= ACCURACY else (middle, high)
    return min(run(high)[0] for _ in range(3)), high


def their_epochs(peer: Callable[..., Any], parts: Any, epochs: int) -> tuple[float, float]:
    x, test_x, y, test_y = parts
    spent, found = timed(lambda: peer(max_iter=epochs, tol=0.0, n_iter_no_change=10**6).fit(x, y))
    return spent, float(found.score(test_x, test_y))


def our_epochs(parts: Any, batch: int, activation: str, seed: int, epochs: int) -> tuple[float, float]:
    """The whole call, on the same numbers (standardized, as we do unless told not to), with MLPClassifier's rate."""
    from calcopt import train_perceptron

    x, test_x, y, test_y = parts
    columns = {f"x{number}": np.ascontiguousarray(x[:, number]) for number in range(64)} | {"y": y}
    options: dict[str, Any] = {"task": "classification", "hidden": 64, "activation": activation, "method": "adam"}
    options |= {"rate": 0.001, "batch": batch, "seed": seed, "epochs": epochs}
    spent, fit = timed(lambda: train_perceptron(columns, target="y", **options))
    (first, last), (bias, final) = fit.weights, fit.bias
    hidden = test_x @ np.array(first) + bias
    hidden = np.maximum(hidden, 0.0) if activation == "relu" else 1 / (1 + np.exp(-hidden))
    return spent, float(np.mean((hidden @ np.array(last) + final).argmax(axis=1) == test_y))


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    parts = sys.argv[3:] or ["perceptron", "network", "growth"]
    warnings.simplefilter("ignore")
    print(f"{os.cpu_count()} processors, NumPy {np.__version__}, {rounds} rounds")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "rows.parquet"
        write_parquet(rows, place)
        if "perceptron" in parts:
            perceptron(rows, rounds, place)
        if "network" in parts:
            network(rounds)
        if "growth" in parts:
            more_rows(rows, min(3, rounds), Path(name), place)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        trained_from(sys.argv[2], int(sys.argv[3]))
    else:
        main()
