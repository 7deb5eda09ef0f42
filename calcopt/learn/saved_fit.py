"""A fitted line or curve as its file holds it: the model, its parameters, and how far the data determined them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np

from calcopt.errors import CalcoptError

if TYPE_CHECKING:
    from calcopt.learn.curve_model import CurveModel

Count = Annotated[int, msgspec.Meta(ge=0)]
Size = Annotated[float, msgspec.Meta(ge=0)]
INTERCEPT = "intercept"


class SavedParameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parameter's value and its standard error; None where the data could not say."""

    name: str
    value: float
    standard_error: Size | None


class Summary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the fit came to."""

    data: str
    rows: Count
    method: str
    status: str
    loss: str
    loss_scale: float | None
    weights: str | None
    r_squared: float | None


class SavedFit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What ``fit`` (kind ``curve``) or ``fit-line`` (kind ``line``) found, as it is saved.

    A curve has its ``model`` as it was typed, the values of its letters from ``--let`` as exact texts (``constants``),
    and the columns of its left side (``response``). A line has a parameter a column, in the same order, and the
    ``intercept`` last where it has one. ``columns`` are those that a prediction needs.

    ``covariance`` (p, p) is that of the parameters, None in the rows and columns of those without a standard error (at
    a bound, held fixed). It equals F Fᵀ for ``covariance_factor`` F (p, f), from which variances gᵀ F Fᵀ g = ‖Fᵀ g‖²
    keep their digits where the parameters are strongly correlated. Both are None where no row was left to judge by.
    """

    format: Literal["calcopt-model"] = "calcopt-model"
    version: Literal[1] = 1
    kind: Literal["curve", "line"]
    calcopt: str
    model: str | None
    constants: dict[str, str] = {}
    target: str
    response: list[str]
    columns: list[str]
    parameters: list[SavedParameter]
    covariance: list[list[float | None]] | None
    covariance_factor: list[list[float]] | None
    residual_standard_deviation: Size | None
    degrees_of_freedom: Count
    fit: Summary

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def theta(self) -> list[float]:
        """The values of the parameters (p,)."""
        return [parameter.value for parameter in self.parameters]

    def parsed(self) -> CurveModel:
        """The model of a curve, read again; raises as ``parse_model`` does."""
        from calcopt.learn.curve_model import parse_model
        from calcopt.problem.points import as_assignments

        columns = dict.fromkeys([*self.response, *self.columns])
        return parse_model(self.model or "", list(columns), as_assignments(self.constants))


def fault(saved: SavedFit) -> str | None:
    """What does not fit together in ``saved``, or None."""
    names, p = saved.names, len(saved.parameters)
    if len(set(names)) != p or len(set(saved.columns)) != len(saved.columns):
        return "a parameter or a column is listed twice"
    if not p or not saved.columns:
        return "there are no parameters" if not p else "there are no columns"
    return _line_fault(saved) if saved.kind == "line" else _curve_fault(saved) or _covariance_fault(saved)


def _line_fault(saved: SavedFit) -> str | None:
    if saved.model is not None or saved.names not in (tuple(saved.columns), (*saved.columns, INTERCEPT)):
        return "a line does not have one parameter a column, and an intercept"
    return _covariance_fault(saved)


def _curve_fault(saved: SavedFit) -> str | None:
    if saved.model is None:
        return "a curve has no model"
    try:
        model = saved.parsed()
    except CalcoptError as error:
        return f"its model cannot be read: {error.message}"
    if model.parameters != saved.names or set(model.columns) != {*saved.response, *saved.columns}:
        return f"the parameters or columns are not those of '{saved.model}'"
    return None


def _covariance_fault(saved: SavedFit) -> str | None:
    p = len(saved.parameters)
    if not np.isfinite(saved.theta).all():
        return "a parameter is not finite"
    if (saved.covariance is None) != (saved.covariance_factor is None):
        return "the covariance and its factor are not both there"
    if saved.covariance is None or saved.covariance_factor is None:
        return None
    widths = {len(row) for row in saved.covariance_factor}
    square = len(saved.covariance) == p and all(len(row) == p for row in saved.covariance)
    if not square or len(saved.covariance_factor) != p or len(widths) != 1:
        return f"the covariance does not have the shape {p} × {p}"
    factor = np.array(saved.covariance_factor, dtype=np.float64).reshape(p, -1)
    errors = np.linalg.norm(factor, axis=1)
    told = np.array([parameter.standard_error or 0.0 for parameter in saved.parameters])
    if not np.isfinite(factor).all() or not np.allclose(errors, told, rtol=1e-6, atol=0):
        return "the covariance is not that of the standard errors"
    return None
