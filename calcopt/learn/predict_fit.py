"""Applying a saved line or curve to the rows of a table, one at a time, with intervals where these are asked for.

With g = ∂f/∂θ at the row and the covariance F Fᵀ of the parameters, the delta method gives the variance of f as
v = ‖Fᵀ g‖² (for a model linear in its parameters that is exact). Bounds are f ± t √v for the mean of the response
(``confidence``) and f ± t √(v + s²) for a single new row (``prediction``), t being the quantile of Student's t.
Reference: Seber & Wild 1989, Nonlinear Regression, §5.1; Draper & Smith 1998, Applied Regression Analysis, §3.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from calcopt.errors import UsageError
from calcopt.learn.fitted_function import FittedFunction, fitted_function
from calcopt.learn.predict import BLOCK, require_columns, told
from calcopt.learn.student import quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.data.table import Table
    from calcopt.learn.saved_fit import SavedFit

    Array = NDArray[np.float64]

Interval = Literal["confidence", "prediction"]
INTERVALS = ("confidence", "prediction")


class FitPredictions(Iterator[dict[str, object]]):
    """The predictions for a table, row by row, as they are read.

    Each is ``{"row", "prediction"}``. Where not a column but a function of it was fitted, the second field says so
    (``"prediction_log(y)"``), and where that has a simple inverse, ``"prediction_y"`` is the way back. With an interval
    ``"lower"`` and ``"upper"`` (of the response that was fitted) follow. A prediction that is not finite is None.
    ``answer`` is the field with the prediction of the model itself.
    """

    def __init__(self, saved: SavedFit, table: Table, *, interval: Interval | None = None, level: float = 0.95) -> None:
        require_columns(saved.columns, table)
        self._function = fitted_function(saved)
        self._width = None if interval is None else _Width(saved, self._function, interval, level)
        self._saved, self._table = saved, table
        self.undefined = 0
        suffix = "" if self._function.plain else f"_{saved.target}"
        self.answer = f"prediction{suffix}"
        back = [f"prediction_{self._function.inverse.name}"] if self._function.inverse is not None else []
        bounds = [] if interval is None else [f"lower{suffix}", f"upper{suffix}"]
        self.fields = ("row", self.answer, *back, *bounds)
        self._rows = self._predict()

    def __next__(self) -> dict[str, object]:
        return next(self._rows)

    @property
    def warnings(self) -> tuple[str, ...]:
        warnings = []
        if not self._function.plain:
            warnings.append(_transformed(self._saved, self._function))
        if self.undefined:
            warnings.append(told(self.undefined, "prediction", "without a finite value", "left empty"))
        if self._table.skipped:
            warnings.append(told(self._table.skipped, "row", "with missing cells", "skipped"))
        return tuple(warnings)

    def _predict(self) -> Iterator[dict[str, object]]:
        for batch in self._table.batches(self._saved.columns):
            for start in range(0, len(batch.rows), BLOCK):
                part = slice(start, start + BLOCK)
                answers = self._answers(np.ascontiguousarray(batch.numbers[part].T))
                for row, *values in zip(batch.rows[part].tolist(), *answers, strict=True):
                    yield dict(zip(self.fields, (row, *values), strict=True))

    def _answers(self, columns: Array) -> list[list[float | None]]:
        """A list for each field after ``row``."""
        values = self._function.values(columns)
        values[~np.isfinite(values)] = np.nan  # nothing follows from what is not finite, not even exp(−∞) = 0
        found = [values]
        with np.errstate(all="ignore"):
            if self._function.inverse is not None:
                found.append(self._function.inverse.values(values))
            if self._width is not None:
                half = self._width.half(columns)
                found += [values - half, values + half]
        finite = [np.isfinite(column) for column in found]
        self.undefined += int((~np.logical_and.reduce(finite)).sum())
        return [
            [value if known else None for value, known in zip(column.tolist(), here.tolist(), strict=True)]
            for column, here in zip(found, finite, strict=True)
        ]


class _Width:
    """Half the width of an interval at each row; raises UsageError where the fit cannot tell."""

    def __init__(self, saved: SavedFit, function: FittedFunction, interval: str, level: float) -> None:
        if interval not in INTERVALS:
            raise UsageError(f"unknown interval '{interval}'", hint="use confidence or prediction")
        if not 0 < level < 1:
            raise UsageError(f"the level of an interval lies between 0 and 1, not at {level:g}", hint="such as 0.95")
        deviation = saved.residual_standard_deviation
        if saved.covariance_factor is None or deviation is None:
            raise UsageError(
                "this model has no covariance of its parameters, so no interval can be given",
                hint=f"its fit to {saved.fit.rows:,} rows ended '{saved.fit.status.replace('_', ' ')}'",
            )
        if interval == "prediction" and (saved.fit.weights is not None or saved.fit.loss != "linear"):
            why = "its rows had weights" if saved.fit.weights is not None else f"it was fitted by {saved.fit.loss} loss"
            raise UsageError(
                f"the scatter of a new row is not known from this model: {why}", hint="--interval confidence is"
            )
        self._function = function
        self._factor = np.array(saved.covariance_factor)
        self._quantile = quantile(1 - level, saved.degrees_of_freedom)
        self._scatter = deviation if interval == "prediction" else 0.0

    def half(self, columns: Array) -> Array:
        """(n,)."""
        spread = np.linalg.norm(self._function.gradient(columns) @ self._factor, axis=1)
        half: Array = self._quantile * np.hypot(spread, self._scatter)
        return half


def _transformed(saved: SavedFit, function: FittedFunction) -> str:
    """What the numbers are, where they are not the column itself."""
    inverse = function.inverse
    if inverse is None:
        return f"what is predicted is {saved.target}"
    text = inverse.text.replace("z", f"prediction_{saved.target}")
    return (
        f"what is predicted is {saved.target}; prediction_{inverse.name} is {text}: the median of {inverse.name}, not "
        f"its mean, where {saved.target} scatters symmetrically"
    )
