"""Decimal commas, and tables without a header: asked for, never guessed, and refused where they mean nothing."""

from __future__ import annotations

import bz2
import gzip
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcopt.data.cells import BadCellError, looks_like_number, number_from_text
from calcopt.data.table import Table, open_table
from calcopt.errors import DataError, UsageError
from tests.cli.running import run


def european(text: str, **options: object) -> Table:
    return open_table("-", stdin=io.BytesIO(text.encode()), decimal=",", **options)  # type: ignore[arg-type]


def column(table: Table, name: str) -> list[float]:
    return [value for batch in table.batches([name]) for value in batch.numbers[:, 0].tolist()]


def test_a_decimal_comma_goes_with_semicolons() -> None:
    assert column(european("x;y\n1,5;2\n-3e-1;4\n,25;5\n"), "x") == [1.5, -0.3, 0.25]
    assert column(european("x\ty\n1,5\t2\n", delimiter="tab"), "x") == [1.5]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_comma_reads_to_the_same_double_as_a_point(value: float) -> None:
    text = repr(value).replace(".", ",")
    assert number_from_text(text, ",") == value
    assert looks_like_number(text, ",")


def test_the_fast_and_the_careful_reader_agree_on_every_row() -> None:
    values = np.random.default_rng(0).normal(size=500).tolist()
    lines = [repr(value).replace(".", ",") for value in values]
    assert column(european("x;n\n" + "".join(f"{line};1\n" for line in lines)), "x") == values
    lines[250] = f" {lines[250]} " + 20 * " "  # a blank that the fast reader leaves to the careful one
    assert column(european("x;n\n" + "".join(f"{line};1\n" for line in lines)), "x") == values


@pytest.mark.parametrize(
    ("cell", "hint"), [("1.5", "write 1,5"), ("1.234,5", "write 1234,5"), ("1.234.567", "write 1,234,567")]
)
def test_a_point_is_refused_with_its_place(cell: str, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        column(european(f"x;y\n1,5;2\n{cell};3\n"), "x")
    assert (caught.value.line, caught.value.column) == (3, 1)
    assert cell in caught.value.message
    if cell != "1.234.567":  # not a number in any reading
        assert "has a point" in caught.value.message
        assert caught.value.hint == hint


def test_words_stay_words() -> None:
    for word in ("abc", "1,2,3", "1,5x", "nan"):
        with pytest.raises(BadCellError):
            number_from_text(word, ",")
    assert european("x;k\n1,5;a,b\n2,5;c\n").kinds() == {"x": "number", "k": "text"}


def test_one_mark_cannot_do_two_things() -> None:
    with pytest.raises(UsageError, match="cannot both"):
        european("x,y\n", delimiter=",")
    with pytest.raises(UsageError, match="neither a comma nor a point"):
        open_table("-", stdin=io.BytesIO(b"x\n1\n"), decimal=";")
    with pytest.raises(DataError, match="no ';'") as caught:
        european("x,y\n1,2\n")
    assert caught.value.hint == "put ';' between the columns, or leave --decimal out"


def test_formats_that_name_their_columns_and_write_their_numbers_take_neither(tmp_path: Path) -> None:
    lines = tmp_path / "t.ndjson"
    lines.write_text('{"x": 1}\n')
    for options in ({"header": False}, {"decimal": ","}):
        with pytest.raises(UsageError, match="is for delimited text"):
            open_table(str(lines), **options)  # type: ignore[arg-type]


def test_without_a_header_the_columns_are_numbered() -> None:
    assert run("fit-line", "-", "--no-header", "--y", "c2", "--quiet", stdin=b"1,3\n2,5\n3,7\n").out.startswith(
        "c1 2.0"
    )
    outcome = run("fit-line", "-", stdin=b"1,3\n2,5\n")
    assert outcome.status == 2
    assert "--no-header" in outcome.err
    assert run("fit", "c2 ~ a*c1 + b", "-", "--no-header", "--quiet", stdin=b"1,3\n2,5\n3,7\n").status == 0


def test_every_data_command_reads_european_tables(tmp_path: Path) -> None:
    table, model = b"1,5;2,5\n2,5;4,5\n3,5;6,5\n", str(tmp_path / "m.json")
    asked = ("--no-header", "--decimal", ",")
    trained = run("train-perceptron", "-", "--target", "c2", "--method", "newton", "--save", model, *asked, stdin=table)
    assert trained.status == 0
    outcome = run("predict", model, "-", *asked, "--quiet", stdin=b"10,5;0\n")
    assert float(outcome.out) == pytest.approx(20.5)
    (tmp_path / "t.csv").write_bytes(table)
    (tmp_path / "p.yaml").write_text('data: t.csv\nno-header: true\ndecimal: ","\ny: c2\n')
    assert run("fit-line", str(tmp_path / "p.yaml"), "--quiet").out.startswith("c1 2.0")


@pytest.mark.parametrize("kind", ["csv.gz", "csv.bz2", "csv.zst", "feather", "arrow", "arrow.zst"])
def test_compressed_and_arrow_files_are_learned_from(tmp_path: Path, kind: str) -> None:
    path, text = tmp_path / f"t.{kind}", b"x,y\n0,1\n1,3\n2,5\n"
    columns = pa.table({"x": [0, 1, 2], "y": [1.0, 3.0, 5.0]})
    if kind == "feather":
        pyarrow.feather.write_feather(columns, path)
    elif kind.startswith("arrow"):
        buffer = pa.BufferOutputStream()
        with pa.ipc.new_file(buffer, columns.schema) as writer:
            writer.write_table(columns)
        raw = buffer.getvalue().to_pybytes()
        path.write_bytes(pa.compress(raw, codec="zstd", asbytes=True) if kind.endswith("zst") else raw)
    else:
        ways = {"csv.gz": gzip.compress, "csv.bz2": bz2.compress}
        path.write_bytes(ways[kind](text) if kind in ways else pa.compress(text, codec="zstd", asbytes=True))
    outcome = run("train-perceptron", str(path), "--target", "y", "--method", "newton", "--quiet")
    assert outcome.status == 0, outcome.err
    slope, bias = (float(line.split()[1]) for line in outcome.out.splitlines())
    assert (slope, bias) == (pytest.approx(2), pytest.approx(1))
