"""Formulas at many points at once: rows of X in, rows of values out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from calcopt.calculus.derivatives import derivative_graph
from calcopt.calculus.graph import Graph
from calcopt.calculus.lowering import lower
from calcopt.expression.tree import Expr
from calcopt.numeric.codegen import Kernel, array_kernel
from calcopt.numeric.columns import Floats

Values = Callable[[Floats], Floats]
Derivatives = Callable[[Floats], tuple[Floats, Floats, Floats]]


def compile_functions(exprs: Sequence[Expr], variables: Sequence[str]) -> Values:
    """``evaluate(X)`` with X of shape (k, n) → the values of all ``exprs``, shape (m, k); nan and inf are quiet."""
    graph = Graph()
    slots = {name: slot for slot, name in enumerate(variables)}
    roots = [lower(expr, slots, graph)[1] for expr in exprs]
    kernel = array_kernel(graph, roots)

    def evaluate(points: Floats) -> Floats:
        points = _points(points, len(variables))
        return _rows(_run(kernel, points), len(points))

    return evaluate


def gradient_and_hessian(expr: Expr, variables: Sequence[str]) -> Derivatives:
    """``evaluate(X)`` with X of shape (k, n) → f (k,), ∇f (k, n), ∇²f (k, n, n); nan and inf are quiet."""
    derived = derivative_graph(expr, variables)
    present = [slot for slot, node in enumerate(derived.gradient) if node is not None]
    first = [node for node in derived.gradient if node is not None]
    kernel = array_kernel(derived.graph, [derived.value, *first, *derived.hessian.values()])
    n = len(variables)

    def evaluate(points: Floats) -> tuple[Floats, Floats, Floats]:
        points = _points(points, n)
        rows = _rows(_run(kernel, points), len(points))
        slopes = np.zeros((len(points), n))
        slopes[:, present] = rows[1 : 1 + len(present)].T
        curvatures = np.zeros((len(points), n, n))
        for (i, j), row in zip(derived.hessian, rows[1 + len(present) :], strict=True):
            curvatures[:, i, j] = curvatures[:, j, i] = row
        return rows[0], slopes, curvatures

    return evaluate


def _points(points: Floats, n: int) -> Floats:
    points = np.asarray(points, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != n:
        raise ValueError(f"points must have shape (k, {n}), not {points.shape}")
    return points


def _run(kernel: Kernel, points: Floats) -> tuple[Any, ...]:
    with np.errstate(all="ignore"):
        return kernel(list(np.ascontiguousarray(points.T)), ())


def _rows(results: tuple[Any, ...], count: int) -> Floats:
    rows = np.empty((len(results), count))
    for row, result in zip(rows, results, strict=True):
        row[:] = result  # a formula without variables is a plain number
    return rows
