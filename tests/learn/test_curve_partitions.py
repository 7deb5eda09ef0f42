"""A table in partitions is fitted to the same bits by any number of threads, and to what independent ways give."""

from __future__ import annotations

import csv
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from curves import bits
from scipy.optimize import least_squares

import calcopt
from calcopt.data import columnar, delimited_piece, kept
from calcopt.data.table import Table, memory_table, open_table
from calcopt.data.threads import Threads
from calcopt.errors import CalcoptError, DataError
from calcopt.expression import parse
from calcopt.learn.curve_kernel import CurveKernel
from calcopt.learn.curve_model import parse_model
from calcopt.learn.curve_rows import Rows
from calcopt.records import CurveFit

RANDOM = np.random.default_rng(11)
X = RANDOM.uniform(0, 5, 9_000)
DATA = {
    "x": X,
    "y": 4 * np.exp(-0.7 * X) + 1 + 0.05 * RANDOM.standard_t(3, size=X.size),
    "w": RANDOM.uniform(0.5, 2, X.size),
}
FITS: dict[str, tuple[str, dict[str, Any]]] = {
    "start": ("y ~ a*exp(-b*x) + c", {"start": "a=1,b=0.1,c=0"}),
    "guessed": ("y ~ a*exp(-b*x) + c", {}),
    "weights": ("y ~ a*exp(-b*x) + c", {"weights": "w", "box": "b=0..0.6"}),
    "huber": ("y ~ a*exp(-b*x) + k", {"loss": "huber", "let": "k=1"}),
    "linear": ("log(y + 1) ~ a + b*x + c*x^2 + d*sin(x)", {"weights": "w"}),
    "erf": ("y ~ a*(1 - erf(b*x)) + c", {"start": "a=4,b=0.5,c=1"}),
    "many": ("y ~ a + b*x + c*x^2 + d*x^3 + g*x^4 + h*x^5 + k*x^6", {}),
}


@pytest.fixture
def pieces(tmp_path: Path) -> Path:
    """Row groups of 500 rows."""
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table(DATA), path, row_group_size=500)
    return path


def cut(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(columnar, "PIECE", rows)


def fitted(path: Path, name: str, *, threads: int | None = None) -> CurveFit:
    table = open_table(str(path), name="data")
    table.crew = None if threads is None else Threads(threads)
    model, options = FITS[name]
    return calcopt.fit(model, table, **options)


@pytest.mark.parametrize("name", FITS)
def test_the_same_bits_with_any_number_of_threads(pieces: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    cut(monkeypatch, 2_000)
    alone = fitted(pieces, name, threads=1)
    assert alone.status == "converged"
    assert alone.rows == 9_000
    for threads in (None, 2, 5):
        assert bits(fitted(pieces, name, threads=threads)) == bits(alone)


@pytest.mark.parametrize("rows", [500, 1_000, 4_500, 1 << 20])
def test_any_cut_gives_the_same_numbers_up_to_rounding(
    pieces: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    whole = calcopt.fit(FITS["start"][0], DATA, **FITS["start"][1])
    cut(monkeypatch, rows)
    for threads in (1, 3):
        fit = fitted(pieces, "start", threads=threads)
        for mine, other in ((fit.parameters, whole.parameters), (fit.standard_errors, whole.standard_errors)):
            assert mine == pytest.approx(other, rel=1e-12)
        assert fit.residual_sum_of_squares == pytest.approx(whole.residual_sum_of_squares, rel=1e-12)
        assert fit.r_squared == pytest.approx(whole.r_squared, rel=1e-12)
        assert (fit.aic, fit.bic) == (pytest.approx(whole.aic, rel=1e-12), pytest.approx(whole.bic, rel=1e-12))


def test_several_files_agree_with_other_ways_to_the_solution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three CSV files, cut every 40,000 bytes, with an empty one between them."""
    monkeypatch.setattr(delimited_piece, "PIECE", 40_000)
    for number, rows in enumerate(np.array_split(np.column_stack([DATA["x"], DATA["y"]]), [2_000, 2_000, 5_000])):
        with (tmp_path / f"{number}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["x", "y"])
            writer.writerows(rows.tolist())
    table = open_table(str(tmp_path))
    assert len(table.partitions()) > 6
    fit = calcopt.fit(FITS["start"][0], table, **FITS["start"][1])
    other = least_squares(
        lambda t: DATA["y"] - (t[0] * np.exp(-t[1] * X) + t[2]), [1, 0.1, 0], xtol=1e-15, ftol=1e-15, gtol=1e-15
    )
    assert list(fit.parameters.values()) == pytest.approx(other.x, rel=1e-7)
    assert fit.residual_sum_of_squares == pytest.approx(2 * other.cost, rel=1e-13)
    line = calcopt.fit("y ~ a + b*x + c*x^2", open_table(str(tmp_path)))
    expected, squares, _, _ = np.linalg.lstsq(np.vander(X, 3, increasing=True), DATA["y"], rcond=None)
    assert list(line.parameters.values()) == pytest.approx(expected, rel=1e-11)
    assert line.residual_sum_of_squares == pytest.approx(squares[0], rel=1e-12)
    assert line.rows == 9_000


def test_text_that_was_cut_inside_a_cell_is_read_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_piece, "PIECE", 300)
    lines = [
        f'{x},{y},"a note\nin two lines, {n}"' for n, (x, y) in enumerate(zip(X[:99], DATA["y"][:99], strict=True))
    ]
    path = tmp_path / "notes.csv"
    path.write_text("x,y,note\n" + "\n".join(lines) + "\n")
    for threads in (1, 2):
        table = open_table(str(path), name="data")
        assert len(table.partitions()) > 10
        table.crew = Threads(threads)
        fit = calcopt.fit(FITS["start"][0], table, **FITS["start"][1])
        expected = calcopt.fit(FITS["start"][0], {"x": X[:99], "y": DATA["y"][:99]}, start="a=1,b=0.1,c=0")
        assert bits(fit) == bits(replace(expected, data="data"))


def test_rows_left_out_are_counted_over_all_partitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_piece, "PIECE", 500)
    path = tmp_path / "holes.csv"
    rows = [
        f"{x}," if n % 10 == 3 else f"{x},{y}" for n, (x, y) in enumerate(zip(X[:200], DATA["y"][:200], strict=True))
    ]
    path.write_text("x,y\n" + "\n".join(rows) + "\n")
    fit = calcopt.fit("y ~ a + b*x", str(path), missing="skip")
    assert (fit.rows, fit.skipped) == (180, 20)


@pytest.mark.parametrize("name", ["start", "huber", "linear"])
def test_rows_that_find_no_room_are_read_again_to_the_same_bits(
    pieces: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    cut(monkeypatch, 2_000)
    expected = bits(fitted(pieces, name))
    monkeypatch.setattr(kept, "IN_MEMORY", 100_000)
    assert bits(fitted(pieces, name)) == expected
    monkeypatch.setattr(kept, "SPARE", 1 << 62)
    for threads in (1, 3):
        assert bits(fitted(pieces, name, threads=threads)) == expected


def test_a_sample_is_spread_over_all_partitions(pieces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Rows(memory_table(DATA), ["x", "y"], "w")
    cut(monkeypatch, 1_500)
    rows = Rows(open_table(str(pieces)), ["x", "y"], "w")
    for most in (1, 7, 500, 8_999, 9_000, 20_000):
        assert np.array_equal(rows.sample(most), whole.sample(most))
    assert np.array_equal(np.concatenate(list(rows.blocks()), axis=1), [DATA["x"], DATA["y"], DATA["w"]])
    assert rows.values(8_765) == {name: DATA[name][8_765] for name in ("x", "y", "w")}
    assert np.array_equal(rows.first[:, 0], [DATA["x"][0], DATA["y"][0], DATA["w"][0]])


# -- errors tell the place in the table, not in the partition -------------------------------------------------------


def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: int, **cells: str) -> Table:
    """CSV in partitions of some 30 rows; what stands in ``row`` (from 1) is replaced."""
    monkeypatch.setattr(delimited_piece, "PIECE", 600)
    lines = ["x,y,w"]
    for number in range(1, 301):
        given = {"x": f"{number / 60}", "y": f"{10 - number / 60}", "w": "1.5"} | (cells if number == row else {})
        lines.append(",".join(given.values()))
    (tmp_path / "broken.csv").write_text("\n".join(lines) + "\n")
    table = open_table(str(tmp_path / "broken.csv"), name="broken.csv")
    assert len(table.partitions()) > 5
    return table


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    ("model", "cells", "said"),
    [
        ("y ~ a*exp(b*x)", {"y": "abc"}, "column 'y' holds 'abc', which is not a number"),
        ("y ~ a*exp(b*x)", {"y": ""}, "column 'y' is empty"),
        ("y ~ a*exp(b*x)", {"w": "-2"}, "the weight in row 250 of those used is -2, and a weight must be above 0"),
        ("log(y) ~ a*exp(b*x)", {"y": "-1"}, "'log(y)' has no finite value in row 250 of those used"),
        ("y ~ a*sqrt(x) + b", {"x": "-1"}, "'sqrt(x)' is not finite, in row 250 of those used"),
        ("y ~ a*log(x - b)", {"x": "-1"}, "'log(x - b)' is not finite at the start a = 1, b = -0.5, in row 250"),
    ],
)
def test_the_row_of_an_error_is_that_of_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int, model: str, cells: dict[str, str], said: str
) -> None:
    table = broken(tmp_path, monkeypatch, 250, **cells)
    table.crew = Threads(threads)
    start = "a=1,b=-0.5" if "x - b" in model else None
    with pytest.raises(CalcoptError) as caught:
        calcopt.fit(model, table, start, weights="w")
    assert said in str(caught.value)
    if said.startswith("column"):
        assert isinstance(caught.value, DataError)
        assert caught.value.line == 251


# -- what is sent to workers -----------------------------------------------------------------------------------------


def test_a_kernel_is_sent_as_the_text_of_its_model() -> None:
    constants = {"k": parse("1/3 + pi").body, "big": parse("10^30").body}
    model = parse_model(" log(y) = a*exp(-b*x)/k + erf(c*x)*big ", ["x", "unused", "y"], constants)
    kernel = CurveKernel(model)
    sent = pickle.dumps(kernel)
    assert len(sent) < 400
    other = pickle.loads(sent)
    block = np.array([DATA["y"][:50] ** 2, X[:50]])
    here, there = (each.evaluate(block, [1.5, 0.5, 1e-30], 2) for each in (kernel, other))
    assert here.jacobian is not None
    assert np.array_equal(here.residual, there.residual)
    assert np.array_equal(here.jacobian, there.jacobian)  # type: ignore[arg-type]
    assert here.second is not None
    assert there.second is not None
    assert all(np.array_equal(entry, there.second[pair]) for pair, entry in here.second.items())
    assert pickle.loads(sent) is other
    assert model.constants == (("k", "1/3 + pi"), ("big", "10^30"))
