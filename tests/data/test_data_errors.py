"""What a bad table is told: file, line, column, the text of the cell, and what to write instead."""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path

import pytest

from calcopt.data.table import open_table
from calcopt.errors import DataError, UsageError


def refusal(data: bytes, numeric: list[str], text: list[str] | None = None, *, delimiter: str | None = None) -> str:
    with pytest.raises(DataError) as caught:
        list(open_table("-", stdin=io.BytesIO(data), delimiter=delimiter, name="t").batches(numeric, text or []))
    return caught.value.report().removeprefix("standard input:").removeprefix("t:").strip()


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("12a", "holds '12a', which is not a number"),
        ("nan", "holds 'nan', which is not a finite number; leave the cell empty if it is missing"),
        ("-inf", "holds '-inf', which is not a finite number; leave the cell empty if it is missing"),
        ("NA", "holds 'NA', which is not a number; leave the cell empty if it is missing"),
        ("1e999", "holds '1e999', which is too large for a double (the limit is about 1.8e308)"),
        ("1_000", "holds '1_000', which is not a number; write 1000, without thousands separators"),
        ("12 %", "holds '12 %', which is not a number; write it without the percent sign"),
        ("−5", "holds '−5', which is not a number; its minus sign is not the ASCII '-'"),
        ("0x10", "holds '0x10', which is not a number"),
        ("١", "holds '١', which is not a number"),
        (
            '"1,234"',
            "holds '1,234', which is not a number; write 1234 (no thousands separators) or 1.234 (a decimal point)",
        ),
        ('"1,234,567.5"', "holds '1,234,567.5', which is not a number; write 1234567.5, without thousands separators"),
        ('"3,14"', "holds '3,14', which is not a number; write 3.14, with a decimal point"),
        ('"1.234,5"', "holds '1.234,5', which is not a number; write 1234.5, with a decimal point"),
        ("", "is empty; fill it in, or leave such rows out with --missing skip"),
        ('""', "is empty; fill it in, or leave such rows out with --missing skip"),
        ("   ", "is empty; fill it in, or leave such rows out with --missing skip"),
    ],
)
def test_a_bad_cell_is_shown_in_its_line(cell: str, says: str) -> None:
    report = refusal(f"x,y,z\n1,2,3\n\n4,{cell},6\n".encode(), ["x", "y"])
    first, line, carets = report.split("\n")
    assert first == f"4:3: column 'y' {says}"
    assert line == f"  4,{cell},6"
    assert carets == "  " + "  " + "^" * max(1, len(cell))


@pytest.mark.parametrize(
    ("data", "report"),
    [
        (
            b"x,y\n1,2\n3,4,5\n",
            "3: this row has 3 cells, the header has 2; a cell that holds the delimiter must be quoted\n  3,4,5",
        ),
        (b"x,y\n1,2\n3\n", "3: this row has 1 cell, the header has 2\n  3"),
        (b"x,y\n", "there are no rows of data"),
        (b"x,x\n1,2\n", "two columns are named 'x'; every column needs its own name"),
        (
            b"1,2\n3,4\n",
            "1: the first line holds numbers, not the names of the columns; "
            "add a line of names above it, such as 'x,y', or call them c1, c2 … by --no-header\n  1,2",
        ),
        (b"x;y\n1;2\n", "1: the first line has no ',', but it has ';'; tell the delimiter: --delimiter ';'\n  x;y"),
        (b"x|y\n1|2\n", "1: the first line has no ',', but it has '|'; tell the delimiter: --delimiter '|'\n  x|y"),
        (b"", "there is nothing to read"),
        (b"\n\n", "there is nothing to read"),
        (b"x,y\n1,\n", "2:3: column 'y' is empty; fill it in, or leave such rows out with --missing skip\n  1,\n    ^"),
        (b'x,y\n1,2\n3,"4\n5,6\n', '3: a quoted cell that begins in this record is never closed\n  3,"4'),
        (
            b"x,y\n1,2\xff\n",
            "2:4: byte 0xff is not UTF-8 text; save it as UTF-8 (iconv -f latin1 -t utf-8)\n"
            "  1,2\N{REPLACEMENT CHARACTER}\n     ^",
        ),
        (b"\xff\xfex\x00,\x00y\x00\n\x00", "1:1: byte 0xff is not UTF-8 text; it looks like UTF-16; save it as UTF-8"),
        (b"a,b\n1,2\n", "there is no column 'x'; the columns are a, b"),
        (b"X,y\n1,2\n", "there is no column 'x'; did you mean 'X'? The columns are X, y"),
        (gzip.compress(b"x,y\n1,2\n", mtime=0)[:-9], "this file cannot be read: Truncated compressed stream"),
    ],
)
def test_reports_of_delimited_text(data: bytes, report: str) -> None:
    assert refusal(data, ["x", "y"]).startswith(report)


@pytest.mark.parametrize(
    ("data", "report"),
    [
        (
            b'{"x":1,"y":2}\n{"x":"1","y":2}\n',
            "2: column 'x' holds the text '1', not a number; write numbers without quotes",
        ),
        (
            b'{"x":1,"y":2}\n\n{"x":true,"y":2}\n',
            "3: column 'x' holds true, which is not a number; write 1 and 0 to use it as a number",
        ),
        (
            b'{"x":1,"y":2}\n{"y":2}\n',
            "2: column 'x' is missing; fill it in, or leave such rows out with --missing skip",
        ),
        (b'{"x":1,"y":2}\n{"x":[1],"y":2}\n', "2: column 'x' holds '[1]' (a list), which is not a number"),
        (b'{"x":1,"y":NaN}\n', "1: NaN is not JSON and not a finite number; write null for a missing value"),
        (
            b'{"x":1,"y":1e999}\n',
            "1: column 'y' holds inf, which is not a finite number; leave a missing value empty (null)",
        ),
        (b'{"x":1,"y":2}\n{"x":1,"y":\n', "2:12: not JSON: Expecting value"),
        (
            b'[{"x":1,"y":2}]\n',
            "1: a JSON array, but one object a line is expected; jq -c '.[]' turns an array into lines",
        ),
        (b'[\n{"x":1}]\n', "1: a JSON array, but one object a line is expected"),
        (b'{\n"x":1}\n', "1:2: not JSON"),
        (b'{"x":1,"y":2}\n3\n', "2: one JSON object a line is expected"),
        (b"{}\n", "1: the first object has no keys"),
        (b'{"x":1,"y":2}\n' + b'{"x":' + b"[" * 100_000 + b"\n", "2: this JSON is nested too deeply"),
    ],
)
def test_reports_of_json_lines(data: bytes, report: str) -> None:
    assert refusal(data, ["x", "y"]).startswith(report)


def test_a_late_error_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_text("x,y\n" + "1,2\n" * 200_000 + "3,4a\n" + "1,2\n" * 1000)
    delivered = 0

    def read() -> None:
        nonlocal delivered
        for batch in open_table(str(path)).batches(["x", "y"]):
            delivered += len(batch)

    with pytest.raises(DataError) as caught:
        read()
    assert caught.value.report() == f"{path}:200002:3: column 'y' holds '4a', which is not a number\n  3,4a\n    ^^"
    assert delivered <= 200_000


def test_an_error_in_the_second_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("x,y\n1,oops\n")
    with pytest.raises(DataError, match="column 'y' holds 'oops'") as caught:
        list(open_table(str(tmp_path)).batches(["x", "y"]))
    assert caught.value.place == f"{tmp_path / 'b.csv'}:2:3"
    assert caught.value.as_dict()["line"] == 2


def test_files_of_different_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("x,z\n1,2\n")
    with pytest.raises(DataError) as caught:
        open_table(str(tmp_path))
    assert caught.value.report() == f"{tmp_path / 'b.csv'}: has a column 'z' that '{tmp_path / 'a.csv'}' does not have"


def test_files_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text("x,y\n1,2\n")

    def report(source: str) -> str:
        with pytest.raises(DataError) as caught:
            open_table(source)
        return caught.value.report()

    here = str(tmp_path)
    assert report(f"{here}/house.csv") == f"{here}/house.csv: no such file; did you mean '{here}/houses.csv'?"
    assert report(f"{here}/q.csv") == f"{here}/q.csv: no such file; '{here}' holds houses.csv"
    assert report(f"{here}/no/q.csv") == f"{here}/no/q.csv: no such file; there is no folder '{here}/no'"
    assert report(f"{here}/*.tsv").startswith(f"{here}/*.tsv: no file matches this pattern")
    (tmp_path / "sub").mkdir()
    assert "this folder holds no CSV" in report(f"{here}/sub")
    (tmp_path / "sub" / "deep").mkdir()
    assert f"its folders are not searched; try '{here}/sub/**/*.csv'" in report(f"{here}/sub")
    (tmp_path / "empty.csv").write_text("")
    assert report(f"{here}/empty.csv") == f"{here}/empty.csv: this file is empty"
    (tmp_path / "bad.parquet").write_text("hello")
    assert report(f"{here}/bad.parquet").startswith(f"{here}/bad.parquet: not a readable Parquet file: ")


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("x\n1\n")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(DataError, match="this file cannot be read: permission denied"):
        open_table(str(path))


def test_bad_options() -> None:
    with pytest.raises(UsageError, match="the delimiter 'ab' is not a single character"):
        open_table("-", stdin=io.BytesIO(b"x\n"), delimiter="ab")
    with pytest.raises(UsageError, match="unknown way to treat missing cells 'drop'"):
        open_table("-", stdin=io.BytesIO(b"x\n"), missing="drop")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="there is no standard input to read"):
        open_table("-")


def test_when_every_row_is_left_out() -> None:
    table = open_table("-", stdin=io.BytesIO(b"x,y\n1,\n2,\n"), missing="skip")
    with pytest.raises(DataError, match="each of the 2 rows has an empty cell in 'x', 'y'"):
        list(table.batches(["x", "y"]))


def test_control_characters_of_a_cell_do_not_reach_the_terminal() -> None:
    report = refusal(b"x,y\n1,\x1b[31m\n", ["x", "y"])
    assert "\x1b" not in report


def test_an_empty_name_is_not_the_present_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="no file is named"):
        open_table("")
    assert open_table(".").columns == ("x", "y")
