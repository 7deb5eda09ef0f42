"""What a critical point is, from an enclosure of its Hessian: signs of eigenvalues that hold for every matrix in it.

For symmetric A in mid ± radius each eigenvalue is within ‖radius‖ of that of mid (Weyl), and the computed eigenvalues
of mid are within a few n ε ‖mid‖ of the true ones. Reference: S. M. Rump (2010), §13; R. Horn, C. Johnson, Matrix
Analysis, §4.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from calcopt.certify.krawczyk import EPS, centred

if TYPE_CHECKING:
    from calcopt.certify.cells import Floats
    from calcopt.records import Classification


def eigenvalue_bounds(lo: Floats, hi: Floats) -> tuple[Floats, Floats] | None:
    """Lower and upper bounds of the eigenvalues, ascending, of every symmetric matrix in [lo, hi], (n, n)."""
    middle, radius = centred(lo, hi)
    if not (np.isfinite(middle).all() and np.isfinite(radius).all()):
        return None
    n = len(middle)
    middle = 0.5 * (middle + middle.T)
    radius = np.maximum(radius, radius.T)
    # the largest row sum bounds the spectral norm of a symmetric matrix
    norm = np.abs(middle).sum(axis=1).max()
    error = radius.sum(axis=1).max() * (1 + n * EPS) + 16 * n * EPS * norm
    values = np.linalg.eigvalsh(middle)
    return values - error, values + error


def balanced(lo: Floats, hi: Floats) -> tuple[Floats, Floats]:
    """D A D for all A in [lo, hi], with a diagonal D of powers of two that makes the diagonal about 1.

    It has as many positive and negative eigenvalues as A (Sylvester's law of inertia), of like sizes when the scales of
    the variables differ by orders of magnitude.
    """
    size = np.maximum(np.abs(np.diagonal(lo)), np.abs(np.diagonal(hi)))
    usable = np.isfinite(size) & (size > 1e-150) & (size < 1e150)
    exponents = np.where(usable, -np.round(np.log2(np.where(usable, size, 1.0)) / 2), 0.0)
    scale = np.exp2(exponents[:, None] + exponents[None, :])
    return lo * scale, hi * scale


def kind(lo: Floats, hi: Floats) -> Classification | None:
    """The kind of a critical point whose Hessian is in [lo, hi], or None where the enclosure does not decide."""
    bounds = eigenvalue_bounds(*balanced(lo, hi))
    if bounds is None:
        return None
    if bounds[0].min() > 0:
        return "local minimum"
    if bounds[1].max() < 0:
        return "local maximum"
    if bounds[0].max() > 0 and bounds[1].min() < 0:
        return "saddle point"
    return None
