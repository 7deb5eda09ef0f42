"""Triangular systems. SciPy solves them; one equation in one unknown is not worth the 0.1 s that its import takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def solve_triangular(r: NDArray[Any], right: NDArray[Any], *, transposed: bool = False) -> NDArray[Any]:
    """R⁻¹ b, or R⁻ᵀ b, for an upper triangular R (p, p) and b (p,) or (p, k)."""
    if len(r) == 1:
        quotient: NDArray[Any] = right / r[0, 0]
        return quotient
    from scipy.linalg import solve_triangular as solved

    answer: NDArray[Any] = solved(r, right, trans="T" if transposed else "N")
    return answer
