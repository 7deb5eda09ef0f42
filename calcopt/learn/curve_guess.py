"""Starts for a model that was given none.

Parameters that enter linearly are solved for (variable projection), so that only the others are guessed: a few hundred
to a few thousand points of a Halton sequence over two decades around their likely sizes (``curve_scales``), of both
signs; a parameter that a column is measured from, as in (x − b)², over the column's range. The best few are searched
from, and the best of these are the starts. All is deterministic.

References: Golub & Pereyra 2003, "Separable nonlinear least squares"; Halton 1960.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calcopt.learn.curve_rows import Sample
from calcopt.learn.curve_scales import locations, sizes
from calcopt.learn.curve_search import Bounds, Limits, Searcher
from calcopt.learn.curve_sums import CurveSums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_kernel import CurveKernel

    Array = NDArray[np.float64]

_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)
_POINTS = 800
"""Guesses for each parameter that is not solved for."""
_MOST_POINTS = 4000
_SHORT, _LONG = (32, 8), (8, 80)
"""How many points are searched from (of the first kind for each guessed parameter, up to 160), and for how many
iterations: many for a little while, then the best of them."""

_DECADES = 2.0
_INSIDE = 0.8
"""Share of the guesses of a location that lie within the column's range."""


@dataclass(frozen=True, slots=True)
class Guess:
    """``starts`` in order of promise, and how they came about."""

    starts: list[Array]
    said: str


def guess(kernel: CurveKernel, block: Array, names: tuple[str, ...], bounds: Bounds, *, weighted: bool) -> Guess | None:
    """Starts from sample rows ``block`` (columns, n); None where the model is finite at no guess."""
    sums = CurveSums(kernel, Sample(block), weighted=weighted)
    columns, root = sums.weighing.split(block)
    linear = linear_set(kernel)
    others = [slot for slot in range(kernel.parameters) if slot not in linear]
    points = _points(kernel, columns, others, bounds)
    ranked: list[tuple[float, int, Array]] = []
    for number, point in enumerate(points):
        theta = bounds.project(point)
        cost = project_linear(kernel, columns, root, theta, linear)
        theta = bounds.project(theta)
        if math.isfinite(cost):
            ranked.append((cost, number, theta))
    if not ranked:
        return None
    ranked.sort(key=lambda entry: entry[:2])
    most = min(_SHORT[0] * max(1, len(others)), 5 * _SHORT[0])
    apart = _different([theta for _, _, theta in ranked], others, most)
    found = _searched(sums, bounds, apart)
    found = [_positive(kernel, columns, root, theta, linear, bounds) for theta in found]
    said = f"{len(points)} guesses" if others else "one guess"
    if linear:
        listed = ", ".join(names[slot] for slot in linear)
        said += f" with {listed} solved for"
    return Guess(found, said + f", searched from the best {len(apart)}")


def linear_set(kernel: CurveKernel) -> list[int]:
    """A largest set (found greedily) of parameters in which the model is jointly linear."""
    p = kernel.parameters
    against: dict[int, set[int]] = {slot: set() for slot in range(p)}
    for i, j in kernel.hessian:
        against[i].add(j)
        against[j].add(i)
    left = {slot for slot in range(p) if slot not in against[slot] and slot not in kernel.kinked}
    chosen: list[int] = []
    while left:
        slot = min(left, key=lambda one: (len(against[one] & left), one))
        chosen.append(slot)
        left -= {slot} | against[slot]
    return sorted(chosen)


def project_linear(kernel: CurveKernel, columns: Array, root: Array | None, theta: Array, linear: list[int]) -> float:
    """Puts the least-squares values of the ``linear`` parameters into ``theta``; the sum of squares, or inf."""
    theta[linear] = 0.0
    values = kernel.evaluate(columns, theta, 1)
    assert values.jacobian is not None
    jacobian, u = values.jacobian[:, linear], values.residual
    if root is not None:
        jacobian, u = jacobian * root[:, None], u * root
    with np.errstate(all="ignore"):
        if not (np.isfinite(jacobian).all() and np.isfinite(u).all()):
            return math.inf
        lengths = np.abs(jacobian).max(axis=0, initial=0.0)
        if not linear:
            return float(u @ u)
        unit = np.where(lengths > 0, lengths, 1.0)
        try:
            coefficients = np.linalg.lstsq(jacobian / unit, u, rcond=1e-10)[0]
        except np.linalg.LinAlgError:
            return math.inf
        rest = u - jacobian / unit @ coefficients
        theta[linear] = coefficients / unit
        cost = float(rest @ rest)
    return cost if np.isfinite(theta).all() else math.inf


def _points(kernel: CurveKernel, columns: Array, others: list[int], bounds: Bounds) -> list[Array]:
    theta = np.zeros(kernel.parameters)
    if not others:
        return [theta]
    response = np.asarray(kernel.evaluate(columns, theta, 0).residual)
    response = response[np.isfinite(response)]
    centre = sizes(kernel, columns, response if len(response) else np.ones(1))
    places = locations(kernel)
    points = []
    for number in range(1, min(_POINTS * len(others), _MOST_POINTS) + 1):
        point = theta.copy()
        for dimension, slot in enumerate(others):
            u = _halton(number, _PRIMES[dimension % len(_PRIMES)])
            point[slot] = _value(u, slot, centre[slot], places, columns, bounds)
        points.append(point)
    return points


def _value(u: float, slot: int, centre: float, places: dict[int, int], columns: Array, bounds: Bounds) -> float:
    low, high = float(bounds.lower[slot]), float(bounds.upper[slot])
    if slot in places and not math.isfinite(high - low):
        column = columns[places[slot]]
        least, most = float(column.min()), float(column.max())
        if u < _INSIDE:
            return least + (most - least) * u / _INSIDE
        u = (u - _INSIDE) / (1 - _INSIDE)
    if math.isfinite(high - low) and (low < 0 < high or high <= 0 or low == 0):
        return low + (high - low) * u
    quarter = 4 * u
    negative = quarter < 1 if low < 0 else False
    part = quarter if quarter < 1 else (quarter - 1) / 3
    size = math.pow(10.0, centre + _DECADES * (2 * part - 1))
    return -size if negative or high <= 0 else size


def _halton(number: int, base: int) -> float:
    value, scale = 0.0, 1.0
    while number:
        scale /= base
        number, digit = divmod(number, base)
        value += digit * scale
    return value


def _different(points: list[Array], others: list[int], most: int) -> list[Array]:
    """The first points that are not near to one another in the guessed parameters."""
    chosen: list[Array] = []
    for point in points:
        if len(chosen) == most:
            break
        mine = point[others]
        if all((np.abs(mine - kept[others]) > 0.2 * (np.abs(mine) + np.abs(kept[others]))).any() for kept in chosen):
            chosen.append(point)
        elif not others:
            return [point]
    return chosen


def _searched(sums: CurveSums, bounds: Bounds, starts: list[Array]) -> list[Array]:
    """The starts after two rounds of searches, the best first."""
    for count, iterations in ((len(starts), _SHORT[1]), _LONG):
        limits = Limits(tolerance=1e-4, max_iterations=iterations)
        ends: list[tuple[float, int, Array]] = []
        for number, start in enumerate(starts[:count]):
            search = Searcher(sums, bounds, limits, size=0.0).run(start)
            if search is not None:
                if search.status == "interrupted":
                    raise KeyboardInterrupt
                ends.append((search.cost, number, search.theta))
        ends.sort(key=lambda entry: entry[:2])
        starts = _apart([theta for _, _, theta in ends])
    return [theta for cost, _, theta in ends if cost <= 4 * ends[0][0]][:2] if ends else []


def _positive(
    kernel: CurveKernel, columns: Array, root: Array | None, theta: Array, linear: list[int], bounds: Bounds
) -> Array:
    """The same fit with positive parameters where the sign does not matter, as of s in ((x − m)/s)²."""
    best = theta.copy()
    cost = project_linear(kernel, columns, root, best, linear)
    if not (cost < math.inf and np.array_equal(best, bounds.project(best))):
        return theta
    for slot in range(kernel.parameters):
        if slot not in linear and best[slot] < 0:
            flipped = best.copy()
            flipped[slot] = -best[slot]
            other = project_linear(kernel, columns, root, flipped, linear)
            if other <= cost * (1 + 1e-9) and np.array_equal(flipped, bounds.project(flipped)):
                best, cost = flipped, min(cost, other)
    return best


def _apart(points: list[Array]) -> list[Array]:
    """Points that were reached twice stand once."""
    kept: list[Array] = []
    for point in points:
        if not any(np.allclose(point, other, rtol=1e-2, atol=0) for other in kept):
            kept.append(point)
    return kept
