"""A decaying curve with noise, for the tests of ``fit``."""

from __future__ import annotations

from typing import Any

import numpy as np

import calcopt
from calcopt.records import CurveFit

X = np.linspace(0.0, 6.0, 25)
NOISE = np.random.default_rng(7).normal(size=25)
DECAY = 4 * np.exp(-0.7 * X) + 1 + 0.05 * NOISE


def decay(**options: Any) -> CurveFit:
    return calcopt.fit("y ~ a*exp(-b*x) + c", {"x": X, "y": DECAY}, **options)


def values(fit: CurveFit) -> np.ndarray:
    return np.array(list(fit.parameters.values()))


def residuals(theta: np.ndarray) -> np.ndarray:
    """Of the curve at (a, b, c)."""
    a, b, c = theta
    return DECAY - (a * np.exp(-b * X) + c)


def bits(fit: CurveFit) -> str:
    """All that was found, every number with all its digits."""
    with np.printoptions(floatmode="unique"):
        return repr(fit)
