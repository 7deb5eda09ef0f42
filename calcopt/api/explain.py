"""``explain``: the formulas beside the numbers of an iteration that is worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.expression.tree import Formula
    from calcopt.records import Result, Runs
    from calcopt.records.explained import Explained

MOST_VARIABLES = 6
LONGEST = 2_000
"""Characters of a function whose derivatives are still read by someone."""


def finished(found: Result | Runs, formulas: Sequence[Formula], *, verify: bool, explain: int | None) -> Result | Runs:
    """What a solver found, with the proof and the formulas that were asked for."""
    if explain is not None:
        found = with_formulas(found, formulas)
    if not verify:
        return found
    from calcopt.api.verified import verified

    return verified(found, formulas)


def with_formulas(found: Result | Runs, formulas: Sequence[Formula]) -> Result | Runs:
    """The gradient, Hessian or Jacobian as formulas in each ``explained``, where they are few and short."""
    from calcopt.records import Runs

    runs = found.runs if isinstance(found, Runs) else (found,)
    names = formulas[0].variables
    wanted = [run.explained for run in runs if run.explained is not None]
    if not wanted or len(names) > MOST_VARIABLES or sum(len(formula.text) for formula in formulas) > LONGEST:
        return found
    from calcopt.api.deep import with_enough_stack
    from calcopt.api.formulas import written_out
    from calcopt.calculus.algebra.outof import NotExpressible
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.errors import CalcoptError

    def work() -> list[Partials]:
        return [Partials(written_out(formula.body), names) for formula in formulas]

    try:
        partials = with_enough_stack(formulas[0].body, work)
        filled = tuple(replace(run, explained=_filled(run.explained, partials)) for run in runs)
    except (NotExpressible, CalcoptError):
        return found
    return replace(found, runs=filled) if isinstance(found, Runs) else filled[0]


def _filled(record: Explained | None, partials: Sequence[Partials]) -> Explained | None:
    """The formulas of what ``record`` shows in numbers."""
    if record is None:
        return None
    names = record.variables
    gradients = [tuple(str(one.tree((name,))) for name in names) for one in partials]
    if record.gradient_norm is None:  # zeros: the rows of J
        return replace(record, hessian_formulas=tuple(gradients))
    if record.hessian is None:
        return replace(record, gradient_formulas=gradients[0])
    rows = tuple(tuple(str(partials[0].tree((a, b))) for b in names) for a in names)
    return replace(record, gradient_formulas=gradients[0], hessian_formulas=rows)
