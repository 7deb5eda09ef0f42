"""Trees of steps: which rule applies, what it says, and that every node holds at 40 digits."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from strategies import expressions, smooth_expressions

from calcopt.calculus.steps.check import WrongStep, check
from calcopt.calculus.steps.derivation import Derivation
from calcopt.calculus.steps.forms import ONE
from calcopt.calculus.steps.tree import derivation
from calcopt.errors import MathError
from calcopt.expression import parse
from calcopt.expression.functions import FUNCTIONS
from calcopt.expression.tree import Add, Call, Expr, Number, Symbol


def steps(text: str, variable: str = "x") -> Derivation:
    return derivation(parse(text).body, variable)


def rules(text: str, variable: str = "x") -> list[str]:
    return [step.rule for step in steps(text, variable).walk()]


RULES = [
    ("7", "constant", "0"),
    ("c", "constant", "0"),
    ("x", "identity", "1"),
    ("3x", "scalar multiple", "3"),
    ("-x", "scalar multiple", "-1"),
    ("x^2/7", "scalar multiple", "2*x/7"),
    ("-2x^2/7", "scalar multiple", "-2*2*x/7"),
    ("2x + x^2", "sum", "2 + 2*x"),
    ("x - x^3", "sum", "1 - 3*x^2"),
    ("x*exp(x)", "product", "exp(x) + x*exp(x)"),
    ("x*sin(x)*exp(x)", "product", "sin(x)*exp(x) + x*cos(x)*exp(x) + x*sin(x)*exp(x)"),
    ("1/x", "quotient", "-1/x^2"),
    ("sin(x)/x", "quotient", "(cos(x)*x - sin(x))/x^2"),
    ("x^3", "power", "3*x^2"),
    ("x^n", "power", "n*x^(n - 1)"),
    ("x^(n+1)", "power", "(n + 1)*x^n"),
    ("x^0.5", "power", "0.5*x^(-0.5)"),
    ("x^(1/3)", "power", "1/3*x^(-2/3)"),
    ("x^(-2)", "power", "-2*x^(-3)"),
    ("exp(x)", "exponential", "exp(x)"),
    ("e^x", "exponential", "e^x"),
    ("2^x", "exponential base a", "2^x*log(2)"),
    ("log(x)", "logarithm", "1/x"),
    ("log10(x)", "logarithm", "1/(x*log(10))"),
    ("log2(x)", "logarithm", "1/(x*log(2))"),
    ("log(x, b)", "logarithm", "1/(x*log(b))"),
    ("log(x, x + 1)", "rewrite", "(log(x + 1)/x - log(x)/(x + 1))/log(x + 1)^2"),
    ("sin(x)", "sine", "cos(x)"),
    ("cos(x)", "cosine", "-sin(x)"),
    ("sqrt(x)", "inverse function", "1/(2*sqrt(x))"),
    ("cbrt(x)", "inverse function", "1/(3*cbrt(x)^2)"),
    ("asin(x)", "inverse function", "1/sqrt(1 - x^2)"),
    ("acos(x)", "inverse function", "-1/sqrt(1 - x^2)"),
    ("atan(x)", "inverse function", "1/(1 + x^2)"),
    ("sin(exp(x^2))", "chain", "cos(exp(x^2))*exp(x^2)*2*x"),
    ("exp(2x)", "chain", "exp(2*x)*2"),
    ("x^x", "rewrite", "x^x*(log(x) + x/x)"),
    ("if(x < 0, x^2, x^3)", "piecewise", "if(x < 0, 2*x, 3*x^2)"),
    ("max(x, 1 - x)", "maximum", "if(x >= 1 - x, 1, -1)"),
    ("min(x, y)", "minimum", "if(x <= y, 1, 0)"),
    ("abs(x)", "absolute value", "sign(x)"),
    ("relu(x)", "relu", "step(x)"),
    ("floor(x^2)", "floor", "0"),
    ("sigmoid(x)", "sigmoid", "sigmoid(x)*(1 - sigmoid(x))"),
    ("atan2(y, x)", "two-argument arctangent", "-y/(x^2 + y^2)"),
    ("sum(a[i]*x^i, i, 1, n)", "sum", "sum(a[i]*i*x^(i - 1), i, 1, n)"),
    ("sum(i*x^i, i, 1, 3)", "rewrite", "1 + 2*2*x + 3*3*x^2"),
    ("sum(x^2, x, 1, 50)", "constant", "0"),
]


@pytest.mark.parametrize(("text", "rule", "derivative"), RULES, ids=[row[0] for row in RULES])
def test_the_rule_and_its_result(text: str, rule: str, derivative: str) -> None:
    found = steps(text)
    assert (found.rule, str(found.derivative)) == (rule, derivative)
    check(found)


def test_the_chain_rule_names_each_inner_function() -> None:
    found = steps("sin(exp(x^2))")
    assert [(name, str(value)) for name, value in found.names] == [("u", "exp(v)"), ("v", "x^2")]
    assert [(str(step.function), step.variable, str(step.derivative)) for step in found.steps] == [
        *(("sin(u)", "u", "cos(u)"), ("exp(v)", "v", "exp(v)"), ("x^2", "x", "2*x")),
    ]


def test_names_that_the_formula_uses_are_not_given_again() -> None:
    found = steps("sin(u*x) + cos(x*exp(v*x))")
    given = {name for step in found.walk() for name, _ in step.names}
    assert given
    assert not given & {"u", "v"}


def test_the_inverse_function_rule_binds_both_functions() -> None:
    root = steps("sqrt(y)", "y")
    assert [(step.rule, str(step.function), str(step.derivative)) for step in root.steps] == [("power", "u^2", "2*u")]
    assert "sqrt(y) undoes f(u) = u^2" in root.note
    (proof,) = steps("log(y)", "y").steps
    assert (proof.rule, [str(step.function) for step in proof.steps]) == ("inverse function", ["exp(u)"])
    assert proof.note == "log(y) undoes f(u) = exp(u); 1/f'(log(y)) = 1/exp(log(y)), where exp(log(y)) = y"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("if(x < 0, x^2, x^3)", "at x = 0: the slopes of both sides agree, 0"),
        ("if(x < 1, x, 2 - x)", "at x = 1: the derivative does not exist: a corner (left 1, right −1)"),
        ("if(2x < 1, 0, 1)", "at x = 1/2: the derivative does not exist: a jump"),
        ("max(x, 1 - x)", "at x = 1/2: the derivative does not exist: a corner (left −1, right 1)"),
        ("if(x < y, x, y)", "where x = y the branches meet: there the rules do not decide"),
        ("if(sin(x) < 0, x, x^2)", "where sin(x) = 0 the branches meet"),
        ("abs(x)", "at x = 0 there is a corner"),
        ("floor(x)", "it jumps: there it has no slope"),
    ],
)
def test_boundaries_are_examined_or_said_to_be_open(text: str, said: str) -> None:
    assert said in steps(text).note


def test_elements_of_a_sum_are_written_out() -> None:
    found = steps("sum((x[i+1] - x[i]^2)^2, i, 1, 9)", "x[3]")
    assert found.rule == "rewrite"
    assert check(found) >= 8
    with pytest.raises(MathError, match="bound of a sum"):
        steps("sum(i, i, 1, x)")


def test_every_function_has_a_rule_that_holds() -> None:
    x, y = Symbol("x"), Symbol("y")
    for name, function in FUNCTIONS.items():
        for count in {function.min_arity, function.max_arity or 3}:
            for first in (x, Call("exp", x), Add(x, Number(2)), Call("tanh", x)):
                root = derivation(Call(name, *[first, y, x][:count]), "x")
                check(root, seed=len(name))


def test_every_one_argument_function_was_compared() -> None:
    compared = Counter[str]()
    for name, function in FUNCTIONS.items():
        if function.min_arity != 1:
            continue
        for inner in ("x", "x/4", "x + 2", "exp(x)"):
            root = derivation(Call(name, parse(inner).body), "x", edges=False)
            compared[name] += check(root)
    assert set(compared) == {name for name, function in FUNCTIONS.items() if function.min_arity == 1}
    assert min(compared.values()) >= 3, compared


@pytest.mark.parametrize("kind", ["smooth", "all"])
def test_random_trees_hold_at_40_digits(kind: str) -> None:
    names = ("x", "y")
    strategy = smooth_expressions(names) if kind == "smooth" else expressions(names, with_sums=True)
    compared = 0

    @settings(max_examples=400)
    @given(strategy)
    def run(expr: Expr) -> None:
        nonlocal compared
        compared += check(derivation(expr, "x", edges=False))

    run()
    assert compared >= 900  # of each kind


def test_a_wrong_step_is_found() -> None:
    from dataclasses import replace

    right = steps("x*exp(x)")
    with pytest.raises(WrongStep, match="does not follow"):
        check(replace(right, derivative=ONE))
    with pytest.raises(WrongStep, match="is not 1"):
        check(replace(right, derivative=ONE, combine=lambda found: ONE))


def test_equal_parts_are_derived_once() -> None:
    text = " + ".join(f"sin(x)^{k}" for k in range(2, 200))
    assert sum(1 for _ in steps(text).walk()) < 1000


@pytest.mark.parametrize(
    "text",
    [
        "+".join(f"{k}*x^{k % 7}" for k in range(20_000)),
        "sin(" * 190 + "x" + ")" * 190,
        "sin(1+" * 99 + "x" + ")" * 99,
        "*".join(f"(x+{k})" for k in range(1500)),
        "max(" + ",".join(f"{k}*x" for k in range(300)) + ")",
    ],
    ids=["long sum", "long chain", "deep", "long product", "long maximum"],
)
def test_long_and_deep_formulas(text: str) -> None:
    root = derivation(parse(text, max_length=10**6).body, "x")
    assert all(step.recompute() is step.derivative for step in root.walk())
