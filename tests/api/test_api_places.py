"""Places without a derivative and the study, as ``calcopt.differentiate`` and the command give them."""

from __future__ import annotations

import json
import math

import pytest

from calcopt import differentiate
from calcopt.errors import CalcoptError
from calcopt.records import Place, Singularities, Study
from calcopt.render import places as fields
from calcopt.render.json import plain


def places(function: str, box: str | None = None) -> Singularities:
    found = differentiate(function, box=box).non_differentiable
    assert found is not None
    return found


def test_the_courses_three_cases() -> None:
    """A9: a corner, a jump, a vertical tangent."""
    (corner,) = places("|x|").places
    assert (corner.kind, corner.at, corner.left, corner.right) == ("corner", {"x": 0.0}, -1.0, 1.0)
    (jump,) = places("if(x < 0, 0, 1)").places
    assert (jump.kind, jump.left_limit, jump.right_limit, jump.value) == ("jump", 0.0, 1.0, 1.0)
    (steep,) = places("x^(1/3)").places
    assert (steep.kind, steep.left, steep.right) == ("vertical tangent", math.inf, math.inf)


def test_what_was_typed_counts_not_its_simplification() -> None:
    (hole,) = places("(x^2-1)/(x-1)").places
    assert (hole.kind, hole.at, hole.left_limit, hole.right_limit, hole.value) == ("removable", {"x": 1.0}, 2, 2, None)


def test_smooth_formulas_have_none() -> None:
    assert places("x*exp(x)") == Singularities()
    found = places("x*|x|")
    assert not found.places
    assert [(place.kind, place.order) for place in found.smooth] == [("smooth", 1)]


def test_a_family_and_its_members() -> None:
    (pole,) = places("tan(x)").places
    assert (pole.period, pole.family) == ("pi", "pi/2 + k*pi")
    inside = places("tan(x)", "0..5").places
    assert [place.exact for place in inside] == [{"x": "pi/2"}, {"x": "3*pi/2"}]
    assert all(place.family is None for place in inside)


def test_the_fields_of_the_contract() -> None:
    document = json.loads(json.dumps(plain(fields.singularities(places("x^(2/3)")))))
    (cusp,) = document["non_differentiable"]
    assert {"at", "kind", "left", "right"} <= set(cusp)
    assert (cusp["at"], cusp["kind"], cusp["left"], cusp["right"]) == ({"x": 0.0}, "cusp", None, None)
    assert "−∞ and +∞" in cusp["detail"]
    assert document["non_differentiable_complete"] is True
    (cone,) = fields.singularities(places("sqrt(x^2 + y^2)"))["non_differentiable"]
    assert (cone["at"], cone["kind"]) == ({"x": 0.0, "y": 0.0}, "corner")
    (line,) = fields.singularities(places("|x + y|"))["non_differentiable_sets"]
    assert (line["equation"], line["kind"], line["samples"]) == ("x + y = 0", "corner", 12)


def test_the_study_is_made_when_asked() -> None:
    assert differentiate("x*exp(x)").study is None
    found = differentiate("x*exp(x)", study=True).study
    assert found is not None
    assert [(span.low, span.high) for span in found.increasing or ()] == [(-1.0, math.inf)]
    document = fields.study(found)
    assert document["increasing"] == [{"low": -1.0, "high": math.inf, "exact": "(-1, inf)"}]
    assert document["inflections"][0]["exact_value"] == "-2/e^2"


def test_unasked_only_short_formulas_are_studied() -> None:
    assert differentiate("x*exp(x)", study=None).study is not None
    assert differentiate("x*exp(x)", study=None, order=2).study is None
    assert differentiate("x*exp(x)", study=None, at="1").study is None
    assert differentiate("x*y", study=None).study is None
    long = " + ".join(f"sin({k}*x)*exp(x/{k})" for k in range(1, 12))
    assert differentiate(long, study=None).study is None


def test_a_study_never_breaks_a_derivative() -> None:
    for function in ("gamma*x", "x^x^x", "floor(x)^x", "erf(x)/erf(x)", "x^pi*sin(1/x)", "log(log(log(x)))"):
        found = differentiate(function, study=None)
        assert found.derivatives
        assert found.study is None or isinstance(found.study, Study)


@pytest.mark.parametrize("box", ["5..1", "x=0..1,y=0..1", "0..0", "a..b"])
def test_a_wrong_box_is_an_error(box: str) -> None:
    with pytest.raises(CalcoptError):
        differentiate("tan(x)", box=box)


def test_large_formulas_say_what_was_not_examined() -> None:
    long = places(" + ".join(f"|x - {k}|" for k in range(300)))
    assert not long.complete
    assert "more than" in long.note
    nested = places("abs(" * 12 + "x" + " - 1)" * 12)
    assert not nested.complete or len(nested.places) == 24


def test_places_compare_and_print() -> None:
    assert places("|x|") == places("|x|")
    assert isinstance(places("|x|").places[0], Place)
