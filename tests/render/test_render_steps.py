"""Steps, secants and limits as people see them, to the letter, and as LaTeX, CSV and events."""

from __future__ import annotations

import re
from functools import cache

import pytest
from test_render_people import check

import calcopt
from calcopt.records import Derivatives
from calcopt.render import csv, derivation, formulas, latex
from calcopt.render import steps as step_documents
from calcopt.render.console import UNLIMITED, as_text
from calcopt.render.notation import Notation, default_notation
from calcopt.render.people.approach import approach_view
from calcopt.render.people.layout import Layout
from calcopt.render.people.steps import steps_view

SAMPLES = {
    "product": ("x*exp(x^2)", {}),
    "partial": ("x^2*sin(x*y)/(1 + exp(-x*y))", {"var": "x"}),
    "inverse": ("log(y) + asin(2y)", {}),
    "perceptron": ("-y*log(sigmoid(w*x + b)) - (1 - y)*log(1 - sigmoid(w*x + b))", {"var": "w,b"}),
    "logistic": ("1/(1 + exp(-z))", {}),
    "third": ("x*exp(x)", {"order": 3}),
    "piecewise": ("if(x < 1, x^2, 2 - x) + abs(x)", {}),
    "long-sum": (" + ".join(f"sin({k}x)" for k in range(2, 60)), {}),
    "long-chain": ("sin(exp(cos(log(tan(sqrt(x^2))))))", {}),
    "deep": ("sin(1 + x*" * 20 + "x" + ")" * 20, {}),
}


@cache
def sample(name: str) -> Derivatives:
    function, options = SAMPLES[name]
    return calcopt.differentiate(function, steps=True, **options)  # type: ignore[arg-type]


def shown(name: str, *, width: int, colour: bool = False, style: Notation | None = None) -> str:
    record = sample(name)
    view = steps_view(record, Layout(width), style or default_notation(record.variables))
    return as_text(view, width=width, colour=colour)


@pytest.mark.parametrize("name", SAMPLES)
def test_at_80_columns(name: str) -> None:
    text = shown(name, width=80)
    assert max(map(len, text.split("\n"))) <= 80
    check(f"steps-{name}-80", text)


@pytest.mark.parametrize("name", ["product", "perceptron"])
def test_piped_and_in_colour(name: str) -> None:
    check(f"steps-{name}-piped", shown(name, width=UNLIMITED))
    assert "\x1b" not in shown(name, width=UNLIMITED)
    check(f"steps-{name}-colour", shown(name, width=80, colour=True))


@pytest.mark.parametrize("name", ["product", "partial", "inverse"])
def test_in_leibniz_notation(name: str) -> None:
    check(f"steps-{name}-leibniz", shown(name, width=80, style="leibniz"))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_last_line_is_the_derivative(name: str) -> None:
    lines = shown(name, width=UNLIMITED).rstrip("\n").split("\n")
    record = sample(name)
    answer = record.derivatives[-1].expression
    below = record.steps[-1].short_form is not None
    assert lines[-2 if below else -1].endswith(f"= {answer}")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("style", ["lagrange", "leibniz"])
def test_latex_is_an_aligned_derivation(name: str, style: Notation) -> None:
    record = sample(name)
    lines = list(derivation.lines(record, style))
    text = "\n".join(lines)
    assert lines.count(r"\begin{align*}") == lines.count(r"\end{align*}") == len(record.derivatives)
    for row in lines:
        if not row.startswith((r"\begin", r"\end")):
            # one = to align at, one column of reasons at most; what is inside cases has its own columns
            assert re.sub(r"\\begin{cases}.*?\\end{cases}", "", row).count("&=") == 1, row
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right") - text.count(r"\rightarrow")
    for item in record.derivatives:
        assert f"&= {item.latex}" in text
    assert list(latex.lines(record, str, notation=style)) == lines


def test_latex_of_a_product_to_the_letter() -> None:
    check("steps-product-latex", "\n".join(derivation.lines(sample("product"), "leibniz")) + "\n")


def test_documents_hold_the_tree() -> None:
    fields = formulas.derivatives(sample("product"))
    (root,) = fields["steps"]
    assert root["rule"] == "simplify"
    assert root["derivative"] == fields["derivatives"][0]["expression"]
    assert {"rule", "function", "derivative", "steps"} <= root["steps"][0].keys()
    chain = root["steps"][0]["steps"][0]
    assert (chain["rule"], chain["names"]) == ("chain", {"u": "x^2"})
    assert "steps" not in formulas.document(sample("product"), trace=False)
    short = formulas.derivatives(sample("perceptron"))["steps"][0]["short_form"]
    assert short["expression"] == "-x*(y - s)"
    assert short["names"] == {"s": "sigmoid(w*x + b)"}


def test_rows_and_events_come_in_the_order_of_reasoning() -> None:
    rows = list(csv.rows(sample("product")))
    assert [row["rule"] for row in rows] == ["exponential", "power", "chain", "product", "simplify"]
    assert [row["depth"] for row in rows] == [3, 3, 2, 1, 0]
    events = list(step_documents.events(sample("perceptron").steps))
    assert {event["event"] for event in events} == {"step"}
    assert {event["derivative_number"] for event in events} == {0, 1}


def test_secants_and_limits() -> None:
    corner = calcopt.differentiate("abs(x)", at="0", secant=True)
    square = calcopt.differentiate("x^2", at="1", secant=True)
    euler = calcopt.differentiate("a(n) = (1 + 1/n)^n", limit="n=inf")
    sides = calcopt.differentiate("abs(x)/x", limit="x=0")
    text = ""
    for record in (corner, square, euler, sides):
        text += as_text(approach_view(record.secants, record.limits, record.name), width=80, colour=False)
    check("secants-and-limits-80", text)
    assert list(latex.lines(euler, str))[-1] == (
        r"\lim_{n \to \infty} \left({\left(1 + \frac{1}{n}\right)}^{n}\right) = e"
    )
    assert [row["right"] for row in csv.rows(square)][:3] == [3.0, 2.1, 2.01]
    assert [row["n"] for row in csv.rows(euler)][:3] == [1.0, 10.0, 100.0]
    assert formulas.derivatives(euler)["limits"][0]["exact"] == "e"
    (pole,) = formulas.derivatives(calcopt.differentiate("1/x", limit="x=0+"))["limits"]
    assert (pole["exact"], pole["infinite"], pole["value"]) == (None, "inf", None)
    assert formulas.derivatives(corner)["secants"][0]["slope"] is None
