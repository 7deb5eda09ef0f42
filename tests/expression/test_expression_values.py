"""Exact and floating values of closed expressions, sums written out, LaTeX as typed."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from calcopt.errors import MathError
from calcopt.expression import constant_value, exact_value, expand_sums, parse, parse_value
from calcopt.expression.latex import to_latex
from calcopt.expression.tree import Number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/3", Fraction(1, 3)),
        ("-1e-3", Fraction(-1, 1000)),
        ("2^-2", Fraction(1, 4)),
        ("(-8)^(1/3)", Fraction(-2)),
        ("(-8)^(2/3)", Fraction(4)),
        ("(4/9)^(3/2)", Fraction(8, 27)),
        ("sqrt(16) + cbrt(27)", Fraction(7)),
        ("cbrt(-27)", Fraction(-3)),
        ("floor(-7/2) + ceil(7/2)", Fraction(0)),
        ("|1 - 3| + sign(-5) + max(1, 2, 3) - min(1, 2)", Fraction(3)),
        ("if(1 < 2 and not 2 < 1, 5, 6)", Fraction(5)),
        ("piecewise(2 < 1, 1, 3 < 1 or 2 >= 2, 7, 9)", Fraction(7)),
        ("sum(i^2, i, 1, 10)", Fraction(385)),
        ("sum(i, i, 3, 2)", Fraction(0)),
        ("exp(0) + sin(0) + log(1)", Fraction(1)),
        ("relu(-1) + step(0)", Fraction(1)),
        ("0^0", Fraction(1)),
    ],
)
def test_exact_values(text: str, value: Fraction) -> None:
    assert exact_value(parse_value(text)) == value
    assert constant_value(parse_value(text)) == float(value)


@pytest.mark.parametrize("text", ["pi", "sqrt(2)", "1/0", "(-1)^(1/2)", "0^-1", "2^(1/3)", "exp(1)", "log(-1)"])
def test_what_has_no_exact_value(text: str) -> None:
    assert exact_value(parse_value(text)) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("pi/2", math.pi / 2),
        ("e^2", math.e**2),
        ("sqrt(2)", math.sqrt(2)),
        ("sigmoid(1) + sigmoid(-1)", 1.0),
        ("softplus(0)", math.log(2)),
        ("log(8, 2)", 3.0),
        ("acot(1)", math.pi / 4),
        ("sech(1000)", 0.0),
        ("csch(-1000)", -0.0),
        ("atan2(1, 1)", math.pi / 4),
        ("(-pi)^(1/3)", -(math.pi ** (1 / 3))),
        ("if(pi > 3, erf(1), 0)", math.erf(1)),
        ("exp(1000)", math.inf),
        ("sinh(-1000)", -math.inf),
    ],
)
def test_float_values(text: str, value: float) -> None:
    assert constant_value(parse_value(text)) == pytest.approx(value, rel=1e-15, abs=0)


@pytest.mark.parametrize("text", ["1/0", "log(-1)", "0/0", "sqrt(-1)", "asin(2)", "log(0)*0"])
def test_undefined_values_are_nan(text: str) -> None:
    assert math.isnan(constant_value(parse_value(text)))


def test_a_variable_has_no_value() -> None:
    assert exact_value(parse("x + 1").body) is None
    with pytest.raises(MathError, match="no value for 'x'"):
        constant_value(parse("x + 1").body)


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("sum(x[i+1]^2, i, 1, 2)", "x[2]^2 + x[3]^2"),
        ("sum(x[2*i-1], i, 1, 2) + y", "(x[1] + x[3]) + y"),
        ("sum(i*x, i, 1, 3)", "1*x + 2*x + 3*x"),
        ("sum(x[i]*sum(y[j], j, 1, i), i, 1, 2)", "x[1]*y[1] + x[2]*(y[1] + y[2])"),
        ("sum(x^i, i, -1, 0)", "x^(-1) + x^0"),
        ("sum(x, i, 1, 1)", "x"),
        ("sum(x, i, 2, 1)", "0"),
        ("x + 1", "x + 1"),
        ("sum(sum(i, i, 1, 2)*i, i, 3, 4)", "(1 + 2)*3 + (1 + 2)*4"),
    ],
)
def test_expanded_sums(text: str, expanded: str) -> None:
    assert expand_sums(parse(text).body) is parse(expanded).body


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sum(x[i], i, 1, n)", "the bound 'n' of a sum is not a whole number"),
        ("sum(x, i, 1, 5/2)", "the bound '5/2' of a sum is not a whole number"),
        ("sum(x, i, 1, 10^6)", "a sum of more than 100000 terms"),
        ("sum(sum(x, i, 1, 1000), j, 1, 1000)", "a sum of more than 100000 terms"),
        ("sum(x[i/2], i, 1, 3)", "is not a whole number from 0"),
        ("sum(x[i-3], i, 1, 3)", "is not a whole number from 0"),
    ],
)
def test_sums_that_cannot_be_expanded(text: str, message: str) -> None:
    with pytest.raises(MathError, match=message):
        expand_sums(parse(text).body)


def test_long_sums_are_expanded_in_linear_time() -> None:
    body = expand_sums(parse("sum((1-x[i])^2 + 100*(x[i+1]-x[i]^2)^2, i, 1, 2000)").body)
    assert len(body.args) == 2000


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x^2/2", r"\frac{x^{2}}{2}"),
        ("-x^2 + 3x", r"-x^{2} + 3 \, x"),
        ("sin^2 x", r"\sin^{2}\left(x\right)"),
        ("sqrt(x+1)", r"\sqrt{x + 1}"),
        ("|x|", r"\left|x\right|"),
        ("e^(-x)", r"e^{-x}"),
        ("exp(-x)", r"e^{-x}"),
        ("(x+1)^2", r"{\left(x + 1\right)}^{2}"),
        ("alpha*x_1 + x2", r"\alpha \, x_{1} + x_{2}"),
        ("rate*x", r"\mathrm{rate} \, x"),
        ("log(x, 2)", r"\log_{2}\left(x\right)"),
        ("arcsin x", r"\arcsin\left(x\right)"),
        ("sum(x[i]^2, i, 1, n)", r"\sum_{i=1}^{n} x_{i}^{2}"),
        ("if(x<0, -x, x)", r"\begin{cases} -x & \text{if } x < 0 \\ x & \text{otherwise} \end{cases}"),
        ("2*3", r"2 \cdot 3"),
        ("1e-9x", r"10^{-9} \, x"),
        ("0.5x", r"0.5 \, x"),
        ("a - (b - c)", r"a - \left(b - c\right)"),
        ("2 (-x)", r"2 \, \left(-x\right)"),
        ("pi r^2", r"\pi \, r^{2}"),
    ],
)
def test_latex_as_typed(text: str, latex: str) -> None:
    assert to_latex(parse(text).body) == latex


def test_notebooks_show_latex() -> None:
    assert parse("x^2")._repr_latex_() == r"$\displaystyle x^{2}$"
    assert Number(Fraction(1, 3))._repr_latex_() == r"$\displaystyle \frac{1}{3}$"
