"""classify-critical with a box: the shared table of problems, certificates beside exact points, degenerate points."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from mpmath import mpf
from ruamel.yaml import YAML

from calcopt import classify_critical
from calcopt.calculus.precise import evaluate
from calcopt.errors import CalcoptError, MathError, UsageError
from calcopt.expression import parse
from calcopt.records import CriticalPoint

TABLE: dict[str, Any] = YAML(typ="safe", pure=True).load(
    Path(__file__).parents[1].joinpath("problems", "optimization.yaml").read_text(encoding="utf-8")
)
PROBLEMS = {problem["name"]: problem for problem in TABLE["problems"]}
KINDS = {"min": "local minimum", "max": "local maximum", "saddle": "saddle point"}


@pytest.mark.parametrize("known", TABLE["critical_points"], ids=lambda known: str(known["problem"]))
def test_the_table_of_problems(known: dict[str, Any]) -> None:
    problem = PROBLEMS[known["problem"]]
    names = problem["variables"]
    box = {name: (low, high) for name, (low, high) in zip(names, known["box"], strict=True)}
    found = classify_critical(problem["expression"], var=names, box=box)
    assert found.complete is known["complete"]
    assert not found.undecided
    assert all(point.certified for point in found.points)
    counts = Counter(point.classification for point in found.points)
    assert counts == {KINDS[kind]: count for kind, count in known["counts"].items()}
    for expected in known["points"]:
        (match,) = [point for point in found.points if near(point, names, expected["x"])]
        assert match.classification == KINDS[expected["kind"]]
        assert match.value == pytest.approx(expected["f"], rel=1e-9, abs=1e-9)


def near(point: CriticalPoint, names: list[str], place: list[float]) -> bool:
    assert point.x is not None
    return all(abs(point.x[name] - value) <= 1e-9 for name, value in zip(names, place, strict=True))


def test_exact_points_carry_a_certificate() -> None:
    found = classify_critical("(x^2+y-11)^2 + (x+y^2-7)^2")
    assert found.complete
    assert len(found.points) == 9
    for point in found.points:
        assert point.certified
        assert point.enclosure is not None
        assert point.x is not None
        assert all(low <= point.x[name] <= high for name, (low, high) in point.enclosure.items())
    (exact,) = [point for point in found.points if point.exact == {"x": "3", "y": "2"}]
    assert "exactly one critical point in the enclosure" in exact.classification_detail


def test_enclosures_hold_the_exact_points() -> None:
    found = classify_critical("sin(x)*exp(-x/5)", box="0..20")
    assert len(found.points) == 6
    for point in found.points:
        assert point.exact is not None
        assert point.enclosure is not None
        low, high = point.enclosure["x"]
        assert mpf(low) <= evaluate(parse(point.exact["x"]).body, {}) <= mpf(high)


def test_a_periodic_family_in_a_box_comes_out_certified() -> None:
    found = classify_critical("sin(x)", box="-20..20")
    assert found.complete
    assert len(found.points) == 12
    assert all(point.certified for point in found.points)


@pytest.mark.parametrize(
    ("text", "kind", "order"),
    [
        ("x - sin(x)*cosh(x/10)", "degenerate", "order 3"),
        ("exp(x) - 1 - x - x^2/2 - x^3/6 + sin(x^2)^2/24", "local minimum", "order 4"),
        ("cosh(x) + cos(x)", "local minimum", "order 4"),
        ("-cosh(x) - cos(x)", "local maximum", "order 4"),
    ],
)
def test_a_degenerate_point_of_one_variable_is_proved_to_be_alone(text: str, kind: str, order: str) -> None:
    found = classify_critical(text, box="-1..1")
    assert found.complete
    (point,) = found.points
    assert point.x == {"x": 0.0}
    assert point.classification == kind
    assert order in point.classification_detail


def test_a_degenerate_point_of_two_variables_stays_undecided() -> None:
    found = classify_critical("x^4*exp(y) + sin(y)^2", box="-1..1")
    assert not found.complete
    assert {item.kind for item in found.undecided} == {"degenerate"}


def test_kinks_of_several_variables_are_named() -> None:
    found = classify_critical("|x^2 - 1| + y^2", box="-2..2")
    (point,) = found.points
    assert (point.x, point.classification, point.certified) == ({"x": 0.0, "y": 0.0}, "saddle point", True)
    assert [item.kind for item in found.undecided] == ["kink", "kink"]
    assert all("abs(x^2 - 1)" in item.reason for item in found.undecided)
    assert not found.complete


def test_budget() -> None:
    found = classify_critical("sin(x*y) + cos(x^2)", box="-10..10", max_boxes=50)
    assert (found.complete, found.exhausted, found.reached_goal) == (False, True, False)
    assert "--max-boxes 50" in found.message
    part = classify_critical("sin(x*y) + cos(x^2)", box="-4..4", max_boxes=1500)
    assert part.points
    assert part.exhausted
    assert all(point.certified for point in part.points)


@pytest.mark.parametrize(
    ("text", "box"), [("log(x)", "-3..-1"), ("log(x) + y^2", "x=-3..-1,y=0..1"), ("acosh(x)", "-1..0")]
)
def test_no_value_in_the_whole_box(text: str, box: str) -> None:
    with pytest.raises(MathError, match="not defined anywhere in the box"):
        classify_critical(text, box=box)


@pytest.mark.parametrize("box", ["1..1", "2..1", "x=0..1", "x=0..1e400,y=0..1"])
def test_boxes_that_are_none(box: str) -> None:
    with pytest.raises(CalcoptError):
        classify_critical("sin(x*y) + exp(x)", box=box)


@pytest.mark.parametrize("limits", [{"max_boxes": 0}, {"time_limit": 0.0}, {"time_limit": float("nan")}])
def test_limits_that_are_none(limits: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="--"):
        classify_critical("sin(x)*exp(x)*x", box="0..1", **limits)
