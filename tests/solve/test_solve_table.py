"""Problems × methods: what each local method solves, and that none of them says anything false."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from referee import Referee
from ruamel.yaml import YAML

from calcopt.api.minimize import minimize
from calcopt.errors import MathError
from calcopt.records import Result
from calcopt.solve.catalog import LocalMethod

FILE = Path(__file__).parents[1] / "problems" / "optimization.yaml"
TABLE = YAML(typ="safe", pure=True).load(FILE.read_text(encoding="utf-8"))
PROBLEMS: dict[str, dict[str, Any]] = {problem["name"]: problem for problem in TABLE["problems"]}
HARD: dict[str, dict[str, Any]] = {problem["name"]: problem for problem in TABLE["hard_cases"]}
KINKED = {"ackley-2"}
"""The minimum is at a kink: f_min is reached, and the status says that no derivative vanishes there."""
UNSOLVED = {"barzilai-borwein": {"meyer", "osborne-1", "osborne-2", "powell-badly-scaled"}}
"""By method: problems that it does not solve within 2000 iterations."""


def run(problem: dict[str, Any], method: Any) -> Result:
    found = minimize(
        problem["expression"].strip(),
        list(problem["start"]),
        method=method,
        variables=problem["variables"],
        max_iterations=2000,
    )
    assert isinstance(found, Result)
    return found


def solved(problem: dict[str, Any], result: Result) -> bool:
    """f_min, the value of a known local minimum, or where there are many minima a proven one."""
    known = [problem["f_min"]]
    known += [other["f"] for other in problem.get("other_stationary", ()) if other["kind"] == "local minimum"]
    reached = any(abs(result.value - f) <= 1e-7 * max(1.0, abs(f)) for f in known)
    several = "multi-minima" in problem.get("tags", ()) and result.verdict.classification == "local minimum"
    return result.reached_goal and (reached or several)


def audit(problem: dict[str, Any], result: Result) -> list[str]:
    false = Referee(problem).false_claims(result) if result.status != "non_smooth" else []
    return [f"{problem['name']}: {said}" for said in false]


@pytest.mark.slow
@pytest.mark.parametrize("method", [name for name in get_args(LocalMethod) if name != "levenberg-marquardt"])
def test_what_every_method_solves_and_that_nothing_it_says_is_false(method: str) -> None:
    unsolved, false = set(), []
    for name, problem in PROBLEMS.items():
        result = run(problem, method)
        false += audit(problem, result)
        if name in KINKED:
            assert result.value == pytest.approx(0, abs=1e-5), method
            assert not result.reached_goal
        elif not solved(problem, result):
            unsolved.add(name)
    assert false == []
    assert unsolved == UNSOLVED.get(method, set())


HONEST = {
    "start-at-saddle": {"unbounded"},
    "start-at-maximum": {"local minimum"},
    "newton-to-maximum": {"local minimum"},
    "monkey-saddle": {"unbounded"},
    "flat-quartic": {"degenerate"},
    "cubic-unbounded": {"unbounded"},
    "log-domain-step": {"local minimum"},
    "newton-cycle": {"local minimum"},
    "nonsmooth-abs": {"non_smooth"},
    "no-minimum-exp": {"diverged"},
    "illcond-1e12": {"local minimum"},
    "constant": {"degenerate"},
    "ring-of-minima": {"degenerate"},
}
"""What an honest answer is: the verdict of a run that reached its goal, or why it did not."""


@pytest.mark.parametrize("name", HONEST)
def test_minimize_answers_hard_cases_honestly(name: str) -> None:
    result = run(HARD[name], "auto")
    said = result.verdict.classification if result.reached_goal else result.status
    assert said in HONEST[name], result.message
    assert audit(HARD[name], result) == []
    if result.reached_goal:
        assert result.value == pytest.approx(HARD[name]["f_min"], abs=1e-9)


@pytest.mark.parametrize("method", ["line-search", "trust-region", "truncated-newton", "l-bfgs", "barzilai-borwein"])
@pytest.mark.parametrize("name", HARD)
def test_no_method_says_anything_false_on_hard_cases(name: str, method: str) -> None:
    try:
        result = run(HARD[name], method)
    except MathError:
        assert HARD[name]["ideal_status"] == "start_not_finite"
        return
    assert audit(HARD[name], result) == []
    if result.reached_goal and method != "barzilai-borwein":  # it may end at an inflection, and says "degenerate" there
        assert HARD[name].get("f_min") is not None, result.message
        assert result.value == pytest.approx(HARD[name]["f_min"], abs=1e-6)
