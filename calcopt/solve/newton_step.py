"""The full Newton step, and why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from calcopt.solve.vectors import EPS, is_finite, short

if TYPE_CHECKING:
    from calcopt.records import Matrix, Vector


def newton_step(hessian: Matrix, gradient: Vector) -> Vector | None:
    """−H⁻¹ g, or None when H is singular to double precision (reciprocal condition below n·ε)."""
    n = gradient.size
    if not isinstance(hessian, np.ndarray):
        from calcopt.solve.sparse import solve_sparse

        return solve_sparse(hessian, -gradient)
    if n == 1:
        h = float(hessian[0, 0])
        only: Vector | None = -gradient / h if h != 0 else None
        return only if only is not None and is_finite(only) else None
    try:
        p: Vector = np.asarray(np.linalg.solve(hessian, -gradient), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    scale = np.sqrt(np.maximum(np.abs(np.diagonal(hessian)), 1e-300))
    scaled = hessian / scale[:, None] / scale[None, :]
    if np.isfinite(scaled).all() and np.linalg.cond(scaled) * n * EPS > 1 and np.linalg.cond(hessian) * n * EPS > 1:
        return None
    return p if is_finite(p) else None


def singularity(hessian: Matrix) -> str:
    """The numbers behind ``singular``."""
    if not isinstance(hessian, np.ndarray):
        return "a pivot of its factorization is zero"
    sizes = np.sort(np.abs(np.linalg.eigvalsh(hessian)))
    return f"its smallest |eigenvalue| is {short(float(sizes[0]))} beside {short(float(sizes[-1]))}"
