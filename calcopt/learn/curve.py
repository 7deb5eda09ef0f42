"""Least squares for any model: linear ones solved at once, others searched for. Start at ``fit_curve``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from calcopt.data.blocks import ROWS
from calcopt.errors import CalcoptError, MathError, UsageError
from calcopt.learn.curve_domain import not_finite, require_response
from calcopt.learn.curve_guess import guess
from calcopt.learn.curve_identify import require_rows
from calcopt.learn.curve_kernel import CurveKernel
from calcopt.learn.curve_linear import LinearSolution, solve_linear
from calcopt.learn.curve_loss import TUNING, Loss, LossName
from calcopt.learn.curve_model import CurveModel, parse_model
from calcopt.learn.curve_rows import Rows, Sample
from calcopt.learn.curve_runs import Ending, Runner
from calcopt.learn.curve_search import Bounds, Limits, no_bounds
from calcopt.learn.curve_sums import CurveSums
from calcopt.learn.line import one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.data.table import Table
    from calcopt.expression.tree import Expr
    from calcopt.records import CurveFit, OnIteration

    Array = NDArray[np.float64]

_SAMPLE = 500
"""Rows that guesses are judged on."""
_SCALED = 20_000
"""Rows that the scale of a robust loss is taken from."""
_EXTENDED = 1 << 22
_FEW, _LARGE = 6, 8192
"""Parameters up to which blocks of so many rows, and all that is made of them, still fit the L2 cache."""


@dataclass(frozen=True, slots=True)
class CurveOptions:
    """How a model is fitted. ``starts`` empty: guessed; ``bounds`` by name, ±inf too; ``loss_scale`` None: found."""

    starts: Sequence[Mapping[str, float]] = ()
    bounds: Mapping[str, tuple[float, float]] | None = None
    weights: str | None = None
    loss: LossName = "linear"
    loss_scale: float | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class CurveProblem:
    """A model with its rows read and its kernels made; ``size`` is √Σ w y²."""

    model: CurveModel
    rows: Rows
    kernel: CurveKernel
    sums: CurveSums
    bounds: Bounds
    options: CurveOptions
    size: float


def prepare(
    table: Table, text: str, options: CurveOptions, constants: Mapping[str, Expr] | None = None
) -> CurveProblem:
    """Read the model and the table. Raises as :func:`fit_curve`."""
    model = parse_model(text, table.columns, constants)
    if options.weights is not None:
        table.require(options.weights)
    if not model.columns:
        raise UsageError("the model names no column of the data", hint=f"the columns are {', '.join(table.columns)}")
    rows = Rows(table, model.columns, options.weights, size=_LARGE if len(model.parameters) <= _FEW else ROWS)
    kernel = CurveKernel(model)
    sums = CurveSums(kernel, rows, weighted=options.weights is not None)
    with _slips_first(model):
        require_rows(rows.count, len(model.parameters), table.name)
    size = require_response(kernel, rows, model)
    return CurveProblem(model, rows, kernel, sums, _bounds(model, options), options, size)


def fit_curve(problem: CurveProblem, on_iteration: OnIteration | None = None) -> CurveFit:
    """The least-squares (or robust) fit of the model.

    Raises:
        DataError: bad cells, fewer rows than parameters, a linear model that the data do not determine.
        MathError: the model is not finite at a start.
        UsageError: no start can be guessed.
    """
    from calcopt.learn.curve_report import report_endings, report_linear

    plain = problem.options.loss == "linear" and problem.options.bounds is None
    with one_thread(), _slips_first(problem.model):
        if problem.kernel.linear:
            _require_finite(problem)
            solution = _solved(problem)
            if plain:
                return report_linear(problem, solution)
            starts, said = [solution.theta], None
        else:
            starts, said = _starts(problem)
        problem = _with_loss(problem, starts)
        endings = _endings(problem, starts, on_iteration)
        return report_endings(problem, endings, guessed=said)


@contextmanager
def _slips_first(model: CurveModel) -> Iterator[None]:
    """Where a name is likely a slip, it is also the likeliest reason of an error."""
    try:
        yield
    except CalcoptError as error:
        error.hint = "; ".join(model.warnings) or error.hint
        raise


def _solved(problem: CurveProblem) -> LinearSolution:
    kind: Any = np.longdouble if problem.rows.count <= _EXTENDED else np.float64
    rows = problem.rows
    return solve_linear(problem.sums, problem.model.parameters, count=rows.count, data=rows.table.name, kind=kind)


def _require_finite(problem: CurveProblem) -> None:
    """A linear model's columns must be finite in every row."""
    p = len(problem.model.parameters)
    if not problem.sums.finite(np.zeros(p)):
        raise not_finite(problem.kernel, problem.rows, problem.model, np.ones(p), given=False)


def _bounds(model: CurveModel, options: CurveOptions) -> Bounds:
    bounds = no_bounds(len(model.parameters))
    for name, (low, high) in (options.bounds or {}).items():
        place = model.parameters.index(name)
        bounds.lower[place], bounds.upper[place] = low, high
    return bounds


def _starts(problem: CurveProblem) -> tuple[list[Array], str | None]:
    """The starts that were given, or guessed ones and how they were."""
    names = problem.model.parameters
    if problem.options.starts:
        return [np.array([start[name] for name in names], dtype=np.float64) for start in problem.options.starts], None
    block = problem.rows.sample(_SAMPLE)
    found = guess(problem.kernel, block, names, problem.bounds, weighted=problem.sums.weighted)
    if found is None or not found.starts:
        raise UsageError(
            "no start could be guessed: the model is not finite at any of the points tried",
            hint=f"give one: --start {','.join(f'{name}=1' for name in names)}",
        )
    return found.starts, found.said


def _endings(problem: CurveProblem, starts: Sequence[Array], on_iteration: OnIteration | None) -> list[Ending]:
    """Every given start to its end; of guessed ones as many as it takes until one converges."""
    runner = _runner(problem, on_iteration)
    given = bool(problem.options.starts)
    endings: list[Ending] = []
    for start in starts:
        ending = runner.run(start)
        if ending is None:
            raise not_finite(problem.kernel, problem.rows, problem.model, problem.bounds.project(start), given=given)
        endings.append(ending)
        if ending.status == "interrupted" or (ending.status == "converged" and not given):
            break
    return endings


def _runner(problem: CurveProblem, on_iteration: OnIteration | None = None) -> Runner:
    options, names = problem.options, problem.model.parameters
    return Runner(problem.sums, problem.rows, names, problem.bounds, options.limits, problem.size, on_iteration)


def _with_loss(problem: CurveProblem, starts: list[Array]) -> CurveProblem:
    """The problem with its robust loss; a scale that was not given comes from the median of the residuals' sizes."""
    name = problem.options.loss
    if name == "linear":
        return problem
    if problem.options.loss_scale is not None:
        return replace(problem, sums=problem.sums.with_loss(Loss(name, problem.options.loss_scale)))
    sample = problem.rows.sample(_SCALED)
    small = CurveSums(problem.kernel, Sample(sample), weighted=problem.sums.weighted)
    theta, scale = _least(problem, small, starts), math.inf
    for _ in range(20):
        before, scale = scale, TUNING[name] * _spread(small, sample, theta)
        if not scale > 0:
            raise UsageError(
                "the scale of the residuals cannot be found: half of them or more are 0", hint="give it: --loss-scale"
            )
        if abs(scale - before) <= 1e-3 * scale:
            break
        theta = _least(problem, small.with_loss(Loss(name, scale)), [theta])
    return replace(problem, sums=problem.sums.with_loss(Loss(name, scale)))


def _least(problem: CurveProblem, sums: CurveSums, starts: list[Array]) -> Array:
    found = [_runner(replace(problem, sums=sums)).run(start) for start in starts]
    endings = [ending for ending in found if ending is not None]
    if not endings:
        raise not_finite(problem.kernel, problem.rows, problem.model, starts[0], given=bool(problem.options.starts))
    return min(endings, key=lambda ending: ending.cost).theta


def _spread(sums: CurveSums, sample: Array, theta: Array) -> float:
    """1.4826 · median |u|: the standard deviation of normal residuals."""
    sizes = np.abs(sums.weighing.values(sample, theta, 0).residual)
    if not np.isfinite(sizes).all():
        raise MathError("the model is not finite at the least-squares solution")
    return 1.4826 * float(np.median(sizes))
