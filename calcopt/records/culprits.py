"""Which part of a formula has no finite value at a point, and with which inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Culprit:
    """``text[start:end]`` is the innermost part of the formula that ``fails`` although its own parts are finite.

    ``inputs`` are the names in it with their values, ``arguments`` its operands (as typed) with theirs, where these
    are more than a name or a number.
    """

    text: str
    start: int
    end: int
    fails: Literal["has no value", "overflows", "has no finite derivative"]
    inputs: Mapping[str, float]
    arguments: Mapping[str, float]

    @property
    def expression(self) -> str:
        return " ".join(self.text[self.start : self.end].split())

    @property
    def sentence(self) -> str:
        """``log(x-3) has no value at x = -15, where x-3 = -18``."""
        shown = [*self.inputs.items()][:4]
        at = f" at {_listed(dict(shown))}{', …' if len(self.inputs) > 4 else ''}" if shown else ""
        where = f", where {_listed(self.arguments)}" if self.arguments else ""
        return f"{self.expression} {self.fails}{at}{where}"


def _listed(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:.6g}" for name, value in values.items())
