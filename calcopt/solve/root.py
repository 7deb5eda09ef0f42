"""Zeros: one function of one variable, or a system. The same loop, the measure is |f| or ‖F‖."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from calcopt.records import Result
from calcopt.solve.driver import reported, run
from calcopt.solve.root_bracketed import BracketedNewton
from calcopt.solve.root_damped import DampedNewton
from calcopt.solve.root_pure import PureRoot
from calcopt.solve.root_task import FindRoot
from calcopt.solve.stopping import Stopping
from calcopt.solve.vectors import norm

if TYPE_CHECKING:
    from calcopt.records import OnIteration, System, Vector
    from calcopt.solve.method import Method


def root_method(kind: Literal["pure", "safeguarded"], *, functions: int, variables: int) -> Method:
    """The root finder for a shape of problem: pure, bracketed (one function of one variable), or damped."""
    if kind == "pure":
        return PureRoot()
    return BracketedNewton() if functions == variables == 1 else DampedNewton()


def solve_root(
    system: System,
    start: Vector,
    *,
    method: Literal["pure", "safeguarded"] = "safeguarded",
    functions: int = 1,
    stop: Stopping | None = None,
    command: str = "newton",
    on_iteration: OnIteration | None = None,
) -> Result:
    """Find x with F(x) = 0 from ``start`` (n,); ``functions`` is the number m of components of F.

    Raises:
        MathError: F or its Jacobian is not finite at the start.
    """
    stop = stop or Stopping()
    task = FindRoot(system, functions)
    chosen = root_method(method, functions=functions, variables=len(system.variables))
    ended = run(task, start, chosen, stop, on_iteration)
    point, halt = reported(ended)
    assert point.residual is not None
    assert point.jacobian is not None
    one = functions == 1
    gradient = point.jacobian[0] if one else point.gradient
    advice = halt.advice
    if advice is None and halt.status != "converged":
        advice = chosen.advise(task, halt.status, point, None)
    return Result(
        command=command,
        function=task.label,
        variables=tuple(task.variables),
        goal="root",
        method=chosen.name,
        status=halt.status,
        message=halt.message,
        x=point.x,
        value=float(point.residual[0]) if one else point.value,
        gradient=gradient,
        gradient_norm=norm(gradient),
        hessian=None,
        verdict=task.verdict(point),
        counts=ended.counts,
        trace=tuple(ended.trace),
        residual=point.residual,
        jacobian=point.jacobian,
        advice=advice,
        explained=ended.explained(),
        outside=halt.outside,
    )
