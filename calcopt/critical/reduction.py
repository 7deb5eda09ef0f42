"""A singular Hessian with one null direction: f along the curve that the other directions leave free decides.

Let v span the kernel and W its complement. The equations D_W f(a + t v + w) = 0 have one smooth solution w(t) near 0,
and in suitable coordinates f is g(t) = f(a + t v + w(t)) plus a quadratic form of the signs of the other eigenvalues
(the splitting lemma). So the first coefficient of g that is not zero decides. Peano's (y − x²)(y − 2x²) rises along
every line through 0 and falls along y = 3x²/2.

Reference: D. Gromoll, W. Meyer, On differentiable functions with isolated critical points (Topology 8, 1969).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf, workdps

from calcopt.calculus.precise import evaluate
from calcopt.critical.point import DIGITS, ZERO, Candidate
from calcopt.records import Classification

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials

HIGHEST = 8
SURE = mpf(10) ** -20
"""A coefficient beyond this part of the function's scale is not zero; one below 10⁻²⁵ is; between, nothing is said."""
FAINT = mpf(10) ** -25


def judge_by_reduction(partials: Partials, candidate: Candidate, matrix: Any) -> tuple[Classification, str] | None:
    """The kind of an exact point whose Hessian has a kernel of dimension one; None where g is flat to order 8."""
    with workdps(2 * DIGITS):
        values, vectors = mp.eigsy(matrix)
        scale = max(abs(value) for value in values)
        null = [k for k, value in enumerate(values) if abs(value) <= ZERO * scale]
        if len(null) != 1 or scale == 0:
            return None
        others = [k for k in range(len(values)) if k not in null]
        try:
            found = _first_coefficient(_Along(partials, candidate, vectors, null[0], others), values, others, scale)
        except (_Undefined, ValueError, ZeroDivisionError):
            return None
    if found is None:
        return None
    order, coefficient = found
    signs = {mp.sign(values[k]) for k in others} | ({mp.sign(coefficient)} if order % 2 == 0 else {-1, 1})
    told = f"along the curve its null direction leaves free, f − f(a) begins with {float(coefficient):.6g}·t^{order}"
    kind: Classification = "saddle point" if len(signs) == 2 else "local minimum" if signs == {1} else "local maximum"
    return kind, f"the Hessian is singular; {told}"


class _Undefined(Exception):
    """f has no value beside the point."""


class _Along:
    """f and its slopes across the kernel, on curves a + t·v + Σ wₖ(t)·uₖ; ``w`` holds the coefficients of each wₖ."""

    def __init__(self, partials: Partials, candidate: Candidate, vectors: Any, null: int, others: list[int]) -> None:
        self.partials, self.vectors, self.null, self.others = partials, vectors, null, others
        self.centre = candidate.coordinates
        self.start = {name: evaluate(tree, {}, digits=mp.dps) for name, tree in self.centre.items()}
        self.w: dict[int, list[Any]] = {k: [mpf(0), mpf(0)] for k in others}

    def point(self, t: Any) -> dict[str, Any]:
        steps = {k: mp.polyval(coefficients[::-1], t) for k, coefficients in self.w.items()} | {self.null: t}
        names = self.partials.names
        return {
            name: self.start[name] + mp.fsum(self.vectors[i, k] * step for k, step in steps.items())
            for i, name in enumerate(names)
        }

    def value(self, t: Any) -> Any:
        return _sure(evaluate(self.partials.body, self.point(t), digits=mp.dps))

    def slope(self, k: int, t: Any) -> Any:
        point = self.point(t)
        names = self.partials.names
        slopes = [_sure(evaluate(self.partials.tree((name,)), point, digits=mp.dps)) for name in names]
        return mp.fsum(self.vectors[i, k] * slope for i, slope in enumerate(slopes))


def _sure(value: Any) -> Any:
    if value is None:
        raise _Undefined
    return value


def _first_coefficient(along: _Along, values: Any, others: list[int], scale: Any) -> tuple[int, Any] | None:
    """Order and value of the first coefficient of g that is not zero."""
    for order in range(2, HIGHEST // 2 + 1):
        # wₖ to this order: the slope across is λₖ wₖ plus what is known; one Newton step in power series an order
        rests = {k: mp.taylor(lambda t, k=k: along.slope(k, t), 0, order)[order] for k in others}
        for k in others:
            along.w[k].append(-rests[k] / values[k])
    # w to order m gives g to order 2m + 1, for the slopes across vanish to order m
    for order, coefficient in enumerate(mp.taylor(along.value, 0, HIGHEST)):
        if order < 3 or abs(coefficient) <= FAINT * scale:
            continue
        return (order, coefficient) if abs(coefficient) > SURE * scale else None
    return None
