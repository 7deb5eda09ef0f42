"""The graph: sharing, folding, and the rewrites to stable primitives."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from calcopt.calculus.arena import CHOICE, slot_bit
from calcopt.calculus.derivatives import derivative_graph
from calcopt.calculus.lowering import lower
from calcopt.calculus.programs import flatten
from calcopt.errors import MathError
from calcopt.expression import parse
from calcopt.expression.tree import Add, Call, Mul, Number, Pow, Symbol


def ops(text: str) -> list[str]:
    formula = parse(text)
    graph, root = lower(formula.body, {name: slot for slot, name in enumerate(formula.variables)})
    return [graph.ops[node] for node in graph.reachable([root])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/(1+exp(-z))", ["var", "sigmoid"]),
        ("exp(z)/(1+exp(z))", ["var", "sigmoid"]),
        ("log(1+exp(z))", ["var", "softplus"]),
        ("log(sigmoid(z))", ["var", "neg", "softplus", "neg"]),
        ("log(1-sigmoid(z))", ["var", "softplus", "neg"]),
        ("log(1/(1+exp(z)))", ["var", "softplus", "neg"]),
        ("log(exp(a)+exp(b))", ["var", "var", "logaddexp"]),
        ("log(exp(a)+2+exp(b))", ["var", "var", "const", "logaddexp", "logaddexp"]),
        ("log(exp(a))", ["var"]),
        ("log(3*(exp(a)+exp(b))/6)", ["var", "var", "logaddexp", "const", "add"]),
        ("x^2*x^1*1+0", ["var", "powi", "mul"]),
        ("x*x", ["var", "powi"]),
        ("e^x", ["var", "exp"]),
        ("x^(1/2)", ["var", "sqrt"]),
        ("x^0.2", ["var", "root"]),
        ("--x", ["var"]),
        ("2*(3*x)", ["var", "const", "mul"]),
        ("0*x", ["const"]),
    ],
)
def test_stable_and_light_forms(text: str, expected: list[str]) -> None:
    assert sorted(ops(text)) == sorted(expected)


def test_zero_times_a_function_keeps_its_domain() -> None:
    assert "log" in ops("0*log(x)")


def test_constants_are_exact_rationals() -> None:
    graph, root = lower(parse("(1/3 + 0.1)*3").body, {})
    assert graph.value(root) == Fraction(13, 10)
    graph, root = lower(parse("sin(2) + pi").body, {})
    assert graph.value(root) == pytest.approx(math.sin(2) + math.pi, abs=0)


def test_equal_subexpressions_are_one_node() -> None:
    graph, _ = lower(parse("sin(x*y)*exp(sin(x*y)) + sin(y*x)").body, {"x": 0, "y": 1})
    assert graph.ops.count("sin") == 1


def test_variables_are_tracked() -> None:
    graph, root = lower(parse("x*z", variables=["x", "y", "z"]).body, {"x": 0, "y": 1, "z": 2})
    assert graph.masks[root] == slot_bit(0) | slot_bit(2)
    graph, root = lower(parse("max(x, 1) + x").body, {"x": 0})
    assert graph.masks[root] == slot_bit(0) | CHOICE


def test_depth_is_no_limit() -> None:
    x = Symbol("x")
    deep = x
    for _ in range(5_000):
        deep = Call("sin", Add(deep, Number(1)))
    derived = derivative_graph(deep, ("x",), order=1)
    assert derived.gradient[0] is not None
    wide = Add(*[Mul(Number(k + 2), Pow(x, Number(3))) for k in range(20_000)])
    assert derivative_graph(wide, ("x",)).hessian


def test_shared_trees_stay_small() -> None:
    shared = Symbol("x")
    for _ in range(60):
        shared = Mul(shared, Call("sin", shared))
    assert len(flatten(shared).entries) == 121
    assert len(derivative_graph(shared).graph) < 20_000


def test_equal_shapes_differ_in_numbers_only() -> None:
    shape = flatten(parse("0.3*x + 0.3").body).entries
    assert flatten(parse("0.3*y + 0.4").body).entries == shape
    assert flatten(parse("x^2").body).entries != flatten(parse("x^3").body).entries


def test_unknown_names_are_errors() -> None:
    with pytest.raises(MathError, match="'y'"):
        lower(parse("x + y").body, {"x": 0})
