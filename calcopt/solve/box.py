"""Bounds lower ≤ x ≤ upper, kept by projection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.records import Vector


@dataclass(frozen=True, slots=True)
class Box:
    """The set {x : lower ≤ x ≤ upper}; entries may be infinite. Both arrays have shape (n,)."""

    lower: Vector
    upper: Vector

    def project(self, x: Vector) -> Vector:
        """The nearest point of the box."""
        return np.minimum(np.maximum(x, self.lower), self.upper)

    def projected_gradient(self, x: Vector, g: Vector) -> Vector:
        """x − P(x − g): zero exactly at the first-order points of the bounded problem.

        Where no bound is near it is g itself (Bertsekas 1999, Nonlinear Programming, §2.3); it is taken as g where
        the projection changes nothing, so that no digits are lost in x − (x − g).
        """
        moved = x - g
        return np.where((moved >= self.lower) & (moved <= self.upper), g, x - self.project(moved))

    def held(self, x: Vector, g: Vector) -> NDArray[np.bool_]:
        """Which variables sit at a bound that descent along −g would cross, shape (n,)."""
        return ((x <= self.lower) & (g > 0)) | ((x >= self.upper) & (g < 0))

    def describe(self, variables: Sequence[str], x: Vector, g: Vector) -> str:
        """The active bounds as a sentence: ``bound active: x = 5 (upper)``; empty when none is."""
        parts = []
        for index in np.flatnonzero(self.held(x, g)).tolist():
            side = "upper" if g[index] < 0 else "lower"
            parts.append(f"{variables[index]} = {x[index]:.6g} ({side})")
        if not parts:
            return ""
        shown = ", ".join(parts[:4]) + (", …" if len(parts) > 4 else "")
        return f"bound{'s' if len(parts) > 1 else ''} active: {shown}"
