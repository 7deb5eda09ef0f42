"""Full-batch gradient descent with a constant rate, as in the course."""

from __future__ import annotations

from dataclasses import dataclass

from calcopt.learn.training_problem import Point, TrainingProblem


@dataclass(frozen=True, slots=True)
class GradientDescent:
    """θ ← θ − α ∇F(θ), one step an epoch (Cauchy 1847). For α < 2/L, L bounding the curvature, F decreases."""

    rate: float
    name: str = "gd"
    uses_curvature: bool = False

    def start(self, problem: TrainingProblem) -> None:
        return None

    def step(self, problem: TrainingProblem, point: Point, memory: None) -> tuple[Point, None]:
        return problem.evaluate(point.theta - self.rate * point.gradient), None
