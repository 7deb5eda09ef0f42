"""Rows A1–A11, B6–B8, D1–D3 and D5: derivatives, held to the course's formulas and numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from course_problems import answer, same_formula, value

import calcopt

DERIVATIVES = {
    "a1-tangent-slope": ["2x"],
    "a2-notations": ["6x"],
    "a3-constant": ["0"],
    "a3-line": ["a"],
    "a3-square": ["2x"],
    "a3-cube": ["3x^2"],
    "a3-reciprocal": ["-1/x^2"],
    "a3-power": ["n*x^(n-1)"],
    "a4-inverse-function": ["1/(2 sqrt(y))"],
    "a5-sine": ["cos(x)"],
    "a5-cosine": ["-sin(x)"],
    "a7-exponential": ["exp(x)"],
    "a7-exponential-of-2x": ["2exp(2x)"],
    "a8-logarithm": ["1/y"],
    "a9-corner": ["sign(x)"],
    "a9-jump": ["0"],
    "a9-vertical-tangent": ["1/(3x^(2/3))"],
    "a10-sum": ["2 + 2x"],
    "a10-product": ["exp(x) + x*exp(x)"],
    "a10-chain": ["cos(exp(x^2)) * exp(x^2) * 2x"],
    "a11-acceleration": ["6t - 12"],
    "b6-partial-derivatives": ["2x", "2y"],
    "b6-slice": ["2x"],
    "b6-partial-derivatives-of-a-product": ["6x*y^3", "9x^2*y^2"],
    "b8-gradient": ["2x", "2y"],
    "b10-sauna-partials": ["-x(3x-12)*y^2*(y-6)/90", "-x^2*(x-6)*y*(3y-12)/90"],
    "d1-regression-loss": [
        *("-x1*(y - (w1*x1 + w2*x2 + b))", "-x2*(y - (w1*x1 + w2*x2 + b))", "-(y - (w1*x1 + w2*x2 + b))"),
    ],
    "d2-sigmoid": ["1/(1 + exp(-z)) * (1 - 1/(1 + exp(-z)))"],
    "d3-classification-loss": [
        *("-x1*(y - sigmoid(w1*x1 + w2*x2 + b))", "-x2*(y - sigmoid(w1*x1 + w2*x2 + b))"),
        "-(y - sigmoid(w1*x1 + w2*x2 + b))",
    ],
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivative(name: str) -> None:
    found = [derivative.expression for derivative in answer(name).derivatives]
    assert len(found) == len(DERIVATIVES[name])
    for printed, expected in zip(found, DERIVATIVES[name], strict=True):
        assert same_formula(printed, expected), printed


@pytest.mark.parametrize("name", DERIVATIVES)
def test_printed_derivatives_can_be_typed_back(name: str) -> None:
    for derivative in answer(name).derivatives:
        assert str(calcopt.parse(derivative.expression)) == derivative.expression


def test_a1_secants_approach_the_tangent() -> None:
    quotient = answer("a1-secant-slopes")
    slopes = {point.at["h"]: point.value for point in quotient.at}
    assert slopes == pytest.approx({1.0: 3.0, 0.1: 2.1, 0.01: 2.01, 0.001: 2.001, 1e-6: 2.000001}, rel=1e-14)
    assert [point.exact_value for point in quotient.at][:3] == ["3", "21/10", "201/100"]
    (tangent,) = answer("a1-tangent-slope").at
    assert (tangent.value, tangent.derivative_values) == (1.0, (2.0,))
    assert same_formula(tangent.tangent, "2x - 1")


def test_a2_leibniz_writes_a_second_derivative() -> None:
    (derivative,) = answer("a2-notations").derivatives
    assert derivative.with_respect_to == ("x", "x")
    assert derivative.symbol.replace(" ", "") in ("d²f/dx²", "d²/dx²f")


def test_a3_exact_forms() -> None:
    names = ("constant", "line", "square", "cube", "reciprocal")
    found = [answer(f"a3-{name}").derivatives[0].expression for name in names]
    assert found == ["0", "a", "2*x", "3*x^2", "-1/x^2"]


def test_a4_inverse_function_rule() -> None:
    (point,) = answer("a4-inverse-function").at
    slope_of_the_square = value(calcopt.differentiate("x^2").derivatives[0].expression, x=3)
    assert point.value == 3.0
    assert point.derivative_values[0] == pytest.approx(1 / slope_of_the_square, rel=1e-15)
    assert point.exact_derivative_values == ("1/6",)


def test_a6_euler_number() -> None:
    values = [point.value for point in answer("a6-euler-number").at]
    assert values[0] == 2.0
    assert [round(found, 5) for found in values[1:3]] == [2.59374, 2.70481]
    assert round(values[3], 6) == 2.718280
    assert values[3] < math.e < values[3] + 2e-6


def test_a8_logarithm_by_the_inverse_rule() -> None:
    (point,) = answer("a8-logarithm").at
    exponential = calcopt.differentiate("exp(x)").derivatives[0].expression
    by_the_rule = f"1/({exponential.replace('x)', 'log(y))')})"
    assert same_formula(by_the_rule, "1/y")
    assert point.derivative_values == (0.5,)


@pytest.mark.parametrize(
    ("name", "words"), [("corner", ("-1", "1")), ("jump", ("jump",)), ("vertical-tangent", ("+∞",))]
)
def test_a9_no_derivative(name: str, words: tuple[str, ...]) -> None:
    (point,) = answer(f"a9-{name}").at
    assert math.isnan(point.derivative_values[0])
    said = " ".join(point.remarks).replace("−", "-")
    assert "does not exist" in said
    assert all(word in said for word in words), said


def test_a11_acceleration() -> None:
    points = answer("a11-acceleration").at
    assert [point.derivative_values for point in points] == [(-12.0,), (0.0,), (6.0,)]


def test_b6_slice_at_4() -> None:
    assert same_formula(answer("b6-slice").function, "x^2 + 16")


def test_b7_tangent_plane() -> None:
    (point,) = answer("b7-tangent-plane").at
    assert (point.value, point.gradient_value) == (13.0, (4.0, 6.0))
    assert same_formula(point.tangent, "13 + 4(x-2) + 6(y-3)")


def test_b8_gradient() -> None:
    (point,) = answer("b8-gradient").at
    assert point.gradient_value == (4.0, 6.0)


def test_b10_sauna_partials() -> None:
    (point,) = answer("b10-sauna-partials").at
    assert point.exact_value == "3313/45"
    assert point.gradient_value == (0.0, 0.0)
    assert np.array(point.hessian_value) == pytest.approx(np.diag([64 / 15, 64 / 15]), rel=1e-15)


def test_d2_sigmoid() -> None:
    at_zero, at_two = answer("d2-sigmoid").at
    assert (at_zero.value, at_zero.derivative_values) == (0.5, (0.25,))
    assert at_two.derivative_values[0] == pytest.approx(at_two.value * (1 - at_two.value), rel=1e-15)
    assert same_formula(calcopt.differentiate("sigmoid(z)").derivatives[0].expression, "sigmoid(z)*(1 - sigmoid(z))")


A1, A2 = "sigmoid(x1*w11 + x2*w21 + b1)", "sigmoid(x1*w12 + x2*w22 + b2)"
ERROR = f"(y - sigmoid({A1}*w1 + {A2}*w2 + b))"
NETWORK = {
    "w11": f"-x1*w1*{A1}*(1 - {A1})*{ERROR}",
    "w21": f"-x2*w1*{A1}*(1 - {A1})*{ERROR}",
    "b1": f"-w1*{A1}*(1 - {A1})*{ERROR}",
    "w12": f"-x1*w2*{A2}*(1 - {A2})*{ERROR}",
    "w22": f"-x2*w2*{A2}*(1 - {A2})*{ERROR}",
    "b2": f"-w2*{A2}*(1 - {A2})*{ERROR}",
    "w1": f"-{A1}*{ERROR}",
    "w2": f"-{A2}*{ERROR}",
    "b": f"-{ERROR}",
}


def test_d5_network_of_depth_2() -> None:
    found = {one.with_respect_to[0]: one.expression for one in answer("d5-network-loss").derivatives}
    assert set(found) == {"w11", "b1", "w1", "w2", "b"}
    for name, printed in found.items():
        assert same_formula(printed, NETWORK[name]), name


@pytest.mark.parametrize("name", ["w21", "w12", "w22", "b2"])
def test_d5_the_other_parameters(name: str) -> None:
    function = answer("d5-network-loss").function
    (derivative,) = calcopt.differentiate(function, var=name).derivatives
    assert same_formula(derivative.expression, NETWORK[name])
