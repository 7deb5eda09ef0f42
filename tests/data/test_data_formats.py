"""Every format, compression and way to name files gives the same table."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet
import pytest

from calcopt.data.blocks import fixed_blocks, fixed_columns
from calcopt.data.table import Table, memory_table, open_table
from calcopt.errors import CalcoptError, DataError

X = [1.0, 2.5, -3e-7]
NAMES = ["a", "b,c", 'say "hi"\nthere']
CSV = 'x,name,n\n1,a,10\n2.5,"b,c",20\n-3e-7,"say ""hi""\nthere",30\n'
FRAME = pa.table({"x": X, "name": NAMES, "n": [10, 20, 30]})


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


def json_lines() -> str:
    return "".join(json.dumps(row) + "\n" for row in FRAME.to_pylist())


def arrow_stream() -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, FRAME.schema) as writer:
        writer.write_table(FRAME)
    return sink.getvalue().to_pybytes()


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(FRAME, sink)
    return sink.getvalue().to_pybytes()


def feather() -> bytes:
    sink = pa.BufferOutputStream()
    pa.feather.write_feather(FRAME, sink)
    return sink.getvalue().to_pybytes()


FILES: dict[str, bytes] = {
    "t.csv": CSV.encode(),
    "crlf.csv": CSV.replace("\n1", "\r\n1").replace("\n2", "\r\n2").replace("\n-", "\r\n-").encode(),
    "bom.csv": b"\xef\xbb\xbf" + CSV.encode(),
    "blank_lines.csv": b"\n\n" + CSV.replace("2.5", "\n2.5").encode(),
    "t.tsv": CSV.replace(",c", ";c").replace(",", "\t").replace(";c", ",c").encode(),
    "t.csv.gz": gzip.compress(CSV.encode(), mtime=0),
    "t.csv.bz2": bz2.compress(CSV.encode()),
    "t.csv.zst": zstd(CSV.encode()),
    "t.ndjson": json_lines().encode(),
    "t.jsonl": json_lines().encode(),
    "t.json.gz": gzip.compress(json_lines().encode(), mtime=0),
    "t.parquet": parquet(),
    "t.feather": feather(),
    "t.arrow": arrow_stream(),
    "t.dat": CSV.encode(),
    "json.txt": json_lines().encode(),
    "gzipped": gzip.compress(CSV.encode(), mtime=0),
    "parquet.bin": parquet(),
}


def contents(table: Table) -> tuple[list[float], list[float], list[str]]:
    numbers, names = [], []
    for batch in table.batches(["n", "x"], ["name"]):
        assert batch.numbers.flags.c_contiguous
        assert batch.numbers.dtype == np.float64
        numbers.append(batch.numbers)
        names.extend(batch.text[0])
    merged = np.concatenate(numbers)
    return merged[:, 1].tolist(), merged[:, 0].tolist(), names


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_table(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name])
    table = open_table(str(path))
    assert table.columns == ("x", "name", "n")
    for _ in range(2):
        assert contents(table) == (X, [10, 20, 30], NAMES)
    assert (table.rows, table.skipped) == (3, 0)
    assert table.kinds() == {"x": "number", "name": "text", "n": "number"}


@pytest.mark.parametrize("name", FILES)
def test_standard_input_is_told_apart_by_its_first_bytes(name: str) -> None:
    table = open_table("-", stdin=io.BytesIO(FILES[name]))
    assert table.name == "standard input"
    assert contents(table) == (X, [10, 20, 30], NAMES)
    assert table.kind("name") == "text"
    assert contents(table) == (X, [10, 20, 30], NAMES)


def test_a_live_pipe_is_processed_as_it_arrives() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb", buffering=0) as out, os.fdopen(reading, "rb") as stdin:
        out.write(b"x,y\n1,2\n")
        table = open_table("-", stdin=stdin)
        assert table.columns == ("x", "y")
        feeder = threading.Thread(target=lambda: (out.write(b"3,4\n5,6\n"), out.close()))
        feeder.start()
        rows = np.concatenate([batch.numbers for batch in table.batches(["x", "y"])])
        feeder.join()
        assert rows.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_a_pipe_between_processes_larger_than_what_is_kept_in_memory() -> None:
    rows = 1_000_000
    writer = f"import sys\nsys.stdout.write('x,y\\n' + ''.join(f'{{i}},{{2 * i}}\\n' for i in range({rows})))"
    reader = (
        "import sys\nfrom calcopt.data.table import open_table\n"
        "table = open_table('-', stdin=sys.stdin.buffer)\n"
        "for _ in range(2):\n"
        "    print(sum(float(batch.numbers[:, 1].sum()) for batch in table.batches(['x', 'y'])), table.rows)\n"
    )
    with subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE) as source:
        result = subprocess.run([sys.executable, "-c", reader], stdin=source.stdout, capture_output=True, text=True)
    assert result.stderr == ""
    assert result.stdout.split() == [str(float(rows * (rows - 1))), str(rows)] * 2


def test_files_of_a_folder_and_of_a_glob_follow_each_other_by_name(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("y,x\n30,3\n")
    (tmp_path / "a.csv").write_text("x,y\n1,10\n2,20\n")
    (tmp_path / "c.ndjson").write_text('{"x": 4, "y": 40}\n')
    (tmp_path / "_SUCCESS").write_text("")
    (tmp_path / ".hidden.csv").write_text("no,table\n")
    (tmp_path / "notes.txt").write_text("not data")
    folder = open_table(str(tmp_path))
    batches = list(folder.batches(["x", "y"]))
    assert [batch.first_row for batch in batches] == [1, 3, 4]
    assert np.concatenate([batch.numbers for batch in batches]).tolist() == [[1, 10], [2, 20], [3, 30], [4, 40]]
    globbed = open_table(str(tmp_path / "*.csv"))
    assert sum(len(batch) for batch in globbed.batches(["x"])) == 3


def test_delimiter_and_header_are_as_told() -> None:
    table = open_table("-", stdin=io.BytesIO(b"1;a,b\n2;c\n"), delimiter=";", header=False)
    assert table.columns == ("c1", "c2")
    (batch,) = table.batches(["c1"], ["c2"])
    assert (batch.numbers[:, 0].tolist(), batch.text) == ([1, 2], [["a,b", "c"]])


@pytest.mark.parametrize(("typed", "char"), [("tab", "\t"), ("\\t", "\t"), ("semicolon", ";"), ("|", "|"), (" ", " ")])
def test_names_of_delimiters(typed: str, char: str) -> None:
    table = open_table("-", stdin=io.BytesIO(f"x{char}y\n1{char}2\n".encode()), delimiter=typed)
    assert table.columns == ("x", "y")


def test_a_whole_number_column_may_turn_fractional_late(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_text("x\n" + "1\n" * 300_000 + "1.5\n")
    table = open_table(str(path))
    assert sum(float(batch.numbers.sum()) for batch in table.batches(["x"])) == 300_001.5
    assert table.kind("x") == "number"
    path.write_text("x\n" + "1\n" * 300_000 + "word\n")
    assert open_table(str(path)).kind("x") == "text"
    assert open_table(str(path)).first_text() == {"x": "'word' in line 300002"}


def test_numbers_that_the_fast_reader_refuses_are_read_by_the_reference_rules(tmp_path: Path) -> None:
    path = tmp_path / "blanks.csv"
    path.write_text("x,y\n1, 2 \n" + " " * 30 + ",3\n.5,4.\n+6,1E3\n")
    table = open_table(str(path), missing="skip")
    rows = np.concatenate([batch.numbers for batch in table.batches(["x", "y"])])
    assert rows.tolist() == [[1, 2], [0.5, 4], [6, 1000]]
    assert table.skipped == 1


def test_json_lines_of_mixed_types_are_read_as_text_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "mixed.ndjson"
    path.write_text('{"t": true, "x": 1}\n{"t": 2, "x": 2, "new": []}\n{"t": "three", "x": 3}\n')
    (batch,) = open_table(str(path)).batches(["x"], ["t"])
    assert batch.text == [["true", "2", "three"]]


@pytest.mark.parametrize("last", ["6,7", "6, 7 "])  # the second is left to the careful reader
def test_batches_know_the_numbers_of_their_rows(tmp_path: Path, last: str) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n,3\n")
    (tmp_path / "b.csv").write_text(f"x,y\n,3\n4,5\n{last}\n")
    batches = list(open_table(str(tmp_path), missing="skip").batches(["x", "y"]))
    assert [number for batch in batches for number in batch.rows.tolist()] == [1, 4, 5]


def test_skipped_rows_are_counted_in_every_pass() -> None:
    table = open_table("-", stdin=io.BytesIO(b"x,y,t\n1,,a\n2,3,b\n4,5, \n6,7,c\n"), missing="skip")
    for _ in range(2):
        (batch,) = table.batches(["x", "y"], ["t"])
        assert (batch.numbers.tolist(), batch.text) == ([[2, 3], [6, 7]], [["b", "c"]])
        assert (table.rows, table.skipped) == (2, 2)
    assert sum(len(batch) for batch in table.batches(["x"])) == 4


@pytest.mark.parametrize(
    "data",
    [
        {"x": [1, 2], "y": [1.5, 3]},
        {"x": np.array([1, 2]), "y": (1.5, 3)},
        {"x": range(1, 3), "y": pa.array([1.5, 3.0])},
        pa.table({"x": [1, 2], "y": [1.5, 3]}),
        np.array([[1, 1.5], [2, 3]]),
        [[1, 1.5], [2, 3]],
    ],
)
def test_tables_in_memory(data: object) -> None:
    table = memory_table(data)
    (batch,) = table.batches(["x", "y"])
    assert (table.columns, batch.numbers.tolist()) == (("x", "y"), [[1, 1.5], [2, 3]])


def test_arrays_of_several_columns_and_what_is_missing_in_memory() -> None:
    assert memory_table(np.ones((2, 4))).columns == ("x1", "x2", "x3", "y")
    table = memory_table({"x": [1, None, 3], "y": np.array([1, 2, np.nan]), "t": ["a", "b", "c"]}, missing="skip")
    (batch,) = table.batches(["x", "y"], ["t"])
    assert (batch.numbers.tolist(), batch.text, table.skipped) == ([[1, 1]], [["a"]], 2)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"x": [1, 2], "y": [1]}, "data: the columns are not of equal length: x has 2, y has 1"),
        ([1, 2, 3], "data: an array of shape (3,) is not a table with two or more columns"),
        ({}, "data: this table has no columns"),
        (
            {"x": ["1"], "y": [2]},
            "data: row 1: column 'x' holds the text '1', not a number; write numbers without quotes",
        ),
        ({"x": [float("inf")], "y": [2]}, "data: row 1: column 'x' holds inf, which is not a finite number"),
        (
            {"x": [None], "y": [2]},
            "data: row 1: column 'x' is missing; fill it in, or leave such rows out with --missing skip",
        ),
    ],
)
def test_errors_of_tables_in_memory(data: object, message: str) -> None:
    with pytest.raises(DataError) as caught:
        list(memory_table(data).batches(["x", "y"]))
    assert caught.value.report().startswith(message)


@pytest.mark.parametrize("cut", [1, 7, 100, 10_000])
def test_fixed_blocks_do_not_depend_on_the_batches(cut: int) -> None:
    values = np.arange(5000.0).reshape(-1, 2)
    pieces = [values[start : start + cut] for start in range(0, len(values), cut)]
    table = memory_table({"x": values[:, 0], "y": values[:, 1]})
    (whole,) = table.batches(["x", "y"])
    batches = [type(whole)([*piece.T], [], 1, len(piece)) for piece in pieces]
    blocks = list(fixed_blocks(batches, rows=512))
    assert [len(block) for block in blocks] == [512] * 4 + [452]
    assert np.array_equal(np.concatenate(blocks), values)
    columns = list(fixed_columns(batches, rows=512))
    assert [len(x) for x, _ in columns] == [512] * 4 + [452]
    assert np.array_equal(np.concatenate([np.stack(block, axis=1) for block in columns]), values)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = tmp_path / f"{rows}.csv"
        with path.open("w") as out:
            out.write("x,y\n")
            for start in range(0, rows, 1000):
                out.write("".join(f"{i}.25,{2 * i}.5\n" for i in range(start, start + 1000)))
        script = (
            "import resource, sys\nfrom calcopt.data.table import open_table\n"
            "rows = sum(len(batch) for batch in open_table(sys.argv[1]).batches(['x', 'y']))\n"
            "print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        result = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
        read, kilobytes = map(int, result.stdout.split())
        assert read == rows
        return kilobytes

    peak(1000)
    assert peak(3_000_000) - peak(1_000_000) < 40_000


def test_a_refused_table_is_always_a_calcopt_error(tmp_path: Path) -> None:
    """Cut and damaged files of every format end as one of our errors, or as a table."""
    for name, data in FILES.items():
        for end in range(0, len(data), max(1, len(data) // 12)):
            path = tmp_path / name
            path.write_bytes(data[:end])
            with contextlib.suppress(CalcoptError):
                contents(open_table(str(path)))


class Dribble(io.RawIOBase):
    """A live stream that never gives more than seven bytes at once, whatever it is asked for."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        return self._data.readinto(view[:7])


@pytest.mark.parametrize("content", [arrow_stream(), feather(), parquet(), gzip.compress(CSV.encode()), CSV.encode()])
def test_streams_that_come_in_small_pieces(content: bytes) -> None:
    table = open_table("-", stdin=Dribble(content))  # type: ignore[arg-type]
    rows = [
        row for batch in table.batches(["x"], ["name"]) for row in zip(batch.columns[0], batch.text[0], strict=True)
    ]
    assert rows == list(zip(X, NAMES, strict=True))


def test_kinds_of_a_file_that_ends_too_soon(tmp_path: Path) -> None:
    lines = "".join(f"{k},{k * k % 977}\n" for k in range(5000))
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(f"x,y\n{lines}".encode())[:-3000])
    with pytest.raises(DataError, match="cannot be read on: Truncated compressed stream"):
        open_table(str(tmp_path / "t.csv.gz")).kinds()
