"""Objectives and systems written by hand, with derivatives written by hand: no part of calcopt that is under test."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from calcopt.records import Counts, Evaluation, Noise, SystemEvaluation

Vector = NDArray[np.float64]
EPS = float(np.finfo(np.float64).eps)


class Handmade:
    """f, ∇f and ∇²f as three functions of an array; bounds of rounding errors from the sizes of the terms."""

    def __init__(
        self,
        variables: Sequence[str],
        f: Callable[[Vector], float],
        g: Callable[[Vector], Sequence[float] | Vector],
        h: Callable[[Vector], object],
        label: str = "f",
    ) -> None:
        self.variables, self.label, self.counts = tuple(variables), label, Counts()
        self._f, self._g, self._h = f, g, h

    def _at(self, x: Vector, order: int) -> Evaluation:
        with np.errstate(all="ignore"):
            value = float(self._f(x))
            gradient = np.asarray(self._g(x), dtype=np.float64) if order > 0 else None
            hessian = self._h(x) if order > 1 else None
            if isinstance(hessian, list):
                hessian = np.asarray(hessian, dtype=np.float64)
        return Evaluation(value, gradient, hessian)  # type: ignore[arg-type]

    def evaluate(self, x: Vector, order: int) -> Evaluation:
        self.counts.value += 1
        self.counts.gradient += order > 0
        self.counts.hessian += order > 1
        return self._at(x, order)

    def noise(self, x: Vector) -> Noise:
        here = self._at(x, 2)
        assert here.gradient is not None
        size = abs(here.hessian)
        return Noise(
            8 * EPS * (abs(here.value) + float(np.abs(here.gradient) @ np.abs(x))),
            8 * EPS * (np.abs(here.gradient) + size @ np.abs(x)),
            8 * EPS * float(size.sum(axis=1).max()),
        )


class HandmadeSystem:
    """F and its Jacobian as two functions of an array."""

    def __init__(
        self, variables: Sequence[str], f: Callable[[Vector], Sequence[float]], j: Callable[[Vector], object]
    ) -> None:
        self.variables, self.label, self.counts = tuple(variables), "F", Counts()
        self._f, self._j = f, j

    def evaluate(self, x: Vector, order: int) -> SystemEvaluation:
        self.counts.value += 1
        self.counts.gradient += order > 0
        with np.errstate(all="ignore"):
            residual = np.asarray(self._f(x), dtype=np.float64)
            return SystemEvaluation(residual, np.asarray(self._j(x), dtype=np.float64) if order else None)


def function_of_one(f: Callable[[float], float], g: Callable[[float], float], h: Callable[[float], float]) -> Handmade:
    return Handmade("x", lambda x: f(x[0]), lambda x: [g(x[0])], lambda x: [[h(x[0])]])


def exp_log() -> Handmade:
    """eˣ − log x, whose minimum is the omega constant (course C1, E2)."""
    return function_of_one(lambda x: np.exp(x) - np.log(x), lambda x: np.exp(x) - 1 / x, lambda x: np.exp(x) + 1 / x**2)


def sauna() -> Handmade:
    """85 − x²(x−6)y²(y−6)/90 (course B10, C2)."""

    def p(t: float) -> tuple[float, float, float]:
        return t * t * (t - 6), t * (3 * t - 12), 6 * t - 12

    def f(x: Vector) -> float:
        return 85 - p(x[0])[0] * p(x[1])[0] / 90

    def g(x: Vector) -> list[float]:
        (a, da, _), (b, db, _) = p(x[0]), p(x[1])
        return [-da * b / 90, -a * db / 90]

    def h(x: Vector) -> list[list[float]]:
        (a, da, dda), (b, db, ddb) = p(x[0]), p(x[1])
        return [[-dda * b / 90, -da * db / 90], [-da * db / 90, -a * ddb / 90]]

    return Handmade("xy", f, g, h)


def regression() -> Handmade:
    """14m² + 3b² + 38 + 12mb − 42m − 20b (course B11, C4)."""
    return Handmade(
        "mb",
        lambda x: 14 * x[0] ** 2 + 3 * x[1] ** 2 + 38 + 12 * x[0] * x[1] - 42 * x[0] - 20 * x[1],
        lambda x: [28 * x[0] + 12 * x[1] - 42, 6 * x[1] + 12 * x[0] - 20],
        lambda x: [[28.0, 12.0], [12.0, 6.0]],
    )


def quartic() -> Handmade:
    """x⁴ + 0.8y⁴ + 4x² + 2y² − xy − 0.2x²y (course E7)."""
    return Handmade(
        "xy",
        lambda v: v[0] ** 4 + 0.8 * v[1] ** 4 + 4 * v[0] ** 2 + 2 * v[1] ** 2 - v[0] * v[1] - 0.2 * v[0] ** 2 * v[1],
        lambda v: [
            4 * v[0] ** 3 + 8 * v[0] - v[1] - 0.4 * v[0] * v[1],
            3.2 * v[1] ** 3 + 4 * v[1] - v[0] - 0.2 * v[0] ** 2,
        ],
        lambda v: [[12 * v[0] ** 2 + 8 - 0.4 * v[1], -1 - 0.4 * v[0]], [-1 - 0.4 * v[0], 9.6 * v[1] ** 2 + 4]],
    )


def rosenbrock() -> Handmade:
    return Handmade(
        "xy",
        lambda v: 100 * (v[1] - v[0] ** 2) ** 2 + (1 - v[0]) ** 2,
        lambda v: [-400 * v[0] * (v[1] - v[0] ** 2) - 2 * (1 - v[0]), 200 * (v[1] - v[0] ** 2)],
        lambda v: [[1200 * v[0] ** 2 - 400 * v[1] + 2, -400 * v[0]], [-400 * v[0], 200.0]],
    )


def quadratic(matrix: Vector, center: Vector, offset: float = 0.0) -> Handmade:
    """½ (x − c)ᵀ A (x − c) + offset."""
    names = [f"x{i + 1}" for i in range(len(center))]
    return Handmade(
        names,
        lambda x: 0.5 * float((x - center) @ (matrix @ (x - center))) + offset,
        lambda x: matrix @ (x - center),
        lambda x: matrix.copy(),
    )


def start(*values: float) -> Vector:
    return np.array(values, dtype=np.float64)
