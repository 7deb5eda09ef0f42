"""Where functions of one variable have no derivative, against what the textbooks say of each."""

from __future__ import annotations

import pytest

from calcopt.calculus.singular.found import family_text
from calcopt.calculus.singular.kinds import shown
from calcopt.calculus.singular.places import find
from calcopt.expression import parse

# function → (place, kind, one-sided slopes or None) in the order of the line; "smooth" is listed too
KNOWN: dict[str, list[tuple[str, str, tuple[str, str] | None]]] = {
    # course, A9
    "|x|": [("0", "corner", ("−1", "1"))],
    "x^(1/3)": [("0", "vertical tangent", ("+∞", "+∞"))],
    "if(x < 0, 0, 1)": [("0", "jump", None)],
    # corners
    "abs(x^2-1)": [("-1", "corner", ("−2", "2")), ("1", "corner", ("−2", "2"))],
    "abs(abs(x)-1)": [("-1", "corner", None), ("0", "corner", ("1", "−1")), ("1", "corner", None)],
    "abs(x)+abs(x-1)": [("0", "corner", ("−2", "0")), ("1", "corner", ("0", "2"))],
    "abs(|x|+|x-1|-3)": [
        ("-1", "corner", ("−2", "2")),
        ("0", "corner", ("2", "0")),
        ("1", "corner", ("0", "−2")),
        ("2", "corner", ("−2", "2")),
    ],
    "max(x, x^2)": [("0", "corner", ("0", "1")), ("1", "corner", ("1", "2"))],
    "min(x, 1)": [("1", "corner", ("1", "0"))],
    "max(x, -x, 1)": [("-1", "corner", ("−1", "0")), ("0", "smooth", None), ("1", "corner", ("0", "1"))],
    "relu(2x-3)": [("3/2", "corner", ("0", "2"))],
    "if(x<1, x, 2-x)": [("1", "corner", ("1", "−1"))],
    "if(x>=0, x^2, x)": [("0", "corner", ("1", "0"))],
    "sqrt(x^2)": [("0", "corner", ("−1", "1"))],
    "abs(log(x))": [("0", "domain edge", None), ("1", "corner", ("−1", "1"))],
    "abs(x-sqrt(2))": [("sqrt(2)", "corner", ("−1", "1"))],
    "abs(pi*x-1)": [("1/pi", "corner", ("−pi", "pi"))],
    "exp(-abs(x))": [("0", "corner", ("1", "−1"))],
    "abs(exp(x)-2)": [("log(2)", "corner", ("−2", "2"))],
    "abs(exp(2x)-3exp(x)+2)": [("0", "corner", ("−1", "1")), ("log(2)", "corner", ("−2", "2"))],
    "sqrt(1-cos(x)^2)": [("k*pi", "corner", ("−1", "1"))],
    "asin(sin(x))": [("pi/2 + k*2*pi", "corner", ("1", "−1")), ("3*pi/2 + k*2*pi", "corner", ("−1", "1"))],
    "abs(sin(x))": [("k*pi", "corner", ("−1", "1"))],
    "max(sin(x), cos(x))": [("pi/4 + k*pi", "corner", ("−sqrt(2)/2", "sqrt(2)/2"))],
    "abs(2sin(x)-1)": [("pi/6 + k*2*pi", "corner", None), ("5*pi/6 + k*2*pi", "corner", None)],
    "if(x<0, 0, sqrt(x))": [("0", "corner", ("0", "+∞"))],
    # cusps and vertical tangents
    "x^(2/3)": [("0", "cusp", ("−∞", "+∞"))],
    "sqrt(abs(x))": [("0", "cusp", ("−∞", "+∞"))],
    "-x^(2/5)": [("0", "cusp", ("+∞", "−∞"))],
    "cbrt(x-2)": [("2", "vertical tangent", ("+∞", "+∞"))],
    "cbrt(x^2-1)": [("-1", "vertical tangent", ("−∞", "−∞")), ("1", "vertical tangent", ("+∞", "+∞"))],
    "acos(1-abs(x))": [("-2", "domain edge", None), ("0", "cusp", ("−∞", "+∞")), ("2", "domain edge", None)],
    "sign(x)*sqrt(abs(x))": [("0", "vertical tangent", ("+∞", "+∞"))],
    # jumps
    "floor(x)": [("k", "jump", None)],
    "ceil(2x)": [("k*1/2", "jump", None)],
    "floor(x)-x": [("k", "jump", None)],
    "sign(x)": [("0", "jump", None)],
    "step(x-1)": [("1", "jump", None)],
    "x/abs(x)": [("0", "jump", None)],
    "atan(1/x)": [("0", "jump", None)],
    "acot(x)": [("0", "jump", None)],
    "1/(1+exp(1/x))": [("0", "jump", None)],
    "atan2(x,-1)": [("0", "jump", None)],
    "if(x<=0, 0, 1/x)": [("0", "jump", None)],
    "floor(sin(x)/2)": [("k*2*pi", "jump", None), ("pi + k*2*pi", "jump", None)],
    # removable
    "x/x": [("0", "removable", None)],
    "(x^2-1)/(x-1)": [("1", "removable", None)],
    "sin(x)/x": [("0", "removable", None)],
    "(1-cos(x))/x^2": [("0", "removable", None)],
    "log(x)/(x-1)": [("0", "domain edge", None), ("1", "removable", None)],
    "exp(-1/x^2)": [("0", "removable", None)],
    "x*sin(1/x)": [("0", "removable", None)],
    "piecewise(x<0, x, x>0, x, 5)": [("0", "removable", None)],
    "csc(x)*sin(x)": [("k*pi", "removable", None)],
    # poles and oscillations
    "1/x": [("0", "undefined", None)],
    "1/x^2": [("0", "undefined", None)],
    "1/(x^2-2)": [("-sqrt(2)", "undefined", None), ("sqrt(2)", "undefined", None)],
    "tan(x)": [("pi/2 + k*pi", "undefined", None)],
    "tan(2x+1)": [("pi/4 - 1/2 + k*pi/2", "undefined", None)],
    "cot(x)": [("k*pi", "undefined", None)],
    "coth(x)": [("0", "undefined", None)],
    "log(abs(x))": [("0", "undefined", None)],
    "sin(1/x)": [("0", "undefined", None)],
    "exp(1/x)": [("0", "undefined", None)],
    # edges
    "sqrt(x)": [("0", "domain edge", None)],
    "log(x^2-3)": [("-sqrt(3)", "domain edge", None), ("sqrt(3)", "domain edge", None)],
    "asin(x/2)": [("-2", "domain edge", None), ("2", "domain edge", None)],
    "acosh(x)": [("1", "domain edge", None)],
    "atanh(x)": [("-1", "domain edge", None), ("1", "domain edge", None)],
    "asec(x)": [("-1", "domain edge", None), ("1", "domain edge", None)],
    "asech(x)": [("0", "domain edge", None), ("1", "domain edge", None)],
    "x^x": [("0", "domain edge", None)],
    "x^2.5": [("0", "domain edge", None)],
    "sqrt(-x^2)": [("0", "domain edge", None)],
    "log(2, x)": [("0", "domain edge", None), ("1", "undefined", None)],
    "sqrt(x)^2": [("0", "domain edge", None)],
    # smooth after all
    "x*abs(x)": [("0", "smooth", ("0", "0"))],
    "abs(x)^3": [("0", "smooth", ("0", "0"))],
    "x^(4/3)": [("0", "smooth", ("0", "0"))],
    "max(x,0)^2": [("0", "smooth", ("0", "0"))],
    "abs(x^2+1)": [],
    "sqrt(x^4)": [("0", "smooth", ("0", "0"))],
    "(x^3)^(1/3)": [("0", "smooth", ("1", "1"))],
    "abs(1-cos(x))": [("k*2*pi", "smooth", ("0", "0"))],
    "piecewise(x<0, exp(-1/x^2), x>0, exp(-1/x^2), 0)": [("0", "smooth", ("0", "0"))],
    "piecewise(x<0, x^2*sin(1/x), x>0, x^2*sin(1/x), 0)": [("0", "smooth", ("0", "0"))],
    "1/(x^2+1)": [],
    "x*exp(x)": [],
    "2^x + e^x": [],
}
ORDERS = {
    "x*abs(x)": 1,
    "abs(x)^3": 2,
    "x^(4/3)": 1,
    "x^(7/3)": 2,
    "max(x,0)^2": 1,
    "sign(x)*x^4": 3,
    "sqrt(x^4)": None,
}


@pytest.mark.parametrize("function", KNOWN)
def test_kinds_of_places(function: str) -> None:
    found = find(parse(function).body, "x")
    seen = [(family_text(place.root), place.decision.kind) for place in found.places]
    assert seen == [(place, kind) for place, kind, _ in KNOWN[function]]
    assert found.complete, found.notes
    for place, (_, _, slopes) in zip(found.places, KNOWN[function], strict=True):
        if slopes is not None:
            assert (shown(place.decision.left.slope), shown(place.decision.right.slope)) == slopes


@pytest.mark.parametrize(("function", "order"), ORDERS.items())
def test_how_often_differentiable(function: str, order: int | None) -> None:
    (place,) = find(parse(function).body, "x").places
    assert place.decision.kind == "smooth"
    assert place.decision.order == order


def test_places_in_a_box() -> None:
    def ends(low: str, high: str) -> tuple[object, object]:
        return parse(low).body, parse(high).body

    found = find(parse("tan(x)").body, "x", ends("0", "10"))
    assert [str(place.root.exact) for place in found.places] == ["pi/2", "3*pi/2", "5*pi/2"]
    found = find(parse("floor(x)").body, "x", ends("0", "3"))
    assert [str(place.root.exact) for place in found.places] == ["0", "1", "2", "3"]
    found = find(parse("abs(sin(x^2))").body, "x", ends("0", "3"))
    assert found.complete
    assert [str(place.root.exact) for place in found.places][:3] == ["0", "sqrt(pi)", "sqrt(2)*sqrt(pi)"]


def test_numbers_where_nothing_is_exact() -> None:
    (place,) = find(parse("abs(cos(x)-x)").body, "x").places
    assert place.root.exact is None
    assert abs(float(place.root.number) - 0.7390851332151607) < 1e-16
    assert place.decision.kind == "corner"


@pytest.mark.parametrize(
    ("function", "note"),
    [
        ("x*floor(x)", "infinitely many"),
        ("abs(exp(x)-e*x)", "is known"),  # a double zero cannot be proved by enclosures
        ("1/sin(exp(x))", "only"),
        ("floor(1/x)", "is known"),  # jumps without end
    ],
)
def test_what_is_not_complete_says_so(function: str, note: str) -> None:
    found = find(parse(function).body, "x")
    assert not found.complete
    assert note in " ".join(found.notes)


def test_what_is_not_decided_is_not_guessed() -> None:
    (place,) = find(parse("if(x<0, 0, x^pi)").body, "x").places
    assert place.decision.kind == "undetermined"


def test_kinds_along_a_family_need_not_agree() -> None:
    found = find(parse("x*floor(x)").body, "x")
    kinds = {str(place.root.exact): place.decision.kind for place in found.places}
    assert kinds["0"] == "corner"
    assert kinds["1"] == "jump"
