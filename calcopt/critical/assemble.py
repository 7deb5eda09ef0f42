"""From a verified candidate to the record that is reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from calcopt.critical.point import Candidate, clean, gradient_at, gradient_norm_at_floats, value_at
from calcopt.critical.second_order import hessian_and_eigenvalues, judge
from calcopt.records import Classification, CriticalPoint

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.calculus.algebra.zeros import Zero


def assemble(partials: Partials, candidate: Candidate) -> CriticalPoint:
    """Value, gradient, Hessian, eigenvalues and kind of one point; a point that is not critical is called so."""
    from calcopt.calculus.algebra.at_point import exact_value

    kind, detail, matrix, eigenvalues = _examined(partials, candidate)
    floats = candidate.floats()
    value = value_at(partials.body, candidate)
    exact = exact_value(partials.body, candidate.coordinates) if candidate.is_exact and value is not None else None
    slope = gradient_at(partials, candidate)
    norm = (
        0.0
        if candidate.is_exact and slope is not None and not any(slope)
        else gradient_norm_at_floats(partials, floats)
    )
    return CriticalPoint(
        x=floats,
        exact={name: str(form) for name, form in candidate.coordinates.items()} if candidate.is_exact else None,
        value=None if value is None else float(value),
        exact_value=None if exact is None else str(exact),
        gradient_norm=norm,
        hessian=None if matrix is None else _floats(matrix),
        eigenvalues=None if eigenvalues is None else tuple(map(clean, eigenvalues)),
        classification=kind,
        classification_detail=f"{detail}; {candidate.remark}" if candidate.remark else detail,
    )


Examined = tuple[Classification | None, str, Any, Sequence[Any] | None]


def _examined(partials: Partials, candidate: Candidate) -> Examined:
    from calcopt.calculus.algebra.at_point import PointValues

    if candidate.is_exact:
        values = PointValues(partials, candidate.coordinates)
        slopes = [values.derivative((name,)).number for name in partials.names]
        if None in slopes:
            return None, "; ".join(values.remarks), None, None
        if values.active:
            return _on_a_switch(values, slopes)
    slope = gradient_at(partials, candidate)
    second = hessian_and_eigenvalues(partials, candidate)
    matrix, eigenvalues = second if second is not None else (None, None)
    if slope is None:
        return None, "the gradient does not exist at this point", None, None
    if candidate.is_exact and any(slope):
        shown = ", ".join(f"{float(component):.6g}" for component in slope)
        return "not critical", f"the gradient is ({shown}), not zero", matrix, eigenvalues
    if matrix is None or eigenvalues is None:
        return "degenerate", "the gradient is zero, but a second derivative does not exist", None, None
    kind, detail = judge(partials, candidate, matrix, eigenvalues)
    return kind, detail, matrix, eigenvalues


def _on_a_switch(values: Any, slopes: Sequence[float | None]) -> Examined:
    where = f"{values.active[0]} is on its switch there"
    if any(slopes):
        return "not critical", f"the gradient is not zero ({where})", None, None
    return "degenerate", f"the gradient is zero; the second derivatives are not examined: {where}", None, None


def _floats(matrix: Any) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(clean(matrix[i, j]) for j in range(matrix.cols)) for i in range(matrix.rows))


def symbolic_point(partials: Partials, zero: Zero) -> CriticalPoint:
    """A critical point whose coordinates hold symbols."""
    from calcopt.calculus.algebra.constants import symbolic_test
    from calcopt.expression.tree import free_names
    from calcopt.expression.values import constant_value

    test = symbolic_test(partials, zero.coordinates)
    numbers = all(not free_names(entry) for row in test.hessian for entry in row)
    hessian: Any = tuple(tuple(constant_value(e) if numbers else str(e) for e in row) for row in test.hessian)
    return CriticalPoint(
        x=None,
        exact={name: str(form) for name, form in zip(partials.names, zero.exact, strict=True)},
        value=None,
        exact_value=None if test.value is None else str(test.value),
        gradient_norm=None,
        hessian=hessian,
        eigenvalues=_eigenvalues(hessian) if numbers else None,
        classification=test.kind,
        classification_detail=test.detail,
    )


def _eigenvalues(hessian: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    from mpmath import mp

    from calcopt.critical.point import eigenvalues_of

    return tuple(float(value) for value in eigenvalues_of(mp.matrix([list(row) for row in hessian])))
