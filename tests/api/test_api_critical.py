"""``classify_critical``: the course's rows B2–B11, E3–E5, E7, and the traps that other tools fall into."""

from __future__ import annotations

import math

import pytest

from calcopt.api.critical import classify_critical
from calcopt.errors import MathError, UsageError
from calcopt.records import CriticalPoints

SAUNA = "85 - x^2*(x-6)*y^2*(y-6)/90"
HIMMELBLAU = "(x^2+y-11)^2 + (x+y^2-7)^2"
SIX_HUMP_CAMEL = "(4-2.1x^2+x^4/3)x^2 + x y + (-4+4y^2)y^2"


def kinds(found: CriticalPoints) -> dict[tuple[str, ...], str | None]:
    return {tuple((point.exact or {}).values()): point.classification for point in found.points}


def count(found: CriticalPoints, kind: str) -> int:
    return sum(point.classification == kind for point in found.points)


@pytest.mark.parametrize(
    ("function", "place", "second"),
    [
        ("(x-a)^2 + (x-b)^2", "(a + b)/2", 4.0),
        ("(x-a)^2 + (x-b)^2 + (x-c)^2", "(a + b + c)/3", 6.0),
    ],
)
def test_power_lines(function: str, place: str, second: float) -> None:
    found = classify_critical(function, var="x")
    (point,) = found.points
    assert point.exact == {"x": place}
    assert (point.x, point.value) == (None, None)
    assert (point.classification, point.hessian, point.eigenvalues) == ("local minimum", ((second,),), (second,))
    assert found.complete


def test_square_loss_in_general() -> None:
    found = classify_critical("sum((x-a[i])^2, i, 1, n)", var="x")
    (point,) = found.points
    assert point.exact == {"x": "sum(a[i], i, 1, n)/n"}
    assert point.classification is None
    assert "2*n > 0" in point.classification_detail


def test_kind_depends_on_the_sign_of_a_constant() -> None:
    (point,) = classify_critical("a*x^2 + b*x + c", var="x").points
    assert point.exact == {"x": "-b/(2*a)"}
    assert (point.classification, point.hessian) == (None, (("2*a",),))
    assert point.classification_detail == "a local minimum where 2*a > 0, a local maximum where 2*a < 0"


def test_log_loss_of_a_coin() -> None:
    found = classify_critical("p^7*(1-p)^3")
    assert kinds(found) == {("0",): "degenerate", ("7/10",): "local maximum", ("1",): "degenerate"}
    assert found.complete
    assert found.global_maximum is not None
    assert found.global_maximum.x == {"p": 0.7}
    (point,) = classify_critical("7*log(p) + 3*log(1-p)").points
    assert (point.exact, point.classification) == ({"p": "7/10"}, "local maximum")


def test_sauna() -> None:
    found = classify_critical(SAUNA)
    assert found.complete
    assert {continuum.description for continuum in found.continua} == {"x = 0", "y = 0"}
    assert {continuum.value for continuum in found.continua} == {"85"}
    assert set(kinds(found)) == {("4", "4"), ("6", "6"), ("0", "6"), ("6", "0"), ("0", "0")}
    best = found.points[0]
    assert (best.exact, best.classification, best.exact_value) == ({"x": "4", "y": "4"}, "local minimum", "3313/45")
    assert best.eigenvalues == pytest.approx((64 / 15, 64 / 15), rel=1e-15)
    assert kinds(found)["6", "6"] == "saddle point"
    on_line = next(point for point in found.points if point.exact == {"x": "0", "y": "6"})
    assert "x = 0, where every point is critical" in on_line.classification_detail
    assert (found.global_minimum, found.global_maximum) == (None, None)


def test_linear_regression_by_hand() -> None:
    found = classify_critical("f(m, b) = 14m^2 + 3b^2 + 38 + 12 m b - 42m - 20b")
    (point,) = found.points
    assert (point.exact, point.exact_value) == ({"m": "1/2", "b": "7/3"}, "25/6")
    assert point.classification == "local minimum"
    assert found.global_minimum is not None
    assert (found.global_minimum.x, found.global_minimum.value) == (point.x, point.value)


@pytest.mark.parametrize(
    ("function", "kind", "eigenvalues"),
    [
        ("x^2 + y^2", "local minimum", (2, 2)),
        ("2x^2 + 3y^2 - x y", "local minimum", (5 - math.sqrt(2), 5 + math.sqrt(2))),
        ("-2x^2 - 3y^2 - x y + 15", "local maximum", (-5 - math.sqrt(2), -5 + math.sqrt(2))),
        ("2x^2 - 2y^2", "saddle point", (-4, 4)),
        ("x^4 + 0.8y^4 + 4x^2 + 2y^2 - x y - 0.2x^2 y", "local minimum", (6 - math.sqrt(5), 6 + math.sqrt(5))),
    ],
)
def test_second_derivative_test(function: str, kind: str, eigenvalues: tuple[float, float]) -> None:
    found = classify_critical(function)
    (point,) = found.points
    assert (point.exact, point.classification) == ({"x": "0", "y": "0"}, kind)
    assert point.eigenvalues == pytest.approx(eigenvalues, rel=1e-15)
    assert found.complete


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        ("x^3", "degenerate"),
        ("x^4", "local minimum"),
        ("-x^6", "local maximum"),
        ("x^5 + x^8", "degenerate"),
        ("x^4 + y^4", "local minimum"),
        ("x^2 + y^4", "local minimum"),
        ("-x^2 - y^4", "local maximum"),
        ("x^2 - y^4", "saddle point"),
        ("x^2 + y^3", "saddle point"),
        ("x^3 - 3x y^2", "saddle point"),
        ("x^4 + x^2 y^2 + y^4", "local minimum"),
        ("(y - x^2)(y - 2x^2)", "saddle point"),
        ("exp(x^4)", "local minimum"),
        ("x - sin(x)", "degenerate"),
    ],
)
def test_degenerate_hessian(function: str, kind: str) -> None:
    found = classify_critical(function)
    origin = next(point for point in found.points if point.x is not None and not any(point.x.values()))
    assert origin.classification == kind
    assert origin.classification_detail


def test_himmelblau_has_nine() -> None:
    found = classify_critical(HIMMELBLAU)
    assert (len(found.points), found.complete) == (9, True)
    assert (count(found, "local minimum"), count(found, "local maximum"), count(found, "saddle point")) == (4, 1, 4)
    assert all(point.gradient_norm is not None and point.gradient_norm < 1e-12 for point in found.points)


def test_six_hump_camel_has_fifteen() -> None:
    found = classify_critical(SIX_HUMP_CAMEL)
    assert (len(found.points), found.complete) == (15, True)
    assert (count(found, "local minimum"), count(found, "local maximum"), count(found, "saddle point")) == (6, 2, 7)
    assert found.global_minimum is not None
    assert found.global_minimum.value == pytest.approx(-1.031628453489877, abs=1e-14)


def test_polynomial_times_exponential() -> None:
    found = classify_critical("x^2 y exp(-x^2 - y^2)")
    assert found.complete
    assert [continuum.description for continuum in found.continua] == ["x = 0"]
    outside = [point for point in found.points if point.exact != {"x": "0", "y": "0"}]
    assert {point.classification for point in outside} == {"local minimum", "local maximum"}
    assert ("-1", "sqrt(2)/2") in kinds(found)
    assert len(outside) == 4


def test_all_zeros_of_a_wave_in_the_box() -> None:
    found = classify_critical("sin(x)*exp(-x/5)", box="0..20")
    assert (len(found.points), found.complete) == (6, True)
    angle = math.atan(5)
    assert [p.x["x"] for p in found.points if p.x] == pytest.approx([angle + k * math.pi for k in range(6)], rel=1e-15)
    assert [p.classification for p in found.points] == ["local maximum", "local minimum"] * 3
    sine = classify_critical("sin(x)", box="x=-pi/2..pi/2")
    assert [point.exact for point in sine.points] == [{"x": "-pi/2"}, {"x": "pi/2"}]
    endless = classify_critical("sin(x)")
    assert not endless.complete
    assert "period 2*pi" in endless.message


def test_proof_in_a_box() -> None:
    found = classify_critical("exp(x) - log(x)", box="0.01..5")
    (point,) = found.points
    assert point.x == {"x": 0.5671432904097838}
    assert (point.classification, point.exact, found.complete) == ("local minimum", None, True)
    assert point.certified
    waves = classify_critical("sin(x) + sin(y) + x*y/10", box="-4..4")
    assert waves.method == "intervals"
    assert len(waves.points) == 4
    assert waves.complete
    assert all(point.certified for point in waves.points)
    assert all(point.gradient_norm is not None and point.gradient_norm < 1e-14 for point in waves.points)
    assert all(-4 <= value <= 4 for point in waves.points for value in (point.x or {}).values())


def test_points_outside_the_box_are_left_out() -> None:
    assert {point.x["x"] for point in classify_critical("x^4 - 2x^2", box="0..2").points if point.x} == {0.0, 1.0}
    assert classify_critical("(x-3)^2", box="-1..1").points == ()
    assert [line.description for line in classify_critical(SAUNA, box="x=1..7,y=-1..7").continua] == ["y = 0"]


def test_kinks_are_named() -> None:
    found = classify_critical("|x| + |y|", box="-1..1")
    assert [point.classification for point in found.points] == ["local minimum"]
    assert not found.complete
    assert "abs(x), abs(y)" in found.message
    cone = classify_critical("sqrt(x^2 + y^2)")
    assert [point.classification for point in cone.points] == ["local minimum"]
    assert cone.complete
    assert not classify_critical("x^2 + floor(x)").complete


def test_lines_and_constants() -> None:
    assert {c.description for c in classify_critical("x y z").continua} == {
        "x = 0, y = 0",
        "x = 0, z = 0",
        "y = 0, z = 0",
    }
    assert classify_critical("(x+y)^2").continua[0].equations == ("x + y = 0",)
    circle = classify_critical("(x^2+y^2-1)^2")
    assert (circle.continua[0].description, circle.continua[0].value) == ("x^2 + y^2 - 1 = 0", "0")
    assert classify_critical("3").continua[0].description == "every point"
    assert classify_critical("x + y").points == ()


def test_three_variables() -> None:
    found = classify_critical("x^4 + y^4 + z^4 - 4x y z")
    assert (len(found.points), found.complete) == (5, True)
    assert count(found, "local minimum") == 4


def test_at_given_points() -> None:
    found = classify_critical("x^2 + y^2", at=["0,0", "1,1"])
    assert [point.classification for point in found.points] == ["local minimum", "not critical"]
    assert not found.complete
    (kink,) = classify_critical("|x|", at=["0"]).points
    assert kink.classification == "local minimum"
    assert "not differentiable there (corner: slopes −1 and 1)" in kink.classification_detail
    (flat,) = classify_critical("x|x|", at=["0"]).points
    assert flat.classification == "degenerate"


def test_errors() -> None:
    with pytest.raises(MathError, match="no exact solution") as caught:
        classify_critical("sin(x*y) + exp(x) + y^3*cos(x)")
    assert "--box" in str(caught.value.hint)
    with pytest.raises(UsageError):
        classify_critical("x^2", at="1", box="-1..1")
    with pytest.raises(UsageError):
        classify_critical("a*x^2", var="x", box="-1..1")


def test_interrupted_keeps_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from calcopt.certify.critical_search import CriticalSearch

    proper = CriticalSearch._round

    def interrupted(self: CriticalSearch) -> None:
        proper(self)
        if len(self.found):
            raise KeyboardInterrupt

    monkeypatch.setattr(CriticalSearch, "_round", interrupted)
    found = classify_critical("sin(x) + sin(y) + x*y/10", box="-40..40")
    assert found.interrupted
    assert not found.complete
    assert found.points
    assert all(point.certified for point in found.points)
    assert {item.kind for item in found.undecided} == {"budget"}
