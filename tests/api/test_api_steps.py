"""``differentiate(…, steps=True)``: the records of steps, secants and limits, and what they claim."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from strategies import expressions

import calcopt
from calcopt.calculus.steps.check import agrees, equal
from calcopt.errors import MathError, UsageError
from calcopt.expression import parse
from calcopt.expression.tree import Expr
from calcopt.records import Step


def steps(function: str, **options: object) -> tuple[Step, ...]:
    return calcopt.differentiate(function, steps=True, **options).steps  # type: ignore[arg-type]


FUNCTIONS = [
    "x*exp(x)",
    "sin(exp(x^2))",
    "x^2*y + sin(x*y)",
    "log(1 + x^2)/sqrt(x)",
    "x^x",
    "if(x < 0, x^2, x^3) + max(x, 1 - x)",
    "sum(x^i, i, 1, n)",
    "1/(1 + exp(-z))",
    "7",
    "x",
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("order", [1, 2])
def test_the_last_step_is_what_plain_diff_prints(function: str, order: int) -> None:
    options = {"var": "x,y"} if "y" in function else {"var": "z"} if "z" in function else {"var": "x"}
    record = calcopt.differentiate(function, order=order, steps=True, **options)
    plain = calcopt.differentiate(function, order=order, **options)
    assert plain.steps == ()
    assert len(record.steps) == len(record.derivatives)
    for root, item, expected in zip(record.steps, record.derivatives, plain.derivatives, strict=True):
        assert root.derivative == item.expression == expected.expression
        assert root.derivative_latex == item.latex
        assert root.function == record.function
        assert root.with_respect_to == item.with_respect_to


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_text_parses_back_and_holds_at_40_digits(function: str) -> None:
    source = random.Random(1)
    names = "z" if "z" in function else "x"
    for root in calcopt.differentiate(function, var=names, steps="all").steps:
        for _, step in root.walk():
            whole, slope = parse(step.function).body, parse(step.derivative).body
            assert str(whole) == step.function
            assert str(slope) == step.derivative
            agrees(whole, slope, step.with_respect_to[-1], source, everywhere=False)
            for name in step.names:
                assert str(parse(name.formula).body) == name.formula


@pytest.mark.slow
def test_random_functions_are_explained_and_simplified_rightly() -> None:
    checked = 0

    @settings(max_examples=160)
    @given(expressions(("x", "y"), max_leaves=7))
    def run(expr: Expr) -> None:
        nonlocal checked
        try:
            record = calcopt.differentiate(str(expr), var="x", steps="all", checked=True)
        except MathError:  # a constant part that is not real
            return
        (root,) = record.steps
        assert root.derivative == record.derivatives[0].expression
        checked += root.rule == "simplify"

    run()
    assert checked >= 30


def test_trivial_steps_are_left_out_by_default() -> None:
    (brief,) = steps("x^2 + 3x + 5")
    (full,) = calcopt.differentiate("x^2 + 3x + 5", steps="all").steps
    assert [step.rule for _, step in brief.walk()] == ["power", "scalar multiple", "sum"]
    assert [step.rule for _, step in full.walk()] == ["power", "identity", "scalar multiple", "constant", "sum"]


def test_a_proof_is_given_once() -> None:
    (root,) = steps("log(x + 1) + log(x^2)")
    assert [step.rule for _, step in root.walk()].count("logarithm") == 2
    assert [step.rule for _, step in root.walk()].count("inverse function") == 1


def test_partial_derivatives_name_what_is_held_fixed() -> None:
    assert [root.held_fixed for root in steps("a*x^2*y^3 + z", var="x,y")] == [("a", "y", "z"), ("a", "x", "z")]


def test_higher_orders_start_from_the_simplified_derivative() -> None:
    (root,) = steps("x*exp(x)", order=3)
    assert root.rule == "higher order"
    assert [stage.function for stage in root.steps] == ["x*exp(x)", "(x + 1)*exp(x)", "(x + 2)*exp(x)"]
    assert [stage.derivative for stage in root.steps] == ["(x + 1)*exp(x)", "(x + 2)*exp(x)", "(x + 3)*exp(x)"]
    mixed = steps("x^2*y^3", order=2)[1]
    assert [(stage.with_respect_to, stage.held_fixed) for stage in mixed.steps] == [(("x",), ("y",)), (("y",), ("x",))]
    flat = steps("x*y", order=2)[0]
    assert [stage.rule for stage in flat.steps] == ["scalar multiple", "constant"]


@pytest.mark.parametrize("function", ["sin(" * 195 + "x" + ")" * 195, "sin(1 + " * 99 + "x" + ")" * 99])
@pytest.mark.slow
def test_200_levels_are_explained(function: str) -> None:
    (root,) = steps(function)
    depths = [depth for depth, _ in root.walk()]
    assert len(depths) > 190
    assert max(depths) <= 41


@pytest.mark.slow
def test_20_000_terms_are_explained() -> None:
    formula = parse("+".join(f"{k}*x^{k % 7}" for k in range(20_000)), max_length=10**6)
    (root,) = calcopt.differentiate(formula, steps=True).steps
    assert root.rule == "simplify"
    assert len(root.steps[0].steps) == 20_000


def test_the_short_form_is_the_derivative() -> None:
    function = "-y*log(sigmoid(w*x + b)) - (1 - y)*log(1 - sigmoid(w*x + b))"
    (root,) = steps(function, var="w")
    assert root.short_form is not None
    assert root.short_form.expression == "-x*(y - s)"
    assert [(name.name, name.formula) for name in root.short_form.names] == [("s", "sigmoid(w*x + b)")]
    whole = root.short_form.expression.replace("s", "sigmoid(w*x + b)")
    assert equal(parse(whole).body, parse(root.derivative).body)
    assert steps("x*sin(x)")[0].short_form is None


def test_names_of_a_short_form_are_not_the_function_s_own() -> None:
    (root,) = steps("log(sigmoid(s*x + q + r))*y", var="x")
    assert root.short_form is not None
    assert [name.name for name in root.short_form.names] == ["h"]


# -- secants and limits ---------------------------------------------------------------------------------------------


def test_secants_tend_to_the_tangent() -> None:
    (table,) = calcopt.differentiate("x^2", at="1", secant=True).secants
    assert [row.right for row in table.rows][:4] == [3.0, 2.1, 2.01, 2.001]
    assert [row.left for row in table.rows][:4] == [1.0, 1.9, 1.99, 1.999]
    assert (table.left, table.right, table.slope) == (2.0, 2.0, 2.0)


@pytest.mark.parametrize(
    ("function", "at", "left", "right", "said"),
    [
        ("abs(x)", "0", -1.0, 1.0, "−1 from the left and to 1 from the right"),
        ("step(x)", "0", None, 0.0, "no tangent"),
        ("sqrt(x)", "0", None, None, "no tangent"),
        ("cbrt(x)", "0", None, None, "no tangent"),
        ("x*abs(x)", "0", 0.0, 0.0, "both sides tend to 0"),
        ("if(x < 1, x, 2 - x)", "1", 1.0, -1.0, "1 from the left and to −1 from the right"),
    ],
)
def test_one_sided_slopes(function: str, at: str, left: float | None, right: float | None, said: str) -> None:
    (table,) = calcopt.differentiate(function, at=at, secant=True).secants
    assert (table.left, table.right) == (left, right)
    assert said in table.message


def test_secants_along_each_variable() -> None:
    tables = calcopt.differentiate("x^2 + y^2", at="2,3", secant=True).secants
    assert [(table.variable, table.slope) for table in tables] == [("x", 4.0), ("y", 6.0)]


@pytest.mark.parametrize(
    ("function", "limit", "exact"),
    [
        ("(1 + 1/n)^n", "n=inf", "e"),
        ("sin(x)/x", "0", "1"),
        ("(x^2 - 1)/(x - 1)", "x=1", "2"),
        ("exp(x)", "-inf", "0"),
        ("exp(x)", "∞", "inf"),
        ("1/x", "x=0-", "-inf"),
        ("sigmoid(x)", "inf", "1"),
        ("floor(x)", "3-", "2"),
        ("abs(x)/x", "0+", "1"),
        ("atan(x)", "oo", "pi/2"),
        ("((x + h)^3 - x^3)/h", "h=0", "3*x^2"),
        ("sin(1/x)", "x=0", None),
        ("sin(x)", "inf", None),
    ],
)
def test_limits(function: str, limit: str, exact: str | None) -> None:
    found = calcopt.differentiate(function, var="h" if "h" in limit else None, limit=limit).limits
    assert {one.exact for one in found} == {exact}


def test_sides_that_differ_are_two_limits() -> None:
    left, right = calcopt.differentiate("abs(x)/x", limit="x=0").limits
    assert (left.side, left.exact, right.side, right.exact) == ("left", "-1", "right", "1")
    assert "no limit" in left.message
    left, right = calcopt.differentiate("sqrt(x)", limit="x=0").limits
    assert (left.exact, right.exact) == (None, "0")
    assert "no values" in left.message


def test_a_wrong_claim_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    from calcopt.calculus.algebra import limits

    monkeypatch.setattr(limits, "limit_in_child", lambda *question, **more: parse("3").body)
    (found,) = calcopt.differentiate("(1 + 1/n)^n", limit="n=inf").limits
    assert (found.exact, found.value, found.message) == (None, None, "not found")
    (found,) = calcopt.differentiate("x/(1 + x)", limit="x=0").limits
    assert found.exact is None
    assert found.message == "not found exactly; the values settle at 0"


@pytest.mark.parametrize(
    ("function", "limit"),
    [("x*y", "inf"), ("x*y", "z=0"), ("x", "x="), ("x", "x=nan"), ("a[1]*sum(i, i, 1, n)", "n=inf")],
)
def test_bad_limits_are_refused(function: str, limit: str) -> None:
    with pytest.raises(calcopt.CalcoptError):
        calcopt.differentiate(function, var=["x"], limit=limit)


def test_what_would_fill_megabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from calcopt.api import steps as module

    monkeypatch.setattr(module, "LARGEST", 50)
    with pytest.raises(MathError, match="more than"):
        steps("sin(x)*cos(x)*exp(x)*log(x)")
    with pytest.raises(UsageError):
        calcopt.differentiate("x", limit="y=0")
