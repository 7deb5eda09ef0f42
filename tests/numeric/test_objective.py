"""Formulas as objectives: groups found, sums of any length, inner sums, tapes, rounding errors, mistakes."""

from __future__ import annotations

import math
import random
import warnings
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from calcopt.errors import MathError
from calcopt.expression import expand_sums, parse
from calcopt.expression.tree import Add, Expr, Indexed, Mul, Neg, Number, Pow, Sum, Symbol
from calcopt.numeric.evaluate import gradient_and_hessian
from calcopt.numeric.objective import FunctionObjective, function_objective
from calcopt.numeric.units import GroupUnit, Pool

Floats = NDArray[np.float64]


def dense(matrix: object) -> Floats:
    return matrix if isinstance(matrix, np.ndarray) else matrix.toarray()  # type: ignore[attr-defined]


def check(body: Expr, objective: FunctionObjective, x: Floats, *, tolerance: float = 1e-12) -> None:
    """``objective`` against the same formula written out and evaluated as one graph."""
    f, g, h = gradient_and_hessian(expand_sums(body), list(objective.variables))(x[None, :])
    found = objective.evaluate(x, 2)
    scale = 1 + np.abs(h).max()
    assert found.gradient is not None
    assert abs(found.value - f[0]) <= tolerance * (1 + abs(f[0]))
    assert np.abs(found.gradient - g[0]).max() <= tolerance * (1 + np.abs(g).max())
    assert np.abs(dense(found.hessian) - h[0]).max() <= tolerance * scale
    assert objective.evaluate(x, 0).value == pytest.approx(found.value, rel=1e-14, abs=1e-300)
    assert np.allclose(objective.evaluate(x, 1).gradient, found.gradient, rtol=1e-13, atol=1e-13 * scale)


def rosenbrock(n: int) -> Expr:
    i = Symbol("i")
    here, after = Indexed("x", i), Indexed("x", Add(i, Number(1)))
    first = Pow(Add(Number(1), Neg(here)), Number(2))
    second = Mul(Number(100), Pow(Add(after, Neg(Pow(here, Number(2)))), Number(2)))
    return Sum("i", Add(first, second), Number(1), Number(n - 1))


SUMS = [
    "sum((1-x[i])^2 + 100*(x[i+1]-x[i]^2)^2, i, 1, 39)",
    "sum(i*x[2*i-1]^2*x[41-i] + exp(-i/10*x[i]), i, 1, 20)",
    "sum(sum(x[i]*x[j]/(i+j), j, 1, i), i, 1, 15)",
    "sum(x[i]^i, i, 0, 4) + a*b",
    "sum(a*x[1]^i, i, 0, 30)/7 - 3*(x[1] + sum(x[i], i, 1, 3))",
    "sqrt(sum(x[i]^2, i, 1, 30))",
    "-20*exp(-0.2*sqrt(sum(x[i]^2, i, 1, 30)/30)) - exp(sum(cos(2*pi*x[i]), i, 1, 30)/30) + 20 + e",
    "sum((sum(x[j]/(i+j), j, 1, i) - i)^2, i, 1, 12)",
    "sum((12 - sum(cos(x[j]), j, 1, 12) + i*(1 - cos(x[i])) - sin(x[i]))^2, i, 1, 12)",
    "exp(sum((sum(x[j], j, i, i+2))^2, i, 1, 5)/100)*x[1]",
    "log(sum(exp(x[i]), i, 1, 20))",
    "log(3 + sum(2*exp(x[i]*x[i+1]), i, 1, 40)/7 - sum(x[i]^2, i, 1, 3)/100)",
    "sum(log(sum(exp(x[j]*a - x[i]), j, 1, i+20)), i, 1, 9)*b",
    "sum(log(sum(sum(exp(x[j]*x[k]/i), k, 1, j), j, 1, 12) + x[i]), i, 1, 5)",
    "log(sum(exp(x[i] + log(sum(exp(x[j]*x[i]), j, 1, 25))), i, 1, 30))",
    "sum(if(x[i] > 0.5, sqrt(x[i]), x[i]^2), i, 1, 30) + sum(max(x[i], x[i+1]), i, 1, 29)",
    "sum(sum(M[i,j]*u[i]*u[j] + M[i,j]^2, j, 1, 4), i, 1, 4)",
    "sum(x[floor(i/2)]*x[i], i, 2, 25)",
    "sum(cbrt(x[i]) + x[i]^(1/3), i, 1, 5) + sum(3, i, 1, 10) + sum(i, i, 1, 10)*b",
    "(x1+x2+x3+x4+x5+x6+x7+x8+x9+x10+x11+x12+x13+x14+x15+x16+x17+x18)^3 + x1*x18",
]


@pytest.mark.parametrize("text", SUMS)
def test_sums_agree_with_what_they_stand_for(text: str) -> None:
    body = parse(text).body
    objective = function_objective(body)
    x = np.random.default_rng(0).uniform(0.1, 1.5, len(objective.variables))
    check(body, objective, x)
    without = function_objective(body)
    without._scalar = None
    check(body, without, x)


def test_given_and_found_variables_are_the_same() -> None:
    formula = parse("sum(x[i]*x[i+1], i, 1, 11) + a + x2")
    found = function_objective(formula.body)
    given = function_objective(formula.body, formula.variables)
    open_ended = function_objective(formula.body, ["a", "x2", "x[]"])
    assert tuple(found.variables) == tuple(given.variables) == tuple(open_ended.variables)
    assert tuple(found.variables)[:4] == ("a", "x2", "x[1]", "x[2]")
    swapped = function_objective(formula.body, formula.variables[::-1])
    x = np.linspace(0, 1, len(formula.variables))
    assert swapped.evaluate(x[::-1], 0).value == pytest.approx(given.evaluate(x, 0).value)


def test_a_thousand_terms_of_two_shapes_are_two_groups() -> None:
    text = " + ".join(f"{k}*(x{k} - {k + 1}.5)^2 + exp(-x{k}*x{k + 1})/{k}" for k in range(1, 501))
    objective = function_objective(parse(text, max_length=10**6).body)
    assert objective.groups == 2


def test_a_million_variables_take_linear_time_and_a_sparse_hessian() -> None:
    n = 1_000_000
    objective = function_objective(rosenbrock(n))
    x = np.full(n, 0.5)
    found = objective.evaluate(x, 2)
    assert len(objective.variables) == n
    assert (objective.variables[0], objective.variables[-1]) == ("x[1]", f"x[{n}]")
    assert found.value == pytest.approx((n - 1) * (0.25 + 100 * 0.0625), rel=1e-12)
    assert found.hessian is not None
    assert found.hessian.nnz == 3 * n - 2  # type: ignore[union-attr]
    assert objective.groups == 2


def random_terms(count: int, n: int, seed: int) -> str:
    rng = random.Random(seed)

    def build(depth: int) -> str:
        if depth == 0 or rng.random() < 0.2:
            return f"x{rng.randint(1, n)}" if rng.random() < 0.8 else f"{rng.uniform(0.5, 3):.2f}"
        kind = rng.choice(["+", "-", "*", "/", "sin", "exp", "tanh", "sqrt(1+", "max", "if"])
        a, b = build(depth - 1), build(depth - 1)
        if kind in "+-*":
            return f"({a} {kind} {b})"
        if kind == "/":
            return f"({a} / (2 + ({b})^2))"
        if kind == "exp":
            return f"exp(-({a})^2)"
        if kind == "max":
            return f"max({a}, {b})"
        if kind == "if":
            return f"if({a} < {b} or {a} > 2, ({a})^2, x1*({b}))"
        return f"sqrt(1+({a})^2)" if kind.startswith("sqrt") else f"{kind}({a})"

    return " + ".join(build(3) for _ in range(count))


@pytest.mark.parametrize("seed", range(5))
def test_many_shapes_on_one_tape(seed: int) -> None:
    body = parse(random_terms(150, 60, seed), max_length=10**6).body
    objective = function_objective(body)
    assert objective.groups > 20
    check(body, objective, np.random.default_rng(seed).uniform(-1, 1, len(objective.variables)))


def test_a_tape_is_the_kernels_of_its_groups_at_extreme_points_too() -> None:
    kinds = [
        "{f}(x{i})*{k}.5",
        "{f}(x{i})^x{j}",
        "max({f}(x{j}), x{i})/{k}",
        "if({f}(x{i}) < x{j}, x{i}^(1/3), 1/x{j})",
    ]
    names = ("sin", "log", "sqrt", "acosh", "exp", "tan", "erf", "relu", "acot", "cbrt", "atanh", "sigmoid")
    rng = random.Random(5)
    body = parse(
        " + ".join(
            kind.format(f=name, i=rng.randint(1, 9), j=rng.randint(10, 19), k=k)
            for name in names
            for kind in kinds
            for k in range(1, rng.randint(2, 4))
        ),
        max_length=10**6,
    ).body
    (pool,) = function_objective(body)._engine.units[-1]
    assert isinstance(pool, Pool)
    extreme = [0.0, -0.0, 1.0, -1.0, 1e-300, 1e308, -1e308, math.inf, -math.inf, math.nan, 710.0, -8.0]
    for order in (0, 1, 2) * 20:
        z = np.array([rng.choice(extreme) if rng.random() < 0.5 else rng.uniform(-3, 3) for _ in range(19)])
        expected: list[list[Floats]] = [[] for _ in range(order + 1)]
        with np.errstate(all="ignore"):
            found = pool.run(z, order)
            for group in pool.groups:
                results = iter(GroupUnit(group).run(z, order))
                for kind, part in enumerate(group.parts(order)):
                    expected[kind] += [np.broadcast_to(next(results), (group.count,)) for _ in part]
        for ours, theirs in zip(found, expected, strict=True):
            assert np.allclose(ours, np.concatenate(theirs), rtol=1e-13, atol=0, equal_nan=True)


def test_many_variables_have_sparse_hessians_few_have_dense() -> None:
    assert isinstance(function_objective(rosenbrock(50)).evaluate(np.zeros(50), 2).hessian, np.ndarray)
    sparse = function_objective(rosenbrock(500)).evaluate(np.linspace(-1, 1, 500), 2).hessian
    assert sparse is not None
    assert not isinstance(sparse, np.ndarray)
    assert sparse.nnz == 3 * 500 - 2
    assert abs(sparse - sparse.T).max() == 0


@pytest.mark.parametrize("n", [3, 16, 17, 60, 300])
@pytest.mark.parametrize("offset", [0.0, 5000.0, -5000.0])
def test_log_sum_exp_neither_overflows_nor_underflows(n: int, offset: float) -> None:
    x = np.linspace(-3, 0, n) + offset
    weights = np.exp(x - x.max())
    softmax = weights / weights.sum()
    curvature = np.diag(softmax) - np.outer(softmax, softmax)
    typed = " + ".join(f"exp(x[{i}])" for i in range(1, n + 1))
    for text in (f"log(sum(exp(x[i]), i, 1, {n}))", f"log({typed})", f"log(sum(2*exp(x[i])/{n}, i, 1, {n})*3/6)"):
        objective = function_objective(parse(text, max_length=10**6).body)
        expected = x.max() + np.log(weights.sum()) - (np.log(n) if text.endswith("6)") else 0)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found, noise = objective.evaluate(x, 2), objective.noise(x)
        assert found.value == pytest.approx(expected, rel=1e-14)
        assert np.allclose(found.gradient, softmax, rtol=1e-12, atol=1e-13)
        assert np.allclose(dense(found.hessian), curvature, rtol=1e-12, atol=1e-13)
        assert abs(found.value - expected) <= noise.value < 1e-10
        assert np.all(noise.gradient < 1e-10)
        assert noise.hessian < 1e-10
    empty = objective.evaluate(np.full(n, -np.inf), 1)
    assert empty.value == -np.inf


def test_counts_and_label() -> None:
    objective = function_objective(parse("x^2").body)
    for order in (0, 1, 2):
        objective.evaluate(np.array([1.0]), order)
    counts = objective.counts
    assert (counts.value, counts.gradient, counts.hessian) == (3, 2, 1)
    assert objective.label == "x^2"
    assert function_objective(parse("x^2").body, label="f").label == "f"


def test_what_is_not_finite_is_quiet() -> None:
    for body in (parse("log(x[1]) + exp(1000*x[2])").body, parse("sum(log(x[i])+exp(1000*x[i]), i, 1, 200)").body):
        objective = function_objective(body)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = objective.evaluate(np.linspace(-1, 1, len(objective.variables)), 2)
            objective.noise(np.linspace(-1, 1, len(objective.variables)))
        assert np.isnan(found.value)


# -- mistakes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "variables", "message"),
    [
        ("sum(x[i/2], i, 1, 4)", None, "not an integer"),
        ("x + y", ["x"], "'y'"),
        ("sum(x[i], i, 1, 5)", ["x[1]", "x[2]"], "index 3"),
    ],
)
def test_mistakes_are_named(body: str, variables: list[str] | None, message: str) -> None:
    i = Symbol("i")
    half = Sum("i", Indexed("x", Mul(i, Number(Fraction(1, 2)))), Number(1), Number(4))
    tree = half if "i/2" in body else parse(body).body
    with pytest.raises(MathError, match=message):
        function_objective(tree, variables)


def test_bounds_must_be_known_and_of_a_size() -> None:
    i = Symbol("i")
    with pytest.raises(MathError, match="depends on 'n'"):
        function_objective(Sum("i", Indexed("x", i), Number(1), Symbol("n")))
    with pytest.raises(MathError, match="terms"):
        function_objective(Sum("i", Indexed("x", i), Number(1), Number(10**9)))


def test_the_hessian_of_a_huge_norm_is_refused_not_attempted() -> None:
    objective = function_objective(Pow(Sum("i", Indexed("x", Symbol("i")), Number(1), Number(20_000)), Number(2)))
    x = np.ones(20_000)
    assert objective.evaluate(x, 1).value == pytest.approx(4e8)
    with pytest.raises(MathError, match="dense"):
        objective.evaluate(x, 2)
