"""Every critical point of a formula, and what each one is.

Exact first (polynomials and what can be brought to them: complete, with a proof), SymPy's solvers in a child process
next, Newton's method from many starts in a box last. Whatever found a point, it is verified to 60 digits here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from calcopt.critical.assemble import assemble, symbolic_point
from calcopt.critical.extrema import global_extrema
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
    limits = limits or Limits()
    search = Search(partials, constants, box, limits)
    if search.is_empty():
        raise MathError("the function is not defined anywhere in the box", hint="give another --box")
    try:
        search.run()
    except KeyboardInterrupt:
        search.interrupted = True
        search.complete = False
        search.notes.append("interrupted: these points were found so far")
    return _report(search, function, limits)


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


def _report(search: Search, function: str, limits: Limits) -> CriticalPoints:
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
    lowest, highest = global_extrema(search, points, limits)
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
