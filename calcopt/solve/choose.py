"""Which local method: by size, by the sparsity of the Hessian, by smoothness, and whether f is a sum of squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from calcopt.errors import MathError, UsageError
from calcopt.solve.catalog import check_local_method, local_method

if TYPE_CHECKING:
    from calcopt.records import Matrix, Objective, System, Vector
    from calcopt.solve.method import Method

SMALL = 500
"""Up to so many variables a dense Hessian is taken apart at each step without a second thought."""
CHAIN = 30
"""From so many variables on they are moved together where they crawl one after another."""
MOST_DENSE = 2000
"""Beyond, a dense Hessian is not made at all."""
FEW_ENTRIES = 12
"""Entries per row up to which a sparse Hessian of up to 10⁵ rows is factorized, wherever they are."""


class Choice(NamedTuple):
    """The method, and one sentence that says why it was taken."""

    method: Method
    reason: str


def choose(
    objective: Objective, start: Vector, *, name: str = "auto", residuals: System | None = None, smooth: bool = True
) -> Choice:
    """The method called ``name``; for ``auto`` the one that fits the function.

    ``residuals`` are those of f = Σ rₖ² + constant where f was recognised as such, else None; ``smooth`` tells that
    the formula has no kinks or jumps. ``objective`` is evaluated once at ``start`` (n,) to see its Hessian.

    Raises:
        UsageError: an unknown name, or ``levenberg-marquardt`` for what is no sum of squares.
    """
    check_local_method(name)
    if name == "levenberg-marquardt":
        from calcopt.solve.levenberg_marquardt import LevenbergMarquardt

        if residuals is None:
            raise UsageError(
                "levenberg-marquardt needs a sum of squares, such as (x-1)^2 + (x*y-2)^2",
                hint="use --method auto, or write each term as a square",
            )
        return Choice(LevenbergMarquardt(residuals), "levenberg-marquardt was asked for")
    if name != "auto":
        return Choice(local_method(name), f"{name} was asked for")
    picked = _fitting(objective, start, residuals, smooth=smooth)
    if start.size < CHAIN:
        return picked
    from calcopt.solve.together import Together

    return Choice(Together(picked.method), picked.reason)


def _fitting(objective: Objective, start: Vector, residuals: System | None, *, smooth: bool) -> Choice:
    n = start.size
    variables = f"{n:,} variable{'' if n == 1 else 's'}"
    if residuals is not None and smooth and n <= SMALL:
        return Choice(_squares(residuals), "f is a sum of squares: Levenberg–Marquardt, and Newton where it gets slow")
    if n <= SMALL:
        kind = "safeguarded Newton" if smooth else "safeguarded Newton, which says so where a kink stops it"
        return Choice(local_method("safeguarded"), f"{variables}: {kind}")
    hessian = _hessian(objective, start)
    if hessian is None or (isinstance(hessian, np.ndarray) and n > MOST_DENSE):
        return Choice(local_method("l-bfgs"), f"{variables} and a dense Hessian: L-BFGS, which stores no matrix")
    if isinstance(hessian, np.ndarray):
        return Choice(local_method("safeguarded"), f"{variables}: safeguarded Newton")
    from calcopt.solve.banded import bandwidth
    from calcopt.solve.sparse import NARROW

    width, entries = bandwidth(hessian), hessian.nnz / n
    if width <= NARROW:
        why = f"a Hessian within {width} diagonal{'' if width == 1 else 's'} of the main one"
        return Choice(local_method("safeguarded"), f"{variables} and {why}: safeguarded Newton with banded Cholesky")
    sparse = f"{variables} and a sparse Hessian ({entries:.3g} entries a row)"
    if entries <= FEW_ENTRIES and n <= 100_000:
        return Choice(local_method("safeguarded"), f"{sparse}: safeguarded Newton with sparse factorization")
    return Choice(local_method("truncated-newton"), f"{sparse}: truncated Newton by conjugate gradients")


def _squares(residuals: System) -> Method:
    from calcopt.solve.levenberg_marquardt import LevenbergMarquardt
    from calcopt.solve.relay import Relay

    return Relay(LevenbergMarquardt(residuals), local_method("safeguarded"))


def _hessian(objective: Objective, start: Vector) -> Matrix | None:
    """∇²f at the start; None where it is too large to store."""
    try:
        return objective.evaluate(start, 2).hessian
    except (MathError, MemoryError):
        return None
