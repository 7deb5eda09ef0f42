"""When a trial point is progress: Armijo's test, and what replaces it where F drowns in its own rounding."""

from __future__ import annotations

import numpy as np

from calcopt.learn.training_problem import Point


def is_progress(point: Point, trial: Point, *, slope: float, sufficient: float) -> bool:
    """F(trial) ≤ F(point) − c·|slope|, where ``slope`` < 0 is the fall that the gradient predicts for the step.

    A predicted fall of less than a few units in the last place of F cannot be seen in F: then F must not rise beyond
    rounding, and the gradient must become smaller (Hager & Zhang 2005, *SIAM J. Optim.* 16, the approximate Wolfe
    test, has the same purpose). Non-finite trials are never progress.
    """
    if not trial.finite:
        return False
    rounding = 8.0 * float(np.finfo(float).eps) * abs(point.objective)
    if -slope > rounding:
        return trial.objective <= point.objective + sufficient * slope
    return trial.objective <= point.objective + rounding and trial.gradient_norm < point.gradient_norm
