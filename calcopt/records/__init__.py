"""What calcopt hands around: events, results and the protocols between the floors.

Plain frozen dataclasses: no mathematics, no printing. Arrays are NumPy arrays of float64 in the order of
``variables``; renderers turn them into ``{name: value}``. NumPy itself is imported for types only, so that
``calcopt --help`` does not pay for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calcopt.records.fitted import CurveFit, FitRun
    from calcopt.records.formulas import (
        AtPoint,
        Continuum,
        CriticalPoint,
        CriticalPoints,
        Derivative,
        Derivatives,
        GlobalExtremum,
        Undecided,
        UndecidedKind,
    )
    from calcopt.records.learned import Epoch, LineFit, Metrics, OnEpoch, Separation, TrainedPerceptron
    from calcopt.records.objectives import (
        Counts,
        Evaluation,
        Matrix,
        Noise,
        Objective,
        System,
        SystemEvaluation,
        Vector,
    )
    from calcopt.records.places import Inflection, Place, Singularities, Span, Study, SwitchingSet
    from calcopt.records.proofs import Minimizer, Proof
    from calcopt.records.runs import Classification, Goal, Iteration, OnIteration, Result, Runs, Status, Verdict
    from calcopt.records.steps import Limit, Name, Secant, SecantTable, ShortForm, Step

_HOMES = {
    "fitted": ("CurveFit", "FitRun"),
    "formulas": (
        *("AtPoint", "Continuum", "CriticalPoint", "CriticalPoints", "Derivative", "Derivatives", "GlobalExtremum"),
        *("Undecided", "UndecidedKind"),
    ),
    "learned": ("Epoch", "LineFit", "Metrics", "OnEpoch", "Separation", "TrainedPerceptron"),
    "objectives": ("Counts", "Evaluation", "Noise", "Objective", "System", "SystemEvaluation"),
    "places": ("Inflection", "Place", "Singularities", "Span", "Study", "SwitchingSet"),
    "proofs": ("Minimizer", "Proof"),
    "runs": ("Classification", "Goal", "Iteration", "OnIteration", "Result", "Runs", "Status", "Verdict"),
    "steps": ("Limit", "Name", "Secant", "SecantTable", "ShortForm", "Step"),
}


def __getattr__(name: str) -> object:
    """Loads the file of a record when it is first asked for: a class costs half a millisecond at each start."""
    for home, names in _HOMES.items():
        if name in names:
            found = getattr(import_module(f"calcopt.records.{home}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "AtPoint",
    "Classification",
    "Continuum",
    "Counts",
    "CriticalPoint",
    "CriticalPoints",
    "CurveFit",
    "Derivative",
    "Derivatives",
    "Epoch",
    "Evaluation",
    "FitRun",
    "GlobalExtremum",
    "Goal",
    "Inflection",
    "Iteration",
    "Limit",
    "LineFit",
    "Matrix",
    "Metrics",
    "Minimizer",
    "Name",
    "Noise",
    "Objective",
    "OnEpoch",
    "OnIteration",
    "Place",
    "Proof",
    "Result",
    "Runs",
    "Secant",
    "SecantTable",
    "Separation",
    "ShortForm",
    "Singularities",
    "Span",
    "Status",
    "Step",
    "Study",
    "SwitchingSet",
    "System",
    "SystemEvaluation",
    "TrainedPerceptron",
    "Undecided",
    "UndecidedKind",
    "Vector",
    "Verdict",
]
