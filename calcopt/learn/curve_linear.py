"""Models linear in their parameters: solved at once, by QR in a well-conditioned basis with refinement.

Rows are factored by TSQR in double; the solution is refined in extended precision (``curve_polish``) and taken back to
the model's own parameters in rational arithmetic (``curve_basis``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import solve_triangular

from calcopt.data.pairwise import PairwiseTree
from calcopt.errors import DataError
from calcopt.learn.curve_basis import Basis, find_basis
from calcopt.learn.curve_identify import require_determined
from calcopt.learn.curve_kernel import Values
from calcopt.learn.curve_loss import Loss
from calcopt.learn.curve_polish import Polished, Sums, added, polish, summed
from calcopt.learn.curve_triangle import squared, stacked, triangular

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from calcopt.learn.curve_passes import Weighing
    from calcopt.learn.curve_sums import CurveSums

    Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class LinearSolution:
    """θ (p,), W (p, p) with W Wᵀ = (JᵀJ)⁻¹, the sums at θ, κ of the scaled basis, and whether powers were rebuilt."""

    theta: Array
    factor: Array
    polished: Polished
    condition: float
    polynomial: bool


def solve_linear(sums: CurveSums, names: Sequence[str], *, count: int, data: str, kind: Any) -> LinearSolution:
    """The least-squares solution over ``count`` rows; ``kind`` is the precision of the refinement.

    Raises:
        DataError: columns of the model that the data cannot tell apart, with the combination; a parameter that no
            double can hold.
    """
    rows = BasisRows(sums.weighing, find_basis(sums.kernel, sums.source, weighted=sums.weighted))
    basis, p = rows.basis, len(names)
    triangle = squared(sums.source.total(TriangleOf(rows), stacked))
    r = triangle[:p, :p]
    condition = require_determined(r, names, count, data=data, back=basis.back)
    first = solve_triangular(r, triangle[:p, p])

    def sums_at(coordinates: Array) -> Sums:
        return sums.source.total(ResidualsOf(rows, coordinates, r), added)

    polished = polish(sums_at, first.astype(kind), r)
    if polished is None:  # sums of squares have lost their digits at an end of the range
        hint = "measure the columns in other units"
        raise DataError("the numbers are too small or too large for the sums of the fit", data, hint=hint)
    columns = [basis.back([_exact(value) for value in column]) for column in polished.factor.T]
    theta = np.array(_doubles(basis.back([_exact(value) for value in polished.theta]), names, data))
    factor = np.array([_doubles(column, names, data) for column in columns]).T
    return LinearSolution(theta, factor, polished, condition, bool(basis.powers))


@dataclass(frozen=True, slots=True)
class BasisRows:
    """√w (y − f(0)) and √w T of a block."""

    weighing: Weighing
    basis: Basis

    def values(self, block: Array, kind: Any) -> Values:
        columns, root = self.weighing.split(block.astype(kind))
        values = self.weighing.kernel.evaluate(columns, [kind(0)] * self.basis.parameters, 1)
        assert values.jacobian is not None
        t = self.basis.transform(values.jacobian, columns)
        if root is not None:
            return Values(values.residual * root, t * root[:, None])
        return Values(values.residual, t)


@dataclass(frozen=True, slots=True)
class TriangleOf:
    """R of [T y] for some rows."""

    rows: BasisRows

    def __call__(self, blocks: Iterator[Array]) -> Array:
        tree = PairwiseTree(stacked)
        for block in blocks:
            values = self.rows.values(block, np.float64)
            assert values.jacobian is not None
            tree.add(triangular(values.jacobian, values.residual))
        found = tree.total()
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class ResidualsOf:
    """What is polished of some rows at ``coordinates``, in their precision."""

    rows: BasisRows
    coordinates: Array
    r: Array

    def __call__(self, blocks: Iterator[Array]) -> Sums:
        return summed((self._values(block) for block in blocks), self.r, Loss())

    def _values(self, block: Array) -> Values:
        values = self.rows.values(block, self.coordinates.dtype.type)
        assert values.jacobian is not None
        return Values(values.residual - values.jacobian @ self.coordinates, values.jacobian)


def _doubles(values: Sequence[Fraction], names: Sequence[str], data: str) -> list[float]:
    """The values for the parameters ``names`` as doubles; ``DataError`` where one is too large for that."""
    doubles = []
    for name, value in zip(names, values, strict=True):
        try:
            doubles.append(float(value))
        except OverflowError:
            hint = "measure the columns in other units"
            raise DataError(f"the value of '{name}' or its error is too large for a double", data, hint=hint) from None
    return doubles


def _exact(value: Any) -> Fraction:
    return Fraction(*value.as_integer_ratio())
