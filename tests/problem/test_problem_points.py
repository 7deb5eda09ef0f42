"""Points, boxes and constants: what is read, and what is said about what cannot be."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcopt.errors import CalcoptError, UsageError, ValueTextError
from calcopt.expression import exact_value, parse_value
from calcopt.problem.names import names_of, sizes_of
from calcopt.problem.points import (
    as_assignments,
    as_box,
    as_point,
    as_points,
    parse_assignments,
    parse_box,
    parse_point,
    point_values,
)

XY = ("x", "y")


def texts(values: object) -> object:
    if isinstance(values, dict):
        return {name: texts(value) for name, value in values.items()}
    return tuple(map(texts, values)) if isinstance(values, (tuple, list)) else str(values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x=4,y=4", {"x": "4", "y": "4"}),
        ("y=4, x=3", {"x": "3", "y": "4"}),
        ("4,4", {"x": "4", "y": "4"}),
        ("-1,-2", {"x": "-1", "y": "-2"}),
        ("x=-1,y=-2", {"x": "-1", "y": "-2"}),
        (" x = 1/3 , y = pi/2 ", {"x": "1/3", "y": "pi/2"}),
        ("atan2(1,2),max(1,2,3)", {"x": "atan2(1, 2)", "y": "max(1, 2, 3)"}),
        ("1e-3,.5", {"x": "0.001", "y": "0.5"}),
    ],
)
def test_points(text: str, expected: dict[str, str]) -> None:
    point = parse_point(text, XY)
    assert list(point) == ["x", "y"]
    assert point == {name: parse_value(value) for name, value in expected.items()}


def test_elements_and_greek_names() -> None:
    assert texts(parse_point("x[1]=3,x[ 2 ]=4", ("x[1]", "x[2]"))) == {"x[1]": "3", "x[2]": "4"}
    assert texts(parse_point("α=3,σ=1", ("alpha", "sigma"))) == {"alpha": "3", "sigma": "1"}


@pytest.mark.parametrize(
    ("text", "message", "marked"),
    [
        ("4,4,4", "4,4,4 has 3 values, but the function has 2 variables: x, y", "4,4,4"),
        ("4", "4 has 1 value, but the function has 2 variables: x, y", "4"),
        ("x=4", "no value for 'y'", "x=4"),
        ("x=1,x=2,y=1", "'x' is given twice", "x"),
        ("xx=3,y=1", "unknown variable 'xx'", "xx"),
        ("x=1,2", "'2' has no name but others have one", "2"),
        ("x=,y=1", "'x' has no value", "x="),
        ("=1,y=1", "a name is missing before '='", "="),
        ("4,,4", "a value is missing", ","),
        ("1/0,2", "1/0 is not a finite number", "1/0"),
        ("2, log(0)", "log(0) is not a finite number", "log(0)"),
        ("sqrt(-1),1", "sqrt(-1) is not a finite number", "sqrt(-1)"),
        ("1,1e400", "1e400 is not a finite number", "1e400"),
        ("-inf,1", "-inf is not a finite number", "-inf"),
        ("x=1,y=2q+1", "expected a number, found the name 'q'", "q"),
        ("x==1,y=2", "a value is given with one '='", "="),
        ("x=(1,y=2", "unexpected ','", ","),
        ("x=(1+2,y=2)", "unexpected ','", ","),
        ("x=1,y=(2", "'(' is never closed", "("),
        ("e=1,y=2", "'e' is a constant and has its own value", "e"),
        ("f(x)=1,y=2", "'f(x)' is not a name", "f(x)"),
        ("x[i]=1,y=2", "'x[i]' is not a name", "x[i]"),
        ("x=__import__('os'),y=1", None, None),
        ("x=9**9**9,y=1", None, None),
    ],
)
def test_faults_in_points_are_marked(text: str, message: str | None, marked: str | None) -> None:
    with pytest.raises(ValueTextError) as caught:
        parse_point(text, XY)
    assert message is None or caught.value.message == message
    assert caught.value.text == text
    assert marked is None or text[caught.value.start : caught.value.end] == marked
    assert "^" in caught.value.report()


def test_hints() -> None:
    def hint(text: str, variables: tuple[str, ...]) -> str | None:
        with pytest.raises(ValueTextError) as caught:
            parse_point(text, variables)
        return caught.value.hint

    assert hint("thete=1", ("theta",)) == "did you mean 'theta'?"
    assert hint("q=1", ("x",)) == "the function has 1 variable: x"
    assert hint("x=1", ("x", "y", "z")) == "add y=…, z=…"
    assert hint("q=1", ()) == "the function has no variables"
    assert hint("1,2", tuple(f"x{i}" for i in range(20))) is None


@pytest.mark.parametrize("text", ["", "  ", "\t\n"])
def test_nothing_is_no_point(text: str) -> None:
    with pytest.raises(ValueTextError, match="there is nothing here"):
        parse_point(text, XY)


@pytest.mark.parametrize(
    "value",
    [
        "x=0.1,y=1/3",
        {"x": 0.1, "y": "1/3"},
        {"y": Fraction(1, 3), "x": "0.1"},
        [0.1, "1/3"],
        ("0.1", parse_value("1/3")),
    ],
)
def test_every_form_is_the_same_exact_point(value: object) -> None:
    point = as_point(value, XY)
    assert {name: exact_value(expr) for name, expr in point.items()} == {"x": Fraction(1, 10), "y": Fraction(1, 3)}


def test_numbers_of_python_and_numpy() -> None:
    assert point_values(as_point(np.array([1.5, -2.0]), XY)) == {"x": 1.5, "y": -2.0}
    assert point_values(as_point({"x": np.float64(0.1), "y": np.int64(-3)}, XY)) == {"x": 0.1, "y": -3.0}
    assert point_values(as_point(3, ("x",))) == {"x": 3.0}
    assert point_values(as_point(np.float64(0.25), ("x",))) == {"x": 0.25}
    assert point_values(as_point(Fraction(-1, 4), ("x",))) == {"x": -0.25}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_survive(value: float) -> None:
    assert point_values(as_point({"x": value}, ("x",))) == {"x": value}
    assert point_values(parse_point(f"x={value!r}", ("x",))) == {"x": value}


@pytest.mark.parametrize(
    "value", [True, None, 1j, Decimal(1), object(), {1: 2}, {"x": [1], "y": 2}, {"x": True, "y": 1}]
)
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(UsageError):
        as_point(value, XY)


@pytest.mark.parametrize("value", [{}, [], {"x": math.nan, "y": 1}, {"x": "", "y": 1}, {"x": "1,2", "y": 1}, {"z": 1}])
def test_what_is_no_point(value: object) -> None:
    with pytest.raises(ValueTextError):
        as_point(value, XY)


@pytest.mark.parametrize(
    ("value", "variables", "count"),
    [
        ("1,2", XY, 1),
        ([1, 2], XY, 1),
        (["1", "2"], XY, 1),
        (["pi/2", "1/3"], XY, 1),
        (["1,2", "x=3,y=4"], XY, 2),
        ([[1, 2], {"x": 1, "y": 2}, "1,2"], XY, 3),
        (np.ones((4, 2)), XY, 4),
        (["1", "2"], ("x",), 2),
        ([0.05], ("x",), 1),
        ([[1], [2]], ("x",), 2),
        (["max(1,2)"], ("x",), 1),
        (3, ("x",), 1),
    ],
)
def test_one_point_or_several(value: object, variables: tuple[str, ...], count: int) -> None:
    assert len(as_points(value, variables)) == count


def test_a_point_with_too_many_numbers_is_not_several() -> None:
    with pytest.raises(ValueTextError, match="1,2 has 2 values, but the function has 1 variable: x"):
        as_points([1, 2], ("x",))


# ---------------------------------------------------------------------------------------------------------------
# Boxes and constants
# ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("-5..5", {"x": ("-5", "5"), "y": ("-5", "5")}),
        ("x=-pi..pi,y=0..1e3", {"x": ("-pi", "pi"), "y": ("0", "1000")}),
        ("0..1, 2..3", {"x": ("0", "1"), "y": ("2", "3")}),
        ("y=0.5...75,x= 1 .. 2 ", {"x": ("1", "2"), "y": ("0.5", "0.75")}),
        ({"x": [-5, 5], "y": "0..pi"}, {"x": ("-5", "5"), "y": ("0", "pi")}),
        ((-5, 5.5), {"x": ("-5", "5.5"), "y": ("-5", "5.5")}),
        ([[0, 1], ("-pi", "pi")], {"x": ("0", "1"), "y": ("-pi", "pi")}),
        (np.array([[0, 1], [2, 3]]), {"x": ("0", "1"), "y": ("2", "3")}),
    ],
)
def test_boxes(value: object, expected: dict[str, tuple[str, str]]) -> None:
    box = as_box(value, XY)
    assert {name: tuple(map(exact_or_text, ends)) for name, ends in box.items()} == {
        name: tuple(exact_or_text(parse_value(end)) for end in ends) for name, ends in expected.items()
    }


def exact_or_text(expr: object) -> object:
    return exact_value(expr) if exact_value(expr) is not None else str(expr)


@pytest.mark.parametrize(
    ("text", "message", "marked"),
    [
        ("5..-5", "the range is reversed", "5..-5"),
        ("x=0..1,y=pi..3", "the range is reversed", "pi..3"),
        ("1..1", "the range has no width", "1..1"),
        ("0..inf", "inf is not a finite number", "inf"),
        ("-1/0..1", "-1/0 is not a finite number", "-1/0"),
        ("x=0..1", "no range for 'y'", "x=0..1"),
        ("0..1,0..1,0..1", "0..1,0..1,0..1 has 3 ranges, but the function has 2 variables: x, y", "0..1,0..1,0..1"),
        ("3", "a range is written low..high", "3"),
        ("x=0..,y=0..1", "a range is written low..high", "0.."),
        ("0..1..2", "a range is written low..high", "0..1..2"),
        ("z=0..1,y=0..1", "unknown variable 'z'", "z"),
        ("0..y", "expected a number, found the name 'y'", "y"),
    ],
)
def test_faults_in_boxes_are_marked(text: str, message: str, marked: str) -> None:
    with pytest.raises(ValueTextError) as caught:
        parse_box(text, XY)
    assert (caught.value.message, text[caught.value.start : caught.value.end]) == (message, marked)


def test_a_reversed_range_says_what_to_write() -> None:
    with pytest.raises(ValueTextError) as caught:
        parse_box("5 .. -5", XY)
    assert caught.value.hint == "write -5..5"


@pytest.mark.parametrize("value", [{"x": [1], "y": [1, 2]}, {"x": 3, "y": [1, 2]}, 3, [1, 2, 3]])
def test_what_is_no_box(value: object) -> None:
    with pytest.raises(UsageError, match="two ends"):
        as_box(value, XY)


def test_constants() -> None:
    assert texts(parse_assignments("a=3, b=pi/2")) == {"a": "3", "b": "pi/2"}
    assert texts(as_assignments({"a": 0.5, "b": "1/3"})) == {"a": "0.5", "b": "1/3"}
    assert texts(as_assignments(["a=3", "b=4,c=5"])) == {"a": "3", "b": "4", "c": "5"}
    assert as_assignments(None) == as_assignments({}) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3", "a constant is written name=value"),
        ("a=3,a=4", "'a' is given twice"),
        ("a=b", "expected a number, found the name 'b'"),
        ("pi=3", "'pi' is a constant and has its own value"),
        ("2a=3", "'2a' is not a name"),
    ],
)
def test_faults_in_constants(text: str, message: str) -> None:
    with pytest.raises(ValueTextError) as caught:
        parse_assignments(text)
    assert caught.value.message == message


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    for read in (lambda: parse_point(text, XY), lambda: parse_box(text, XY), lambda: parse_assignments(text)):
        fault = fault_of(read)
        assert fault is None or (fault.exit_status == 2 and "^" in fault.report())


def fault_of(read: Callable[[], object]) -> CalcoptError | None:
    try:
        read()
    except CalcoptError as fault:
        return fault
    return None


# ---------------------------------------------------------------------------------------------------------------
# Lists of names and sizes
# ---------------------------------------------------------------------------------------------------------------


def test_lists_of_names() -> None:
    assert names_of("a, b") == names_of(["a", "b"]) == ("a", "b")
    assert names_of(["last, first"]) == ("last, first",)
    assert names_of(None) is None
    for wrong in ("a,,b", "", "a,a", ["a", " "]):
        with pytest.raises(ValueTextError):
            names_of(wrong)


def test_lists_of_sizes() -> None:
    assert sizes_of("8, 4") == sizes_of([8, 4]) == (8, 4)
    assert (sizes_of(3), sizes_of(None)) == ((3,), ())
    for wrong in ("8,0", "a", "8,,4", "-1", "1.5", [0], "9" * 5000):
        with pytest.raises(ValueTextError):
            sizes_of(wrong)
