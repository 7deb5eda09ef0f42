"""The other arithmetic: Arb where python-flint is installed, and mpmath.iv everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf, workdps, workprec

from calcopt import classify_critical
from calcopt.calculus.precise import evaluate
from calcopt.certify.recheck import Rechecker
from calcopt.certify.scalars import Scalars, Unsure, has_flint, power, scalars
from calcopt.certify.scalars import evaluate as over
from calcopt.expression import parse
from calcopt.expression.functions import FUNCTIONS
from calcopt.numeric.intervals import IntervalFunction
from tests.certify.critical_cases import CASES

needs_flint = pytest.mark.skipif(not has_flint(), reason="python-flint is not installed")
BOTH = [pytest.param(True, id="arb", marks=needs_flint), pytest.param(False, id="iv")]
SHARP = mpf(10) ** -50
QUICK = [case for case in CASES if case[2] + case[3] + case[4] <= 12]


@pytest.mark.parametrize("flint", BOTH)
@pytest.mark.parametrize("case", QUICK, ids=[case[0] for case in QUICK])
def test_every_certificate_holds_in_the_other_arithmetic(case: Any, flint: bool) -> None:
    found = classify_critical(case[0], box=case[1])
    again = Rechecker(parse(found.function).body, found.variables, scalars(flint=flint))
    for point in found.points:
        assert point.certified
        assert point.enclosure is not None
        checked = again.check(point.enclosure, point.classification)
        assert checked.holds or (not flint and "mpmath.iv has no" in checked.reason), checked.reason


@pytest.mark.parametrize("flint", BOTH)
def test_false_certificates_are_refused(flint: bool) -> None:
    again = Rechecker(parse("(x-1)^2 + 3*y^2 + sin(x*y)").body, ("x", "y"), scalars(flint=flint))
    (point,) = classify_critical("(x-1)^2 + 3*y^2 + sin(x*y)", box="-1..2").points
    assert point.enclosure is not None
    assert again.check(point.enclosure, "local minimum").holds
    assert "saddle point is not proved" in again.check(point.enclosure, "saddle point").reason
    assert "local maximum is not proved" in again.check(point.enclosure, "local maximum").reason
    moved = {name: (low + 1e-13, high + 1e-13) for name, (low, high) in point.enclosure.items()}
    assert "outside" in again.check(moved, "local minimum").reason
    far = {name: (low + 0.1, high + 0.1) for name, (low, high) in point.enclosure.items()}
    assert "does not prove" in again.check(far, "local minimum").reason
    flat = Rechecker(parse("x^4 + y^2").body, ("x", "y"), scalars(flint=flint))
    assert not flat.check({"x": (-1e-9, 1e-9), "y": (-1e-9, 1e-9)}, "local minimum").holds
    kink = Rechecker(parse("|x| + y^2").body, ("x", "y"), scalars(flint=flint))
    assert "switch" in kink.check({"x": (-1e-9, 1e-9), "y": (-1e-9, 1e-9)}, "local minimum").reason


@pytest.mark.parametrize("flint", BOTH)
@pytest.mark.parametrize("digits", [3, 50, 200])
def test_digits(flint: bool, digits: int) -> None:
    again = Rechecker(parse("x^2 - 4x + sin(y) + exp(-y)").body, ("x", "y"), scalars(flint=flint))
    (point,) = classify_critical("x^2 - 4x + sin(y) + exp(-y)", box="x=0..3,y=1..2").points
    assert point.enclosure is not None
    found = again.digits(point.enclosure, digits)
    assert found is not None
    assert found["x"] == "2." + "0" * (digits - 1)
    with workdps(digits + 20):
        y = mpf(found["y"])
        body = parse("cos(y) - exp(-y)").body
        step = mpf(10) ** (1 - digits)
        signs = [evaluate(body, {"y": y + side * step}, digits=digits + 20) > 0 for side in (-1, 1)]
    assert signs[0] != signs[1]
    assert len(found["y"].replace(".", "").lstrip("0")) == digits


@pytest.mark.parametrize("flint", BOTH)
@settings(max_examples=50)
@given(ends=st.tuples(st.floats(-3, 3), st.floats(-3, 3)).map(sorted), n=st.integers(-5, 9), share=st.fractions(0, 1))
def test_powers_hold_every_power(flint: bool, ends: list[float], n: int, share: Fraction) -> None:
    field = scalars(flint=flint)
    low, high = map(Fraction, ends)
    x = low + share * (high - low)
    blur = (high - low) / 2**28 if flint else 0  # the radius of a ball has 30 bits
    with workprec(400), field.working(120):
        box = field.between(mpf(ends[0]), mpf(ends[1]))
        try:
            least, most = field.ends(power(field, box, n) if n else box)
        except Unsure:
            assert low - blur <= 0 <= high + blur
            return
        value = x**n if n else x
        exact = mpf(value.numerator) / value.denominator
        assert least <= exact + abs(exact) * mpf(2) ** -390
        assert most >= exact - abs(exact) * mpf(2) ** -390
        assert n % 2 or n == 0 or least >= (-most / 2**20 if flint else 0)


@pytest.mark.parametrize("flint", BOTH)
@pytest.mark.parametrize("name", [name for name in FUNCTIONS if FUNCTIONS[name].min_arity == 1])
def test_both_arithmetics_meet_in_every_function(name: str, flint: bool) -> None:
    """The NumPy intervals and the other library enclose the same number, and the other one is sharper."""
    field: Scalars = scalars(flint=flint)
    body = parse(f"{name}(x)").body
    function = IntervalFunction(body, ("x",))
    for start in (-3.7, -0.6, 0.3, 0.9, 1.7, 40.3):
        box = np.array([[start]])
        coarse = function.value(box, box)
        if not coarse.smooth[0]:
            continue
        with workprec(400), field.working(200):
            try:
                (fine,) = over(field, function.graph, [function._root], [field.between(mpf(start), mpf(start))])
            except Unsure as reason:
                if flint or "mpmath.iv has no" not in str(reason):
                    raise
                return
            low, high = field.ends(fine)
            assert mpf(coarse.lo[0]) - SHARP <= low <= high <= mpf(coarse.hi[0]) + SHARP


@needs_flint
def test_formulas_are_the_same_with_and_without_flint() -> None:
    """SymPy would take flint's numbers for its own; they are switched off before it is imported."""
    code = (
        "from calcopt import differentiate, classify_critical;"
        "from calcopt.calculus import algebra; from sympy.external.gmpy import GROUND_TYPES;"
        "print(GROUND_TYPES, differentiate('(x^3+x)/(x^2-2)').derivatives[0].expression,"
        " [p.exact for p in classify_critical('x^4/4 - x^3/3 - x').points])"
    )
    plain = {key: value for key, value in os.environ.items() if key != "SYMPY_GROUND_TYPES"}
    told = [
        subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
        for env in (plain, {**plain, "SYMPY_GROUND_TYPES": "python"})
    ]
    assert told[0] == told[1]
    assert told[0].startswith("python ")
