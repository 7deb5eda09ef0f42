"""The quadratic model g·p + ½ p·Hp of a dense Hessian, through its eigenvalues: Newton and trust-region steps.

The variables are scaled first, so that a change of units changes nothing: H = D S D with D = √|diag H| (rows whose
diagonal is nearly zero are scaled by their largest coupling). S has a condition number near the least that any
diagonal scaling reaches (van der Sluis 1969), so small eigenvalues that matter are not lost beside large ones.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from calcopt.solve.vectors import EPS, norm

if TYPE_CHECKING:
    from calcopt.records import Matrix, Vector


class Step(NamedTuple):
    """A step p; ``shift`` is the μ of (S + μI)⁻¹ (0 for a Newton step), ``length`` is ‖Dp‖, ``bounded`` tells that
    a radius limited it."""

    p: Vector
    shift: float
    length: float
    bounded: bool


class Model(Protocol):
    """A quadratic model at one point."""

    @property
    def scale(self) -> Vector:
        """The diagonal D, shape (n,)."""
        ...

    @property
    def positive(self) -> bool:
        """No eigenvalue is negative beyond rounding."""
        ...

    def newton(self, g: Vector) -> Step | None:
        """−H⁻¹g (least squares where H is singular); None when H is indefinite or g lies outside its range."""
        ...

    def bounded(self, g: Vector, radius: float) -> Step:
        """The minimizer of the model within ‖Dp‖ ≤ radius."""
        ...

    def most_negative(self) -> tuple[float, Vector]:
        """The lowest eigenvalue of S, and the direction that belongs to it (in x)."""
        ...


def scaling(diagonal: Vector, row_largest: Vector) -> Vector:
    """D: √|Hᵢᵢ|, or √ of the row's largest entry where the diagonal is far smaller; 1 for a zero row."""
    size = np.where(
        np.abs(diagonal) > 1e-3 * row_largest**2 / max(float(row_largest.max(initial=0.0)), 1e-300),
        np.abs(diagonal),
        row_largest,
    )
    positive = size[size > 0]
    if positive.size == 0:
        return np.ones_like(size)
    floor = float(positive.max()) * 1e-24
    median = float(np.sort(positive)[positive.size // 2])  # np.median would import numpy.ma
    return np.sqrt(np.where(size > floor, size, median))


TINY = 1e-200
"""Gradients below this are zero: their quotients would leave the range of doubles."""


class DenseModel:
    """The model of a dense symmetric matrix: one eigendecomposition serves every radius.

    Reference: Moré & Sorensen 1983, Computing a trust region step; Conn, Gould & Toint 2000, §7.3.
    """

    def __init__(self, hessian: Vector) -> None:
        largest = np.max(np.abs(hessian), axis=1, initial=0.0)
        self.scale = scaling(np.diagonal(hessian), largest)
        scaled = hessian / self.scale[:, None] / self.scale[None, :]
        self.eigenvalues, self.vectors = np.linalg.eigh((scaled + scaled.T) / 2)
        size = float(np.max(np.abs(self.eigenvalues), initial=0.0))
        self.cutoff = self.eigenvalues.size * EPS * size
        self._clean = np.where(np.abs(self.eigenvalues) <= self.cutoff, 0.0, self.eigenvalues)

    @property
    def positive(self) -> bool:
        return bool((self._clean >= 0).all())

    def most_negative(self) -> tuple[float, Vector]:
        return float(self.eigenvalues[0]), self.vectors[:, 0] / self.scale

    def _turned(self, g: Vector) -> Vector:
        """g in the eigenbasis of S; components along null directions that are rounding noise are zero."""
        turned = self.vectors.T @ (g / self.scale)
        turned[np.abs(turned) <= TINY] = 0.0
        noise = 10 * turned.size * EPS * norm(turned)
        return np.where((self._clean == 0) & (np.abs(turned) <= noise), 0.0, turned)

    def _step(self, coefficients: Vector, shift: float, *, bounded: bool) -> Step:
        return Step((self.vectors @ coefficients) / self.scale, shift, norm(coefficients), bounded)

    def newton(self, g: Vector) -> Step | None:
        turned = self._turned(g)
        if not self.positive or ((self._clean == 0) & (turned != 0)).any():
            return None
        return self._step(
            -np.divide(turned, self._clean, out=np.zeros_like(turned), where=self._clean > 0), 0.0, bounded=False
        )

    def bounded(self, g: Vector, radius: float) -> Step:
        free = self.newton(g)
        if free is not None and free.length <= radius:
            return free
        turned = self._turned(g)
        lowest = float(self._clean[0])
        floor = max(0.0, -lowest)
        gaps = self._clean + floor
        easy = np.where(gaps > self.cutoff, gaps, 1.0)
        limit = np.where(gaps > self.cutoff, -turned / easy, 0.0)
        flat = gaps <= self.cutoff
        if not (turned[flat] != 0).any() and norm(limit) <= radius:
            # the hard case: the shifted step is too short, the rest goes along the lowest eigenvector
            rest = math.sqrt(max(radius**2 - norm(limit) ** 2, 0.0))
            limit[0] += rest if self._sign(limit) > 0 else -rest
            return self._step(limit, floor, bounded=True)
        beyond = _secular(turned, gaps, radius)
        return self._step(-turned / (gaps + beyond), floor + beyond, bounded=True)

    def _sign(self, limit: Vector) -> int:
        """Which way along the lowest eigenvector: its largest entry goes up (both ways are equally good)."""
        v = self.vectors[:, 0]
        return 1 if v[int(np.argmax(np.abs(v)))] > 0 else -1


def _secular(turned: Vector, gaps: Vector, radius: float) -> float:
    """t > 0 with ‖g̃/(gap + t)‖ = radius, by Newton's method on 1/‖p‖ − 1/radius, kept in a bracket.

    ``gaps`` are the distances of the eigenvalues from −μ at its lower end, so that a t far below that μ keeps its
    digits (the nearly hard case).
    """
    low, high = 0.0, norm(turned) / radius
    t = max(1e-3 * high, high - float(gaps[-1]))
    for _ in range(100):
        p = turned / (gaps + t)
        size = norm(p)
        if abs(size - radius) <= 1e-6 * radius or high - low <= 4 * EPS * high:
            break
        low, high = (t, high) if size > radius else (low, t)
        unit = p / size
        slope = float(unit @ (unit / (gaps + t)))
        newer = t + (size / radius - 1) / slope
        t = newer if low < newer < high else math.sqrt(low * high) if low > 0 else 1e-3 * high
    return t


def quadratic_model(hessian: Matrix) -> Model:
    """The model of a Hessian: by eigenvalues when dense, by sparse factorization when CSR."""
    if isinstance(hessian, np.ndarray):
        return DenseModel(hessian)
    from calcopt.solve.sparse import SparseModel

    return SparseModel(hessian)
