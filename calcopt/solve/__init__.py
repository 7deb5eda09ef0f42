"""Solvers: one driver loop, one method a file; they see an :class:`~calcopt.records.Objective` and nothing else.

Inside this room the names are those of the textbooks: x the point, f the value, g the gradient, H the Hessian, p a
step, alpha the factor before it. The letter of a row of the iteration table (``Iteration.step``) says what the step
was:

====  ==================================================================================================
``N``  full Newton step
``B``  backtracked: the first trial was refused, a shorter step taken
``R``  regularized: the Hessian was modified, or the step bounded by the trust region
``D``  cut back at the edge of the domain (a trial value was not finite)
``A``  all variables moved together
``J``  jump off a saddle or a maximum, along negative curvature
``G``  gradient step
``M``  gradient step with momentum
``Q``  quasi-Newton step (L-BFGS)
``L``  damped Gauss–Newton step (Levenberg–Marquardt)
``S``  the bracket of a sign change was split
``" "``  the start
====  ==================================================================================================
"""

from __future__ import annotations

from calcopt.solve.driver import solve
from calcopt.solve.method import Halt, Method, Move
from calcopt.solve.runs import gather
from calcopt.solve.stopping import Stopping

__all__ = ["Halt", "Method", "Move", "Stopping", "gather", "solve"]
