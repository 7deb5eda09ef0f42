"""Curves and surfaces without a derivative, and points of several variables."""

from __future__ import annotations

import pytest

from calcopt import differentiate

# function → equation or point, kind
KNOWN = {
    "|x + y|": [("x + y = 0", "corner")],
    "|x| + |y|": [("x = 0", "corner"), ("y = 0", "corner")],
    "max(x, y)": [("x - y = 0", "corner")],
    "cbrt(x - y)": [("x - y = 0", "vertical tangent")],
    "(x - y)^(2/3)": [("x - y = 0", "cusp")],
    "1/(x - y)": [("x - y = 0", "undefined")],
    "(x^2 - y^2)/(x - y)": [("x - y = 0", "removable")],
    "floor(x + 2y)": [("sin(pi*(x + 2*y)) = 0", "jump")],
    "if(x < y, 0, 1)": [("x - y = 0", "jump")],
    "log(x*y)": [("x*y = 0", "domain edge")],
    "sqrt(1 - x^2 - y^2)": [("1 - x^2 - y^2 = 0", "domain edge")],
    "sqrt(x^2 + y^2)": [("x^2 + y^2 = 0", "corner")],
    "|x^2 + y^2 - 1|": [("x^2 + y^2 - 1 = 0", "corner")],
    "|x - y|^3": [],
    "(x + y)|x + y|": [],
    "x^2*y": [],
}


@pytest.mark.parametrize("function", KNOWN)
def test_sets(function: str) -> None:
    found = differentiate(function).non_differentiable
    assert found is not None
    assert [(item.equation, item.kind) for item in found.sets] == KNOWN[function]
    assert found.complete == (not found.sets and not found.smooth_sets)  # samples prove nothing
    assert "sampled" in found.note if found.sets else found.note == ""


def test_a_norm_has_a_point() -> None:
    found = differentiate("sqrt(x^2 + y^2)").non_differentiable
    assert found is not None
    assert found.sets[0].at == {"x": 0.0, "y": 0.0}


def test_several_kinds_along_one_set() -> None:
    found = differentiate("x*|y|").non_differentiable
    assert found is not None
    assert [(item.equation, item.kind) for item in found.sets] == [("y = 0", "corner")]
    found = differentiate("if(y < 0, 0, max(x, 0))").non_differentiable
    assert found is not None
    assert found.sets[0].kind is None
    assert "jump at" in found.sets[0].detail


def test_symbolic_constants() -> None:
    found = differentiate("|x - a|", var="x").non_differentiable
    assert found is not None
    assert [(item.equation, item.kind) for item in found.sets] == [("x - a = 0", "corner")]


@pytest.mark.parametrize(
    ("function", "at", "words"),
    [
        ("|x + y|", "1,-1", "corner; along x: slopes −1 and 1"),
        ("sqrt(|x*y|)", "0,0", "along (x, y) = (1, 1): slopes −1 and 1"),
        ("piecewise(x^2+y^2<=0, 0, x*y/(x^2+y^2))", "0,0", "removable"),
        ("piecewise(x^2+y^2<=0, 0, x^2*y/(x^2+y^2))", "0,0", "not those of a plane"),
    ],
)
def test_the_verdict_at_a_point(function: str, at: str, words: str) -> None:
    (point,) = differentiate(function, at=at).at
    assert any(remark.startswith("not differentiable there") and words in remark for remark in point.remarks)
    assert point.tangent is None


def test_a_plane_that_fits_is_not_contradicted() -> None:
    (point,) = differentiate("x*|y|", at="0,0").at
    assert not any("not differentiable" in remark for remark in point.remarks)
    assert point.gradient_value == (0.0, 0.0)


def test_limits_where_there_is_no_value() -> None:
    (point,) = differentiate("(x^2-1)/(x-1)", at="1").at
    assert "f → 2 from both sides, without a value there" in point.remarks
    (point,) = differentiate("piecewise(x<0, x^2*sin(1/x), x>0, x^2*sin(1/x), 0)", at="0").at
    assert point.derivative_values == (0.0,)
