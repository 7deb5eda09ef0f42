"""The second-order verdict: what kind of point is this, beyond rounding error?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from calcopt.records import Classification, Verdict
from calcopt.solve.newton_step import newton_step
from calcopt.solve.vectors import EPS, compare, hessian_is_finite, norm, place, row_sum_norm, short, sideways

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.records import Matrix, Vector
    from calcopt.solve.tasks import Minimize, Point

SHOWN = 50
"""Eigenvalues are reported up to this many variables."""

NEAR = 1e-3
"""A critical point counts as being here when the Newton step is no longer than this, relative to the size of x."""

BESIDE = 1e-9
"""How far beside an exact zero of the gradient the Hessian is read, relative to the size of x."""

MOST_MIRRORED = 1000
"""Up to so many variables the Hessian is also read on the far side of the critical point."""

NO_VERDICT = Verdict(None, "no second-order test was made")


class Spectrum(NamedTuple):
    """Lowest and highest eigenvalue of a Hessian, how wrong they may be, and all of them where affordable."""

    lowest: float
    highest: float
    error: float
    values: Vector | None


def spectrum(hessian: Matrix, noise: float) -> Spectrum:
    """The ends of the spectrum of H; ``noise`` bounds the error of H in the 2-norm.

    The symmetric eigensolver adds at most a modest multiple of ε‖H‖ (Golub & Van Loan 2013, §8.1); n·ε‖H‖ is taken.
    """
    if not isinstance(hessian, np.ndarray):
        from calcopt.solve.sparse import extreme_eigenvalues

        lowest, highest, solver = extreme_eigenvalues(hessian)
        return Spectrum(lowest, highest, noise + solver, None)
    values: Vector = np.asarray(np.linalg.eigvalsh((hessian + hessian.T) / 2), dtype=np.float64)
    size = max(abs(float(values[0])), abs(float(values[-1])))
    error = noise + max(values.size, 2) * EPS * size
    return Spectrum(float(values[0]), float(values[-1]), error, values if values.size <= SHOWN else None)


def largest_curvature(hessian: Matrix | None) -> float | None:
    """A bound on max |λ(H)|: the eigenvalue itself for small matrices, the largest row sum for others."""
    if hessian is None or not hessian_is_finite(hessian):
        return None
    if isinstance(hessian, np.ndarray) and hessian.shape[0] <= SHOWN:
        return float(np.max(np.abs(np.linalg.eigvalsh(hessian)), initial=0.0))
    return row_sum_norm(hessian)


def second_order_verdict(task: Minimize, point: Point, tolerance: float) -> Verdict:
    """Classify ``point``; says less when in doubt.

    ``local minimum`` needs all eigenvalues of H above their error bound, and a critical point close by: the Newton
    step must be short and must not change the Hessian much (the hypothesis of Kantorovich's theorem, Ortega &
    Rheinboldt 1970, §12.6, with measured numbers), so that a gradient that is only small is not taken for zero.
    With active bounds the eigenvalues are those of the free variables.
    """
    missing = _missing(task, point)
    if missing is not None:
        return missing
    assert point.hessian is not None
    noise = task.noise(point.x)
    measure, limit = task.measure(point), max(tolerance, norm(noise.gradient))
    if measure > limit:
        values = None if point.x.size > SHOWN else spectrum(point.hessian, noise.hessian).values
        why = "tolerance" if limit == tolerance else "its rounding error"
        return Verdict("not critical", compare(task.measure_name, measure, limit, why), _of_f(task, values))
    free = _free(task, point, noise.gradient)
    if free is not None and free.size == 0:
        best: Classification = "local minimum" if task.goal == "minimize" else "local maximum"
        return Verdict(best, "every variable is held at a bound, against a slope that does not vanish")
    hessian = point.hessian if free is None else point.hessian[free][:, free]
    ends = spectrum(hessian, noise.hessian)
    kind: Classification | None = kind_of(ends)
    doubt = None if kind == "degenerate" else _doubt(task, point, hessian, free, ends)
    kind, detail, near = doubt or (kind, describe(kind_of(ends), ends, task.sign), True)
    if free is not None:
        # a slope at a bound makes the point no maximum, whatever the free variables do
        kind = None if kind == "local maximum" else kind
        detail += " (in the free variables; the others are held at a bound, against a slope that does not vanish)"
    if task.sign < 0:
        kind = SWAPPED.get(kind, kind)
    return Verdict(kind, detail, _of_f(task, ends.values), near=near)


SWAPPED: dict[Classification | None, Classification] = {
    "local minimum": "local maximum",
    "local maximum": "local minimum",
}


def _missing(task: Minimize, point: Point) -> Verdict | None:
    """The verdict where a derivative does not exist."""
    where = place(task.variables, point.x)
    if not (point.finite and point.hessian is not None):
        return Verdict(None, f"no derivative at {where}")
    if not hessian_is_finite(point.hessian):
        return Verdict(None, f"no second derivative at {where}")
    return None


def _free(task: Minimize, point: Point, slope_error: Vector) -> NDArray[np.intp] | None:
    """Indices of variables not held at a bound (all: None); a slope within rounding error holds nothing."""
    held = task.held(point)
    if held is None:
        return None
    firm = held & (np.abs(point.gradient) > slope_error)
    return np.flatnonzero(~firm) if firm.any() else None


def kind_of(ends: Spectrum) -> Classification:
    """The eigenvalue test, in the sense of minimization."""
    if ends.lowest > ends.error:
        return "local minimum"
    if ends.highest < -ends.error:
        return "local maximum"
    if ends.lowest < -ends.error and ends.highest > ends.error:
        return "saddle point"
    return "degenerate"


def _doubt(
    task: Minimize, point: Point, hessian: Matrix, free: NDArray[np.intp] | None, ends: Spectrum
) -> tuple[Classification | None, str, bool] | None:
    """Why the critical point may not be here, or not be what the eigenvalues say; None when there is no doubt.

    The kind that can still be told, the reason, and whether a critical point is near.
    """
    chosen: Any = slice(None) if free is None else free
    g = point.gradient[chosen]
    if not g.any():
        aside = BESIDE * max(1.0, norm(point.x)) * sideways(point.x.size)
        return _jump_beside(task, point, aside, free, ends) or _jump_beside(task, point, -aside, free, ends)
    p = newton_step(hessian, g)
    if p is None:  # one sign of curvature each way is proof enough of a saddle
        return None if ends.lowest < 0 < ends.highest else ("degenerate", "the Hessian is singular to rounding", True)
    move = norm(p)
    if move > NEAR * max(1.0, norm(point.x)):
        away = f"the gradient is small, but by the Newton step the critical point is still {short(move)} away"
        return None, away, False
    x = point.x.copy()
    x[chosen] += p
    beyond = task.evaluate(x, 2)
    if not beyond.finite or beyond.hessian is None or not hessian_is_finite(beyond.hessian):
        return None, "the second derivative does not exist one Newton step from here", True
    other = beyond.hessian if free is None else beyond.hessian[free][:, free]
    change = _size(other - hessian) - 2 * ends.error
    gap = min(abs(ends.lowest), abs(ends.highest))
    if change <= 0.25 * gap:
        return _jump_beside(task, point, 2.0 * (x - point.x), free, ends)
    shrinking = norm(beyond.gradient[chosen]) < 0.9 * norm(g)
    said = f"one Newton step changes the Hessian by {short(change)}, beside its smallest eigenvalue {short(gap)}"
    return ("degenerate" if shrinking else None), said, True


def _jump_beside(
    task: Minimize, point: Point, across: Vector, free: NDArray[np.intp] | None, ends: Spectrum
) -> tuple[Classification | None, str, bool] | None:
    """As :func:`_doubt` on the far side of the critical point, where sign(x)·x² has another curvature."""
    if point.x.size > MOST_MIRRORED:
        return None
    beyond = task.evaluate(point.x + across, 2)
    if beyond.hessian is None or not hessian_is_finite(beyond.hessian):
        return None
    near: Any = point.hessian
    other, hessian = (beyond.hessian, near) if free is None else (beyond.hessian[free][:, free], near[free][:, free])
    change, gap = _size(other - hessian) - 2 * ends.error, min(abs(ends.lowest), abs(ends.highest))
    if change <= 0.5 * gap:
        return None
    return None, f"the Hessian changes by {short(change)} across this point, beside its eigenvalue {short(gap)}", True


def _size(matrix: Matrix) -> float:
    """A bound on the 2-norm: the Frobenius norm when dense, the largest row sum when sparse."""
    if isinstance(matrix, np.ndarray):
        return float(np.linalg.norm(matrix))
    return row_sum_norm(matrix)


def _of_f(task: Minimize, values: Vector | None) -> Vector | None:
    """Eigenvalues of f itself, in ascending order."""
    if values is None:
        return None
    return values if task.sign > 0 else -values[::-1]


def describe(kind: Classification, ends: Spectrum, sign: float) -> str:
    """The numbers behind ``kind``, as a sentence about f itself (``kind`` and ``ends`` are those of sign·f)."""
    low, high = (ends.lowest, ends.highest) if sign > 0 else (-ends.highest, -ends.lowest)
    count = None if ends.values is None else ends.values.size
    if count == 1:
        name, verb = f"second derivative {low:.4g}", "is"
    elif count is not None and count <= 6:
        values = sorted((sign * value for value in ends.values.tolist()) if ends.values is not None else ())
        name, verb = "Hessian eigenvalues " + ", ".join(f"{value:.4g}" for value in values), "are all"
    else:
        name, verb = f"Hessian eigenvalues from {low:.4g} to {high:.4g}", "are all"
    bound = f"{short(ends.error)} (rounding bound)"
    if kind == "saddle point":
        return f"{name} have both signs, beyond {bound}"
    if kind == "degenerate":
        if low == high == ends.error == 0:
            return "the Hessian is zero: the second-derivative test says nothing"
        if max(abs(low), abs(high)) <= ends.error:
            return f"{name} {verb} zero within {bound}: the second-derivative test says nothing"
        nearest = min((low, high), key=abs)
        if ends.values is not None:
            nearest = sign * float(ends.values[int(np.argmin(np.abs(ends.values)))])
        return f"Hessian eigenvalue {short(nearest)} is zero within {bound}: the second-derivative test says nothing"
    above = (kind == "local minimum") == (sign > 0)
    return f"{name} {verb} {'>' if above else '< -'}{' ' if above else ''}{bound}"
