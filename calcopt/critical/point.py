"""One candidate for a critical point, and its verification to many digits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf, workdps

from calcopt.calculus.magnitude import magnitude
from calcopt.calculus.precise import evaluate, evaluate_sure
from calcopt.expression.tree import Expr

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials

DIGITS = 60
ZERO = mpf(10) ** -30
"""What is below this part of its magnitude at 60 digits is zero."""
FADED = mpf(10) ** -25
"""So is a gradient below this part of its own at a point that was found numerically."""
POLISHED = mpf(10) ** -45
APPROACHED = mpf(10) ** -12
"""A zero is accepted when the step is this small: where a gradient only fades away, as exp(x) does, steps do not."""
NEWTON_STEPS = 120


@dataclass(frozen=True, slots=True)
class Candidate:
    """A point where the gradient should vanish: coordinates are closed expressions (exact) or mpf of 60 digits."""

    coordinates: Mapping[str, Any]
    remark: str = ""

    @property
    def is_exact(self) -> bool:
        return all(isinstance(value, Expr) for value in self.coordinates.values())

    def numbers(self) -> dict[str, Any]:
        """Every coordinate as an mpf."""
        with workdps(DIGITS):
            return {
                name: evaluate(v, {}, digits=DIGITS) if isinstance(v, Expr) else v
                for name, v in self.coordinates.items()
            }

    def floats(self) -> dict[str, float]:
        """Every coordinate as a double; what Newton's method left of a zero is 0."""
        small = 0 if self.is_exact else ZERO
        return {name: 0.0 if abs(value) < small else float(value) for name, value in self.numbers().items()}


def clean(value: Any) -> float:
    """The nearest double, 0 for None."""
    return 0.0 if value is None else float(value)


def value_at(expr: Expr, candidate: Candidate) -> Any | None:
    """``expr`` at the candidate as an mpf: zero is exactly zero at exact points.

    Elsewhere it is zero where it is below 1e-30 of its magnitude, whatever the scale of f.
    """
    if candidate.is_exact:
        return evaluate_sure(expr, candidate.coordinates)
    value = evaluate(expr, candidate.coordinates, digits=DIGITS)
    return mpf(0) if value is not None and vanishes(value, expr, candidate, ZERO) else value


def vanishes(value: Any, expr: Expr, candidate: Candidate, part: Any) -> bool:
    """Whether ``value``, that of ``expr`` at the candidate, is below ``part`` of what it is made of."""
    return not value or bool(abs(value) < part * magnitude(expr, candidate.coordinates))


def is_critical(partials: Partials, candidate: Candidate, slope: Sequence[Any]) -> bool:
    """Whether ``slope``, the gradient at the candidate, is zero: exactly so at exact points."""
    if candidate.is_exact:
        return not any(slope)
    names = zip(partials.names, slope, strict=True)
    return all(vanishes(value, partials.tree((name,)), candidate, FADED) for name, value in names)


def gradient_at(partials: Partials, candidate: Candidate) -> list[Any] | None:
    """∇f at the candidate, or None where f or a derivative does not exist."""
    if value_at(partials.body, candidate) is None:
        return None
    values = [value_at(partials.tree((name,)), candidate) for name in partials.names]
    return None if None in values else values


def hessian_at(partials: Partials, candidate: Candidate) -> Any | None:
    """∇²f at the candidate as an mpmath matrix, or None where an entry does not exist."""
    n = len(partials.names)
    matrix = mp.matrix(n, n)
    for i, row in enumerate(partials.names):
        for j, column in enumerate(partials.names[: i + 1]):
            entry = value_at(partials.tree((row, column)), candidate)
            if entry is None:
                return None
            matrix[i, j] = matrix[j, i] = entry
    return matrix


def eigenvalues_of(matrix: Any) -> list[Any]:
    """Eigenvalues of a symmetric mpmath matrix in ascending order, to 60 digits; what is zero to rounding is 0."""
    with workdps(DIGITS):
        scale = max((abs(entry) for entry in matrix), default=mpf(0))
        values = sorted(mp.eigsy(matrix, eigvals_only=True)) if scale else [mpf(0)] * matrix.rows
        return [mpf(0) if abs(value) <= ZERO * scale else value for value in values]


def polish(partials: Partials, start: Mapping[str, float]) -> Candidate | None:
    """The zero of the gradient near a float approximation, by Newton's method at 60 digits; None when there is none.

    A simple zero is right to 30 digits and more; a multiple one is approached only linearly and known less sharply.
    """
    names = partials.names
    with workdps(DIGITS):
        x = [mpf(start[name]) for name in names]
        for _ in range(NEWTON_STEPS):
            move = _newton_step(partials, dict(zip(names, x, strict=True)))
            if move is None or not mp.isfinite(_size(move)) or _size(move) > 1 + _size(x):
                return None
            x = [value - change for value, change in zip(x, move, strict=True)]
            if _size(move) <= POLISHED * (1 + _size(x)):
                break
        else:
            if _size(move) > APPROACHED * (1 + _size(x)):
                return None
        return Candidate(dict(zip(names, x, strict=True)))


def _newton_step(partials: Partials, point: Mapping[str, Any]) -> Any | None:
    """H⁻¹g, nothing rounded to zero; the zero step where the gradient is exactly zero, None where H is singular."""
    names = partials.names
    slope = [evaluate(partials.tree((name,)), point, digits=DIGITS) for name in names]
    if None in slope:
        return None
    if not any(slope):
        return mp.matrix(slope)
    rows = [[evaluate(partials.tree((a, b)), point, digits=DIGITS) for b in names] for a in names]
    if any(entry is None for row in rows for entry in row):
        return None
    try:
        return mp.lu_solve(mp.matrix(rows), mp.matrix(slope))
    except ZeroDivisionError:
        return None


def _size(vector: Any) -> Any:
    return max((abs(value) for value in vector), default=mpf(0))


def gradient_norm_at_floats(partials: Partials, point: Mapping[str, float]) -> float | None:
    """‖∇f‖ at the doubles that are printed: how well they can represent the point."""
    values = [evaluate(partials.tree((name,)), point, digits=DIGITS) for name in partials.names]
    return None if None in values else math.hypot(*(float(value) for value in values if value is not None))
