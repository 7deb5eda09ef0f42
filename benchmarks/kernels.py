"""Deriving, compiling and evaluating formulas, against CasADi and hand-written NumPy.

    pip install casadi
    python benchmarks/kernels.py

Both sides start from the same random terms or the same point, and run in turn. CasADi's work is shown in two ways: with
and without the time its Python interface needs to build the expression (ours starts at the parsed tree in either case).
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import yaml_problems
from peers import compare

from calcopt.expression import parse
from calcopt.numeric.objective import FunctionObjective, function_objective

Term = tuple[Any, ...]

PROBLEMS = Path(__file__).resolve().parent.parent / "tests/problems/optimization.yaml"


def random_term(rng: random.Random, n: int) -> Term:
    """A small random expression of depth 3 in one to three of n variables."""
    names = [rng.randrange(n) for _ in range(rng.randint(1, 3))]

    def build(depth: int) -> Term:
        if depth == 0 or rng.random() < 0.15:
            return ("x", rng.choice(names)) if rng.random() < 0.8 else ("c", round(rng.uniform(0.5, 3), 2))
        kind = rng.choice(["+", "-", "*", "*", "/", "^2", "^3", "sin", "cos", "exp", "tanh", "atan", "log", "sqrt"])
        if kind in "+-*":
            return (kind, build(depth - 1), build(depth - 1))
        if kind == "/":
            return ("/", build(depth - 1), ("+", ("c", 2.0), ("^2", build(depth - 1))))
        if kind in ("log", "sqrt"):
            return (kind, ("+", ("c", 1.5), ("^2", build(depth - 1))))
        return (kind, build(depth - 1))

    while True:
        term = build(3)
        if "'x'" in str(term):
            return term


def text(term: Term) -> str:
    kind, *args = term
    if kind == "x":
        return f"x{args[0] + 1}"
    if kind == "c":
        return str(args[0])
    if kind in "+-*/":
        return f"({text(args[0])}{kind}{text(args[1])})"
    return f"({text(args[0])}){kind}" if kind.startswith("^") else f"{kind}({text(args[0])})"


def casadi_term(term: Term, x: Any, casadi: Any) -> Any:
    kind, *args = term
    if kind == "x":
        return x[args[0]]
    if kind == "c":
        return args[0]
    parts = [casadi_term(arg, x, casadi) for arg in args]
    if kind in "+-*/":
        a, b = parts
        return {"+": a + b, "-": a - b, "*": a * b}[kind] if kind != "/" else a / b
    return parts[0] ** int(kind[1:]) if kind.startswith("^") else getattr(casadi, kind)(parts[0])


def thousand_terms() -> None:
    import casadi

    rng, n = random.Random(1), 200
    terms = [random_term(rng, n) for _ in range(1000)]
    names = [f"x{k + 1}" for k in range(n)]
    body = parse("+".join(map(text, terms)), variables=names, max_length=10**6).body
    x = np.linspace(0.1, 0.9, n)

    def ours() -> FunctionObjective:
        objective = function_objective(body, names)
        objective.prepare(2)
        return objective

    def built() -> tuple[Any, Any]:
        symbols = casadi.SX.sym("x", n)
        elements = [symbols[k] for k in range(n)]
        total = 0
        for term in terms:
            total = total + casadi_term(term, elements, casadi)
        return symbols, total

    def compiled(symbols: Any, total: Any) -> Any:
        hessian, gradient = casadi.hessian(total, symbols)
        return casadi.Function("f", [symbols], [total, gradient, hessian])

    symbols, total = built()
    objective, peer = ours(), compiled(symbols, total)
    found, reference = objective.evaluate(x, 2), peer(x)
    assert found.gradient is not None
    assert np.allclose(found.gradient, np.array(reference[1]).ravel(), rtol=1e-12)
    assert np.allclose(found.hessian.toarray(), reference[2].full(), rtol=1e-10, atol=1e-10)  # type: ignore[union-attr]
    print(f"1000 random terms in {n} variables: {objective.groups} shapes")
    compare("  tree → gradient, sparse Hessian; CasADi: terms → Function", ours, lambda: compiled(*built()), goal=3)
    compare("  the same; CasADi: finished SX expression → Function", ours, lambda: compiled(symbols, total), goal=3)
    compare(
        "  the same, and the first evaluation of f, gradient and Hessian",
        lambda: ours().evaluate(x, 2),
        lambda: compiled(symbols, total)(x),
        goal=3,
    )
    compare("  one evaluation of f, gradient and Hessian", lambda: objective.evaluate(x, 2), lambda: peer(x), goal=3)


def rosenbrock(n: int = 1000) -> None:
    terms = (f"100*(x{2 * k} - x{2 * k - 1}^2)^2 + (1 - x{2 * k - 1})^2" for k in range(1, n // 2 + 1))
    objective = function_objective(parse(" + ".join(terms), max_length=10**6).body)
    x = np.linspace(-1.0, 1.0, n)

    def by_hand() -> tuple[float, Any]:
        a, b = x[0::2], x[1::2]
        d, e = b - a * a, 1 - a
        gradient = np.empty(n)
        gradient[0::2] = -400 * a * d - 2 * e
        gradient[1::2] = 200 * d
        return 100 * (d @ d) + e @ e, gradient

    assert np.allclose(objective.evaluate(x, 1).gradient, by_hand()[1], rtol=1e-12)

    def often(action: Any) -> Any:
        return lambda: [action() for _ in range(500)]

    print(f"extended Rosenbrock, n = {n}, typed as one flat formula: {objective.groups} shapes")
    compare("  500 gradients; hand-written NumPy", often(lambda: objective.evaluate(x, 1)), often(by_hand), goal=3)


def osborne() -> None:
    problem = yaml_problems.find("osborne-2", PROBLEMS)
    x = np.array(problem["start"], dtype=float)
    times = []
    for _ in range(9):
        begin = time.perf_counter()
        formula = parse(problem["expression"], variables=problem["variables"])
        parsed = time.perf_counter()
        objective = function_objective(formula.body, formula.variables)
        objective.prepare(2)
        ready = time.perf_counter()
        objective.evaluate(x, 2)
        times.append((parsed - begin, ready - parsed, time.perf_counter() - ready))
    parsing, deriving, evaluation = np.median(times, axis=0) * 1e3
    print(f"Osborne 2: parse {parsing:.1f} ms, derive and compile {deriving:.1f} ms, f + ∇f + ∇²f {evaluation:.2f} ms")


if __name__ == "__main__":
    thousand_terms()
    rosenbrock()
    osborne()
