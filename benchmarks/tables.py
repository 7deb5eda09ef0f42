"""Tables of ten million rows: `calcopt fit-line`, whole processes, beside DuckDB, polars and awk; digits far from zero;
how cost grows with the rows.

``python benchmarks/tables.py`` wants duckdb and polars installed beside calcopt. All sides run in turn, in the same
script; only ratios of medians mean anything on a shared machine.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

ROUNDS = 7
CHUNK = 1 << 20
SLOPE = 2.5
CALCOPT = [sys.executable, "-m", "calcopt", "fit-line"]
DUCKDB = "import duckdb; print(duckdb.sql(\"select regr_slope(y, x), regr_intercept(y, x) from '{}'\").fetchall())"
POLARS = """
import polars as pl
table = pl.scan_{}('{}')
slope = (pl.cov('x', 'y') / pl.col('x').var()).alias('slope')
print(table.select(slope, pl.col('x').mean(), pl.col('y').mean()).collect())
"""
AWK = "NR > 1 { n++; x += $1; y += $2; xx += $1 * $1; xy += $1 * $2 } END { print (n * xy - x * y) / (n * xx - x * x) }"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for rows, name in ((10_000_000, "ten"), (1_000_000, "one")):
            write(name, rows, 0.0)
        write("far", 1_000_000, 1e9)
        for kind in ("csv", "parquet"):
            peers(f"ten.{kind}", kind)
            growth(kind)
        digits("far.parquet")


def write(name: str, rows: int, offset: float) -> None:
    """x (six decimals, and 10⁹ where it is offset) and y = 2.5 x + 1 + noise, as CSV and as Parquet."""
    random = np.random.default_rng(1)
    schema = pa.schema([("x", pa.float64()), ("y", pa.float64())])
    plain = pa.csv.WriteOptions(quoting_style="none")
    with (
        pa.parquet.ParquetWriter(f"{name}.parquet", schema) as parquet,
        pa.csv.CSVWriter(f"{name}.csv", schema, write_options=plain) as csv,
    ):
        for start in range(0, rows, CHUNK):
            size = min(CHUNK, rows - start)
            x = np.round(random.normal(0, 10, size), 6)
            y = np.round(SLOPE * x + 1 + random.normal(0, 3, size), 6)
            table = pa.table({"x": x + offset, "y": y}, schema=schema)
            parquet.write_table(table)
            csv.write_table(table)


def peers(file: str, kind: str) -> None:
    commands = {
        "calcopt": [*CALCOPT, file, "--json"],
        "DuckDB": [sys.executable, "-c", DUCKDB.format(file)],
        "polars": [sys.executable, "-c", POLARS.format(kind, file)],
    }
    if kind == "csv" and (awk := shutil.which("mawk") or shutil.which("awk")):
        commands["awk"] = [awk, "-F,", AWK, file]
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, words in commands.items():
            seconds[name].append(timed(words)[0])
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    ours = medians.pop("calcopt")
    print(f"\n{file}, whole process: calcopt {ours:.2f} s, {timed(commands['calcopt'])[1]:.0f} MiB")
    for name, value in sorted(medians.items(), key=lambda item: item[1]):
        print(f"  / {name:7} {value:6.2f} s   ratio {ours / value:.2f}")


def growth(kind: str) -> None:
    one, ten = ([timed([*CALCOPT, f"{name}.{kind}", "--json"]) for _ in range(ROUNDS)] for name in ("one", "ten"))
    times = [statistics.median(seconds for seconds, _ in runs) for runs in (one, ten)]
    memory = [statistics.median(size for _, size in runs) for runs in (one, ten)]
    print(f"  ten times the rows: {times[1] / times[0]:.1f} times as long, {memory[0]:.0f} to {memory[1]:.0f} MiB")


def digits(file: str) -> None:
    """Correct digits of the slope where x is about 10⁹, against sums in exact integers."""
    table = pa.parquet.read_table(file)
    x, y = table["x"].to_numpy(), table["y"].to_numpy()
    a = [round((value - 1e9) * 2**30) for value in x.tolist()]  # exact: doubles there are multiples of 2⁻²³
    b = [round(value * 10**6) for value in y.tolist()]
    n, sa, sb = len(a), sum(a), sum(b)
    top = n * sum(p * q for p, q in zip(a, b, strict=True)) - sa * sb
    bottom = n * sum(p * p for p in a) - sa * sa
    exact = top * 2**30 / (bottom * 10**6)
    answers = {
        "calcopt": output([*CALCOPT, file, "--quiet"]).split()[1],
        "DuckDB": output([sys.executable, "-c", DUCKDB.format(file)]).strip("[(").split(",")[0],
        "NumPy lstsq": str(np.linalg.lstsq(np.column_stack([x, np.ones(n)]), y, rcond=None)[0][0]),
        "NumPy polyfit": str(np.polyfit(x, y, 1)[0]),
    }
    print("\ncorrect digits of the slope, x about 10⁹")
    for name, answer in answers.items():
        error = abs(float(answer) - exact) / abs(exact)
        print(f"  {name:14} {16.0 if error == 0 else max(0.0, -np.log10(error)):.1f}")


WATCH = """
import resource, subprocess, sys, time
start = time.perf_counter()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, status)
"""


def timed(words: Sequence[str]) -> tuple[float, float]:
    """Seconds, and the most memory that the process held, in MiB: a small process watches, whose own counts as well."""
    seconds, memory, status = output([sys.executable, "-S", "-c", WATCH, *words]).split()
    if int(status):
        raise SystemExit(f"{' '.join(words)} failed")
    return float(seconds), float(memory)


def output(words: Sequence[str]) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
