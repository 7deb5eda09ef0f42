"""The lowest and highest value that classify-critical reports."""

from __future__ import annotations

import pytest

import calcopt

CASES = [
    # function, box, lowest (value, on the edge), highest (value, on the edge)
    ("sin(x)*exp(-x/5)", "0..20", (-0.39748064387, False), (0.74506001260, False)),
    ("x*y", "-1..2", (-2, True), (4, True)),
    ("x^2", "-1..2", (0, False), (4, True)),
    ("abs(x^2 - 1)", "-2..1.5", (0, False), (3, True)),
    ("(x^2+y-11)^2 + (x+y^2-7)^2", "-5..5", (0, False), (890, True)),
    ("exp(-x^2-y^2)", "-1..1", (0.1353352832, True), (1, False)),
    ("max(x, -x) + y", "-1..1", (-1, True), (2, True)),
]


@pytest.mark.parametrize(("function", "box", "lowest", "highest"), CASES)
def test_extrema_over_a_box(function: str, box: str, lowest: tuple[float, bool], highest: tuple[float, bool]) -> None:
    found = calcopt.classify_critical(function, box=box)
    for extremum, (value, edge) in ((found.global_minimum, lowest), (found.global_maximum, highest)):
        assert extremum is not None
        assert extremum.certified
        assert extremum.value == pytest.approx(value, abs=1e-7)
        assert extremum.lower is not None
        assert extremum.upper is not None
        assert extremum.lower - 1e-9 <= value <= extremum.upper + 1e-9
        assert extremum.on_boundary == edge


def test_what_is_only_approached_or_unbounded_is_not_reported() -> None:
    assert calcopt.classify_critical("floor(x) + x^2", box="-3..3").global_minimum is None
    pole = calcopt.classify_critical("1/x + x", box="0..3")
    assert pole.global_maximum is None


def test_without_a_box_all_critical_points_decide() -> None:
    found = calcopt.classify_critical("x^4 - 2x^2 + y^2")
    assert found.global_minimum is not None
    assert found.global_minimum.value == -1
    assert found.global_maximum is None
    assert calcopt.classify_critical("x^3 - x").global_minimum is None
