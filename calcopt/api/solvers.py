"""Gradient descent and Newton's method, behind ``calcopt.gradient_descent`` and ``calcopt.newton``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from calcopt.api.checkpoints import begun
from calcopt.api.domain import blaming
from calcopt.api.explain import finished
from calcopt.api.questions import (
    Bounds,
    Constants,
    FunctionLike,
    Starts,
    only,
    require_variables,
    run_each,
    the_box,
    the_formula,
    the_formulas,
    the_objective,
    the_poles,
)
from calcopt.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from calcopt.records import OnIteration, Result, Runs, Vector
    from calcopt.solve import Stopping
    from calcopt.solve.catalog import DescentMethod, NewtonMethod
    from calcopt.solve.scheduled import Schedule

DESCENT_ITERATIONS = 10_000
NEWTON_ITERATIONS = 10_000


def gradient_descent(
    function: FunctionLike,
    start: Starts | None = None,
    *,
    rate: float | None = None,
    method: DescentMethod = "fixed",
    schedule: Schedule = "constant",
    maximize: bool = False,
    tolerance: float = 1e-8,
    max_iterations: int = DESCENT_ITERATIONS,
    time_limit: float | None = None,
    trace: Literal["thinned", "all"] = "thinned",
    explain: int | None = None,
    checkpoint: str | Path | None = None,
    resume: str | Path | None = None,
    let: Constants = None,
    box: Bounds = None,
    verify: bool = False,
    variables: Sequence[str] | None = None,
    on_iteration: OnIteration | None = None,
) -> Result | Runs:
    """Minimize (or maximize) a function by gradient descent, x_k = x_{k−1} − α ∇f(x_{k−1}) and its kin.

    ``function`` is a formula as text (or parsed). ``start`` is a mapping name → number, numbers in the order of the
    variables, the text of ``--start``, or a list of several of these: then the answer is a :class:`Runs`. ``rate``
    is α: 0.01 by default for the methods with a fixed rate, the first trial for the others. ``schedule`` lowers
    the rate from step to step (α/k, α/√k, or a cosine of period 1000). ``let`` gives values
    to named constants, ``box`` bounds to variables. ``verify`` adds a proof to an answer: that there is exactly one
    critical point near it, how far there is no other, and what it is (``result.proof``). ``explain`` works one
    iteration out in full (``result.explained``). ``checkpoint`` names a file that the run is saved to,
    ``resume`` one that it goes on from with the same iterates (then ``start`` is that of the file). ``on_iteration`` is
    called with each accepted iterate.

    Raises:
        ParseError, ValueTextError: a text that cannot be read.
        UsageError: an unknown method, a rate that is not positive.
        MathError: f or its gradient is not finite at a start.

    >>> result = gradient_descent("exp(x) - log(x)", "x=0.05", rate=0.005)
    >>> result.status, result.iterations, round(float(result.x[0]), 8)
    ('converged', 756, 0.56714329)
    >>> gradient_descent("x^2 + y^2", {"x": 1, "y": 2}, rate=1.5).status
    'diverged'

    Reference: Nocedal & Wright 2006, Numerical Optimization, ch. 3.
    """
    from calcopt.solve import Stopping, solve
    from calcopt.solve.catalog import descent_method

    chosen = descent_method(method, rate, schedule)
    formula = the_formula(function, variables, let)
    objective = the_objective(formula)
    poles = the_poles(formula, objective)
    stop = Stopping(tolerance, max_iterations, time_limit, whole_trace=trace == "all", explain=explain)
    start, stop = begun(start, stop, checkpoint, resume, function, variables, let)
    bounds = the_box(box, objective.variables)

    def run(x: Vector) -> Result:
        return solve(
            objective,
            x,
            chosen,
            goal="maximize" if maximize else "minimize",
            stop=stop,
            box=bounds,
            command="gd",
            on_iteration=on_iteration,
            poles=poles,
        )

    found = run_each(blaming(run, [formula], let), start, objective.variables, let)
    return finished(found, [formula], verify=verify, explain=explain)


def newton(
    function: FunctionLike | Sequence[FunctionLike],
    start: Starts | None = None,
    *,
    method: NewtonMethod = "safeguarded",
    root: bool = False,
    maximize: bool = False,
    tolerance: float = 1e-8,
    max_iterations: int = NEWTON_ITERATIONS,
    time_limit: float | None = None,
    trace: Literal["thinned", "all"] = "thinned",
    explain: int | None = None,
    checkpoint: str | Path | None = None,
    resume: str | Path | None = None,
    let: Constants = None,
    box: Bounds = None,
    verify: bool = False,
    variables: Sequence[str] | None = None,
    on_iteration: OnIteration | None = None,
) -> Result | Runs:
    """Minimize, maximize, or (``root=True``) find a zero, by Newton's method.

    Minimizing: x_{k+1} = x_k − H⁻¹(x_k) ∇f(x_k), ``pure`` as it stands or ``safeguarded`` by a line search and a
    trust region. For zeros x_{k+1} = x_k − J⁻¹(x_k) F(x_k); a system is several functions separated by ``;`` or in
    a list. The other arguments are those of :func:`gradient_descent`.

    Raises:
        ParseError, ValueTextError: a text that cannot be read.
        UsageError: an unknown method, or options that exclude each other.
        MathError: f or a derivative is not finite at a start.

    >>> result = newton("x^4 + 0.8y^4 + 4x^2 + 2y^2 - x y - 0.2x^2 y", "4,4", method="pure")
    >>> result.status, result.iterations, result.verdict.classification
    ('converged', 8, 'local minimum')
    >>> zero = newton("x^2 + y^2 - 4; x - y", {"x": 1, "y": 2}, root=True)
    >>> [round(float(value), 9) for value in zero.x]
    [1.414213562, 1.414213562]

    Reference: Nocedal & Wright 2006, Numerical Optimization, ch. 3, 4 and 11.
    """
    from calcopt.solve import Stopping, solve
    from calcopt.solve.catalog import newton_method

    chosen = newton_method(method)
    stop = Stopping(tolerance, max_iterations, time_limit, whole_trace=trace == "all", explain=explain)
    start, stop = begun(start, stop, checkpoint, resume, function, variables, let)
    if root:
        if method not in ("safeguarded", "pure"):
            raise UsageError(f"--method {method} minimizes, and knows no --root", hint="use safeguarded or pure")
        if maximize or box is not None:
            other = "--maximize" if maximize else "--box"
            raise UsageError(f"--root and {other} exclude each other", hint="leave one of them out")
        return _roots(function, start, method, stop, let, variables, on_iteration, verify=verify)
    if method == "pure" and box is not None:
        raise UsageError("pure Newton knows no bounds", hint="use --method safeguarded with --box")
    formula = the_formula(only(function), variables, let)
    objective = the_objective(formula)
    poles = the_poles(formula, objective)
    bounds = the_box(box, objective.variables)

    def run(x: Vector) -> Result:
        return solve(
            objective,
            x,
            chosen,
            goal="maximize" if maximize else "minimize",
            stop=stop,
            box=bounds,
            command="newton",
            on_iteration=on_iteration,
            poles=poles,
        )

    found = run_each(blaming(run, [formula], let), start, objective.variables, let)
    return finished(found, [formula], verify=verify, explain=explain)


def _roots(
    function: FunctionLike | Sequence[FunctionLike],
    start: Starts,
    method: NewtonMethod,
    stop: Stopping,
    let: Constants,
    variables: Sequence[str] | None,
    on_iteration: OnIteration | None,
    *,
    verify: bool,
) -> Result | Runs:
    from calcopt.numeric.system import function_system
    from calcopt.solve.root import solve_root

    formulas = the_formulas(function, variables, let)
    names = formulas[0].variables
    require_variables(names)
    label = "; ".join(formula.text.strip() for formula in formulas)
    system = function_system([formula.body for formula in formulas], names, label=label)

    def run(x: Vector) -> Result:
        return solve_root(
            system,
            x,
            method="pure" if method == "pure" else "safeguarded",
            functions=len(formulas),
            stop=stop,
            command="newton",
            on_iteration=on_iteration,
        )

    return finished(
        run_each(blaming(run, formulas, let), start, names, let), formulas, verify=verify, explain=stop.explain
    )
