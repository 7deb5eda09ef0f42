"""What ``fit`` found: a model's parameters, and how far the data determine them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calcopt.records.notebook import html_table, short
from calcopt.records.runs import Iteration, Status


@dataclass(frozen=True, slots=True)
class FitRun:
    """One start of a fit: where it began and where it ended. ``start`` is empty for a model that needs none."""

    start: Mapping[str, float]
    parameters: Mapping[str, float]
    residual_sum_of_squares: float
    status: Status
    iterations: int


@dataclass(frozen=True, slots=True)
class CurveFit:
    """A least-squares fit of ``model``; mappings go from the names of the parameters.

    ``residual_sum_of_squares`` is Σ w r² whatever the loss; ``cost`` is what was minimized (the same for the linear
    loss). ``correlations`` has shape (p, p). ``starts`` lists the runs where there were several. What the data cannot
    say is None. The covariance of the parameters is F Fᵀ with ``covariance_factor`` F of shape (p, f), f of the
    parameters being free of their bounds; rows of 0 are held fixed. ``model_file`` is where the model was saved.
    """

    model: str
    data: str
    rows: int
    skipped: int
    target: str
    columns: tuple[str, ...]
    method: str
    loss: str
    loss_scale: float | None
    weights: str | None
    status: Status
    message: str
    parameters: Mapping[str, float]
    residual_sum_of_squares: float
    cost: float
    r_squared: float | None
    r_squared_about: str
    residual_standard_deviation: float | None
    degrees_of_freedom: int
    standard_errors: Mapping[str, float | None]
    t_values: Mapping[str, float | None]
    p_values: Mapping[str, float | None]
    confidence_intervals: Mapping[str, tuple[float, float] | None]
    correlations: tuple[tuple[float | None, ...], ...] | None
    aic: float | None
    bic: float | None
    at_bound: tuple[str, ...] = ()
    trace: tuple[Iteration, ...] = ()
    starts: tuple[FitRun, ...] = ()
    guess: str | None = None
    warnings: tuple[str, ...] = ()
    advice: str | None = None
    residuals: str | None = None
    covariance_factor: tuple[tuple[float, ...], ...] | None = None
    model_file: str | None = None

    @property
    def converged(self) -> bool:
        return self.status == "converged"

    @property
    def interrupted(self) -> bool:
        return self.status == "interrupted"

    @property
    def reached_goal(self) -> bool:
        return self.status == "converged"

    @property
    def iterations(self) -> int:
        return self.trace[-1].iteration if self.trace else 0

    def _repr_html_(self) -> str:
        """The table that a notebook shows."""
        columns = (self.parameters, self.standard_errors, self.t_values, self.p_values)
        rows = [[name, *(short(column[name]) for column in columns)] for name in self.parameters]
        for row, interval in zip(rows, self.confidence_intervals.values(), strict=True):
            row.append("" if interval is None else f"{interval[0]:.6g} … {interval[1]:.6g}")
        head = [self.model, "estimate", "standard error", "t", "p", "95 % interval"]
        fit = [f"{self.rows} rows", f"RSS = {short(self.residual_sum_of_squares)}", f"R² = {short(self.r_squared)}"]
        return html_table(head, rows, ", ".join([*fit, self.status]))
