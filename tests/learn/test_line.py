"""Lines: what is fitted, what is refused and with which words."""

from __future__ import annotations

import io
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import calcopt
from calcopt.data.pairwise import PairwiseTree
from calcopt.data.table import Table, memory_table, open_table
from calcopt.errors import CalcoptError, DataError, UsageError
from calcopt.learn.line import fit_line
from calcopt.records import LineFit

RNG = np.random.default_rng(20240229)
A, B = RNG.random(50).round(3), RNG.random(50).round(3)
Y = (A - 2 * B + RNG.standard_normal(50)).round(3)


def fit(data: object, **options: object) -> LineFit:
    return fit_line(memory_table(data), **options)  # type: ignore[arg-type]


def refusal(data: object, **options: object) -> str:
    with pytest.raises(CalcoptError) as caught:
        fit(data, **options)
    assert caught.value.exit_status == 2
    return caught.value.report().removeprefix("data: ")


def test_the_regression_by_hand_of_the_course() -> None:
    """B11: the points (1, 2), (2, 5), (3, 3) give m = 1/2, b = 7/3 and Σ residual² = 25/6."""
    result = fit([[1, 2], [2, 5], [3, 3]])
    assert result.parameters == {"x": 0.5, "intercept": 7 / 3}
    assert result.cost == pytest.approx(25 / 36, rel=1e-15)
    assert (result.slope, result.rows, result.degrees_of_freedom) == (0.5, 3, 1)
    assert result.r_squared == pytest.approx(3 / 28, rel=1e-14)
    assert (result.status, result.method, result.reached_goal) == ("converged", "exact", True)
    assert "<td>0.5</td>" in result._repr_html_()


@st.composite
def integer_tables(draw: st.DrawFn) -> tuple[list[list[int]], list[int], bool]:
    """Rows of 1 to 3 small integer features, and whether there is an intercept."""
    features = draw(st.integers(1, 3))
    rows = draw(st.integers(features + 2, 12))
    cell = st.integers(-20, 20)
    x = draw(st.lists(st.lists(cell, min_size=features, max_size=features), min_size=rows, max_size=rows))
    return x, draw(st.lists(cell, min_size=rows, max_size=rows)), draw(st.booleans())


def exact_solution(x: list[list[int]], y: list[int], *, intercept: bool) -> list[Fraction] | None:
    """The normal equations by Gauss and Jordan in rational numbers; None when they are singular."""
    rows = [[*map(Fraction, row), *([Fraction(1)] if intercept else [])] for row in x]
    q = len(rows[0])
    system = [
        [sum(row[i] * row[j] for row in rows) for j in range(q)] + [sum(r[i] * t for r, t in zip(rows, y, strict=True))]
        for i in range(q)
    ]
    for column in range(q):
        pivot = next((row for row in range(column, q) if system[row][column]), None)
        if pivot is None:
            return None
        system[column], system[pivot] = system[pivot], system[column]
        system[column] = [cell / system[column][column] for cell in system[column]]
        for row in range(q):
            if row != column:
                factor = system[row][column]
                system[row] = [a - factor * b for a, b in zip(system[row], system[column], strict=True)]
    return [Fraction(row[-1]) for row in system]


@given(integer_tables())
def test_equal_to_rational_arithmetic(table: tuple[list[list[int]], list[int], bool]) -> None:
    x, y, intercept = table
    expected = exact_solution(x, y, intercept=intercept)
    data = {**{f"x{i}": list(column) for i, column in enumerate(zip(*x, strict=True))}, "y": y}
    if expected is None:
        assert any(
            word in refusal(data, intercept=intercept) for word in ("constant", "collinear", "is 0 in every row")
        )
        return
    result = fit(data, intercept=intercept)
    assert list(result.parameters.values()) == pytest.approx([float(value) for value in expected], rel=1e-11, abs=1e-12)
    assert all(value is None or math.isfinite(value) for value in result.t_values.values())


@given(st.permutations(range(20)), st.booleans())
def test_the_order_of_the_rows_matters_to_rounding_only(order: list[int], intercept: bool) -> None:
    data = {"a": A[:20], "b": B[:20], "y": Y[:20]}
    plain = fit(data, intercept=intercept)
    shuffled = fit({name: column[order] for name, column in data.items()}, intercept=intercept)
    assert shuffled.parameters == pytest.approx(plain.parameters, rel=1e-13)
    assert shuffled.standard_errors == pytest.approx(plain.standard_errors, rel=1e-12)


@given(st.integers(-60, 60), st.integers(-60, 60), st.integers(-1000, 1000))
def test_units_and_origins(power_x: int, power_y: int, origin: int) -> None:
    """With x in units of 2^-p, y in units of 2^-q and another origin, the slope scales and t stays."""
    plain = fit({"x": A, "y": Y})
    moved = fit({"x": (A + origin) * 2.0**power_x, "y": Y * 2.0**power_y})
    unit = 2.0 ** (power_y - power_x)
    assert moved.parameters["x"] == pytest.approx(plain.parameters["x"] * unit, rel=1e-11)
    assert moved.t_values["x"] == pytest.approx(plain.t_values["x"], rel=1e-10)
    assert moved.r_squared == pytest.approx(plain.r_squared, rel=1e-10)


def test_digits_at_an_offset_of_a_billion() -> None:
    """x and y are integers at an offset of 10⁹, so that the slope is known exactly."""
    x = [10**9 + 3 * i for i in range(1000)]
    y = [7 * 10**9 + 5 * i + (i * i) % 11 for i in range(1000)]
    ((slope, _),) = [exact_solution([[value] for value in x], y, intercept=True) or []]
    result = fit({"x": x, "y": y})
    assert abs(Fraction(result.parameters["x"]) - slope) <= abs(slope) * Fraction(1, 10**14)


def test_weights_count_as_repeated_rows() -> None:
    weights = RNG.integers(1, 5, 50)
    repeated = [np.repeat(column, weights) for column in (A, B, Y)]
    weighted = fit({"a": A, "b": B, "y": Y, "w": weights}, weights="w")
    plain = fit(dict(zip("aby", repeated, strict=True)))
    assert weighted.parameters == pytest.approx(plain.parameters, rel=1e-13)
    assert (weighted.cost, weighted.r_squared) == pytest.approx((plain.cost, plain.r_squared), rel=1e-13)
    assert (weighted.rows, weighted.degrees_of_freedom, weighted.weights) == (50, 47, "w")
    one = fit({"a": A, "y": Y, "w": weights}, weights="w")
    assert one.parameters == pytest.approx(fit(dict(zip("aby", repeated, strict=True)), x=["a"]).parameters, rel=1e-13)


def test_against_the_textbook_formulas() -> None:
    """Var = s² (XᵀX)⁻¹ with weights, from a straightforward computation on well-conditioned data."""
    w = RNG.random(50) + 0.5
    result = fit({"a": A, "b": B, "y": Y, "w": w}, weights="w")
    design = np.column_stack([A, B, np.ones(50)])
    covariance = np.linalg.inv(design.T * w @ design)
    beta = covariance @ (design.T * w @ Y)
    residual = Y - design @ beta
    s2 = float(w @ residual**2) / 47
    assert list(result.parameters.values()) == pytest.approx(beta, rel=1e-12)
    assert list(result.standard_errors.values()) == pytest.approx(np.sqrt(s2 * np.diag(covariance)), rel=1e-12)
    assert result.cost == pytest.approx(47 * s2 / (2 * w.sum()), rel=1e-12)
    mean = float(w @ Y / w.sum())
    assert result.r_squared == pytest.approx(1 - 47 * s2 / float(w @ (Y - mean) ** 2), rel=1e-12)


def test_without_intercept_r_squared_is_about_zero() -> None:
    result = fit({"a": A, "y": Y + 3}, intercept=False)
    assert list(result.parameters) == ["a"]
    slope = float(A @ (Y + 3) / (A @ A))
    assert result.slope == pytest.approx(slope, rel=1e-13)
    assert result.r_squared == pytest.approx(1 - ((Y + 3 - slope * A) ** 2).sum() / ((Y + 3) ** 2).sum(), rel=1e-12)


def test_the_same_bits_whatever_the_batches() -> None:
    x = RNG.random((10_000, 3)) * 1e3 + 1e6
    y = x @ [1.0, -2.0, 3.0] + RNG.standard_normal(10_000)
    whole = fit(np.column_stack([x, y]))
    table = memory_table(np.column_stack([x, y]))

    class Cut(Table):
        """The same rows in batches of 777."""

        def batches(self, numeric, text=()):  # type: ignore[no-untyped-def]
            for batch in super().batches(numeric, text):
                for start in range(0, len(batch), 777):
                    columns = [column[start : start + 777] for column in batch.columns]
                    yield type(batch)(columns, [], start + 1, len(columns[0]))

    cut = fit_line(Cut(table._parts, name="data"))
    assert cut.parameters == whole.parameters
    assert cut.standard_errors == whole.standard_errors
    assert fit(np.column_stack([x, y])) == whole


def test_a_perfect_fit_has_no_t_values() -> None:
    result = fit({"x": [1, 2, 3, 4], "y": [3, 5, 7, 9]})
    assert result.parameters == {"x": 2.0, "intercept": 1.0}
    assert (result.cost, result.r_squared, result.residual_standard_deviation) == (0.0, 1.0, 0.0)
    assert result.t_values == result.p_values == {"x": None, "intercept": None}
    assert result.confidence_intervals == {"x": (2.0, 2.0), "intercept": (1.0, 1.0)}
    assert result.warnings == ("the rows lie on the line up to rounding: t and p values say nothing",)


def test_as_many_rows_as_parameters() -> None:
    result = fit({"x": [1, 2], "y": [2, 5]})
    assert result.parameters == {"x": 3.0, "intercept": -1.0}
    assert result.standard_errors == result.confidence_intervals == {"x": None, "intercept": None}
    assert (result.residual_standard_deviation, result.degrees_of_freedom) == (None, 0)
    assert result.warnings == ("2 rows fix 2 parameters: nothing is left to judge the fit by",)


def test_a_constant_target_has_no_r_squared() -> None:
    result = fit({"x": A, "y": [0.1] * 50})
    assert result.parameters == {"x": 0.0, "intercept": 0.1}
    assert result.r_squared is None
    assert result.warnings == ("the target 'y' is constant: R² is not defined",)


def test_tiny_numbers_do_not_underflow() -> None:
    result = fit({"x": [1e-200, 2e-200, 3e-200], "y": [1, 2, 4]})
    assert result.slope == pytest.approx(1.5e200, rel=1e-13)


@pytest.mark.parametrize(
    ("data", "options", "says"),
    [
        ({"x": [1], "y": [2]}, {}, "1 row does not determine 2 parameters; give more rows or fewer features"),
        ({"x": [5, 5, 5], "y": [1, 2, 3]}, {}, "column 'x' is constant (5 in every row): there is no slope to find"),
        ({"x": [0.1] * 7, "y": range(7)}, {}, "column 'x' is constant (0.1 in every row): there is no slope to find"),
        (
            {"a": A, "k": [5] * 50, "y": Y},
            {},
            "column 'k' is constant (5 in every row), as the intercept is: they cannot be told apart; "
            "leave 'k' out, or use --no-intercept",
        ),
        ({"x": [0, 0], "y": [1, 2]}, {"intercept": False}, "column 'x' is 0 in every row: its coefficient is not"),
        (
            {"a": A, "b": B, "total": A + B, "y": Y},
            {},
            "the columns 'a', 'b', 'total' are collinear: total = a + b; leave one of them out",
        ),
        ({"c": A, "f": 1.8 * A + 32, "y": Y}, {}, "the columns 'c', 'f' are collinear: f = 1.8·c + 32; leave one"),
        (
            {"a": A, "b": B, "d": A - 2 * B, "y": Y},
            {"intercept": False},
            "the columns 'a', 'b', 'd' are collinear: d = a - 2·b",
        ),
        ({"a": A, "b": B, "twice": 2 * B, "y": Y}, {}, "the columns 'b', 'twice' are collinear: twice = 2·b"),
        ({"x": [1, 2], "y": [1, 2]}, {"x": ["z"]}, "there is no column 'z'; the columns are x, y"),
        ({"x": [1, 2], "y": [1, 2]}, {"y": "Y"}, "there is no column 'Y'; did you mean 'y'? The columns are x, y"),
        ({"x": [1, 2], "y": [1, 2]}, {"x": ["y"], "y": "y"}, "the target 'y' is also named as a feature"),
        ({"x": [1, 2], "y": [1, 2]}, {"x": ["x", "x"]}, "the feature 'x' is named twice"),
        (
            {"x": [1, 2], "y": [1, 2]},
            {"weights": "x", "x": ["x"]},
            "the column of weights 'x' is also named as a feature",
        ),
        ({"y": [1, 2]}, {}, "a line needs at least two columns, a feature and the target"),
        ({"intercept": [1, 2], "y": [1, 2]}, {}, "a feature is named 'intercept', as the fitted constant is"),
        ({"": [1, 2], "x": [1, 2], "y": [1, 2]}, {}, "column 1 has no name in the header; name the columns to use"),
        ({"x": [1e200, -1e200], "y": [1, 2]}, {}, "the numbers are too large: their squares overflow a double"),
        (
            {"x": [1, 2], "y": [1, 2], "w": [1, 0]},
            {"weights": "w"},
            "the weight in row 2 of those used is 0, and a weight must",
        ),
    ],
)
def test_data_that_cannot_determine_the_answer(data: object, options: dict[str, object], says: str) -> None:
    assert refusal(data, **options).startswith(says)


def test_text_columns_are_named_with_the_way_out() -> None:
    def said(text: str) -> str:
        with pytest.raises(DataError) as caught:
            fit_line(open_table("-", stdin=io.BytesIO(text.encode())))
        return caught.value.report().removeprefix("standard input: ")

    assert said("city,size,kind,price\nRome,50,flat,7\nOslo,70,house,9\n") == (
        "every column but the target is a feature by default, but 'city' ('Rome' in line 2), 'kind' ('flat' in line 2) "
        "hold text; name the features: --x size"
    )
    assert said("size,price,city\n50,7,Rome\n") == (
        "the target is the last column by default, and it holds text: 'city' ('Rome' in line 2); "
        "name the columns to use: --x COLUMN[,COLUMN…] --y COLUMN"
    )
    assert said("x,y\n1,2\n3,4a\n").startswith("standard input:3:3: column 'y' holds '4a', which is not a number\n")


def test_defaults_and_choices_of_columns() -> None:
    data = {"a": A, "b": B, "y": Y}
    assert fit(data).features == ("a", "b")
    assert fit(data, y="a").features == ("b", "y")
    assert (fit(data, x=["y"]).features, fit(data, x=["y"]).target) == (("y",), "b")
    with pytest.raises(UsageError):
        fit(data, x=["a"], y="a")


@given(st.integers(0, 70))
def test_the_tree_merges_in_order(count: int) -> None:
    tree: PairwiseTree[str] = PairwiseTree(lambda left, right: left + right)
    for index in range(count):
        tree.add(chr(48 + index))
    assert tree.total() == ("".join(chr(48 + index) for index in range(count)) or None)
    assume(count)
    assert len(tree._levels) == bin(count).count("1")


def test_a_slope_that_no_double_can_hold_is_refused() -> None:
    said = refusal({"x": [1e-310, 2e-310, 3e-310], "y": [1.0, 2.0, 7.0]})
    assert said == (
        "the numbers of column 'x' are too small: a slope along it may overflow a double; measure 'x' in a smaller unit"
    )
    assert fit({"x": [1e-250, 2e-250, 3e-250], "y": [1.0, 2.0, 7.0]}).slope == pytest.approx(3e250)


def test_columns_that_hardly_vary_are_not_called_constant() -> None:
    far = [2.0**53 + 2 * k for k in range(10)]
    assert refusal({"x": far, "y": list(range(10))}) == (
        "column 'x' is 9.0072e+15 up to rounding (its deviation is 5.74456): there is no slope to find; "
        "subtract a constant from 'x' where its digits are still known, or leave it out"
    )
    assert "is constant (3 in every row)" in refusal({"x": [3.0] * 5, "y": list(range(5))})


def test_two_columns_without_a_name_are_told_as_such() -> None:
    table = open_table("-", stdin=io.BytesIO(b",,y\n1,2,3\n2,1,5\n"))
    with pytest.raises(DataError, match="column 1 has no name in the header"):
        fit_line(table)


@pytest.mark.parametrize("blank", [0, 2])
def test_a_column_of_text_is_told_as_such_whatever_is_missing_in_it(blank: int) -> None:
    words: list[str | None] = ["a", "b", "c", "d"]
    words[blank] = None
    said = refusal({"x": [1.0, 2.0, 3.0, 4.0], "word": words, "y": [1.0, 2.0, 4.0, 3.0]})
    assert "every column but the target is a feature by default, but 'word' (its type is string) holds text" in said
    lines = "".join(f"{k},{word or ''},{k * k}\n" for k, word in enumerate(words))
    with pytest.raises(DataError, match="every column but the target is a feature by default, but 'word'"):
        fit_line(open_table("-", stdin=io.BytesIO(f"x,word,y\n{lines}".encode())))


def test_weights_and_numbers_at_the_ends_of_the_range() -> None:
    """Warnings of overflow are errors here: there must be none beside the refusal."""
    assert refusal({"x": [1e300, 2.0, 2.0, 3.0], "y": [2.0, 1e300, 3.0, 1.0], "w": [2.0, 1.0, 3.0, 1e300]}, weights="w")
    far = {"x": [1e29, 3.0, 1e29, 1e-300], "y": [3.0, 1e29, 3.0, 3.0], "w": [1e29, 1e-300, 3.0, 3.0]}
    assert "column 'x' is 1e+29 up to rounding" in refusal(far, weights="w")


def test_errors_and_steps_too_large_to_be_squared() -> None:
    """Warnings of overflow are errors here: norms are taken without squares."""
    tiny = {"x": [5e-324, 3.0, 5e-324, 5e-324, 3.0], "y": [5e-324] * 5, "w": [5e-324] * 5}
    assert fit(tiny, weights="w").status == "converged"
    steep = {"x": [0.0, 1e-160, 2e-160], "y": [0.0, 1e16, 3e16]}
    assert calcopt.fit_line(steep, method="newton").parameters["x"] == pytest.approx(1.5e176)
