"""All that a least-squares problem leaves behind: a small triangle, whatever the number of rows.

With the rows shifted by the first one, x′ = x − s and y′ = y − t, and the weights w (1 when there are none),

    √w [1  X′  y′] = Q R,      R = [ √W  √W m  √W ȳ′ ]      W = Σw, m = the weighted mean of X′,
                                   [ 0    S     c    ]      SᵀS = the centred cross products of X,
                                   [ 0    0     ρ    ]      ρ = ‖residual‖.

QR of the ones first *is* the centring. Without intercept the first row and column are absent and nothing is
shifted. Everything of ``fit-line`` (parameters, errors, R², descent) is read off R; XᵀX is never formed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Triangle:
    """R of shape (q+1, q+1), upper triangular with non-negative diagonal; q = features + intercept.

    ``shift`` (p,) and ``shift_y`` are what was subtracted from the rows (zeros without intercept).
    """

    r: Array
    rows: int
    weight: float
    shift: Array
    shift_y: float
    intercept: bool

    @property
    def features(self) -> int:
        return len(self.shift)

    @property
    def spread(self) -> Array:
        """S (p, p): the factor of the centred (without intercept: plain) features."""
        first = int(self.intercept)
        return self.r[first:-1, first:-1]

    @property
    def lengths(self) -> Array:
        """The lengths (p,) of the centred features, without under- or overflow of their squares."""
        largest = np.abs(self.spread).max(axis=0)
        unit = np.where(largest > 0, largest, 1.0)
        lengths: Array = largest * np.linalg.norm(self.spread / unit, axis=0)
        return lengths

    @property
    def target(self) -> Array:
        """c (p,): the centred target in the coordinates of S."""
        return self.r[int(self.intercept) : -1, -1]

    @property
    def residual_norm(self) -> float:
        """ρ, the norm of the residual of the best fit."""
        return float(self.r[-1, -1])

    @property
    def mean(self) -> Array:
        """m (p,): the mean of the shifted features (zeros without intercept)."""
        return self.r[0, 1:-1] / self.r[0, 0] if self.intercept else np.zeros(self.features)

    @property
    def mean_y(self) -> float:
        """The mean of the shifted target (0 without intercept)."""
        return float(self.r[0, -1] / self.r[0, 0]) if self.intercept else 0.0

    @property
    def total_norm(self) -> float:
        """√Σ w (y − ȳ)², or √Σ w y² without intercept: what R² is measured against."""
        return float(np.linalg.norm(self.r[int(self.intercept) :, -1]))
