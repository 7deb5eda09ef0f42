"""What a saved line or curve is, for people: its parameters, its formula, and how its fit went."""

from __future__ import annotations

from pathlib import Path

import msgspec

from calcopt.learn.fitted_function import fitted_function
from calcopt.learn.model_formula import LONGEST, TooLongError
from calcopt.learn.saved_fit import SavedFit
from calcopt.records.models import FitSummary, Input


def summarize_fit(saved: SavedFit, path: str | Path) -> FitSummary:
    """The record of ``saved``, which was read from ``path``."""
    function = fitted_function(saved)
    note, found = None, {}
    try:
        found = function.formulas()
    except TooLongError:
        note = f"it would have more than {LONGEST:,} characters"
    return FitSummary(
        path=str(path),
        calcopt=saved.calcopt,
        kind=saved.kind,
        model=saved.model,
        constants=saved.constants,
        target=saved.target,
        inputs=tuple(Input(column, name, None) for column, name in zip(saved.columns, function.variables, strict=True)),
        parameters=dict(zip(saved.names, saved.theta, strict=True)),
        standard_errors={parameter.name: parameter.standard_error for parameter in saved.parameters},
        covariance=saved.covariance,
        residual_standard_deviation=saved.residual_standard_deviation,
        degrees_of_freedom=saved.degrees_of_freedom,
        formulas=found,
        formula_note=note,
        fit=msgspec.to_builtins(saved.fit),
    )
