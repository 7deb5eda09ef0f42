"""Where a formula has no finite value: the part of it that has none, named and marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from calcopt.errors import DomainError, MathError

if TYPE_CHECKING:
    from calcopt.api.questions import Constants
    from calcopt.expression.tree import Formula
    from calcopt.records import Result, Vector
    from calcopt.records.culprits import Culprit

MOST_VARIABLES = 100_000


def blaming(run: Callable[[Vector], Result], formulas: Sequence[Formula], let: Constants) -> Callable[[Vector], Result]:
    """``run``, which names the part of the formula that has no finite value: at the start, or where the run ended."""

    def named(x: Vector) -> Result:
        try:
            result = run(x)
        except DomainError:
            raise
        except MathError as error:
            found = culprit_at(formulas, let, x)
            if found is None:
                raise
            raise DomainError(
                f"{error.message}: {found.sentence}", found.text, found.start, found.end, hint=error.hint
            ) from None
        if result.outside is None:
            return result
        found = culprit_at(formulas, let, result.outside)
        if found is None:
            return result
        message, status = f"{result.message}; {found.sentence}", result.status
        if found.fails == "overflows" and status == "left_domain":  # f has a value there, but no double holds it
            message, status = (
                message.replace("would leave the domain of f", "runs away, beyond all doubles"),
                "diverged",
            )
        return replace(result, culprit=found, message=message, status=status)

    return named


def culprit_at(formulas: Sequence[Formula], let: Constants, x: Vector) -> Culprit | None:
    """The innermost part without a finite value at ``x`` (n,), else without a finite slope; None if there is none."""
    from calcopt.expression import constant_value
    from calcopt.expression.culprit import find_culprit
    from calcopt.problem.points import as_assignments

    if not formulas or x.size > MOST_VARIABLES or len(formulas[0].variables) != x.size:
        return None
    values = dict(zip(formulas[0].variables, x.tolist(), strict=True))
    values |= {name: constant_value(expr) for name, expr in as_assignments(let).items()}
    for slopes in (False, True):
        for formula in formulas:
            found = find_culprit(formula.text, formula.place, values, slopes=slopes)
            if found is not None:
                return found
    return None
