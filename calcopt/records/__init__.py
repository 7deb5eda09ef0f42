"""What calcopt hands around: events, results and the protocols between the floors.

Plain frozen dataclasses: no mathematics, no printing. Arrays are NumPy arrays of float64 in the order of
``variables``; renderers turn them into ``{name: value}``. NumPy itself is imported for types only, so that
``calcopt --help`` does not pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calcopt.records.formulas import AtPoint, Continuum, CriticalPoint, CriticalPoints, Derivative, Derivatives
from calcopt.records.learned import Epoch, LineFit, OnEpoch, TrainedPerceptron
from calcopt.records.objectives import Counts, Evaluation, Noise, Objective, System, SystemEvaluation
from calcopt.records.runs import Classification, Goal, Iteration, OnIteration, Result, Runs, Status, Verdict

if TYPE_CHECKING:
    from calcopt.records.objectives import Matrix, Vector

__all__ = [
    "AtPoint",
    "Classification",
    "Continuum",
    "Counts",
    "CriticalPoint",
    "CriticalPoints",
    "Derivative",
    "Derivatives",
    "Epoch",
    "Evaluation",
    "Goal",
    "Iteration",
    "LineFit",
    "Matrix",
    "Noise",
    "Objective",
    "OnEpoch",
    "OnIteration",
    "Result",
    "Runs",
    "Status",
    "System",
    "SystemEvaluation",
    "TrainedPerceptron",
    "Vector",
    "Verdict",
]
