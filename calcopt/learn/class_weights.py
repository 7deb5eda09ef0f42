"""How much the rows of each class count."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from calcopt.errors import UsageError, did_you_mean
from calcopt.learn.network_functions import Array

ClassWeights = str | Mapping[str, float]
"""``"balanced"``, or a weight for some classes, by name (also as text: ``rare=10,other=1``); 1 for the rest."""


def read_class_weights(given: ClassWeights, classes: Sequence[str], counts: NDArray[np.int64] | None) -> Array:
    """The weight of every class, (classes,); ``counts`` says how many rows each has, and is None for a regression.

    Balanced: n/(K nₖ), so that each class counts the same in the sum.
    Raises ``UsageError`` for a regression, for a class that there is not, and for a weight that is not above 0.
    """
    if counts is None:
        raise UsageError("--class-weights is for a classification", hint="leave it out, or say --task classification")
    if given == "balanced":
        return int(counts.sum()) / (len(classes) * counts.astype(np.float64))
    named = _from_text(given) if isinstance(given, str) else given
    weights = np.ones(len(classes))
    for name, weight in named.items():
        if str(name) not in classes:
            close = did_you_mean(str(name), classes)
            hint = f"did you mean '{close}'?" if close else f"the classes are {', '.join(classes[:20])}"
            raise UsageError(f"--class-weights names '{name}', which is no class", hint=hint)
        if not (math.isfinite(weight) and weight > 0):
            raise UsageError(f"the weight {weight} of class '{name}' is not above 0", hint="for example 10")
        weights[classes.index(str(name))] = weight
    return weights


def _from_text(text: str) -> dict[str, float]:
    """``a=2,b=0.5`` as a dictionary; a name ends at the last ``=``."""
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = part.rpartition("=")
        try:
            weights[name.strip()] = float(number)
        except ValueError:
            equals = ""
        if not equals or not name.strip():
            hint = "type balanced, or a weight a class, such as rare=10,other=1"
            raise UsageError(f"--class-weights does not understand '{part.strip()}'", hint=hint)
    return weights
