"""Full-batch gradient descent that finds its own rate: for networks with hidden layers, where no bound is known."""

from __future__ import annotations

from dataclasses import dataclass

from calcopt.learn.training_acceptance import is_progress
from calcopt.learn.training_problem import Point, TrainingProblem


@dataclass(frozen=True, slots=True)
class BacktrackingDescent:
    """θ ← θ − α ∇F(θ), with α halved until F falls by at least c α ‖∇F‖², and doubled after each step.

    The memory is α. Each epoch costs one pass over the data for every α tried, two on average.
    Reference: Armijo 1966; Nocedal & Wright 2006, *Numerical Optimization*, algorithm 3.1.
    """

    rate: float = 1.0
    sufficient: float = 0.1
    growth: float = 2.0
    halvings: int = 60
    name: str = "gd"
    uses_curvature: bool = False

    def start(self, problem: TrainingProblem) -> float:
        return self.rate

    def step(self, problem: TrainingProblem, point: Point, memory: float) -> tuple[Point | None, float]:
        rate, square = memory, point.gradient_norm**2
        for _ in range(self.halvings):
            trial = problem.evaluate(point.theta - rate * point.gradient)
            if is_progress(point, trial, slope=-rate * square, sufficient=self.sufficient):
                return trial, self.growth * rate
            rate *= 0.5
        return None, rate
