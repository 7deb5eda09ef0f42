"""From what users write (text, mappings, lists) to what solvers take (objectives, arrays, boxes)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from calcopt.errors import MathError, UsageError

if TYPE_CHECKING:
    from calcopt.expression.tree import Expr, Formula
    from calcopt.numeric.objective import FunctionObjective
    from calcopt.numeric.poles import Poles
    from calcopt.records import Result, Runs, Vector
    from calcopt.solve.box import Box

Number: TypeAlias = "float | str | Expr"
Start: TypeAlias = "str | float | Mapping[str, Number] | Sequence[Number]"
Starts: TypeAlias = "Start | Sequence[Start]"
Constants: TypeAlias = "str | Mapping[str, Number] | Sequence[str] | None"
Bounds: TypeAlias = "str | Mapping[str, tuple[Number, Number] | str] | tuple[Number, Number] | None"
FunctionLike: TypeAlias = "str | Formula"

LONGEST_WATCHED = 20_000
"""Characters of a formula up to which its denominators are watched for poles."""
MANY = 10_000
"""From so many variables on their names are kept as arrays of indices."""


def the_formula(function: FunctionLike, variables: Sequence[str] | None, let: Constants) -> Formula:
    """The one function that was given, constants put in. UsageError for a system, MathError without variables."""
    formulas = the_formulas(function, variables, let)
    if len(formulas) > 1:
        raise UsageError("several functions, separated by ';', are a system", hint="find its zeros with --root")
    require_variables(formulas[0].variables)
    return formulas[0]


def the_objective(formula: Formula) -> FunctionObjective:
    """The numbers of a formula: value, gradient and Hessian."""
    from calcopt.numeric.objective import function_objective

    names, label = formula.variables, formula.text.strip()
    if len(names) > MANY:  # names found anew are not written out one by one
        found = function_objective(formula.body, label=label)
        ends = found.variables[:1], found.variables[-1:]
        if len(found.variables) == len(names) and ends == (names[:1], names[-1:]):
            return found
    return function_objective(formula.body, names, label=label)


def the_poles(formula: Formula, objective: FunctionObjective) -> Poles | None:
    """What tells of poles between two points; None for a formula without denominators that may vanish."""
    from calcopt.expression.tree import Call, Div, Pow, postorder

    kinds = (Div, Pow, Call)
    if len(formula.text) > LONGEST_WATCHED or not any(isinstance(node, kinds) for node in postorder(formula.body)):
        return None
    from calcopt.numeric.poles import poles_of

    return poles_of(formula.body, objective)


def only(function: FunctionLike | Sequence[FunctionLike]) -> FunctionLike:
    """The one function that can be minimized."""
    from calcopt.expression.tree import Formula

    if isinstance(function, (str, Formula)):
        return function
    if len(function) != 1:
        raise UsageError(f"{len(function)} functions cannot be minimized at once", hint="find their zeros with --root")
    return function[0]


def the_formulas(
    function: FunctionLike | Sequence[FunctionLike], variables: Sequence[str] | None, let: Constants
) -> tuple[Formula, ...]:
    """One formula or several with one order of variables, constants put in."""
    from calcopt.expression import parse_system
    from calcopt.expression.expand import put_in
    from calcopt.expression.tree import Formula
    from calcopt.problem.points import as_assignments

    constants = as_assignments(let)
    if isinstance(function, str):
        return parse_system(function, variables=variables, constants=constants)
    parts = [function] if isinstance(function, Formula) else list(function)
    if not parts:
        raise UsageError("no function was given")
    if all(isinstance(part, str) for part in parts):
        return parse_system(";".join(str(part) for part in parts), variables=variables, constants=constants)
    found: list[Formula] = []
    for part in parts:
        formulas = [part] if isinstance(part, Formula) else parse_system(part, variables=variables, constants=constants)
        found.extend(formulas)
    names = tuple(variables or dict.fromkeys(name for formula in found for name in formula.variables))
    names = tuple(name for name in names if name not in constants)
    return tuple(Formula(f.text, put_in(f.body, constants), f.place, names, f.name) for f in found)


def require_variables(names: Sequence[str]) -> None:
    if not names:
        raise MathError("the function has no variables: there is nothing to solve for")


def the_starts(start: Starts, variables: Sequence[str], let: Constants = None) -> list[Vector]:
    """Each start as an array (n,), in the order of ``variables``; ``let`` for starts that are formulas of an index."""
    import numpy as np

    from calcopt.api.spread_starts import is_spread, spread_start
    from calcopt.problem.points import as_assignments, as_points, point_values

    if is_spread(start):
        return [spread_start(str(start), variables, as_assignments(let))]
    if isinstance(start, list) and any(map(is_spread, start)):
        return [x for one in start for x in the_starts(one, variables, let)]
    points = as_points(start, variables)
    return [np.array([values[name] for name in variables]) for values in map(point_values, points)]


def run_each(
    run: Callable[[Vector], Result], start: Starts, variables: Sequence[str], let: Constants = None
) -> Result | Runs:
    """One run for each start; a single start gives its Result, several give Runs."""
    from calcopt.solve import gather

    vectors = the_starts(start, variables, let)
    results: list[Result] = []
    for x in vectors:
        results.append(run(x))
        if results[-1].status == "interrupted":
            break
    return results[0] if len(vectors) == 1 else gather(results)


def the_box(bounds: Bounds, variables: Sequence[str]) -> Box | None:
    """Lower and upper bounds as arrays (n,)."""
    if bounds is None:
        return None
    import numpy as np

    from calcopt.expression import constant_value
    from calcopt.problem.points import as_box
    from calcopt.solve.box import Box

    limits = as_box(bounds, variables)
    lower = np.array([constant_value(limits[name][0]) for name in variables])
    upper = np.array([constant_value(limits[name][1]) for name in variables])
    return Box(lower, upper)
