"""Critical points and their kinds: what ``calcopt classify-critical`` does, for Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from calcopt.api.formulas import as_formula, chosen_variables, written_out
from calcopt.errors import UsageError
from calcopt.expression.tree import Formula, free_names

if TYPE_CHECKING:
    from calcopt.api.formulas import Constants, Points
    from calcopt.certify.scalars import Arb
    from calcopt.critical.in_box import Limits
    from calcopt.records import CriticalPoints

MOST_DIGITS = 10_000


def classify_critical(
    function: str | Formula,
    *,
    var: str | Sequence[str] | None = None,
    box: object | None = None,
    at: Points | None = None,
    max_boxes: int | None = None,
    time_limit: float | None = None,
    digits: int | None = None,
    let: Constants | None = None,
) -> CriticalPoints:
    """Every critical point in the variables ``var`` (default: every name), what each one is, and whether that is all.

    >>> classify_critical("(x-a)^2 + (x-b)^2", var="x").points[0].exact
    {'x': '(a + b)/2'}

    Names that are not in ``var`` are symbolic constants. ``box`` limits the search; it is needed where no exact
    solution is known. There interval arithmetic proves what is found: ``complete`` says that nothing is missing,
    ``undecided`` names boxes that were not settled. At most ``max_boxes`` are looked at (default: a million), for
    ``time_limit`` seconds. ``digits`` refines every certified point to so many proved digits, by Arb. ``at`` examines
    given points only. Raises ParseError, UsageError, MathError, MissingExtraError.
    """
    from calcopt.critical.classify import classify, classify_at
    from calcopt.critical.digits import with_digits
    from calcopt.problem.points import as_box, as_points

    formula = as_formula(function, let)
    body = written_out(formula.body)
    names = chosen_variables(formula, body, var)
    constants = tuple(name for name in free_names(body) if name not in names)
    if at is not None:
        if box is not None:
            raise UsageError("--at examines given points and --box searches for them", hint="give one of the two")
        points = as_points(at, (*names, *constants))
        return classify_at(body, names, points, function=str(formula.body))
    ranges = None if box is None else as_box(box, names)
    if ranges is not None and constants:
        raise UsageError(
            f"a box cannot be searched while {constants[0]} has no value", hint=f"give one with --let {constants[0]}=…"
        )
    limits = _limits(max_boxes, time_limit)
    if digits is None:
        return classify(body, names, function=str(formula.body), box=ranges, limits=limits)
    field = _arb(digits)
    return with_digits(
        classify(body, names, function=str(formula.body), box=ranges, limits=limits), body, digits, field
    )


def _arb(digits: int) -> Arb:
    from calcopt.certify.scalars import require_flint

    if not 1 <= digits <= MOST_DIGITS:
        raise UsageError(f"--digits is a whole number from 1 to {MOST_DIGITS}", hint="such as --digits 50")
    return require_flint("--digits")


def _limits(max_boxes: int | None, time_limit: float | None) -> Limits:
    from calcopt.critical.in_box import MAX_BOXES, Limits

    if max_boxes is not None and max_boxes < 1:
        raise UsageError("--max-boxes is a whole number from 1 on", hint="such as --max-boxes 100000")
    if time_limit is not None and not time_limit > 0:
        raise UsageError("--time-limit is a number of seconds above 0", hint="such as --time-limit 10")
    return Limits(MAX_BOXES if max_boxes is None else max_boxes, time_limit)
