"""Every critical point of a formula, and what each one is.

Exact first (polynomials and what can be brought to them: complete, with a proof), SymPy's solvers in a child process
next, Newton's method from many starts in a box last. Whatever found a point, it is verified to 60 digits here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from calcopt.critical.assemble import assemble, symbolic_point
from calcopt.critical.point import Candidate
from calcopt.critical.search import Search
from calcopt.errors import MathError
from calcopt.expression.tree import Expr, free_names
from calcopt.records import CriticalPoint, CriticalPoints

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.critical.in_box import Limits

Box = Mapping[str, tuple[Expr, Expr]]


def classify(
    body: Expr, variables: Sequence[str], *, function: str, box: Box | None = None, limits: Limits | None = None
) -> CriticalPoints:
    """The critical points of ``body`` in ``variables`` (in ``box``); other names are symbolic constants.

    Raises MathError when there is nothing to go by: no exact solution and no box to search.
    """
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.critical.in_box import Limits

    partials = Partials(body, variables)
    constants = tuple(name for name in free_names(body) if name not in partials.names)
    search = Search(partials, constants, box, limits or Limits())
    if search.is_empty():
        raise MathError("the function is not defined anywhere in the box", hint="give another --box")
    try:
        search.run()
    except KeyboardInterrupt:
        search.interrupted = True
        search.complete = False
        search.notes.append("interrupted: these points were found so far")
    return _report(search, function)


def classify_at(
    body: Expr, variables: Sequence[str], points: Sequence[Mapping[str, Expr]], *, function: str
) -> CriticalPoints:
    """What the given points are: critical or not, and of which kind."""
    from calcopt.calculus.algebra.partials import Partials

    partials = Partials(body, variables)
    found = [_at(partials, {name: point[name] for name in partials.names}) for point in points]
    return CriticalPoints(
        function=function,
        variables=partials.names,
        box=None,
        points=tuple(found),
        continua=(),
        complete=False,
        method="given",
        message="only the given points were examined",
    )


def _at(partials: Partials, point: Mapping[str, Expr]) -> CriticalPoint:
    """A given point; one variable: a corner may be an extremum without a derivative."""
    from calcopt.critical import corners, vertices

    if len(partials.names) > 1:
        found = vertices.extremum_at(partials, point)
    else:
        found = corners.corner_at(partials, point) if corners.applies(partials, ()) else None
    return found if found is not None else assemble(partials, Candidate(point))


def _report(search: Search, function: str) -> CriticalPoints:
    from calcopt.critical.in_box import all_points

    if search.constants:
        points = [symbolic_point(search.partials, zero) for zero in search.symbolic]
    else:
        points = all_points(search, [assemble(search.partials, candidate) for candidate in search.in_order()])
        if search.corners:
            points = sorted([*points, *search.corners], key=lambda point: tuple((point.x or {}).values()))
    if not points and not search.continua() and not search.answered and search.box is None and not search.interrupted:
        raise MathError(
            "no exact solution was found for the critical points",
            hint="give a box to search, as in --box x=-5..5, or --box -5..5 for all variables",
        )
    lowest, highest = (None, None) if search.constants else _global_extrema(search, points)
    return CriticalPoints(
        function=function,
        variables=search.partials.names,
        box=search.float_box(),
        points=tuple(points),
        continua=search.continua(),
        complete=search.complete,
        method=search.method,
        message=search.message(len(points)),
        global_minimum=lowest,
        global_maximum=highest,
        interrupted=search.interrupted,
        undecided=() if search.proof is None else search.proof.undecided,
        exhausted=search.proof is not None and bool(search.proof.search.exhausted),
        boxes=0 if search.proof is None else search.proof.search.boxes,
    )


def _global_extrema(
    search: Search, points: Sequence[CriticalPoint]
) -> tuple[CriticalPoint | None, CriticalPoint | None]:
    """A polynomial that grows in every direction has its minimum at the lowest critical point, when all are known."""
    if not search.complete or search.box is not None or not points or search.kinks:
        return None, None
    from calcopt.calculus.algebra.lowest_form import grows_at_infinity

    grows = grows_at_infinity(search.partials)
    levels = [value for value in search.curve_values() if value is not None]
    if grows not in ("positive", "negative") or len(levels) < len(search.curves):
        return None, None
    sign = 1.0 if grows == "positive" else -1.0
    best = min(points, key=lambda point: sign * (point.value or 0.0))
    if best.value is None or any(sign * level < sign * best.value for level in levels):
        return None, None
    return (best, None) if grows == "positive" else (None, best)
