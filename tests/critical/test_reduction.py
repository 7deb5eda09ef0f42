"""Degenerate points of several variables, decided along the curve that the null direction leaves free."""

from __future__ import annotations

import pytest

from calcopt import classify_critical

MIN, MAX, SADDLE, FLAT = "local minimum", "local maximum", "saddle point", "degenerate"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("(y - x^2)*(y - 2x^2)", SADDLE),  # Peano: a minimum along every line through 0
        ("-(y - x^2)*(y - 2x^2)", SADDLE),
        ("(y - x^2)*(y - 2x^2) + x^4", MIN),
        ("(y - x^2)^2 + x^5", SADDLE),
        ("(y - x^2)^2 + x^6", MIN),
        ("-(y - x^2)^2 - x^6", MAX),
        ("(y - x^2)^2 - x^6", SADDLE),
        ("(y - x^2)^2", FLAT),  # a whole parabola of minima
        ("x^4*exp(y) + sin(y)^2", MIN),
        ("-x^4*exp(y) - sin(y)^2", MAX),
        ("x^4*exp(y) - sin(y)^2", SADDLE),
        ("sin(x)^3 + y^2", SADDLE),
        ("(x - y)^2 + (x + y)^4*cosh(x)", MIN),
        ("(z - x*y)^2 + (y - x^2)^2 + x^6*exp(z)", MIN),
        ("(z - x*y)^2 + (y - x^2)^2 - x^6*exp(z)", SADDLE),
        ("(x^2 - z)^2 + (y - x^2)^2 - x^7*exp(z)", SADDLE),
        ("x^3 - 3x*y^2", SADDLE),  # the monkey saddle, whose kernel is the plane
        ("x^4 + y^4", MIN),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    names = [name for name in "xyz" if name in text.replace("exp", "")]
    (point,) = classify_critical(text, at=dict.fromkeys(names, 0)).points
    assert point.classification == kind
    if kind == FLAT:
        assert "does not decide" in point.classification_detail
