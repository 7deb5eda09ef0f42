"""A referee for claims: reads the formula with Python's own parser into mpmath at 60 digits, and takes derivatives by
central differences, so that it shares neither grammar, derivatives nor arithmetic with calcopt.

``TALLY`` counts what was audited in this process and what was false; the test run prints the sums at its end.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

from calcopt.expression import parse
from calcopt.numeric.objective import function_objective
from calcopt.records import Result

TALLY = {"claims": 0, "false": 0}
LARGEST = 11
"""Hessians of more variables take too long at 60 digits."""

OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
    ast.USub: lambda a: -a,
}
FUNCTIONS = {name: getattr(mpmath, name) for name in ("sin", "cos", "exp", "log", "sqrt", "atan2")} | {"abs": abs}


class Referee:
    """f at 60 digits, and its derivatives by differences."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.tree = ast.parse(problem["expression"].strip(), mode="eval").body
        self.names = problem["variables"]

    def f(self, x: list[Any]) -> Any:
        values = dict(zip(self.names, x, strict=True)) | {"pi": mpmath.pi, "e": mpmath.e}

        def read(node: ast.AST) -> Any:
            match node:
                case ast.Constant(value=value):
                    return mpmath.mpf(str(value))
                case ast.Name(id=name):
                    return values[name]
                case ast.UnaryOp(op=op, operand=operand):
                    return OPERATORS[type(op)](read(operand))
                case ast.BinOp(left=left, op=op, right=right):
                    return OPERATORS[type(op)](read(left), read(right))
                case ast.Call(func=ast.Name(id=name), args=args):
                    return FUNCTIONS[name](*map(read, args))
            raise AssertionError(ast.dump(node))

        return read(self.tree)

    def gradient(self, x: np.ndarray) -> np.ndarray:
        with mpmath.workdps(60):
            h, at = mpmath.mpf("1e-18"), [mpmath.mpf(float(v)) for v in x]
            rows = []
            for i in range(len(at)):
                up, down = list(at), list(at)
                up[i] += h
                down[i] -= h
                rows.append(float((self.f(up) - self.f(down)) / (2 * h)))
        return np.array(rows)

    def extreme_eigenvalues(self, x: np.ndarray) -> tuple[float, float]:
        with mpmath.workdps(60):
            h, n = mpmath.mpf("1e-15"), len(x)
            at = [mpmath.mpf(float(v)) for v in x]
            matrix = mpmath.zeros(n)
            for i in range(n):
                for j in range(i, n):
                    total = mpmath.mpf(0)
                    for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                        moved = list(at)
                        moved[i] += a * h
                        moved[j] += b * h
                        total += a * b * self.f(moved)
                    matrix[i, j] = matrix[j, i] = total / (4 * h * h)
            values = mpmath.eigsy(matrix, eigvals_only=True)
            return float(min(values)), float(max(values))

    def check(self, result: Result, tolerance: float = 1e-8) -> None:
        """No claim of the result is false."""
        assert np.isfinite(result.x).all()
        assert np.isfinite(result.value)
        found = self.false_claims(result, tolerance)
        assert not found, "; ".join(found)

    def false_claims(self, result: Result, tolerance: float = 1e-8) -> list[str]:
        """What the result says that is not so."""
        claims: list[tuple[bool, str]] = []
        if result.converged:
            slope = float(np.linalg.norm(self.gradient(result.x)))
            claims.append((slope <= tolerance + 2 * noise_at(result), f"converged, but ‖∇f‖ = {slope:.3g}"))
        if result.status == "unbounded":
            claims.append((float(self.f([mpmath.mpf(float(v)) for v in result.x])) < -1e90, "unbounded, but it is not"))
        kind = result.verdict.classification
        if kind in ("local minimum", "local maximum", "saddle point") and len(result.x) <= LARGEST:
            low, high = self.extreme_eigenvalues(result.x)
            true = {"local minimum": low > 0, "local maximum": high < 0, "saddle point": low < 0 < high}[kind]
            claims.append((true, f"{kind}, but the eigenvalues go from {low:.3g} to {high:.3g}"))
        false = [said for holds, said in claims if not holds]
        TALLY["claims"] += len(claims)
        TALLY["false"] += len(false)
        return false


def noise_at(result: Result) -> float:
    formula = parse(result.function, variables=result.variables)
    return float(np.linalg.norm(function_objective(formula.body, result.variables).noise(result.x).gradient))
