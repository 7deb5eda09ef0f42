"""What a training method is: a frozen record of its settings that turns one point into the next.

``start`` makes the method's memory, ``step`` is one epoch. The loop, the stopping tests and the verdict belong to
:mod:`calcopt.learn.training`; no method owns a loop over epochs.
"""

from __future__ import annotations

from typing import Any, Protocol

from calcopt.learn.training_problem import Point, TrainingProblem


class Method(Protocol):
    """One way to train. The memory is the method's own (momenta, a rate, a random generator)."""

    @property
    def name(self) -> str: ...
    @property
    def uses_curvature(self) -> bool:
        """Whether a step uses the Hessian at its start."""
        ...

    def start(self, problem: TrainingProblem) -> Any:
        """The memory before the first epoch."""
        ...

    def step(self, problem: TrainingProblem, point: Point, memory: Any) -> tuple[Point | None, Any]:
        """The point after one more epoch and the new memory; None when no acceptable step exists."""
        ...
