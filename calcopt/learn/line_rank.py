"""Can the data determine the parameters? If not, which columns are to blame, and how they hang together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from calcopt.errors import DataError

if TYPE_CHECKING:
    from calcopt.learn.line_triangle import Triangle

EPS = float(np.finfo(np.float64).eps)


def require_full_rank(triangle: Triangle, features: Sequence[str], *, data: str) -> None:
    """``DataError`` when there are fewer rows than parameters, or a column is constant or a sum of others.

    A column counts as dependent when its distance from the span of those before it is within rounding error of the
    numbers in the file, about 100 p ε of their size.
    """
    _require_rows(triangle, data)
    spread = triangle.spread
    lengths = triangle.lengths
    sizes = np.sqrt(triangle.weight) * np.abs(triangle.shift + triangle.mean)
    constant = lengths <= 8 * EPS * sizes if triangle.intercept else lengths == 0
    if constant.any():
        raise _constant(triangle, features, int(np.argmax(constant)), data)
    for position in range(len(features)):
        tolerance = 100 * EPS * len(features) * (lengths[position] + sizes[position])
        if spread[position, position] <= tolerance:
            if position == 0:
                raise _constant(triangle, features, position, data)
            raise _dependent(triangle, features, position, data)


def condition(triangle: Triangle) -> float:
    """The condition number of the centred features, each scaled to length 1."""
    return float(np.linalg.cond(triangle.spread / triangle.lengths))


def _require_rows(triangle: Triangle, data: str) -> None:
    parameters = triangle.features + triangle.intercept
    if triangle.rows < parameters:
        rows = "1 row does" if triangle.rows == 1 else f"{triangle.rows} rows do"
        raise DataError(f"{rows} not determine {parameters} parameters", data, hint="give more rows or fewer features")


def _constant(triangle: Triangle, features: Sequence[str], position: int, data: str) -> DataError:
    name = features[position]
    if not triangle.intercept:
        return DataError(
            f"column '{name}' is 0 in every row: its coefficient is not determined", data, hint="leave it out"
        )
    value = _number(float(triangle.shift[position] + triangle.mean[position]))
    deviation = float(triangle.lengths[position] / np.sqrt(triangle.weight))
    if deviation > 0:
        return DataError(
            f"column '{name}' is {value} up to rounding (its deviation is {_number(deviation)}): "
            "there is no slope to find",
            data,
            hint=f"subtract a constant from '{name}' where its digits are still known, or leave it out",
        )
    if len(features) == 1:
        return DataError(f"column '{name}' is constant ({value} in every row): there is no slope to find", data)
    return DataError(
        f"column '{name}' is constant ({value} in every row), as the intercept is: they cannot be told apart",
        data,
        hint=f"leave '{name}' out, or use --no-intercept",
    )


def _dependent(triangle: Triangle, features: Sequence[str], position: int, data: str) -> DataError:
    """Name the relation: column = Σ coefficient · earlier column + constant."""
    spread = triangle.spread
    coefficients = np.linalg.solve(spread[:position, :position], spread[:position, position])
    size = np.linalg.norm(spread[:, :position], axis=0) * np.abs(coefficients)
    matters = size > 1e-9 * size.max()
    means = triangle.shift + triangle.mean
    terms = [(float(coefficient), features[index]) for index, coefficient in enumerate(coefficients) if matters[index]]
    rest = float(means[position] - sum(c * means[features.index(name)] for c, name in terms))
    largest = max([abs(float(means[position])), *(abs(c * float(means[features.index(name)])) for c, name in terms)])
    relation = _relation(terms, rest if triangle.intercept and abs(rest) > 1e-9 * largest else 0.0)
    listed = ", ".join(f"'{name}'" for name in [*(name for _, name in terms), features[position]])
    return DataError(
        f"the columns {listed} are collinear: {features[position]} = {relation}",
        data,
        hint="leave one of them out",
    )


def _relation(terms: Sequence[tuple[float, str]], constant: float) -> str:
    text = ""
    for coefficient, name in [*terms, *([(constant, "")] if constant else [])]:
        size = _number(abs(coefficient))
        factor = name if size == "1" and name else f"{size}·{name}" if name else size
        if not text:
            text = f"-{factor}" if coefficient < 0 else factor
        else:
            text += f" - {factor}" if coefficient < 0 else f" + {factor}"
    return text


def _number(value: float) -> str:
    return f"{value:.6g}"
