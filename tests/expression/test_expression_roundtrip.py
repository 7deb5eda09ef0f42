"""Whatever the parser can make, the printer writes so that it is read back as the same object."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import expressions, literals

from calcopt.expression import constant_value, exact_value, parse
from calcopt.expression.latex import to_latex
from calcopt.expression.printer import to_text
from calcopt.expression.tree import Add, Div, Expr, Mul, Neg, Number, Pow, Symbol

x, y = Symbol("x"), Symbol("y")


@settings(max_examples=1500)
@given(expressions(max_leaves=20, with_sums=True))
def test_printed_text_parses_back_to_the_identical_tree(expr: Expr) -> None:
    assert parse(to_text(expr)).body is expr


@settings(max_examples=300)
@given(literals())
def test_literals_are_exact(number: Expr) -> None:
    assert parse(to_text(number)).body is number


_BY_ALGEBRA = st.recursive(
    st.one_of(st.just(Number(3)), st.fractions(-20, 20, max_denominator=12).map(Number)),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda args: Add(*args)),
        st.lists(inner, min_size=2, max_size=3).map(lambda args: Mul(*args)),
        st.builds(Neg, inner),
        st.builds(Div, inner, inner),
        st.builds(Pow, inner, st.integers(-3, 3).map(Number)),
    ),
    max_leaves=8,
)


@settings(max_examples=500)
@given(_BY_ALGEBRA)
def test_numbers_that_only_calculus_makes_keep_their_value(expr: Expr) -> None:
    assert exact_value(parse(to_text(expr)).body) == exact_value(expr)


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (Number(-3), "-3"),
        (Number(Fraction(1, 3)), "1/3"),
        (Mul(Number(Fraction(1, 3)), x), "1/3*x"),
        (Mul(x, Number(Fraction(1, 3))), "x*(1/3)"),
        (Mul(Number(-1), x), "-x"),
        (Mul(Number(-2), x, y), "-2*x*y"),
        (Add(x, Number(-3)), "x - 3"),
        (Add(x, Mul(Number(-2), y)), "x - 2*y"),
        (Pow(x, Number(-2)), "x^(-2)"),
        (Pow(x, Number(Fraction(2, 3))), "x^(2/3)"),
        (Pow(Number(-2), x), "(-2)^x"),
        (Pow(Number(Fraction(1, 3)), x), "(1/3)^x"),
        (Div(Number(Fraction(1, 3)), Number(Fraction(2, 3))), "1/3/(2/3)"),
        (Neg(Number(-2)), "-(-2)"),
    ],
)
def test_trees_of_calculus_are_printed_readably(expr: Expr, text: str) -> None:
    assert to_text(expr) == text


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("2x^2-3x+1", "2*x^2 - 3*x + 1"),
        ("x(x-1)/2", "x*(x - 1)/2"),
        ("-x^2", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("2^-x", "2^(-x)"),
        ("x^2^3", "x^2^3"),
        ("(x^2)^3", "(x^2)^3"),
        ("a-(b-c)", "a - (b - c)"),
        ("a-b-c", "a - b - c"),
        ("a/b/c", "a/b/c"),
        ("a/(b/c)", "a/(b/c)"),
        ("(a*b)*c", "(a*b)*c"),
        ("sin^2 x", "sin(x)^2"),
        ("|x|", "abs(x)"),
        ("arctan x", "atan(x)"),
        ("ln x", "log(x)"),
        ("0.9x", "0.9*x"),
        ("1e-6x", "1e-6*x"),
        ("0.00001", "1e-5"),
        ("0.0001", "0.0001"),
        ("1e20", "1e20"),
        ("100000", "100000"),
        ("123456789012345678", "123456789012345678"),
        ("1.25e-9", "1.25e-9"),
        ("1.e3", "1000"),
        ("if(0<x and x<1, 1, 0)", "if(0 < x < 1, 1, 0)"),
        ("if(not (x<1 or y<1) and x<2, 1, 0)", "if(not (x < 1 or y < 1) and x < 2, 1, 0)"),
        ("sum(x[i+1]^2, i, 1, n-1)", "sum(x[i + 1]^2, i, 1, n - 1)"),
    ],
)
def test_printed_form(typed: str, printed: str) -> None:
    body = parse(typed).body
    assert to_text(body) == printed
    assert parse(printed).body is body


@settings(max_examples=200)
@given(expressions(max_leaves=20, with_sums=True))
def test_latex_is_balanced(expr: Expr) -> None:
    text = to_latex(expr)
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")


@settings(max_examples=200)
@given(expressions(("x",), max_leaves=10))
def test_values_of_closed_expressions_never_raise(expr: Expr) -> None:
    from calcopt.expression.tree import substitute

    closed = substitute(expr, {"x": Number(Fraction(3, 7))})
    assert isinstance(constant_value(closed), float)
