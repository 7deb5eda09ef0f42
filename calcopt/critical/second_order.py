"""What a critical point is: the second-derivative test, and what can still be proved when it is silent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf, workdps

from calcopt.critical.point import DIGITS, ZERO, Candidate, eigenvalues_of, hessian_at, value_at
from calcopt.critical.reduction import judge_by_reduction
from calcopt.records import Classification

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials

Judgement = tuple[Classification, str]
HIGHEST_ORDER = 12
"""Derivatives up to this order are looked at where the second one is zero."""


def judge(partials: Partials, candidate: Candidate, matrix: Any, eigenvalues: Sequence[Any]) -> Judgement:
    """The kind of a point where the gradient is zero, with the test that decided it.

    A claim is made only where it is proved: eigenvalues beyond 30 digits of rounding, the first derivative that is not
    zero, or the lowest form of the Taylor polynomial. Everything else is ``degenerate``, with the reason.
    """
    shown = ", ".join(f"{float(value):.6g}" for value in eigenvalues)
    low, high = eigenvalues[0], eigenvalues[-1]
    if len(eigenvalues) == 1 and low != 0:
        kind: Classification = "local minimum" if low > 0 else "local maximum"
        return kind, f"second derivative {shown} {'>' if low > 0 else '<'} 0"
    if low > 0:
        return "local minimum", f"second-derivative test: all eigenvalues of the Hessian are positive ({shown})"
    if high < 0:
        return "local maximum", f"second-derivative test: all eigenvalues of the Hessian are negative ({shown})"
    if low < 0 < high:
        return "saddle point", f"second-derivative test: the Hessian has eigenvalues of both signs ({shown})"
    return _higher_order(partials, candidate) if len(eigenvalues) == 1 else _degenerate(partials, candidate, matrix)


def _higher_order(partials: Partials, candidate: Candidate) -> Judgement:
    """One variable: the first derivative that is not zero decides (Apostol, *Calculus* I, §7.8)."""
    (name,) = partials.names
    if not candidate.is_exact:
        return "degenerate", "the second derivative is zero to rounding; more information is needed"
    for order in range(3, HIGHEST_ORDER + 1):
        value = value_at(partials.tree((name,) * order), candidate)
        if value is None:
            return "degenerate", f"the second derivative is zero, the derivative of order {order} does not exist"
        if value != 0:
            facts = f"the first non-zero derivative is of order {order}: {float(value):.6g}"
            if order % 2:
                return "degenerate", f"{facts}; an odd order: neither minimum nor maximum (an inflection point)"
            return ("local minimum" if value > 0 else "local maximum"), f"{facts}; an even order"
    return "degenerate", f"all derivatives up to order {HIGHEST_ORDER} are zero; more information is needed"


def _degenerate(partials: Partials, candidate: Candidate, matrix: Any) -> Judgement:
    from calcopt.calculus.algebra.lowest_form import judge_polynomial

    if candidate.is_exact:
        verdict = judge_polynomial(partials, [candidate.coordinates[name] for name in partials.names])
        if verdict is not None:
            return verdict
        cubic = _third_derivative_along_kernel(partials, candidate, matrix)
        if cubic is not None:
            return (
                "saddle point",
                f"the Hessian is singular; along its null direction the third derivative is {cubic:.6g}",
            )
        reduced = judge_by_reduction(partials, candidate, matrix)
        if reduced is not None:
            return reduced
    return "degenerate", "the Hessian is singular: the second-derivative test does not decide"


def _third_derivative_along_kernel(partials: Partials, candidate: Candidate, matrix: Any) -> float | None:
    """D³f[v, v, v] for a null vector v of the Hessian: when it is not zero, f − f(a) takes both signs on that line."""
    names = partials.names
    if len(names) > 4:
        return None
    with workdps(DIGITS):
        values, vectors = mp.eigsy(matrix)
        scale = max(abs(entry) for entry in matrix)
        for k in range(len(names)):
            if abs(values[k]) > ZERO * scale:
                continue
            total = mpf(0)
            for i, a in enumerate(names):
                for j, b in enumerate(names):
                    for m, c in enumerate(names):
                        entry = value_at(partials.tree((a, b, c)), candidate)
                        if entry is None:
                            return None
                        total += entry * vectors[i, k] * vectors[j, k] * vectors[m, k]
            if abs(total) > mpf(10) ** -20 * scale:
                return float(total)
    return None


def hessian_and_eigenvalues(partials: Partials, candidate: Candidate) -> tuple[Any, list[Any]] | None:
    """Both to 60 digits, or None where f is not twice differentiable."""
    matrix = hessian_at(partials, candidate)
    return None if matrix is None else (matrix, eigenvalues_of(matrix))
