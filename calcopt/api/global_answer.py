"""A search of a whole box as the Result that solvers give, with its proof."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from calcopt.errors import MathError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calcopt.certify.global_minimum import GlobalMinimum, Place
    from calcopt.certify.global_search import Progress
    from calcopt.expression.tree import Expr, Formula
    from calcopt.numeric.objective import FunctionObjective
    from calcopt.records import Iteration, Matrix, Minimizer, OnIteration, Proof, Result, Status, Vector, Verdict
    from calcopt.solve.box import Box

METHOD = "branch and prune"
MOST_SHOWN = 1000


def global_answer(
    formula: Formula,
    objective: FunctionObjective,
    box: Box,
    *,
    goal: Literal["minimize", "maximize"],
    tolerance: float,
    max_boxes: int,
    time_limit: float | None,
    start: Vector | None,
    on_iteration: OnIteration | None,
) -> Result:
    """The global minimum or maximum of ``formula`` over ``box``.

    Raises:
        UsageError: a bound that is not finite, or a lower bound that is not below the upper.
        MathError: f is not defined anywhere in the box.
    """
    from calcopt.certify.global_minimum import global_minimum
    from calcopt.expression.tree import Neg
    from calcopt.numeric.intervals import IntervalFunction
    from calcopt.records import Result

    _require_finite(box, objective.variables)
    sign = 1.0 if goal == "minimize" else -1.0
    body: Expr = formula.body if goal == "minimize" else Neg(formula.body)
    trace: list[Iteration] = []

    def keep(progress: Progress) -> None:
        row = _row(len(trace), progress, objective, sign, trace[-1] if trace else None)
        trace.append(row)
        if on_iteration is not None:
            on_iteration(row)

    found = global_minimum(
        IntervalFunction(body, objective.variables),
        box.lower,
        box.upper,
        tolerance=tolerance,
        max_boxes=max_boxes,
        time_limit=time_limit,
        start=start,
        on_round=keep,
    )
    if found.ended == "undefined" or math.isinf(found.upper):
        _refuse_undefined(found, objective)
    proof = _proof(found, objective.variables, box, goal)
    at = objective.evaluate(found.x, 2)
    return Result(
        command="minimize",
        function=objective.label,
        variables=tuple(objective.variables),
        goal=goal,
        method=METHOD,
        status=_status(found),
        message=_message(found, sign),
        x=found.x,
        value=at.value,
        gradient=at.gradient,
        gradient_norm=None if at.gradient is None else float(math.hypot(*at.gradient)),
        hessian=at.hessian,
        verdict=_verdict(found, at.hessian, proof, goal),
        counts=objective.counts,
        trace=tuple(trace),
        advice=_advice(found),
        proof=proof,
    )


def _require_finite(box: Box, variables: Sequence[str]) -> None:
    for name, low, high in zip(variables, box.lower.tolist(), box.upper.tolist(), strict=True):
        if not (math.isfinite(low) and math.isfinite(high)):
            raise UsageError(
                f"a proof needs finite bounds, and {name} is in {low}..{high}", hint="such as --box -10..10"
            )


def _row(
    number: int, progress: Progress, objective: FunctionObjective, sign: float, before: Iteration | None
) -> Iteration:
    """A round of the search: the best point so far, the proved bounds, how many boxes are left."""
    from calcopt.records import Iteration

    at = objective.evaluate(progress.x, 1)
    assert at.gradient is not None
    moved = None if before is None else float(math.dist(before.x, progress.x))
    bounds = (
        {"lower": progress.lower, "upper": progress.upper}
        if sign > 0
        else {
            "lower": -progress.upper,
            "upper": -progress.lower,
        }
    )
    detail = {**bounds, "boxes": float(progress.boxes), "left": float(progress.left)}
    norm = float(math.hypot(*at.gradient))
    return Iteration(number, progress.x, at.value, at.gradient, norm, moved, " ", detail)


def _refuse_undefined(found: GlobalMinimum, objective: FunctionObjective) -> None:
    if found.ended == "undefined":
        raise MathError(f"{objective.label} has no value anywhere in the box", hint="give another --box")
    raise MathError(
        f"no point was found in the box at which {objective.label} has a value", hint="give a --start, or another --box"
    )


def _status(found: GlobalMinimum) -> Status:
    if found.ended == "proved":
        return "converged"
    if found.ended == "stuck":
        return "stalled"
    if found.ended == "interrupted":
        return "interrupted"
    return "time_limit" if found.ended == "time_limit" else "max_iterations"


def _message(found: GlobalMinimum, sign: float) -> str:
    from calcopt.records.outward import between

    gap = found.upper - found.lower
    lower, upper = sorted((sign * found.lower, sign * found.upper))
    bounds = f"f* is in {between(lower, upper)}"
    if found.ended == "proved":
        return f"{bounds}: gap {gap:.3g} ≤ {found.allowed:.3g} (tolerance), proved over the whole box"
    if math.isinf(found.lower):
        reason = "no finite bound was found" + (", however small the boxes" if found.ended == "stuck" else "")
    else:
        reason = f"gap {gap:.3g} > {found.allowed:.3g} (tolerance)"
    ended = {
        "stuck": "the boxes left are as small as floats allow",
        "max_boxes": f"stopped after {found.boxes} boxes (--max-boxes)",
        "time_limit": f"stopped by --time-limit after {found.boxes} boxes",
        "interrupted": f"interrupted after {found.boxes} boxes",
    }[found.ended]
    return f"{ended}: {bounds}, {reason}"


def _advice(found: GlobalMinimum) -> str | None:
    if found.ended in ("max_boxes", "time_limit"):
        return (
            "the bounds are proved as they stand; a smaller --box, a larger --tolerance or more --max-boxes closes them"
        )
    return None


def _proof(found: GlobalMinimum, names: Sequence[str], box: Box, goal: str) -> Proof:
    from calcopt.records import Proof

    what = "minimum" if goal == "minimize" else "maximum"
    lower, upper = (found.lower, found.upper) if goal == "minimize" else (-found.upper, -found.lower)
    proved = found.ended == "proved"
    minimizers = tuple(_minimizer(place, names, box) for place in found.places[:MOST_SHOWN])
    one = len(minimizers) == 1
    where = "one box holds every point" if one else f"{len(minimizers)} boxes hold every point"
    if not found.attained:
        end = "lowest" if goal == "minimize" else "highest"
        statement = f"bounds of f over the box; {where} where it is {end}, and may jump there"
        return Proof("global", proved, statement, lower, upper, minimizers, found.boxes)
    statement = f"the global {what} over the box, its boundary included; {where} at which it is taken"
    return Proof("global", proved, statement, lower, upper, minimizers, found.boxes)


def _minimizer(place: Place, names: Sequence[str], box: Box) -> Minimizer:
    from calcopt.records import Minimizer

    at_end = (place.lo <= box.lower) | (place.hi >= box.upper)
    touching = tuple(name for name, held in zip(names, at_end.tolist(), strict=True) if held)
    ends = zip(names, place.lo.tolist(), place.hi.tolist(), strict=True)
    return Minimizer({name: (low, high) for name, low, high in ends}, place.unique, touching)


def _verdict(found: GlobalMinimum, hessian: Matrix | None, proof: Proof, goal: str) -> Verdict:
    """A global minimum inside the box is a local one; at the boundary the slope need not be zero."""
    import numpy as np

    from calcopt.records import Verdict

    eigenvalues = None
    if hessian is not None and not hasattr(hessian, "tocoo") and np.isfinite(hessian).all():
        eigenvalues = np.asarray(np.linalg.eigvalsh(hessian), dtype=np.float64)
    what = "minimum" if goal == "minimize" else "maximum"
    if proof.certified and not found.attained:
        detail = f"bounds of f over the box; f jumps there, so that this {what} may only be approached"
        return Verdict(None, detail, eigenvalues)
    if not proof.certified:
        return Verdict(None, f"the global {what} is bounded, not found to the tolerance", eigenvalues)
    inside = [not place.on_boundary for place in proof.minimizers]
    if all(inside):
        unique = (
            " and strictly convex around it" if all(p.unique for p in proof.minimizers) and goal == "minimize" else ""
        )
        kind: Literal["local minimum", "local maximum"] = "local minimum" if goal == "minimize" else "local maximum"
        return Verdict(kind, f"global {what} over the box{unique}", eigenvalues)
    names = ", ".join(sorted({name for place in proof.minimizers for name in place.on_boundary}))
    certain = all(_on_face(place) for place in proof.minimizers)
    where = f"at an end of {names}" if certain else f"which may be at an end of {names}"
    return Verdict(None, f"global {what} over the box, {where}", eigenvalues)


def _on_face(place: Minimizer) -> bool:
    """Whether the place is a part of the region's boundary itself."""
    return any(low == high for low, high in (place.enclosure[name] for name in place.on_boundary))
