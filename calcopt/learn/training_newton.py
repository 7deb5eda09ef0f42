"""Newton's method for a perceptron: iteratively reweighted least squares, made safe by a line search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calcopt.learn.network_functions import Array
from calcopt.learn.training_acceptance import is_progress
from calcopt.learn.training_curvature import hessian
from calcopt.learn.training_problem import Point, TrainingProblem

LARGEST = 2_000
"""Most parameters Newton's method is offered for: the Hessian is dense, and solving costs their cube."""
ROUNDING = 32
"""In units of p ε: eigenvalues of H below this share of the largest are rounding errors of the sums in it."""


@dataclass(frozen=True, slots=True)
class Newton:
    """θ ← θ − t (∇²F)⁻¹ ∇F, with t = 1, ½, ¼ … until F falls enough.

    Value, gradient and Hessian of a trial come from one pass over the rows: the first trial is nearly always taken.
    For the identity output one step is the least-squares solution; for σ it is IRLS. The memory is empty.
    Reference: McCullagh & Nelder 1989, *Generalized Linear Models*, §2.5; Boyd & Vandenberghe 2004, §9.5.
    """

    sufficient: float = 1e-4
    halvings: int = 40
    name: str = "newton"
    uses_curvature: bool = True

    def start(self, problem: TrainingProblem) -> None:
        return None

    def step(self, problem: TrainingProblem, point: Point, memory: None) -> tuple[Point | None, None]:
        direction = -solve(problem, hessian(problem, point), point.gradient)
        slope = float(point.gradient @ direction)
        length = 1.0
        for _ in range(self.halvings):
            trial = problem.evaluate(point.theta + length * direction, curvature=True)
            if is_progress(point, trial, slope=length * slope, sufficient=self.sufficient):
                return trial, None
            length *= 0.5
        return None, None


def solve(problem: TrainingProblem, matrix: Array, gradient: Array) -> Array:
    """H⁻¹g by Cholesky; where H is singular (dependent features), the shortest solution.

    Adding one number to all logits of a softmax changes nothing, so H is singular along these directions by
    nature. They are orthogonal to the gradient: (1 1ᵀ)/K ⊗ I is added, which leaves the step as it is.

    Where it is known that features are redundant, Cholesky is not tried: the last pivot is λ_min / v², which is no
    sign of a singular H where the null vector's last entry v is small, as that of a rare level is.
    """
    from scipy.linalg import LinAlgError, cho_factor, cho_solve, eigh

    inputs, outputs = problem.network.sizes
    if problem.network.output == "softmax":
        matrix = matrix + np.kron(np.eye(inputs + 1), np.full((outputs, outputs), 1.0 / outputs))
    threshold = ROUNDING * len(gradient) * np.finfo(float).eps
    try:
        if problem.redundant and problem.l2 == 0.0:
            raise LinAlgError("known to be singular")
        factor = cho_factor(matrix, lower=True, check_finite=False)
        pivots = np.abs(np.diag(factor[0]))
        if pivots.min() ** 2 > threshold * pivots.max() ** 2:
            step: Array = cho_solve(factor, gradient, check_finite=False)
            return step
    except LinAlgError:
        pass  # not positive definite to rounding: the same case as a tiny pivot
    # by divide and conquer: the default driver gives up on large clusters of equal eigenvalues
    values, vectors = eigh(matrix, check_finite=False, driver="evd")
    kept = values > threshold * values[-1]
    shortest: Array = vectors[:, kept] @ ((vectors[:, kept].T @ gradient) / values[kept])
    return shortest
