"""CSV, LaTeX, the quiet answer, derivative names, and the progress line."""

from __future__ import annotations

import csv as reader
import io
from dataclasses import replace

import pytest
from examples import (
    RECORDS,
    curve_fit,
    gradient_at,
    line_fit,
    network,
    newton_result,
    one_derivative,
    perceptron,
    sauna_points,
    several_runs,
    symbolic_point,
)

from calcopt.records import Epoch
from calcopt.render import csv, latex, notation, quiet
from calcopt.render.progress import CLEAR_LINE, Progress


def table(record: object) -> list[dict[str, str]]:
    stream = io.StringIO()
    csv.write(stream, csv.rows(record))
    return list(reader.DictReader(io.StringIO(stream.getvalue())))


def test_csv_of_iterations() -> None:
    rows = table(newton_result())
    assert list(rows[0]) == ["iteration", "x", "y", "value", "gradient_norm", "step_norm", "step", "alpha"]
    assert float(rows[1]["x"]) == 2.5827393
    assert rows[0]["step_norm"] == ""
    assert rows[1]["step"] == "N"


def test_csv_of_several_runs_has_their_number() -> None:
    assert {row["run"] for row in table(several_runs())} == {"0", "1", "2"}


def test_a_variable_may_have_the_name_of_a_column() -> None:
    rows = table(replace(newton_result(), variables=("value", "y")))
    assert "x[value]" in rows[0]


def test_csv_of_the_others() -> None:
    assert table(line_fit())[0]["parameter"] == "x"
    assert [row["parameter"] for row in table(curve_fit())] == ["b1", "b2"]
    assert table(perceptron())[3]["accuracy"] == "1.0"
    assert table(one_derivative()) == [{"with_respect_to": "x", "expression": "(x + 1)*exp(x)"}]
    assert "value at x=2.0, y=3.141592653589793" in table(gradient_at())[0]
    assert table(sauna_points())[1]["classification"] == "saddle point"
    assert table(sauna_points())[0]["certified"] == "false"


@pytest.mark.parametrize("name", RECORDS)
def test_quiet_lines(name: str) -> None:
    lines = list(quiet.lines(RECORDS[name]()))
    assert lines
    assert all("\n" not in line for line in lines)


def test_quiet_answers() -> None:
    assert list(quiet.lines(one_derivative())) == ["(x + 1)*exp(x)"]
    assert list(quiet.lines(gradient_at())) == ["x 4.0", "y 6.283185307179586"]
    assert list(quiet.lines(newton_result())) == ["x 4.16e-17", "y -2.05e-17"]
    assert list(quiet.lines(symbolic_point())) == ["x=a/2 + b/2 local minimum"]
    assert next(quiet.lines(sauna_points())) == "x=4.0 y=4.0 local minimum"
    assert "weights[1][2][1] 1.5" in list(quiet.lines(network()))


def test_latex() -> None:
    assert list(latex.lines(one_derivative(), str)) == [r"f'\left(x\right) = \left(x + 1\right) e^{x}"]
    leibniz = list(latex.lines(gradient_at(), str))
    assert leibniz[0] == r"\frac{\partial f}{\partial x} = 2 x"
    assert list(latex.lines(symbolic_point(), str)) == [r"x = a/2 + b/2 \quad \text{local minimum}"]
    assert list(latex.lines(sauna_points(), str))[2] == r"x = 0 \quad \text{all critical}"


@pytest.mark.parametrize(
    ("by", "variables", "style", "text"),
    [
        (("x",), ("x",), "lagrange", "f'(x)"),
        (("x", "x", "x", "x"), ("x",), "lagrange", "f^(4)(x)"),
        (("x",), ("x",), "leibniz", "df/dx"),
        (("x", "x"), ("x",), "leibniz", "d²f/dx²"),
        (("x", "x", "y"), ("x", "y"), "leibniz", "∂³f/∂x²∂y"),
        (("x", "y"), ("x", "y"), "lagrange", "f_xy(x, y)"),
        (("x1", "y"), ("x1", "y"), "lagrange", "f_x1,y(x1, y)"),
    ],
)
def test_names_of_derivatives(
    by: tuple[str, ...], variables: tuple[str, ...], style: notation.Notation, text: str
) -> None:
    assert notation.text(by, variables, "f", style) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [("x", "x"), ("x1", "x_{1}"), ("lambda", r"\lambda"), ("alpha_2", r"\alpha_{2}"), ("rate", r"\mathrm{rate}")],
)
def test_symbols(name: str, text: str) -> None:
    assert notation.symbol(name) == text


def test_progress_waits_half_a_second_and_cleans_up() -> None:
    now = [0.0]
    stream = io.StringIO()
    progress = Progress(stream, columns=40, clock=lambda: now[0])
    step = newton_result().trace[3]
    progress.iteration(step)
    progress.clear()
    assert stream.getvalue() == ""
    now[0] = 0.6
    progress.iteration(step)
    progress.iteration(step)
    progress.clear()
    written = stream.getvalue()
    assert written.count("iteration 3") == 1
    assert written.endswith(CLEAR_LINE)
    assert len(written) <= 2 * len(CLEAR_LINE) + 39
    now[0] = 1.0
    progress.epoch(Epoch(7, 0.25, 0.5, None))
    assert "epoch 7   loss = 0.25   accuracy 50.0 %" in stream.getvalue()
