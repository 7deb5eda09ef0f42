"""Can the data tell the parameters apart? If not: which ones, and along which combination the fit does not change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from calcopt.errors import DataError
from calcopt.learn.line_rank import EPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_LISTED = 8
"""Parameters that are named where the data cannot tell more of them apart."""
_RANK = 100.0
"""Singular values of the scaled columns below 100 p ε of the largest are rounding error."""


def column_lengths(r: Array) -> Array:
    """‖column‖ of each, without under- or overflow of the squares."""
    largest = np.abs(r).max(axis=0, initial=0.0)
    unit = np.where(largest > 0, largest, 1.0)
    lengths: Array = largest * np.linalg.norm(r / unit, axis=0)
    return lengths


def directions(r: Array) -> tuple[float, Array]:
    """κ of the columns scaled to length 1, and an orthonormal basis (k, p) of what they cannot see, in scaled units."""
    unit = column_lengths(r)
    unit = np.where(unit > 0, unit, 1.0)
    _, s, vt = np.linalg.svd(r / unit)
    blind = s <= _RANK * EPS * len(s) * s[0]
    condition = float(s[0] / s[-1]) if s[-1] > 0 else np.inf
    return condition, vt[blind] / unit


def require_determined(
    r: Array,
    names: Sequence[str],
    rows: int,
    *,
    data: str,
    back: Callable[[Sequence[Fraction]], list[Fraction]],
) -> float:
    """κ of the scaled columns; ``DataError`` for a linear model that the data do not determine."""
    require_rows(rows, len(names), data)
    condition, blind = directions(r)
    if len(blind):
        along = np.array([float(value) for value in back([Fraction(float(value)) for value in blind[0]])])
        size = column_lengths(r)
        raise DataError(
            f"the data do not determine {described(along, names, size)}",
            data,
            hint="leave a term out of the model, or give rows that tell the terms apart",
        )
    return condition


def require_rows(rows: int, parameters: int, data: str) -> None:
    """``DataError`` for fewer rows than parameters."""
    if rows < parameters:
        told = "1 row does" if rows == 1 else f"{rows} rows do"
        raise DataError(
            f"{told} not determine {parameters} parameters", data, hint="give more rows, or a model with fewer"
        )


def described(along: Array, names: Sequence[str], scales: Array, theta: Array | None = None) -> str:
    """``b2`` for a single parameter, ``a and b apart: f does not change along (a: 1, b: -2)`` for several; of many the
    heaviest.

    With ``theta`` (p,) relative changes are told where these are whole: a·b is the same along (a: 1 %, b: -1 %).
    """
    weight = np.abs(along) * np.where(scales > 0, scales, 1.0)
    if weight.max() == 0:
        weight = np.abs(along)
    chosen = [int(place) for place in np.flatnonzero(weight > 1e-6 * weight.max())]
    if len(chosen) == 1:
        return f"'{names[chosen[0]]}': the model's values do not depend on it"
    parts = [f"{names[place]}: {change}" for place, change in zip(chosen, _changes(along[chosen]), strict=True)]
    if theta is not None and (theta[chosen] != 0).all():
        relative = along[chosen] / theta[chosen]
        relative /= np.abs(relative).min() * np.sign(relative[0])
        if (np.abs(relative - np.round(relative)) < 1e-4).all():
            parts = [f"{names[place]}: {value:.0f} %" for place, value in zip(chosen, relative, strict=True)]
    heaviest = np.sort(np.argsort(-weight[chosen], kind="stable")[:_LISTED]).tolist()
    more = len(chosen) - len(heaviest)
    quoted = [f"'{names[chosen[place]]}'" for place in heaviest]
    last = f"{more} more" if more else quoted.pop()
    along_parts = ", ".join([parts[place] for place in heaviest] + ["…"] * (more > 0))
    return f"{', '.join(quoted)} and {last} apart: the model's values do not change along ({along_parts})"


def _changes(along: Array) -> list[str]:
    largest = along[int(np.argmax(np.abs(along)))]
    return [f"{value:.4g}" for value in along / largest]
