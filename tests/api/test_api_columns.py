"""Columns of a table in a formula: ``sum((a*t[i] + b - y[i])^2, i, 1, n)``."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

import calcopt
from calcopt.api.columns import MOST_VALUES, columns_of
from calcopt.errors import DataError, UsageError

FIT = "sum((a*t[i] + b - y[i])^2, i, 1, n)"
TABLE = b"t,name,y\n0,u,1.1\n1,v,-2.5\n2,w,0.1\n4,x,1e-3\n"


def test_columns_become_elements_with_the_numbers_of_the_table() -> None:
    found = columns_of("-", FIT, stdin=io.BytesIO(TABLE))
    assert {name: str(value) for name, value in found.items()} == {
        "t[1]": "0",
        "t[2]": "1",
        "t[3]": "2",
        "t[4]": "4",
        "y[1]": "1.1",
        "y[2]": "-2.5",
        "y[3]": "0.1",
        "y[4]": "0.001",
        "n": "4",
    }


def test_a_line_is_the_one_of_least_squares(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(TABLE)
    result = calcopt.minimize(FIT, "a=0,b=0", let=columns_of(str(path), FIT))
    assert isinstance(result, calcopt.Result)
    assert result.variables == ("a", "b")
    slope, intercept = np.polyfit([0, 1, 2, 4], [1.1, -2.5, 0.1, 1e-3], 1)
    np.testing.assert_allclose(result.x, [slope, intercept], atol=1e-8)  # the tolerance on the slope of f


def test_what_cannot_be_bound() -> None:
    with pytest.raises(UsageError, match="uses no column") as error:
        columns_of("-", "x^2", stdin=io.BytesIO(TABLE))
    assert "there are t, name, y" in str(error.value.hint)
    with pytest.raises(DataError):
        columns_of("-", "sum(name[i], i, 1, n)", stdin=io.BytesIO(TABLE))
    many = b"t\n" + b"1\n" * (MOST_VALUES + 1)
    with pytest.raises(UsageError, match="more than 100,000 values"):
        columns_of("-", "sum(t[i]*x, i, 1, n)", stdin=io.BytesIO(many))
