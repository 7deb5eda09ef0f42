"""The last digits: Newton steps in extended precision, and the information matrix with all its digits.

Let R be the triangle of a double-precision QR of J near the solution. In the coordinates z = R δ the problem is well
conditioned, so residuals, B = J R⁻¹, G = BᵀB and the gradient are summed in extended precision, and

    (G − R⁻ᵀ (Σ u ∇²f) R⁻¹) z = Bᵀu,    δ = R⁻¹ z

is a full Newton step: quadratic convergence, and each step gains the digits that R carries. (JᵀJ)⁻¹ = R⁻¹ G⁻¹ R⁻ᵀ then
holds its digits although J may be ill-conditioned: double QR alone would lose κ(J). Where the platform's long double
is a double, the work is done in double.

References: Björck 1996, Numerical Methods for Least Squares Problems, §2.4.3 and §6.6 (preconditioned by R);
Dennis & Schnabel 1983, ch. 10 (the full Hessian).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_kernel import Values
    from calcopt.learn.curve_loss import Loss

    Array = NDArray[Any]

_STEPS = 12


@dataclass(slots=True)
class Sums:
    """At one θ: Σ u², the loss, Bᵀψ, BᵀB with ψ′, plain BᵀB, Σ ψ ∇²f; Σψ², Σψ′, Σψ′²."""

    squares: Any
    cost: float
    slope: Array
    gram: Array
    plain: Array
    second: Array
    psi_squares: float
    psi_slopes: float
    psi_slope_squares: float
    rows: int

    @property
    def offset(self) -> float:
        """‖projection of the residual on the tangent plane‖ / ‖residual‖."""
        size = float(self.squares) ** 0.5
        return float((self.slope * self.slope).sum()) ** 0.5 / size if size > 0 else 0.0


@dataclass(slots=True)
class Polished:
    """θ in extended precision, the sums there, and ``factor`` W with W Wᵀ = (JᵀJ)⁻¹, rows in the order of θ.

    ``curvature`` is the least eigenvalue of the cost's Hessian relative to the information matrix: positive at a
    minimum. ``visited`` holds each θ on the way with its sums, the first one included.
    """

    theta: Array
    sums: Sums
    factor: Array
    curvature: float
    visited: list[tuple[Array, Sums]]


def polish(sums_at: Callable[[Array], Sums], theta: Array, r: Array) -> Polished | None:
    """Newton from ``theta`` (p,) with the preconditioner ``r`` (p, p); None where it does not come closer.

    ``sums_at(theta)`` gives :func:`summed` of all rows, with the same ``r``. The kind of numbers (longdouble, or
    objects of mpmath) is that of ``theta``.
    """
    visited: list[tuple[Array, Sums]] = []
    for _ in range(_STEPS):
        sums = sums_at(theta)
        if not np.isfinite(sums.slope.astype(np.float64)).all():
            break
        with np.errstate(all="ignore"):
            sums.second = _forward(_forward(sums.second, r).T, r)
        before = visited[-1][1].offset if visited else np.inf
        if sums.offset < before or not visited:
            visited.append((theta, sums))
        if sums.offset == 0 or not sums.offset < 0.5 * before:
            break
        step = _newton(sums)
        if step is None:
            break
        theta = theta + _back(r, step)
    if not visited:
        return None
    theta, sums = visited[-1]
    factor, curvature = _factor(sums.plain, r), _curvature(sums)
    return None if factor is None or curvature is None else Polished(theta, sums, factor, curvature, visited)


def summed(blocks: Iterable[Values], r: Array, loss: Loss) -> Sums:
    """The sums over at least one block of weighted residuals, Jacobians and second derivatives."""
    p = len(r)
    total: Sums | None = None
    with np.errstate(all="ignore"):
        for values in blocks:
            u, jacobian = values.residual, values.jacobian
            assert jacobian is not None
            b = _forward(jacobian, r)
            if loss.linear:
                psi, slope, scaled = u, None, b
            else:
                first, second = loss.slopes(u)
                psi, slope = first * u, second
                scaled = b * second[:, None]
            mixed = np.zeros((p, p), dtype=u.dtype)
            for (i, j), entry in (values.second or {}).items():
                mixed[i, j] = mixed[j, i] = (psi * entry).sum()
            plain = b.T @ b
            part = Sums(
                (u * u).sum(),
                float(loss.cost(u)),
                b.T @ psi,
                plain if slope is None else b.T @ scaled,
                plain,
                mixed,
                float((psi * psi).sum()),
                float(len(u) if slope is None else slope.sum()),
                float(len(u) if slope is None else (slope * slope).sum()),
                len(u),
            )
            total = part if total is None else added(total, part)
    assert total is not None
    return total


def added(a: Sums, b: Sums) -> Sums:
    """The sums over the rows of both."""
    with np.errstate(all="ignore"):
        return Sums(*(getattr(a, name) + getattr(b, name) for name in Sums.__slots__))


def _forward(rows: Array, r: Array) -> Array:
    """rows · R⁻¹, column by column, in the precision of ``rows``."""
    out = np.empty_like(rows)
    for j in range(len(r)):
        column = rows[:, j]
        for i in range(j):
            if r[i, j] != 0:
                column = column - out[:, i] * r[i, j]
        out[:, j] = column / r[j, j]
    return out


def _back(r: Array, z: Array) -> Array:
    """R⁻¹ z for z (p,) or (p, k), in the precision of ``z``."""
    out = np.empty_like(z)
    for i in range(len(r) - 1, -1, -1):
        value = z[i]
        for j in range(i + 1, len(r)):
            value = value - out[j] * r[i, j]
        out[i] = value / r[i, i]
    return out


def _newton(sums: Sums) -> Array | None:
    """z of the Newton step; None where the Hessian is not positive definite."""
    hessian = (sums.gram - sums.second).astype(np.float64)
    if not np.isfinite(hessian).all():
        return None
    try:
        lower = np.linalg.cholesky((hessian + hessian.T) / 2)
    except np.linalg.LinAlgError:
        return None
    rough = np.linalg.solve(lower.T, np.linalg.solve(lower, sums.slope.astype(np.float64)))
    return _as_kind(rough, sums.slope)


def _as_kind(values: Array, like: Array) -> Array:
    """``values`` in the kind of numbers of ``like``; objects add to Python floats exactly."""
    return values.astype(object) if like.dtype == object else values.astype(like.dtype)


def _factor(gram: Array, r: Array) -> Array | None:
    """W = R⁻¹ L⁻ᵀ with G = L Lᵀ, by Cholesky in the precision of G."""
    p = len(gram)
    lower = np.zeros_like(gram)
    for j in range(p):
        rest = gram[j, j] - (lower[j, :j] * lower[j, :j]).sum()
        if not rest > 0:
            return None
        lower[j, j] = rest**0.5
        for i in range(j + 1, p):
            lower[i, j] = (gram[i, j] - (lower[i, :j] * lower[j, :j]).sum()) / lower[j, j]
    inverse = np.zeros_like(gram)  # L⁻¹, row by row
    for i in range(p):
        inverse[i, i] = 1 / lower[i, i]
        for j in range(i):
            inverse[i, j] = -(lower[i, j:i] * inverse[j:i, j]).sum() / lower[i, i]
    return _back(r, inverse.T.copy())


def _curvature(sums: Sums) -> float | None:
    """The least eigenvalue of G⁻½ (G − S) G⁻½ in double: how far the second-order condition is from failing.

    None where G, the identity where R was made, has become singular to double precision: the steps went too far.
    """
    gram = sums.plain.astype(np.float64)
    hessian = (sums.gram - sums.second).astype(np.float64)
    try:
        lower = np.linalg.cholesky(gram)
    except np.linalg.LinAlgError:
        return None
    half = np.linalg.solve(lower, np.linalg.solve(lower, hessian).T)
    return float(np.linalg.eigvalsh((half + half.T) / 2)[0])
