"""The model's graph in many digits agrees with the kernels in double and extended precision."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from mpmath import mp, mpf

from calcopt.data.table import memory_table, open_table
from calcopt.learn.curve_kernel import CurveKernel
from calcopt.learn.curve_model import parse_model
from calcopt.learn.curve_precise import DIGITS, decimal_columns, precise_rows
from calcopt.learn.curve_rows import Rows

X = np.array([0.15, 0.4, 0.75])
BODIES = [
    "a*exp(-b*x) + x^3/7",
    "a*sin(b*x) + cos(x)*tan(a*x) - cbrt(b - x)",
    "log(a + x)*sqrt(b*x) + log10(a*x) - log2(b + x)",
    "asin(a*x/3) + acos(b*x/3) + atan(a*x) + atan2(b, x)",
    "sinh(a*x) - cosh(b*x) + tanh(x) + asinh(a*x) + acosh(1 + b*x) + atanh(a*x/4) + acot(b*x)",
    "sigmoid(a*x - b) + softplus(b*x) + log(exp(a*x) + exp(b))",
    "abs(a - x)*sign(b) + relu(x - a/9) + min(a*x, b) + max(a, b*x)",
    "if(a*x < b and x > 0.2, a*x, b*x^2) + step(x - a/4)*b + floor(b*x) + ceil(a*x)",
    "x^(a/2) + b^x + (x - 2)^(1/3)*a + pi*b + e^a",
]


@pytest.mark.parametrize("body", BODIES)
def test_value_and_derivatives_agree(body: str) -> None:
    table = memory_table({"x": X, "y": X**2})
    model = parse_model(f"y ~ {body}", table.columns)
    kernel, rows = CurveKernel(model), Rows(table, model.columns, None)
    theta = [1.3, 0.6][: len(model.parameters)]
    (block,) = rows.blocks()
    double = kernel.evaluate(block, theta, 2)
    extended = kernel.evaluate(block.astype(np.longdouble), np.array(theta, dtype=np.longdouble), 2)
    with mp.workdps(DIGITS):
        (exact,) = precise_rows(kernel, decimal_columns(rows), weighted=False)([mpf(value) for value in theta])
        for one, other in ((double, 1e-12), (extended, 1e-12)):
            assert one.residual.astype(float) == pytest.approx(exact.residual.astype(float), rel=other, abs=other)
            assert one.jacobian is not None
            assert exact.jacobian is not None
            assert one.jacobian.astype(float) == pytest.approx(exact.jacobian.astype(float), rel=other, abs=other)
            assert one.second is not None
            assert exact.second is not None
            for pair, entry in one.second.items():
                found = np.array([float(value) for value in exact.second[pair]])
                assert np.asarray(entry, dtype=float) == pytest.approx(found, rel=other, abs=other)


def test_cells_are_read_as_the_decimals_they_are(tmp_path: object) -> None:
    from pathlib import Path

    from calcopt.data.table import open_table

    path = Path(str(tmp_path)) / "d.csv"
    path.write_text("x,y\n0.1,2.513400000000E+00\n0.2,1e-3\n")
    with mp.workdps(DIGITS):
        cells = decimal_columns(Rows(open_table(str(path)), ["x", "y"], None))
        assert cells[0, 0] * 10 == 1
        assert cells[1, 0] == mpf("2.5134")
        assert cells[1, 1] * 1000 == 1


def test_european_decimals_keep_their_digits_too(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x;y\n0,1;2\n-1,25e-3;3,7\n")
    rows = Rows(open_table(str(tmp_path / "t.csv"), decimal=","), ("y", "x"), None)
    with mp.workdps(DIGITS):
        assert decimal_columns(rows).tolist() == [[mpf(2), mpf("3.7")], [mpf("0.1"), mpf("-1.25e-3")]]
