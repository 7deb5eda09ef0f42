"""A table cut into partitions is the same table: every row once, in order, and sums with the same bits."""

from __future__ import annotations

import csv
import io
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import calcopt
from calcopt.data import columnar, delimited_piece
from calcopt.data.batch import Batch
from calcopt.data.delimited_piece import DelimitedPiece
from calcopt.data.part import CutInsideCell
from calcopt.data.passes import total
from calcopt.data.table import Table, open_table
from calcopt.data.threads import Threads
from calcopt.errors import DataError
from calcopt.learn.line import fit_line


@dataclass(frozen=True)
class Everything:
    """All rows of a partition, as a list of one."""

    numeric: tuple[str, ...]
    text: tuple[str, ...] = ()

    def __call__(self, partition: Table) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = []
        for batch in partition.batches(self.numeric, self.text):
            rows += zip(*(column.tolist() for column in batch.columns), *batch.text, strict=True)
        return rows


def joined(a: list[tuple[object, ...]], b: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return a + b


def small_pieces(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(delimited_piece, "PIECE", size)
    monkeypatch.setattr(delimited_piece, "_LOOK", 3)
    monkeypatch.setattr(delimited_piece, "_LONGEST", 1 << 20)
    monkeypatch.setattr(columnar, "PIECE", size)


def written(path: Path, numbers: np.ndarray, **options: object) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, **options)  # type: ignore[arg-type]
        writer.writerow(["x", "y"])
        writer.writerows(numbers.tolist())
    return path


@pytest.mark.parametrize("size", [1, 2, 7, 64, 500])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_row_once_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, line_end: str) -> None:
    small_pieces(monkeypatch, size)
    numbers = np.arange(200.0).reshape(-1, 2) / 8
    table = open_table(str(written(tmp_path / "t.csv", numbers, lineterminator=line_end)))
    partitions = table.partitions()
    assert len(partitions) == -(-(tmp_path / "t.csv").stat().st_size // size)
    for partition in partitions:
        assert isinstance(pickle.loads(pickle.dumps(partition)), Table)
    for threads in (1, 3):
        table.crew = Threads(threads)
        assert total(table, Everything(("x", "y")), joined) == [tuple(row) for row in numbers.tolist()]
        assert (table.rows, table.skipped) == (100, 0)


def test_every_row_of_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch, 100)
    x = np.arange(1000.0)
    pq.write_table(pa.table({"x": x, "word": [f"w{int(v)}" for v in x]}), tmp_path / "t.parquet", row_group_size=30)
    table = open_table(str(tmp_path / "t.parquet"))
    assert len(table.partitions()) == 9  # four groups of 30 rows reach 100
    assert total(table, Everything(("x",), ("word",)), joined) == [(float(v), f"w{int(v)}") for v in x]
    # errors name the row of the file, not of the partition
    y = np.where(x == 777, np.nan, x)
    pq.write_table(pa.table({"x": x, "y": y}), tmp_path / "t.parquet", row_group_size=30)
    with pytest.raises(DataError, match="row 778"):
        fit_line(open_table(str(tmp_path / "t.parquet")))


def test_a_bad_cell_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch, 64)
    numbers = np.arange(2000.0).reshape(-1, 2)
    path = written(tmp_path / "t.csv", numbers)
    path.write_text(path.read_text().replace("1502.0,1503.0", "1502.0,15o3"))
    with pytest.raises(DataError) as caught:
        fit_line(open_table(str(path)))
    assert (caught.value.line, caught.value.column) == (753, 8)
    # rows that only the reference reader understands, in any piece
    path.write_text(path.read_text().replace("15o3", " +1503. ").replace("7.0", "7.0" + " " * 20))
    assert fit_line(open_table(str(path))).slope == pytest.approx(1)


def test_missing_cells_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch, 50)
    lines = ["x,y", *(f"{k},{'' if k % 10 == 3 else 2 * k + k % 2}" for k in range(300))]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    result = fit_line(open_table(str(tmp_path / "t.csv"), missing="skip"))
    assert (result.rows, result.skipped) == (270, 30)


def test_weights_are_told_by_their_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch, 50)
    (tmp_path / "t.csv").write_text("x,y,w\n" + "".join(f"{k},{k * k},{int(k != 123)}\n" for k in range(200)))
    with pytest.raises(DataError, match="row 124"):
        fit_line(open_table(str(tmp_path / "t.csv")), x=["x"], y="y", weights="w")


def test_nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch, 10)
    (tmp_path / "t.csv").write_text("x,y\n" + "1,\n" * 50)
    with pytest.raises(DataError, match="each of the 50 rows"):
        fit_line(open_table(str(tmp_path / "t.csv"), missing="skip"))


def test_a_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch, 10)
    path = written(tmp_path / "t.csv", np.arange(40.0).reshape(-1, 2))
    partitions = open_table(str(path)).partitions()
    with path.open("a") as file:
        file.write("1,2\n")
    with pytest.raises(DataError, match="changed"):
        list(partitions[3].batches(["x", "y"]))


CELLS = st.text(alphabet=st.sampled_from('ab ,"\n\r;é'), max_size=8)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELLS, st.integers(0, 99), CELLS), max_size=12), size=st.integers(1, 40))
def test_hostile_cells_are_read_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, int, str]], size: int
) -> None:
    """However cells are quoted, the partitions give what Python's csv module reads from the whole file."""
    small_pieces(monkeypatch, size)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["a", "n", "b"])
    writer.writerows((f"-{a}", n, f"{b}-") for a, n, b in rows)
    path = tmp_path / "t.csv"
    path.write_bytes(text.getvalue().encode())
    table = open_table(str(path))
    expected = [(float(n), a, b) for a, n, b in [*csv.reader(io.StringIO(text.getvalue(), newline=""))][1:]]
    assert (total(table, Everything(("n",), ("a", "b")), joined) or []) == expected


def test_a_cut_inside_a_cell_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch, 12)
    (tmp_path / "t.csv").write_text('a,n\n"one\ntwo\nthree\nfour",1\nfive,2\nsix,3\n')
    table = open_table(str(tmp_path / "t.csv"))
    with pytest.raises(CutInsideCell):
        [list(partition.batches(["n"], ["a"])) for partition in table.partitions()]
    assert total(table, Everything(("n",), ("a",)), joined) == [
        (1.0, "one\ntwo\nthree\nfour"),
        (2.0, "five"),
        (3.0, "six"),
    ]


@pytest.mark.parametrize("features", [["x"], ["x", "z"]])
def test_the_same_bits_by_any_number_of_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, features: list[str]
) -> None:
    small_pieces(monkeypatch, 5000)
    random = np.random.default_rng(5)
    x, z = random.normal(size=(2, 20_000)) * [[3.0], [1.0]] + 1e6
    y = 2 * x - z + random.normal(size=20_000)
    with (tmp_path / "t.csv").open("w") as file:
        file.write("x,z,y\n")
        file.writelines(f"{a!r},{b!r},{c!r}\n" for a, b, c in zip(x.tolist(), z.tolist(), y.tolist(), strict=True))
    fits = []
    for threads in (1, 2, 5):
        table = open_table(str(tmp_path / "t.csv"))
        assert len(table.partitions()) > 100
        table.crew = Threads(threads)
        fits.append(fit_line(table, x=features, y="y"))
    assert fits[0] == fits[1] == fits[2]
    design = np.column_stack([*(v - 1e6 for v in ([x, z] if len(features) > 1 else [x])), np.ones(20_000)])
    slopes = np.linalg.lstsq(design, y - y.mean(), rcond=None)[0]
    assert fits[0].parameters["x"] == pytest.approx(slopes[0], rel=1e-9)


def test_a_piece_of_a_file_without_line_ends_is_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch, 100)
    monkeypatch.setattr(delimited_piece, "_LONGEST", 400)
    (tmp_path / "t.csv").write_bytes(b"x,y\r" + b"".join(b"%d,%d\r" % (k, 2 * k) for k in range(1000)))
    table = open_table(str(tmp_path / "t.csv"))
    assert isinstance(table.partitions()[1]._parts[0], DelimitedPiece)
    rows = total(table, Everything(("x", "y")), joined)
    assert rows == [(float(k), 2.0 * k) for k in range(1000)]


def test_the_first_text_of_each_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch, 400)
    lines = [
        f"{k},{'a' if k == 7 else k},{'late' if k == 900 else k},{'' if k % 2 else 'n/a' if k == 950 else k}"
        for k in range(1000)
    ]
    (tmp_path / "t.csv").write_text("n,soon,late,odd\n" + "\n".join(lines))
    table = open_table(str(tmp_path / "t.csv"))
    assert len(table.partitions()) > 20
    expected = {"n": None, "soon": "'a' in line 9", "late": "'late' in line 902", "odd": "'n/a' in line 952"}
    assert table.first_text() == expected
    monkeypatch.setattr(delimited_piece, "PIECE", 1 << 20)
    assert open_table(str(tmp_path / "t.csv")).first_text() == expected
    small_pieces(monkeypatch, 400)
    (tmp_path / "t.csv").write_text("n,soon,late,odd\n" + "\n".join(lines) + "\n1,2,3\n")
    with pytest.raises(DataError, match="3 cells") as caught:
        open_table(str(tmp_path / "t.csv")).first_text()
    assert caught.value.line == 1002


def test_a_bad_cell_is_told_without_reading_the_table_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The partition that holds it knows its line; to read a large file once more for that would take minutes."""
    small_pieces(monkeypatch, 64)
    path = written(tmp_path / "t.csv", np.arange(2000.0).reshape(-1, 2))
    path.write_text(path.read_text().replace("1502.0,1503.0", "1502.0,"))
    whole: list[str] = []
    batches = Table.batches

    def noted(table: Table, *arguments: Any, **options: Any) -> Iterator[Batch]:
        if table.number is None:
            whole.append(table.name)
        return batches(table, *arguments, **options)

    monkeypatch.setattr(Table, "batches", noted)
    for fit in (fit_line, partial(calcopt.fit, "y ~ a*x + b")):
        with pytest.raises(DataError) as caught:
            fit(open_table(str(path)))
        assert (caught.value.line, caught.value.column) == (753, 8)
    assert len(whole) <= 1  # a line looks at the first row of the table
