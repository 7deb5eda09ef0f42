"""Tree ⇄ SymPy: what cannot be said is refused, what is said means the same."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sympy
from hypothesis import given, settings
from mpmath import mpf
from strategies import expressions

import calcopt
from calcopt.calculus.algebra.into import symbol, to_sympy
from calcopt.calculus.algebra.outof import NotExpressible, from_sympy
from calcopt.calculus.algebra.polynomials import real_roots, solve_system
from calcopt.calculus.algebra.tidy import tidy
from calcopt.calculus.precise import evaluate
from calcopt.errors import MathError
from calcopt.expression import parse
from calcopt.expression.tree import Expr

POINT = {"x": parse("13/7").body, "y": parse("-5/11").body}


@settings(max_examples=300)
@given(expressions(("x", "y"), max_leaves=8))
def test_there_and_back_keeps_the_value(expr: Expr) -> None:
    value = evaluate(expr, POINT, digits=80)
    if value is None or abs(value) > mpf(10) ** 20:
        return
    try:
        back = from_sympy(to_sympy(expr))
    except MathError:
        return  # a constant part without a real value
    assert parse(str(back), variables=("x", "y")).body is back
    again = evaluate(back, POINT, digits=80)
    assert again is not None
    assert abs(again - value) <= mpf(10) ** -40 * (1 + abs(value))


@pytest.mark.parametrize("name", ["N", "E", "I", "S", "Q", "O", "beta", "gamma", "lambda", "zeta", "pi2", "x_1"])
def test_names_are_only_names(name: str) -> None:
    value = to_sympy(parse(f"{name}^2").body)
    assert value == symbol(name) ** 2
    assert symbol(name).is_real


@pytest.mark.parametrize("text", ["sqrt(-2)", "log(-1) + x", "asin(2)*x", "1/0", "1/(x-x)", "(-2)^(1/4)", "acosh(1/2)"])
def test_what_is_not_real_is_refused(text: str) -> None:
    with pytest.raises(MathError, match="not a real number"):
        to_sympy(parse(text).body)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("(-8)^(1/3)", "-2"),
        ("cbrt(-27)", "-3"),
        ("(x^2)^(1/3)", "x^(2/3)"),
        ("(x^(1/3))^3", "x"),
        ("(x^(2/3))^(1/5)", "x^(2/15)"),
    ],
)
def test_real_roots_of_numbers_and_powers(text: str, same: str) -> None:
    assert str(from_sympy(to_sympy(parse(text).body))) == same


def test_complex_and_unknown_functions_have_no_tree() -> None:
    x = symbol("x")
    for value in (sympy.I * x, sympy.LambertW(x), sympy.zoo, x ** sympy.Rational(1, 3)):
        with pytest.raises(NotExpressible):
            from_sympy(value)


def test_tidy_never_takes_long() -> None:
    x = symbol("x")
    long = sum((sympy.sin(k * x) * sympy.exp(x / k) / (x**2 + k) for k in range(1, 60)), sympy.S.Zero)
    assert tidy(long.diff(x)) is not None


def test_real_roots_are_all_there_and_sharp() -> None:
    x = symbol("x")
    roots = real_roots((x**5 - x - 1) * (x**2 - 2) * (3 * x - 1) ** 2 * (x**2 + 1), x)
    assert [form for _, form in roots] == [-sympy.sqrt(2), sympy.Rational(1, 3), None, sympy.sqrt(2)]
    quintic = roots[2][0]
    assert abs(quintic**5 - quintic - 1) < mpf(10) ** -14


def test_systems_of_three() -> None:
    x, y, z = map(symbol, "xyz")
    found = solve_system([x**2 - 1, y**2 - x, z * y - 2], (x, y, z))
    assert found.complete
    assert {tuple(map(int, point.exact)) for point in found.points} == {(1, 1, 2), (1, -1, -2)}
    assert solve_system([x**2 + y**2 + 1, x - y, z], (x, y, z)).points == ()
    assert not solve_system([x * y, x * z, y * z], (x, y, z)).complete


def test_two_variables_with_a_tangency() -> None:
    x, y = map(symbol, "xy")
    found = solve_system([x**2 + y**2 - 1, x - 1], (x, y))
    assert [tuple(map(int, point.exact)) for point in found.points] == [(1, 0)]


def test_sympy_is_imported_late() -> None:
    code = "import calcopt.api.formulas, calcopt.api.critical, sys; print('sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_even_roots_may_multiply_to_an_odd_one() -> None:
    second = calcopt.differentiate("exp(x^0.0008)", order=2).derivatives[0].expression
    assert second == "(1/x^(1249/625) - 1249/x^(2499/1250))*exp(x^(1/1250))/1562500"
    assert calcopt.differentiate("x^(1/4)*x^(1/12)").derivatives[0].expression == "1/(3*x^(2/3))"


def test_a_derivative_without_a_form_is_an_error_of_the_user_s() -> None:
    with pytest.raises(MathError, match="df/dx has no form"):
        calcopt.differentiate("0^x")
