"""Critical points with a certificate: a box in which interval arithmetic proved that there is exactly one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from calcopt.certify.critical_search import Found, tightened
from calcopt.certify.inertia import eigenvalue_bounds, kind
from calcopt.certify.krawczyk import krawczyk, midpoints
from calcopt.records import CriticalPoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.expression.tree import Expr
    from calcopt.numeric.intervals import Curvatures, IntervalFunction

    Floats = NDArray[np.float64]

RADII = (1e-7, 1e-10, 1e-4, 1e-12)
"""Half-widths of the boxes tried around a known point, relative to its size."""
SHORTEST_DIGITS = 12


def interval_function(body: Expr, names: Sequence[str]) -> IntervalFunction | None:
    """``body`` in interval arithmetic; None where it holds something that cannot be enclosed."""
    from calcopt.errors import CalcoptError
    from calcopt.numeric.intervals import IntervalFunction

    try:
        function = IntervalFunction(body, names)
        middle = np.zeros((1, len(names)))
        function.hessian(middle, middle)
    except (ArithmeticError, CalcoptError):
        return None
    return function


def is_nowhere(body: Expr, names: Sequence[str], box: Mapping[str, tuple[float, float]]) -> bool:
    """Whether f is defined at no point of the box, as seen on a grid of parts of it."""
    from itertools import product

    function = interval_function(body, names)
    if function is None:
        return False
    pieces = 32 if len(names) == 1 else 8 if len(names) == 2 else 2 if len(names) <= 8 else 1
    edges = [np.linspace(*box[name], pieces + 1) for name in names]
    index = np.array(list(product(range(pieces), repeat=len(names))))
    lo, hi = (np.stack([edge[index[:, k] + end] for k, edge in enumerate(edges)], axis=1) for end in (0, 1))
    return bool(function.value(lo, hi).nowhere.all())


# -- points from their enclosures ------------------------------------------------------------------------------------


def certified_points(function: IntervalFunction, found: Found) -> list[CriticalPoint]:
    """The records of proved points, in the order of their coordinates."""
    if not len(found):
        return []
    over = function.hessian(found.lo, found.hi)
    points = [_point(function, found, over, row) for row in range(len(found))]
    return sorted(points, key=lambda point: tuple((point.x or {}).values()))


def _point(function: IntervalFunction, found: Found, over: Curvatures, row: int) -> CriticalPoint:
    lo, hi = found.lo[row], found.hi[row]
    x = np.array([representative(a, b) for a, b in zip(lo, hi, strict=True)])
    at = function.gradient(x[None], x[None])
    hessian = 0.5 * over.hessian_lo[row] + 0.5 * over.hessian_hi[row]
    slope = 0.5 * at.gradient_lo[0] + 0.5 * at.gradient_hi[0]
    what, detail = proved_kind(over, row)
    return CriticalPoint(
        x=dict(zip(function.names, x.tolist(), strict=True)),
        exact=None,
        value=representative(over.lo[row], over.hi[row]),
        exact_value=None,
        gradient_norm=float(np.hypot.reduce(slope)),
        hessian=tuple(map(tuple, hessian.tolist())),
        eigenvalues=tuple(np.linalg.eigvalsh(hessian).tolist()),
        classification=what or "degenerate",
        classification_detail=detail,
        certified=True,
        enclosure=enclosure(function.names, lo, hi),
    )


def enclosure(names: Sequence[str], lo: Floats, hi: Floats) -> dict[str, tuple[float, float]]:
    return {name: (float(a), float(b)) for name, a, b in zip(names, lo, hi, strict=True)}


def proved_kind(over: Curvatures, row: int) -> tuple[Any, str]:
    """The kind of the point in box ``row`` of ``over``, with the bounds of the eigenvalues that prove it."""
    lo, hi = over.hessian_lo[row], over.hessian_hi[row]
    bounds = eigenvalue_bounds(lo, hi)
    what = kind(lo, hi)
    if bounds is None or what is None:
        return (
            None,
            "proved: exactly one critical point in the enclosure; its Hessian is nearly singular",
        )
    least, most = bounds
    numbers = {
        "local minimum": f"all eigenvalues of the Hessian are at least {least.min():.6g}",
        "local maximum": f"all eigenvalues of the Hessian are at most {most.max():.6g}",
        "saddle point": f"one eigenvalue of the Hessian is at most {most.min():.6g}, one at least {least.max():.6g}",
    }
    if len(lo) == 1:
        numbers = {
            "local minimum": f"f'' is at least {least[0]:.6g}",
            "local maximum": f"f'' is at most {most[0]:.6g}",
        }
    return what, f"proved: exactly one critical point in the enclosure, over which {numbers[what]}"


def representative(low: float, high: float) -> float:
    """The shortest decimal in [low, high] of at most twelve digits, or the middle."""
    if low <= 0.0 <= high:
        return 0.0
    middle = 0.5 * low + 0.5 * high
    for digits in range(1, SHORTEST_DIGITS + 1):
        short = float(f"{middle:.{digits}g}")
        if low <= short <= high:
            return short
    return float(middle)


# -- certificates for points that are known -------------------------------------------------------------------------


def certificates(function: IntervalFunction, points: Floats) -> list[Found | None]:
    """For each of ``points``, (k, n), the enclosure of the one critical point near it, or None without a proof."""
    found: list[Found | None] = [None] * len(points)
    open_rows = np.arange(len(points))
    for radius in RADII:
        if not open_rows.size:
            break
        centre = points[open_rows]
        margin = radius * np.maximum(1.0, np.abs(centre))
        lo, hi = centre - margin, centre + margin
        over = function.hessian(lo, hi)
        middle = midpoints(lo, hi)
        result = krawczyk(lo, hi, middle, function.gradient(middle, middle), over)
        good = over.smooth & result.inside(lo, hi) & ~result.empty
        for row in np.flatnonzero(good):
            one = slice(row, row + 1)
            tight = tightened(function, np.maximum(result.lo[one], lo[one]), np.minimum(result.hi[one], hi[one]))
            found[open_rows[row]] = Found(*tight, lo[one], hi[one])
        open_rows = open_rows[~good]
    return found


def with_certificates(
    function: IntervalFunction | None, names: Sequence[str], points: list[CriticalPoint]
) -> list[CriticalPoint]:
    """The same points; those near which exactly one critical point is proved, of the same kind, are certified."""
    wanted = [k for k, point in enumerate(points) if point.x is not None and point.classification != "not critical"]
    if function is None or not wanted:
        return points
    floats = np.array([[(points[k].x or {})[name] for name in names] for k in wanted])
    points = list(points)
    for k, proof in zip(wanted, certificates(function, floats), strict=True):
        if proof is None:
            continue
        what, detail = proved_kind(function.hessian(proof.lo, proof.hi), 0)
        if what == points[k].classification:
            points[k] = replace(
                points[k],
                certified=True,
                enclosure=enclosure(names, proof.lo[0], proof.hi[0]),
                classification_detail=f"{points[k].classification_detail}; {detail}",
            )
    return points
