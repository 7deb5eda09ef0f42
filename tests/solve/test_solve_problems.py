"""The Moré–Garbow–Hillstrom set, its kin and the hard cases, through the real parser and kernels.

A referee (``tests/referee.py``) checks every claim.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from referee import Referee
from ruamel.yaml import YAML

from calcopt.api.solvers import gradient_descent, newton
from calcopt.errors import MathError
from calcopt.records import Result

FILE = Path(__file__).parents[1] / "problems" / "optimization.yaml"
TABLE = YAML(typ="safe", pure=True).load(FILE.read_text(encoding="utf-8"))
PROBLEMS = {problem["name"]: problem for problem in TABLE["problems"]}
HARD = {problem["name"]: problem for problem in TABLE["hard_cases"]}
SMOOTH = [name for name in PROBLEMS if name != "ackley-2"]


def run(problem: dict[str, Any], **options: Any) -> Result:
    result = newton(problem["expression"], list(problem["start"]), variables=problem["variables"], **options)
    assert isinstance(result, Result)
    return result


def acceptable(problem: dict[str, Any], value: float) -> bool:
    """f_min, or the value of a known local minimum; where there are several minima the verdict vouches for any."""
    known = [problem["f_min"]]
    known += [other["f"] for other in problem.get("other_stationary", ()) if other["kind"] == "local minimum"]
    return any(abs(value - f) <= 1e-7 * max(1.0, abs(f)) for f in known)


@pytest.mark.parametrize("name", SMOOTH)
def test_safeguarded_newton_solves_every_smooth_problem(name: str) -> None:
    problem = PROBLEMS[name]
    result = run(problem)
    assert result.status == "converged", result.message
    assert result.reached_goal
    several = "multi-minima" in problem.get("tags", ()) and result.verdict.classification == "local minimum"
    assert acceptable(problem, result.value) or several, result.value
    values = [row.value for row in result.trace]
    assert all(after <= before + 1e-9 * abs(before) for before, after in pairwise(values))
    Referee(problem).check(result)


def test_a_kink_at_the_minimum_is_named() -> None:
    result = run(PROBLEMS["ackley-2"])
    assert result.status == "non_smooth"
    assert result.value == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("name", SMOOTH)
def test_pure_newton_makes_no_false_claim(name: str) -> None:
    if len(PROBLEMS[name]["variables"]) <= 11:
        Referee(PROBLEMS[name]).check(run(PROBLEMS[name], method="pure", max_iterations=200))


EASY = ["beale", "himmelblau", "six-hump-camel", "goldstein-price", "rastrigin-2", "matyas", "dixon-price-3"]


@pytest.mark.parametrize("method", ["backtracking", "barzilai-borwein"])
@pytest.mark.parametrize("name", EASY)
def test_descent_solves_easy_problems(name: str, method: Any) -> None:
    problem = PROBLEMS[name]
    result = gradient_descent(
        problem["expression"], list(problem["start"]), method=method, variables=problem["variables"]
    )
    assert isinstance(result, Result)
    assert result.status == "converged", result.message
    assert result.verdict.classification == "local minimum"
    Referee(problem).check(result)


@pytest.mark.parametrize("method", ["fixed", "momentum", "nesterov", "adam"])
@pytest.mark.parametrize("name", SMOOTH)
def test_no_descent_method_makes_a_false_claim(name: str, method: Any) -> None:
    problem = PROBLEMS[name]
    if len(problem["variables"]) > 5:
        return
    result = gradient_descent(
        problem["expression"], list(problem["start"]), method=method, variables=problem["variables"], max_iterations=300
    )
    assert isinstance(result, Result)
    Referee(problem).check(result)
    if not result.converged:
        assert result.message
        assert result.value <= result.trace[0].value


HONEST = {
    "start-at-saddle": ("unbounded", None),
    "start-at-maximum": ("converged", "local minimum"),
    "newton-to-maximum": ("converged", "local minimum"),
    "monkey-saddle": ("unbounded", None),
    "flat-quartic": ("converged", "degenerate"),
    "cubic-unbounded": ("unbounded", None),
    "log-domain-step": ("converged", "local minimum"),
    "newton-cycle": ("converged", "local minimum"),
    "nonsmooth-abs": ("non_smooth", None),
    "no-minimum-exp": ("diverged", None),
    "illcond-1e12": ("converged", "local minimum"),
    "constant": ("converged", "degenerate"),
    "ring-of-minima": ("converged", "degenerate"),
}


@pytest.mark.parametrize("name", HONEST)
def test_hard_cases_are_answered_honestly(name: str) -> None:
    problem, (status, kind) = HARD[name], HONEST[name]
    result = run(problem)
    assert result.status == status, result.message
    if kind is not None:
        assert result.verdict.classification == kind
        assert result.value == pytest.approx(problem["f_min"], abs=1e-9)
    else:
        assert result.verdict.classification in (None, "not critical")
        assert not result.reached_goal
    if status != "non_smooth":
        Referee(problem).check(result)


@pytest.mark.parametrize("name", ["overflow-start", "removable-singularity"])
def test_hard_starts_are_refused(name: str) -> None:
    with pytest.raises(MathError, match="at the start x1 = ") as error:
        run(HARD[name])
    assert error.value.hint


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("method", ["fixed", "momentum", "nesterov", "adam", "backtracking", "barzilai-borwein"])
def test_descent_makes_no_false_claim_on_hard_cases(name: str, method: Any) -> None:
    problem = HARD[name]
    try:
        result = gradient_descent(
            problem["expression"],
            list(problem["start"]),
            method=method,
            variables=problem["variables"],
            max_iterations=500,
        )
    except MathError:
        assert name in ("overflow-start", "removable-singularity")
        return
    assert isinstance(result, Result)
    if result.status != "non_smooth":
        Referee(problem).check(result)
