"""Losses: what a residual costs. Σ C² ρ(r²/C²) with ρ(z) ≈ z for small z, and slower growth for the large ones.

| name | ρ(z) | grows like |
|---|---|---|
| linear | z | r² |
| huber | z for z ≤ 1, else 2√z − 1 | \\|r\\| |
| soft-l1 | 2(√(1 + z) − 1) | \\|r\\| |
| cauchy | log(1 + z) | log \\|r\\| |

Reference: Huber & Ronchetti 2009, Robust Statistics, ch. 7; Triggs et al. 2000, "Bundle adjustment", §4.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from calcopt.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

LossName = Literal["linear", "huber", "soft-l1", "cauchy"]
LOSSES: tuple[LossName, ...] = ("linear", "huber", "soft-l1", "cauchy")
TUNING = {"huber": 1.345, "soft-l1": 1.345, "cauchy": 2.385}
"""C in units of the residuals' standard deviation: 95 % efficiency on normal errors (soft-l1: as huber)."""


@dataclass(frozen=True, slots=True)
class Loss:
    """``scale`` is C, in the units of the (weighted) residuals."""

    name: LossName = "linear"
    scale: float = 1.0

    @property
    def linear(self) -> bool:
        return self.name == "linear"

    def cost(self, u: Array) -> Any:
        """Σ C² ρ(u²/C²)."""
        if self.name == "linear":
            return (u * u).sum()
        z = (u / self.scale) ** 2
        if self.name == "huber":
            rho = np.where(z <= 1, z, 2 * np.sqrt(z) - 1)
        elif self.name == "soft-l1":
            rho = 2 * z / (np.sqrt(1 + z) + 1)
        else:
            rho = np.log1p(z)
        return self.scale**2 * rho.sum()

    def slopes(self, u: Array) -> tuple[Array, Array]:
        """ρ′ and ρ′ + 2 z ρ″ at z = u²/C²: ψ(u) = ρ′ u, and ψ′(u)."""
        if self.name == "linear":
            one = np.ones_like(u)
            return one, one
        z = (u / self.scale) ** 2
        if self.name == "huber":
            inside = z <= 1
            return np.where(inside, 1, 1 / np.sqrt(np.where(inside, 1, z))), inside.astype(u.dtype)
        if self.name == "soft-l1":
            root = np.sqrt(1 + z)
            return 1 / root, 1 / root**3
        return 1 / (1 + z), (1 - z) / (1 + z) ** 2


def require_loss(name: str) -> LossName:
    """``UsageError`` with a suggestion for what is no loss."""
    for known in LOSSES:
        if name.replace("_", "-") == known:
            return known
    close = did_you_mean(name, LOSSES)
    raise UsageError(f"unknown loss '{name}'", hint=f"did you mean '{close}'?" if close else f"use {', '.join(LOSSES)}")
