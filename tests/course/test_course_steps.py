"""Rows A1, A4, A6, A8, A10 and D1, D2, D3, D5 step by step, to the course's own closed forms."""

from __future__ import annotations

import pytest
from course_problems import SAMPLES, same_formula

import calcopt
from calcopt.calculus.steps.check import equal
from calcopt.expression import parse
from calcopt.expression.tree import Expr, substitute
from calcopt.records import Step

CLOSED_FORMS = {
    "d1-regression-loss": {"w1": "-x1*u", "w2": "-x2*u", "b": "-u"},
    "d2-sigmoid": {"z": "sigmoid(z)*(1 - sigmoid(z))"},
    "d3-classification-loss": {"w1": "-x1*(y - s)", "w2": "-x2*(y - s)", "b": "-(y - s)"},
    "d5-network-loss": {
        "w11": "-w1*x1*s1*(1 - s1)*(y - s3)",
        "b1": "-w1*s1*(1 - s1)*(y - s3)",
        "w1": "-s1*(y - s3)",
        "w2": "-s2*(y - s3)",
        "b": "-(y - s3)",
    },
}
NAMES = {
    "d1-regression-loss": {"u": "y - (w1*x1 + w2*x2 + b)"},
    "d2-sigmoid": {"sigmoid(z)": "1/(1 + exp(-z))"},
    "d3-classification-loss": {"s": "sigmoid(w1*x1 + w2*x2 + b)"},
    "d5-network-loss": {
        "s1": "sigmoid(x1*w11 + x2*w21 + b1)",
        "s2": "sigmoid(x1*w12 + x2*w22 + b2)",
        "s3": "sigmoid(s1*w1 + s2*w2 + b)",
    },
}
A1, A2 = "sigmoid(x1*w11 + x2*w21 + b1)", "sigmoid(x1*w12 + x2*w22 + b2)"
PREDICTED = {
    "d1-regression-loss": "(w1*x1 + w2*x2 + b)",
    "d3-classification-loss": "sigmoid(w1*x1 + w2*x2 + b)",
    "d5-network-loss": f"sigmoid({A1}*w1 + {A2}*w2 + b)",
}
COURSE = {
    "d1-regression-loss": {"w1": "-x1*(y - P)", "w2": "-x2*(y - P)", "b": "-(y - P)"},
    "d2-sigmoid": {"z": "1/(1 + exp(-z))*(1 - 1/(1 + exp(-z)))"},
    "d3-classification-loss": {"w1": "-x1*(y - P)", "w2": "-x2*(y - P)", "b": "-(y - P)"},
    "d5-network-loss": {
        "w11": f"-x1*w1*{A1}*(1 - {A1})*(y - P)",
        "b1": f"-w1*{A1}*(1 - {A1})*(y - P)",
        "w1": f"-{A1}*(y - P)",
        "w2": f"-{A2}*(y - P)",
        "b": "-(y - P)",
    },
}


def explained(name: str, **options: object) -> tuple[Step, ...]:
    problem = calcopt.load_problem(SAMPLES / f"{name}.yaml")
    assert problem.function is not None
    return calcopt.differentiate(problem.function, var=problem.var, steps=True, **options).steps  # type: ignore[arg-type]


def written_out(root: Step) -> Expr:
    """The short form with what its names stand for put in."""
    assert root.short_form is not None
    whole = parse(root.short_form.expression).body
    for name in reversed(root.short_form.names):
        if name.name.isidentifier():
            whole = substitute(whole, {name.name: parse(name.formula).body})
    return whole


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_the_last_line_is_the_course_s_closed_form(name: str) -> None:
    roots = {root.with_respect_to[0]: root for root in explained(name, checked=True)}
    assert list(roots) == list(CLOSED_FORMS[name])
    for variable, root in roots.items():
        assert root.short_form is not None
        assert root.short_form.expression == CLOSED_FORMS[name][variable]
        assert {item.name: item.formula for item in root.short_form.names} == NAMES[name]


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_the_closed_forms_hold_at_40_digits(name: str) -> None:
    for root in explained(name):
        expected = COURSE[name][root.with_respect_to[0]].replace("P", PREDICTED.get(name, ""))
        assert equal(parse(expected).body, parse(root.derivative).body)
        assert equal(parse(expected).body, written_out(root))


def test_the_logistic_function_is_derived_as_a_quotient() -> None:
    (root,) = explained("d2-sigmoid")
    assert [step.rule for _, step in root.walk()] == ["exponential", "scalar multiple", "chain", "sum", "quotient"]
    assert root.derivative == "exp(-z)/(1 + exp(-z))^2"


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("a4-inverse-function", ["power", "inverse function"]),
        ("a8-logarithm", ["exponential", "inverse function", "logarithm"]),
        ("a10-chain", ["sine", "exponential", "power", "chain", "simplify"]),
        ("a10-product", ["exponential", "product", "simplify"]),
        ("a10-sum", ["scalar multiple", "power", "sum"]),
    ],
)
def test_the_course_s_rules(name: str, rules: list[str]) -> None:
    (root,) = explained(name, checked=True)
    found = [step.rule for _, step in root.walk()]
    assert [rule for rule in found if rule != "simplify"] == [rule for rule in rules if rule != "simplify"]


def test_a4_and_a8_say_what_is_undone() -> None:
    (root,) = explained("a4-inverse-function")
    assert root.note.startswith("sqrt(y) undoes f(u) = u^2")
    assert root.derivative == "1/(2*sqrt(y))"
    (root,) = explained("a8-logarithm")
    assert root.steps[0].note == "log(y) undoes f(u) = exp(u); 1/f'(log(y)) = 1/exp(log(y)), where exp(log(y)) = y"


def test_a1_secants() -> None:
    (table,) = calcopt.differentiate("x^2", at="1", secant=True).secants
    assert [row.right for row in table.rows[:3]] == [3.0, 2.1, 2.01]
    assert table.slope == 2.0
    (table,) = calcopt.differentiate("abs(x)", at="0", secant=True).secants
    assert ({row.left for row in table.rows}, {row.right for row in table.rows}) == ({-1.0}, {1.0})
    assert table.slope is None


def test_a6_the_limit_is_e() -> None:
    (found,) = calcopt.differentiate("(1 + 1/n)^n", limit="n=inf").limits
    values = dict(found.rows)
    assert found.exact == "e"
    assert values[1.0] == 2.0
    assert [round(values[n] or 0, 5) for n in (10.0, 100.0)] == [2.59374, 2.70481]
    assert round(values[1e6] or 0, 6) == 2.718280


def test_b7_the_tangent_plane() -> None:
    (point,) = calcopt.differentiate("x^2 + y^2", at="2,3").at
    assert point.tangent == "13 + 4*(x - 2) + 6*(y - 3)"
    assert same_formula(point.tangent, "13 + 4(x-2) + 6(y-3)")
