"""``parse`` and ``differentiate``: the course's rows A3–A11 and B6–B8, printed forms, values at points."""

from __future__ import annotations

import math

import pytest

from calcopt.api.formulas import differentiate, parse
from calcopt.errors import ParseError, UsageError
from calcopt.expression.tree import Number, Symbol


def first(function: str, **options: object) -> str:
    return differentiate(function, **options).derivatives[0].expression  # type: ignore[arg-type]


def test_parse_puts_constants_in() -> None:
    formula = parse("a*x^2", let="a=3")
    assert formula.variables == ("x",)
    assert parse("x").body is Symbol("x")
    assert parse("2").body is Number(2)
    with pytest.raises(ParseError):
        parse("sinn(x)")


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        ("c", "0"),
        ("a*x + b", "a"),
        ("x^2", "2*x"),
        ("x^3", "3*x^2"),
        ("1/x", "-1/x^2"),
        ("x^n", "n*x^(n - 1)"),
        ("sqrt(x)", "1/(2*sqrt(x))"),
        ("sin(x)", "cos(x)"),
        ("cos(x)", "-sin(x)"),
        ("e^x", "e^x"),
        ("e^(2x)", "2*e^(2*x)"),
        ("exp(x)", "exp(x)"),
        ("log(x)", "1/x"),
        ("2x + x^2", "2*x + 2"),
        ("x e^x", "(x + 1)*e^x"),
        ("x*exp(x)", "(x + 1)*exp(x)"),
        ("x^(1/3)", "1/(3*x^(2/3))"),
        ("x*x^(1/3)", "4*x^(1/3)/3"),
        ("|x|", "sign(x)"),
        ("sigmoid(x)", "sigmoid(x)*(1 - sigmoid(x))"),
        ("relu(x)", "step(x)"),
        ("softplus(x)", "sigmoid(x)"),
        ("floor(x)", "0"),
        ("erf(x)", "2*exp(-x^2)/sqrt(pi)"),
        ("max(x, y)", "if(x >= y, 1, 0)"),
        ("if(x > 0, x^2, -x)", "if(x > 0, 2*x, -1)"),
        ("sin(x)^2", "2*sin(x)*cos(x)"),
        ("sin(x)^2 + cos(x)^2", "0"),
        ("x/(x^2 + 1)", "(1 - x^2)/(x^2 + 1)^2"),
        ("(x + 1)^3", "3*(x + 1)^2"),
        ("p^7*(1 - p)^3 + 0*x", "0"),
        ("sum(x^i, i, 1, 3)", "3*x^2 + 2*x + 1"),
        ("log(log(x))", "1/(x*log(x))"),
        ("0.1*x^2", "x/5"),
    ],
)
def test_printed_derivative(function: str, derivative: str) -> None:
    assert first(function, var="x") == derivative


def test_chain_rule() -> None:
    assert first("sin(exp(x^2))") == "2*x*exp(x^2)*cos(exp(x^2))"


def test_higher_orders() -> None:
    assert first("x^4", order=2) == "12*x^2"
    assert first("x^4", order=4) == "24"
    assert differentiate("x^4", order=2).derivatives[0].symbol == "d²f/dx²"
    mixed = differentiate("x^2*y^3", order=3)
    assert [(d.with_respect_to, d.expression) for d in mixed.derivatives] == [
        (("x", "x", "x"), "0"),
        (("x", "x", "y"), "6*y^2"),
        (("x", "y", "y"), "12*x*y"),
        (("y", "y", "y"), "6*x^2"),
    ]
    assert mixed.derivatives[1].symbol == "∂³f/∂x²∂y"


def test_second_derivative_zero_is_shown_at_the_point() -> None:
    (point,) = differentiate("x^4", order=2, at="0").at
    assert point.derivative_values == (0.0,)


def test_gradient_hessian_and_tangent_plane() -> None:
    found = differentiate("x^2 + y^2", at="2,3")
    assert found.gradient == ("2*x", "2*y")
    assert found.hessian == (("2", "0"), ("0", "2"))
    (point,) = found.at
    assert (point.value, point.gradient_value) == (13.0, (4.0, 6.0))
    assert point.hessian_value == ((2.0, 0.0), (0.0, 2.0))
    assert point.eigenvalues == (2.0, 2.0)
    assert point.exact_value == "13"
    assert point.exact_derivative_values == ("4", "6")
    assert point.tangent == "13 + 4*(x - 2) + 6*(y - 3)"
    assert differentiate("3x^2 y^3").gradient == ("6*x*y^3", "9*x^2*y^2")


def test_sauna() -> None:
    found = differentiate("85 - x^2 (x-6) y^2 (y-6)/90", at=["4,4", {"x": 0.5, "y": "0.6"}])
    assert found.gradient == ("-x*y^2*(x - 4)*(y - 6)/30", "-x^2*y*(x - 6)*(y - 4)/30")
    oven, start = found.at
    assert oven.exact_value == "3313/45"
    assert oven.hessian_value == ((64 / 15, 0.0), (0.0, 64 / 15))
    assert start.gradient_value == pytest.approx((-0.1134, -0.0935), abs=1e-12)


def test_only_the_named_variables() -> None:
    found = differentiate("a*x^2 + b*y", var="x")
    assert (found.variables, found.gradient) == (("x",), None)
    assert found.derivatives[0].expression == "2*a*x"
    assert differentiate("a*x^2*y", var="y,x").variables == ("y", "x")
    assert first("a*x^2", let={"a": 3}) == "6*x"
    (point,) = differentiate("a*x^2", var="x", at="x=2,a=5").at
    assert point.derivative_values == (20.0,)


def test_constants_exactly() -> None:
    (point,) = differentiate("x*exp(x)", at=["2"]).at
    assert (point.exact_value, point.exact_derivative_values) == ("2*e^2", ("3*e^2",))
    assert point.value == 2 * math.exp(2) or math.isclose(point.value, 2 * math.exp(2), rel_tol=1e-16)
    (root,) = differentiate("cbrt(x)", at="-8").at
    assert root.exact_derivative_values == ("1/12",)


@pytest.mark.parametrize(
    ("function", "at", "order", "expected", "remark"),
    [
        ("|x|", "0", 1, None, "the derivative does not exist: a corner (left −1, right 1)"),
        ("x|x|", "0", 1, 0.0, None),
        ("x|x|", "0", 2, None, "the derivative of order 2 does not exist (left −2, right 2)"),
        ("sqrt(x^2)", "0", 1, None, "the derivative does not exist: a corner (left −1, right 1)"),
        ("x^(1/3)", "0", 1, None, "the derivative does not exist: a vertical tangent (left +∞, right +∞)"),
        ("x^(2/3)", "0", 1, None, "the derivative does not exist: a cusp (left −∞, right +∞)"),
        ("x^(4/3)", "0", 1, 0.0, None),
        ("max(x, 1)", "1", 1, None, "the derivative does not exist: a corner (left 0, right 1)"),
        ("min(x^2, x^3)", "0", 1, 0.0, None),
        ("relu(x)^2", "0", 1, 0.0, None),
        ("step(x)", "0", 1, None, "the derivative does not exist: a jump (on the left)"),
        ("step(x)", "1", 1, 0.0, None),
        ("floor(x)", "2", 1, None, "the derivative does not exist: a jump (on the left)"),
        ("floor(x)", "5/2", 1, 0.0, None),
        ("sign(x)", "0", 1, None, "the derivative does not exist: a jump (on the left)"),
        ("if(x < 0, x^2, x^3)", "0", 1, 0.0, None),
        ("if(x < 0, x^2, x^3)", "0", 2, None, "the derivative of order 2 does not exist (left 2, right 0)"),
        ("if(x < 0, 0, 1)", "0", 1, None, "the derivative does not exist: a jump (on the left)"),
        ("sqrt(x)", "0", 1, None, "the derivative does not exist (the function has no values on the left)"),
        ("log(x)", "-1", 1, None, "the function is not defined at this point"),
        ("x/x", "0", 1, None, "the function is not defined at this point"),
        ("(x^2-1)/(x-1)", "1", 1, None, "the function is not defined at this point"),
    ],
)
def test_where_there_is_no_derivative(
    function: str, at: str, order: int, expected: float | None, remark: str | None
) -> None:
    (point,) = differentiate(function, at=[at], order=order).at
    (value,) = point.derivative_values
    if expected is None:
        assert math.isnan(value)
    else:
        assert value == expected
    if remark is None:
        assert point.remarks == ()
    else:
        assert remark in point.remarks


def test_partial_derivatives_on_a_kink() -> None:
    (point,) = differentiate("|x| + y^2", at="0,1").at
    assert math.isnan(point.derivative_values[0])
    assert point.derivative_values[1] == 2.0
    assert any("∂²f/∂x∂y is not examined" in remark for remark in point.remarks)


@pytest.mark.parametrize(
    ("var", "closed_form"),
    [("w", "x*(sigmoid(b + w*x) - y)"), ("b", "sigmoid(b + w*x) - y")],
)
def test_the_log_loss_has_the_closed_forms_of_the_course(var: str, closed_form: str) -> None:
    loss = "-y log(sigmoid(w x + b)) - (1 - y) log(1 - sigmoid(w x + b))"
    assert differentiate(loss, var=var).derivatives[0].expression == closed_form


def test_everything_printed_parses_back() -> None:
    found = differentiate("sum((1-x[i])^2 + 100*(x[i+1]-x[i]^2)^2, i, 1, 3) + atan2(x[1], x[2])")
    for text in (*(found.gradient or ()), *(entry for row in found.hessian or () for entry in row)):
        assert str(parse(text).body) == text
    assert found.variables == ("x[1]", "x[2]", "x[3]", "x[4]")


@pytest.mark.parametrize("options", [{"order": 0}, {"order": 101}, {"var": "x,x"}, {"var": ""}, {"var": "alpha1"}])
def test_usage_errors(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        differentiate("x^2 + alpha", **options)  # type: ignore[arg-type]
