"""Small numeric helpers: norms that do not overflow, and numbers as people read them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from calcopt.records import Matrix, Vector

EPS = float(np.finfo(np.float64).eps)


def norm(v: Vector) -> float:
    """‖v‖₂ without overflow or underflow of the squares; nan or inf where an entry is."""
    if v.size <= 64:
        return math.hypot(*v.tolist())
    with np.errstate(over="ignore", under="ignore"):
        square = float(v @ v)
    if 1e-250 < square < 1e300:
        return math.sqrt(square)
    largest = float(np.max(np.abs(v)))
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    scaled = v / largest
    return largest * math.sqrt(float(scaled @ scaled))


def is_finite(v: Vector) -> bool:
    """True when every entry is a finite number."""
    return bool(np.isfinite(v).all())


def is_sparse(matrix: Matrix) -> bool:
    """True for a CSR matrix (told apart without importing scipy)."""
    return not isinstance(matrix, np.ndarray)


def hessian_is_finite(matrix: Matrix) -> bool:
    """True when every stored entry is finite."""
    return is_finite(matrix if isinstance(matrix, np.ndarray) else matrix.data)


def row_sum_norm(matrix: Any) -> float:
    """max_i Σ_j |aᵢⱼ|, a bound on the largest |eigenvalue|; dense or sparse."""
    if not matrix.shape[0]:
        return 0.0
    if isinstance(matrix, np.ndarray):
        return float(np.abs(matrix).sum(axis=1).max())
    return float((abs(matrix) @ np.ones(matrix.shape[1])).max())


def short(value: float) -> str:
    """Three significant digits: ``3.1e-09``, ``0.25``, ``-12``."""
    return f"{value:.3g}"


def compare(name: str, value: float, limit: float, why: str) -> str:
    """The inequality with its numbers: ``‖∇f‖ = 3.1e-09 ≤ 1e-08 (tolerance)``.

    As many digits are printed as are needed for the printed numbers to obey the inequality too.
    """
    holds = value <= limit
    for digits in range(3, 18):
        left, right = f"{value:.{digits}g}", f"{limit:.{digits}g}"
        if (float(left) <= float(right)) == holds:
            break
    return f"{name} = {left} {'≤' if holds else '>'} {right} ({why})"


def place(variables: Sequence[str], x: Vector) -> str:
    """A point for a sentence: ``x = 4, y = -1.5``; long ones are cut after four names."""
    parts = [f"{name} = {value:.6g}" for name, value in zip(variables[:4], x[:4].tolist(), strict=True)]
    return ", ".join(parts) + (", …" if len(variables) > 4 else "")


def sideways(n: int) -> Vector:
    """A unit vector (n,) that no hyperplane of the axes or of two equal variables contains."""
    direction: Vector = 1.0 + 0.25 * np.cos(np.arange(1, n + 1, dtype=np.float64))
    return direction / norm(direction)
