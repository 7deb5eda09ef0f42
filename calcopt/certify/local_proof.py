"""One answer of a solver, proved: exactly one critical point (or zero) near it, enclosed, and of which kind.

Boxes around the answer, each twice as large as the one before, are put to Krawczyk's test together: the smallest that
passes gives the enclosure, the largest tells how far there is no other. Reference: A. Neumaier (1990), ch. 5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from calcopt.certify.inertia import kind as kind_of
from calcopt.certify.krawczyk import krawczyk

if TYPE_CHECKING:
    from calcopt.certify.cells import Flags, Floats
    from calcopt.numeric.intervals import IntervalFunction
    from calcopt.records import Classification, Vector

SMALLEST = 2.0**-50
DOUBLINGS = 60
ROUNDS = 10


class Equations(NamedTuple):
    """n equations over m boxes: their values, (m, n), and their slopes, (m, n, n), under the names Krawczyk reads."""

    gradient_lo: Floats
    gradient_hi: Floats
    hessian_lo: Floats
    hessian_hi: Floats
    smooth: Flags


@dataclass(frozen=True, slots=True, eq=False)
class LocalProof:
    """Exactly one solution in [lo, hi], and none else within ``radius`` of x in any coordinate.

    ``distance`` is an upper bound of the way from x to it, as a part of max(1, |xᵢ|), in the worst coordinate.
    """

    lo: Vector
    hi: Vector
    radius: float
    distance: float
    kind: Classification | None
    boxes: int


def only_critical_point(f: IntervalFunction, x: Vector) -> LocalProof | None:
    """The proof that ∇f has exactly one zero near ``x`` (n,), and what it is; None where no box passes the test."""

    def equations(lo: Floats, hi: Floats) -> Equations:
        over = f.hessian(lo, hi)
        return Equations(over.gradient_lo, over.gradient_hi, over.hessian_lo, over.hessian_hi, over.smooth)

    found = _only_solution(equations, x)
    if found is None:
        return None
    lo, hi, radius, boxes = found
    over = f.hessian(lo[None], hi[None])
    with np.errstate(all="ignore"):
        kind = kind_of(over.hessian_lo[0], over.hessian_hi[0])
    return LocalProof(lo, hi, radius, _distance(x, lo, hi), kind, boxes)


def only_zero(functions: Sequence[IntervalFunction], x: Vector) -> LocalProof | None:
    """The proof that n functions of n variables have exactly one common zero near ``x`` (n,)."""
    if len(functions) != x.size:
        return None

    def equations(lo: Floats, hi: Floats) -> Equations:
        rows = [function.gradient(lo, hi) for function in functions]
        return Equations(
            np.stack([row.lo for row in rows], axis=1),
            np.stack([row.hi for row in rows], axis=1),
            np.stack([row.gradient_lo for row in rows], axis=1),
            np.stack([row.gradient_hi for row in rows], axis=1),
            np.all([row.lipschitz & row.everywhere for row in rows], axis=0),
        )

    found = _only_solution(equations, x)
    if found is None:
        return None
    lo, hi, radius, boxes = found
    return LocalProof(lo, hi, radius, _distance(x, lo, hi), None, boxes)


def _distance(x: Vector, lo: Vector, hi: Vector) -> float:
    far = np.maximum(np.abs(hi - x), np.abs(x - lo)) / np.maximum(1.0, np.abs(x))
    return float(far.max()) * (1 + 1e-15)


def _only_solution(
    equations: Callable[[Floats, Floats], Equations], x: Vector
) -> tuple[Vector, Vector, float, int] | None:
    """Enclosure, radius and number of boxes."""
    reach = SMALLEST * np.maximum(1.0, np.abs(x))[None] * 2.0 ** np.arange(DOUBLINGS)[:, None]
    lo, hi = x - reach, x + reach
    over = equations(lo, hi)
    middle = np.repeat(x[None], len(lo), axis=0)
    at = equations(middle[:1], middle[:1])
    here = at._replace(gradient_lo=at.gradient_lo.repeat(len(lo), 0), gradient_hi=at.gradient_hi.repeat(len(lo), 0))
    image = krawczyk(lo, hi, middle, here, over)  # type: ignore[arg-type]
    passed = np.flatnonzero(image.inside(lo, hi) & over.smooth)
    if not passed.size:
        return None
    first, last = int(passed[0]), int(passed[-1])
    low, high = np.maximum(lo[first], image.lo[first]), np.minimum(hi[first], image.hi[first])
    low, high, rounds = _shrunk(equations, low, high)
    return low, high, float(reach[last].min()), len(lo) + rounds


def _shrunk(equations: Callable[[Floats, Floats], Equations], lo: Vector, hi: Vector) -> tuple[Vector, Vector, int]:
    """K applied again until it gains nothing."""
    for done in range(ROUNDS):
        middle = np.clip(0.5 * lo + 0.5 * hi, lo, hi)
        at, over = equations(middle[None], middle[None]), equations(lo[None], hi[None])
        image = krawczyk(lo[None], hi[None], middle[None], at, over)  # type: ignore[arg-type]
        new_lo, new_hi = np.maximum(lo, image.lo[0]), np.minimum(hi, image.hi[0])
        if not (new_hi - new_lo < 0.9 * (hi - lo)).any() or (new_lo > new_hi).any():
            return lo, hi, done + 1
        lo, hi = new_lo, new_hi
    return lo, hi, ROUNDS
