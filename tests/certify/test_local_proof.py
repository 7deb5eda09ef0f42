"""``--verify``: what is proved of one answer, held against mpmath."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest

import calcopt

ANSWERS = [
    # function, start, the exact point, kind
    ("exp(x) - log(x)", "0.05", [mpmath.lambertw(1).real], "local minimum"),
    ("x^4 + 0.8y^4 + 4x^2 + 2y^2 - x*y - 0.2x^2*y", "4,4", [0, 0], "local minimum"),
    ("2x^2 + 3y^2 - x*y", "3,4", [0, 0], "local minimum"),
    ("x*exp(-x^2)", "-0.5", [-1 / mpmath.sqrt(2)], "local minimum"),
    ("1e12*(x-1)^2 + 1e-6*y^2", "3,1", [1, 0], "local minimum"),
    ("(x-100)^2 + cos(x)/4", "1e2", None, "local minimum"),
]


def proved(function: str, start: str, **options: Any) -> Any:
    result = calcopt.newton(function, start, verify=True, **options)
    assert isinstance(result, calcopt.Result)
    assert result.proof is not None
    return result


@pytest.mark.parametrize(("function", "start", "point", "kind"), ANSWERS)
def test_an_answer_is_enclosed(function: str, start: str, point: list[Any] | None, kind: str) -> None:
    result = proved(function, start)
    assert result.certified
    assert result.verdict.classification == kind
    assert kind in result.proof.statement
    (place,) = result.proof.minimizers
    assert place.unique
    widths = [high - low for low, high in place.enclosure.values()]
    assert max(widths) <= 1e-8
    if point is not None:
        with mpmath.workdps(40):
            assert all(low <= value <= high for value, (low, high) in zip(point, place.enclosure.values(), strict=True))


def test_the_radius_leaves_room_for_no_other() -> None:
    """cos has a minimum at π and a maximum at 0 and 2π: nothing larger than π can be alone."""
    result = proved("cos(x)", "3")
    assert result.certified
    assert 0.1 < result.proof.radius < float(mpmath.pi)


def test_a_maximum_and_a_zero() -> None:
    top = proved("x*(1-x)*exp(y-y^2)", "0.3,0.2", maximize=True)
    assert top.certified
    assert top.verdict.classification == "local maximum"
    zero = proved("x^2 + y^2 - 4; x*y - 1", "2,1", root=True)
    assert zero.certified
    assert "exactly one zero" in zero.proof.statement
    x = (mpmath.sqrt(6) + mpmath.sqrt(2)) / 2
    low, high = zero.proof.minimizers[0].enclosure["x"]
    assert low <= x <= high


@pytest.mark.parametrize(
    ("function", "start", "options", "reason"),
    [
        ("x^4", "1", {}, "no box around the answer"),
        ("x", "1", {}, "did not converge"),
        ("abs(x)", "1", {}, "did not converge"),
        ("x^2", "3", {"box": "1..5"}, "not at the answer"),
        ("x^2", "1", {"root": True}, "exactly one zero"),
    ],
)
def test_what_cannot_be_proved_is_not_claimed(function: str, start: str, options: dict[str, Any], reason: str) -> None:
    result = proved(function, start, **options)
    assert not result.certified
    assert reason in result.proof.statement


def test_every_solver_takes_it() -> None:
    descent = calcopt.gradient_descent("x^2 + y^2", "1,2", rate=0.3, verify=True)
    local = calcopt.minimize("(x-1)^2 + x^4", "1", verify=True)
    both = calcopt.newton("x^3 - 3x", ["0.5", "2"], verify=True)
    assert isinstance(descent, calcopt.Result)
    assert isinstance(local, calcopt.Result)
    assert isinstance(both, calcopt.Runs)
    assert descent.certified
    assert local.certified
    assert all(run.certified for run in both.runs)
