"""Starts for many variables: families of elements, single ones, files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calcopt.api.spread_starts import is_spread, spread_start
from calcopt.errors import FileError, ValueTextError

NAMES = ("x[1]", "x[2]", "x[3]", "y")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x[i]=-1.2,y=0", [-1.2, -1.2, -1.2, 0]),
        ("x[i]=i/4, y=2", [0.25, 0.5, 0.75, 2]),
        ("x[ k ] = if(k < 2, pi, -k), y=1/4", [np.pi, -2, -3, 0.25]),
        ("x[i]=0,x[2]=7,y=1", [0, 7, 0, 1]),
        ("x[i]=-0.1+1.1*(-1)^i,y=0", [-1.2, 1, -1.2, 0]),
    ],
)
def test_families_take_formulas_of_their_index(text: str, expected: list[float]) -> None:
    assert is_spread(text)
    np.testing.assert_allclose(spread_start(text, NAMES), expected, rtol=1e-15)


def test_two_indices() -> None:
    names = ("a[1,1]", "a[1,2]", "a[2,1]", "a[2,2]")
    np.testing.assert_array_equal(spread_start("a[i,j]=10*i+j", names), [11, 12, 21, 22])


@pytest.mark.parametrize("text", ["x=1,y=2", "4,4", "x[3]=1,y=1", "1", 3.5, None, {"x": 1}])
def test_usual_points_are_left_to_the_usual_reading(text: object) -> None:
    assert not is_spread(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x[i]=1", "no value for y"),
        ("z[i]=1,y=0", "no variable is named 'z\\[i\\]'"),
        ("x[i,j]=1,y=0", "no variable is named 'x\\[i,j\\]'"),
        ("x[i]=j,y=0", "'j' has no value here"),
        ("x[i]=1/(i-2),y=0", "not finite at i = 2"),
        ("x[i]=1+,y=0", "expected"),
        ("x[i]=log(-i),y=0", "not finite at i = 1"),
    ],
)
def test_mistakes_are_marked(text: str, said: str) -> None:
    with pytest.raises(ValueTextError, match=said):
        spread_start(text, NAMES)


def test_a_file_holds_one_number_for_each_variable(tmp_path: Path) -> None:
    path = tmp_path / "start.csv"
    path.write_text("1\n2, 3\n-4e-1\n", encoding="utf-8")
    np.testing.assert_array_equal(spread_start(str(path), NAMES), [1, 2, 3, -0.4])
    path.write_text("1\n2\n", encoding="utf-8")
    with pytest.raises(FileError, match="2 numbers, but the function has 4 variables"):
        spread_start(str(path), NAMES)
    path.write_text("1\nnan\n3\n4\n", encoding="utf-8")
    with pytest.raises(FileError, match="'nan' is not a finite number") as error:
        spread_start(str(path), NAMES)
    assert error.value.line == 2
    with pytest.raises(FileError, match="cannot read the start"):
        spread_start(str(tmp_path / "none.txt"), NAMES)
