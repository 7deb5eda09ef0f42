"""Newton's method on ∇f = 0 from many starts in a box at once: finds points, proves nothing about their number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from calcopt.expression.tree import Expr

    Floats = NDArray[np.float64]

STARTS = 4000
STEPS = 60
BATCH = 2000
CLOSE = 1e-6
"""Points closer than this, relative to the box, are the same point."""


def stationary_points(
    expr: Expr, variables: Sequence[str], low: Floats, high: Floats, *, on_batch: Callable[[], None] | None = None
) -> Floats:
    """Approximate zeros of ∇f in the box [low, high], shape (k, n), duplicates merged.

    Each iteration is a Newton step, cut to a quarter of the box; a start whose step cannot be computed is given up.
    ``on_batch`` is called between batches (a place to look at the clock).
    """
    import numpy as np

    from calcopt.numeric.evaluate import gradient_and_hessian

    evaluate = gradient_and_hessian(expr, variables)
    found: list[Floats] = []
    starts = _starts(low, high)
    for first in range(0, len(starts), BATCH):
        found.append(_descend(evaluate, starts[first : first + BATCH], low, high))
        if on_batch is not None:
            on_batch()
    return _merged(np.concatenate(found), high - low)


def _starts(low: Floats, high: Floats) -> Floats:
    """A regular grid and a Halton sequence (Halton, 1960), which fills the gaps between grid planes."""
    import numpy as np

    n = len(low)
    per_axis = int((STARTS / 2) ** (1 / n))
    axes = [(np.arange(per_axis) + 0.5) / per_axis] * n if per_axis > 1 else [np.array([0.5])] * n
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
    primes = [p for p in range(2, 20 + 8 * n) if all(p % q for q in range(2, int(p**0.5) + 1))][:n]
    halton = np.stack([_radical_inverse(np.arange(1, STARTS // 2 + 1), prime) for prime in primes], axis=1)
    return np.asarray(low + np.concatenate([grid, halton]) * (high - low), dtype=np.float64)


def _radical_inverse(index: Any, base: int) -> Floats:
    import numpy as np

    result, weight = np.zeros(len(index)), 1.0 / base
    while np.any(index):
        index, digit = np.divmod(index, base)
        result += digit * weight
        weight /= base
    return result


def _descend(evaluate: Any, points: Floats, low: Floats, high: Floats) -> Floats:
    import numpy as np

    width = high - low
    points = points.copy()
    step_size = np.full(len(points), np.inf)
    for _ in range(STEPS):
        _, slope, curvature = evaluate(points)
        step = _newton_steps(slope, curvature)
        relative = np.max(np.abs(step) / width, axis=1)
        alive = np.isfinite(relative)
        points, step, relative = points[alive], step[alive], relative[alive]
        step *= np.minimum(1.0, 0.25 / np.maximum(relative, 1e-300))[:, None]
        points = points - step
        inside = np.all((points > low - width) & (points < high + width), axis=1)
        points, step_size = points[inside], relative[inside]
        if len(points) == 0 or np.max(step_size) < 1e-13:
            break
    return np.asarray(points[step_size < 1e-5], dtype=np.float64)


def _newton_steps(slope: Floats, curvature: Floats) -> Floats:
    """H⁻¹g for every point; rows of nan where H is singular or something is not finite."""
    import numpy as np

    steps = np.full(slope.shape, np.nan)
    usable = np.isfinite(slope).all(axis=1) & np.isfinite(curvature).all(axis=(1, 2))
    steps[usable & ~slope.any(axis=1)] = 0.0
    usable &= slope.any(axis=1)
    with np.errstate(all="ignore"):
        try:
            steps[usable] = np.linalg.solve(curvature[usable], slope[usable, :, None])[..., 0]
        except np.linalg.LinAlgError:
            steps[usable] = np.einsum("kij,kj->ki", np.linalg.pinv(curvature[usable]), slope[usable])
    return steps


def _merged(points: Floats, width: Floats) -> Floats:
    """One representative of each cluster, in lexicographic order."""
    import numpy as np

    kept: list[Floats] = []
    for point in points[np.lexsort(points.T[::-1])]:
        if not kept or np.min(np.max(np.abs(np.array(kept) - point) / width, axis=1)) > CLOSE:
            kept.append(point)
    return np.array(kept).reshape(len(kept), points.shape[1])
