"""How the rate of sgd and adam falls from epoch to epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

Schedule: TypeAlias = Literal["constant", "1/t", "sqrt", "cosine"]
SCHEDULES: tuple[Schedule, ...] = ("constant", "1/t", "sqrt", "cosine")


@dataclass(frozen=True, slots=True)
class Pace:
    """αₜ/α in epoch t = 0, 1, …: 1, 1/(1+t/T), 1/√(1+t/T), or ½(1 + cos(πt/T)), 0 from T on; T is ``period``.

    1/t is Robbins & Monro's choice (1951): its sum diverges, that of its squares does not; the cosine is that of
    Loshchilov & Hutter (2017, SGDR) without restarts.
    """

    schedule: Schedule = "constant"
    period: float = 1.0

    def factor(self, epoch: int) -> float:
        share = epoch / self.period
        if self.schedule == "1/t":
            return 1.0 / (1.0 + share)
        if self.schedule == "sqrt":
            return 1.0 / math.sqrt(1.0 + share)
        if self.schedule == "cosine":
            return 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0)))
        return 1.0


CONSTANT = Pace()
