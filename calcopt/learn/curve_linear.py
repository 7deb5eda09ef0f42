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

from calcopt.learn.curve_basis import Basis, find_basis
from calcopt.learn.curve_identify import require_determined
from calcopt.learn.curve_kernel import Values
from calcopt.learn.curve_loss import Loss
from calcopt.learn.curve_polish import Polished, polish
from calcopt.learn.line_columns import Block
from calcopt.learn.line_tsqr import triangle_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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


def solve_linear(sums: CurveSums, names: Sequence[str], *, data: str, kind: Any) -> LinearSolution:
    """The least-squares solution; ``kind`` is the precision of the refinement.

    Raises:
        DataError: columns of the model that the data cannot tell apart, with the combination.
    """
    basis = find_basis(sums.kernel, sums.blocks(), weighted=sums.weighted)

    def rows(coordinates: Array) -> Iterator[Values]:
        for values in _basis_rows(sums, basis, kind):
            assert values.jacobian is not None
            yield Values(values.residual - values.jacobian @ coordinates, values.jacobian)

    triangle = triangle_of(
        Block(v.jacobian, v.residual, None)  # type: ignore[arg-type]
        for v in _basis_rows(sums, basis, np.float64)
    )
    assert triangle is not None
    p = len(names)
    r = triangle.r[:p, :p]
    condition = require_determined(r, names, triangle.rows, data=data, back=basis.back)
    first = solve_triangular(r, triangle.r[:p, p])
    polished = polish(rows, first.astype(kind), r, Loss())
    assert polished is not None
    theta = np.array([float(value) for value in basis.back([_exact(value) for value in polished.theta])])
    columns = [basis.back([_exact(value) for value in column]) for column in polished.factor.T]
    factor = np.array([[float(value) for value in column] for column in columns]).T
    return LinearSolution(theta, factor, polished, condition, bool(basis.powers))


def _basis_rows(sums: CurveSums, basis: Basis, kind: Any) -> Iterator[Values]:
    """√w (y − f(0)) and √w T, block by block."""
    zero = [kind(0)] * sums.kernel.parameters
    for block in sums.blocks():
        columns, root = sums.split(block.astype(kind))
        values = sums.kernel.evaluate(columns, zero, 1)
        assert values.jacobian is not None
        t = basis.transform(values.jacobian, columns)
        if root is not None:
            yield Values(values.residual * root, t * root[:, None])
        else:
            yield Values(values.residual, t)


def _exact(value: Any) -> Fraction:
    return Fraction(*value.as_integer_ratio())
