"""``--verify``: a proof, by interval arithmetic, added to what a solver found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from calcopt.records.outward import bound

if TYPE_CHECKING:
    from calcopt.certify.local_proof import LocalProof
    from calcopt.expression.tree import Formula
    from calcopt.records import Proof, Result, Runs, Verdict

MOST_VARIABLES = 200
"""Beyond, the dense Hessians of sixty boxes take too long."""

NEAR = 1e-4
"""How far, as a part of max(1, |xᵢ|), the exact point may be from an answer that is said to be it."""


def verified(found: Result | Runs, formulas: Sequence[Formula]) -> Result | Runs:
    """Each run that converged with its :class:`Proof`: certified, or why not."""
    from calcopt.records import Result

    if isinstance(found, Result):
        return _with_proof(found, formulas)
    return replace(found, runs=tuple(_with_proof(run, formulas) for run in found.runs))


def _with_proof(result: Result, formulas: Sequence[Formula]) -> Result:
    """The result, its verdict made certain where the proof decides."""
    from calcopt.certify.local_proof import only_critical_point, only_zero
    from calcopt.numeric.intervals import IntervalFunction

    if not result.converged:
        return replace(result, proof=_refused("the run did not converge, so there is nothing to prove"))
    if len(result.variables) > MOST_VARIABLES:
        return replace(result, proof=_refused(f"proofs stop at {MOST_VARIABLES} variables"))
    functions = [IntervalFunction(formula.body, result.variables) for formula in formulas]
    root = result.goal == "root"
    proved = only_zero(functions, result.x) if root else only_critical_point(functions[0], result.x)
    what = "zero" if root else "critical point"
    if proved is None:
        return replace(result, proof=_refused(f"no box around the answer was proved to hold exactly one {what}"))
    if proved.distance > NEAR:
        return replace(result, proof=_refused(f"the nearest {what} that was proved is not at the answer"))
    verdict = result.verdict if root else _sharpened(result.verdict, proved)
    return replace(result, proof=_proof(proved, result.variables, what), verdict=verdict)


def _refused(reason: str) -> Proof:
    from calcopt.records import Proof

    return Proof("local", False, reason)


def _proof(proved: LocalProof, names: Sequence[str], what: str) -> Proof:
    from calcopt.records import Minimizer, Proof

    enclosure = dict(zip(names, zip(proved.lo.tolist(), proved.hi.tolist(), strict=True), strict=True))
    also = f", a {proved.kind}" if proved.kind else ""
    near = bound(proved.radius, 3, upward=False)
    off = bound(proved.distance, 2, upward=True)
    statement = (
        f"exactly one {what}{also}, within {off} of the answer (relative to max(1, |x|)), "
        f"and no other within {near} of it in any coordinate"
    )
    return Proof("local", True, statement, None, None, (Minimizer(enclosure, True),), proved.boxes, proved.radius)


def _sharpened(verdict: Verdict, proved: LocalProof) -> Verdict:
    """The proved kind, where the test in floating point was silent."""
    if proved.kind is None or verdict.classification == proved.kind:
        return verdict
    return replace(verdict, classification=proved.kind, detail=f"by an enclosure of the Hessian; {verdict.detail}")
