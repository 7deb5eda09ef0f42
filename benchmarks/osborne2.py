"""Osborne 2 (Moré, Garbow, Hillstrom 1981, problem 19), from its text to its minimum.

    python benchmarks/osborne2.py

Ours parses the formula, derives gradient and Hessian on the DAG, and runs Newton's method. The peer is what a
Python user writes: SymPy's parser and derivatives, lambdify, and SciPy's BFGS with that gradient.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import yaml_problems

import calcopt

PROBLEM = yaml_problems.find("osborne-2", Path(__file__).resolve().parent.parent / "tests/problems/optimization.yaml")


def ours() -> float:
    begin = time.perf_counter()
    result = calcopt.newton(PROBLEM["expression"], PROBLEM["start"], max_iterations=1000)
    taken = time.perf_counter() - begin
    assert not isinstance(result, calcopt.Runs)
    print(f"ours  {taken:8.3f} s   {result.status}, f = {result.value:.12g}, ‖∇f‖ = {result.gradient_norm:.1e}")
    return taken


def peer() -> float:
    import scipy.optimize
    import sympy

    begin = time.perf_counter()
    names = sympy.symbols(PROBLEM["variables"], real=True)
    function = sympy.sympify(PROBLEM["expression"], locals={str(name): name for name in names})
    value = sympy.lambdify([names], function, cse=True)
    gradient = sympy.lambdify([names], [function.diff(name) for name in names], cse=True)
    with np.errstate(all="ignore"):
        found = scipy.optimize.minimize(
            value,
            PROBLEM["start"],
            jac=lambda x: np.array(gradient(x), dtype=float),
            method="BFGS",
            options={"gtol": 1e-8},
        )
    taken = time.perf_counter() - begin
    print(f"SciPy {taken:8.3f} s   {found.message}, f = {found.fun:.12g}, ‖∇f‖ = {np.linalg.norm(found.jac):.1e}")
    return taken


def main() -> None:
    print(f"published minimum f = {PROBLEM['f_min']}")
    ratio = ours() / peer()
    print(f"ratio {ratio:.4f}   goal ≤ 0.1   {'reached' if ratio <= 0.1 else 'MISSED'}")


if __name__ == "__main__":
    main()
