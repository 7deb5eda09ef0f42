"""Text → tree: precedence, implied products, glyphs, heads, conditions, sums; places of every occurrence."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from typing import TypeVar

import pytest

from calcopt.errors import ParseError
from calcopt.expression import parse, parse_system, parse_value
from calcopt.expression.tree import (
    Add,
    And,
    Call,
    Compare,
    Constant,
    Div,
    Expr,
    Indexed,
    Mul,
    Neg,
    Not,
    Number,
    Or,
    Piecewise,
    Place,
    Pow,
    Sum,
    Symbol,
)

T = TypeVar("T")
a, b, c, d, i, n, x, y, z = map(Symbol, "abcdinxyz")
one, two, three = Number(1), Number(2), Number(3)
pi, e = Constant("pi"), Constant("e")


def sin(arg: Expr) -> Expr:
    return Call("sin", arg)


TREES: list[tuple[str, Expr]] = [
    # Numbers
    ("0.9", Number(Fraction(9, 10))),
    (".5", Number(Fraction(1, 2))),
    ("5.", Number(5)),
    ("1e-6", Number(Fraction(1, 10**6))),
    ("1.5E3", Number(1500)),
    ("2e", Mul(two, e)),
    ("2e3", Number(2000)),
    ("2e x", Mul(two, e, x)),
    ("2exp(x)", Mul(two, Call("exp", x))),
    ("1e3x", Mul(Number(1000), x)),
    # Names
    ("xy", Symbol("xy")),
    ("x_1 + x1", Add(Symbol("x_1"), Symbol("x1"))),
    ("lambda*N*E*I*S", Mul(*map(Symbol, ("lambda", "N", "E", "I", "S")))),
    ("pi e", Mul(pi, e)),
    ("beta gamma", Mul(Symbol("beta"), Symbol("gamma"))),
    # Signs and powers
    ("-x^2", Neg(Pow(x, two))),
    ("(-x)^2", Pow(Neg(x), two)),
    ("x^y^z", Pow(x, Pow(y, z))),
    ("x**2", Pow(x, two)),
    ("2^-x", Pow(two, Neg(x))),
    ("2^-x^2", Pow(two, Neg(Pow(x, two)))),
    ("2^-x*y", Mul(Pow(two, Neg(x)), y)),
    ("--x", Neg(Neg(x))),
    ("+x", x),
    ("x - -y", Add(x, Neg(Neg(y)))),
    ("x + +y", Add(x, y)),
    ("x*-y*z", Mul(x, Neg(y), z)),
    ("x/-y/z", Div(Div(x, Neg(y)), z)),
    ("-x*y + z", Add(Neg(Mul(x, y)), z)),
    ("-x/y", Neg(Div(x, y))),
    ("x^(1/3)", Pow(x, Div(one, three))),
    # Sums and products
    ("a - b - c", Add(a, Neg(b), Neg(c))),
    ("a - (b - c)", Add(a, Neg(Add(b, Neg(c))))),
    ("a + (b + c)", Add(a, Add(b, c))),
    ("a*b*c", Mul(a, b, c)),
    ("a*(b*c)", Mul(a, Mul(b, c))),
    ("a/b/c", Div(Div(a, b), c)),
    ("a*b/c*d", Mul(Div(Mul(a, b), c), d)),
    ("x/x", Div(x, x)),
    # Implied products
    ("2x", Mul(two, x)),
    ("3 x y", Mul(three, x, y)),
    ("(x+1)(x-1)", Mul(Add(x, one), Add(x, Neg(one)))),
    ("2(x+1)", Mul(two, Add(x, one))),
    ("x(x+1)", Mul(x, Add(x, one))),
    ("x1(x+1)", Mul(Symbol("x1"), Add(x, one))),
    ("pi(x+1)", Mul(pi, Add(x, one))),
    ("alpha(x+1)", Mul(Symbol("alpha"), Add(x, one))),
    ("1/2x", Mul(Div(one, two), x)),
    ("2x^2y", Mul(two, Pow(x, two), y)),
    ("x^2 y^2", Mul(Pow(x, two), Pow(y, two))),
    ("-2x", Neg(Mul(two, x))),
    ("e^2x", Mul(Pow(e, two), x)),
    # Functions
    ("ln x", Call("log", x)),
    ("log(x, 2)", Call("log", x, two)),
    ("arcsin(x)", Call("asin", x)),
    ("artanh(x) + arctanh(x)", Add(Call("atanh", x), Call("atanh", x))),
    ("arctan2(y, x)", Call("atan2", y, x)),
    ("min(x, y, z)", Call("min", x, y, z)),
    ("sin x cos x", Mul(sin(x), Call("cos", x))),
    ("sin x + 1", Add(sin(x), one)),
    ("sin x * y", Mul(sin(x), y)),
    ("sin x / y", Div(sin(x), y)),
    ("sin 2x", sin(Mul(two, x))),
    ("sin 2 pi x", sin(Mul(two, pi, x))),
    ("2 sin x", Mul(two, sin(x))),
    ("sin x^2", sin(Pow(x, two))),
    ("sin^2 x", Pow(sin(x), two)),
    ("sin^2(x)", Pow(sin(x), two)),
    ("sin² x", Pow(sin(x), two)),
    ("sin^n x", Pow(sin(x), n)),
    ("sin^2 x cos^2 x", Mul(Pow(sin(x), two), Pow(Call("cos", x), two))),
    ("sin(x)^2", Pow(sin(x), two)),
    ("sin (x) y", Mul(sin(x), y)),
    ("sin sin x", sin(sin(x))),
    ("exp -x^2", Call("exp", Neg(Pow(x, two)))),
    ("exp -x y", Call("exp", Neg(Mul(x, y)))),
    ("sin |x|", sin(Call("abs", x))),
    ("x^sin y", Pow(x, sin(y))),
    ("σ(x)", Call("sigmoid", x)),
    ("x/σ^2", Div(x, Pow(Symbol("sigma"), two))),
    # Bars
    ("|x|", Call("abs", x)),
    ("|x - 1|^2", Pow(Call("abs", Add(x, Neg(one))), two)),
    ("||x| - 1|", Call("abs", Add(Call("abs", x), Neg(one)))),
    ("|x||y|", Mul(Call("abs", x), Call("abs", y))),
    ("2|x| + 3|y|", Add(Mul(two, Call("abs", x)), Mul(three, Call("abs", y)))),
    ("|x|y", Mul(Call("abs", x), y)),
    # Glyphs
    ("x² + x³", Add(Pow(x, two), Pow(x, three))),
    ("x¹²", Pow(x, Number(12))),
    ("x⁻¹", Pow(x, Neg(one))),
    ("eˣ", Pow(e, x)),
    ("e²ˣ", Pow(e, Mul(two, x))),
    ("x²y", Mul(Pow(x, two), y)),
    ("-x²", Neg(Pow(x, two))),
    ("2·x×y", Mul(two, x, y)),
    ("x − y", Add(x, Neg(y))),
    ("x ÷ y", Div(x, y)),
    ("πx", Mul(pi, x)),
    ("πr²", Mul(pi, Pow(Symbol("r"), two))),
    ("αx + β₁", Add(Mul(Symbol("alpha"), x), Symbol("beta1"))),
    ("x₁", Symbol("x1")),
    ("λ", Symbol("lambda")),
    # Conditions
    ("if(x < 0, -x, x)", Piecewise(Compare("<", x, Number(0)), Neg(x), x)),
    ("if(x ≤ 1 and not y > 2, 1, 2)", Piecewise(And(Compare("<=", x, one), Not(Compare(">", y, two))), one, two)),
    ("if(0 < x < 1, 1, 2)", Piecewise(And(Compare("<", Number(0), x), Compare("<", x, one)), one, two)),
    (
        "if(x<1 or x<2 and x<3, 1, 2)",
        Piecewise(Or(Compare("<", x, one), And(Compare("<", x, two), Compare("<", x, three))), one, two),
    ),
    (
        "piecewise(x<1, 1, x≥2, 2, 3)",
        Piecewise(Compare("<", x, one), one, Compare(">=", x, two), two, three),
    ),
    # Sums and elements
    ("x[i]", Indexed("x", i)),
    ("x[1,2]", Indexed("x", one, two)),
    ("sum(i^2, i, 1, n)", Sum("i", Pow(i, two), one, n)),
    (
        "sum(x[i+1]-x[i], i, 1, n-1)",
        Sum("i", Add(Indexed("x", Add(i, one)), Neg(Indexed("x", i))), one, Add(n, Neg(one))),
    ),
]


@pytest.mark.parametrize(("text", "tree"), TREES, ids=[text for text, _ in TREES])
def test_tree(text: str, tree: Expr) -> None:
    assert parse(text).body is tree


@pytest.mark.parametrize("text", [text for text, _ in TREES])
def test_places_follow_the_tree_and_the_text(text: str) -> None:
    formula = parse(text)
    stack = [formula.place]
    while stack:
        place = stack.pop()
        assert tuple(child.node for child in place.children) == place.node.args
        assert 0 <= place.start < place.end <= len(text)
        for child in place.children:
            assert place.start <= child.start < child.end <= place.end
        stack.extend(place.children)


def test_the_text_of_a_place_is_that_of_its_node() -> None:
    text = "2*(x - 1)^2 + sin(y)/x"
    square, quotient = parse(text).place.children

    def typed(place: Place) -> str:
        return text[place.start : place.end]

    assert typed(square) == "2*(x - 1)^2"
    assert typed(square.children[1]) == "(x - 1)^2"
    assert typed(square.children[1].children[0].children[1]) == "- 1"
    assert [typed(child) for child in quotient.children] == ["sin(y)", "x"]


def test_head_and_order_of_the_variables() -> None:
    formula = parse("g(y, x) = x + 2*y")
    assert (formula.name, formula.variables) == ("g", ("y", "x"))
    assert parse("x10 + x2 + x1 + a").variables == ("a", "x1", "x2", "x10")
    assert parse("x + y", variables=["y", "x"]).variables == ("y", "x")
    assert parse("f(x) = (x - a)^2").variables == ("x",)


def test_named_constants_are_put_in() -> None:
    formula = parse("a*x + b", constants={"a": parse_value("1/2"), "b": parse_value("-3")})
    assert formula.body is parse("(1/2)*x + (-3)").body
    assert formula.variables == ("x",)
    assert formula.text[formula.place.start : formula.place.end] == "a*x + b"
    assert isinstance(formula.place.node, Add)
    assert formula.place.node.args[0] is Mul(a, x)


def test_named_constants_do_not_get_around_the_limits() -> None:
    with pytest.raises(ParseError, match="digits"):
        parse("2^a", constants={"a": parse_value("10^10")})
    with pytest.raises(ParseError, match="terms"):
        parse("sum(i, i, 1, n)", constants={"n": parse_value("10^9")})


def test_elements_of_sums_are_variables() -> None:
    assert parse("sum(x[i]^2, i, 1, 3)").variables == ("x[1]", "x[2]", "x[3]")
    assert parse("sum(x[2*i+1] - y, i, 1, 2)").variables == ("x[3]", "x[5]", "y")
    assert parse("sum(sum(x[i,j], i, 1, 2), j, 1, 2)").variables == ("x[1,1]", "x[1,2]", "x[2,1]", "x[2,2]")
    assert parse("sum(sum(x[j], j, 1, i), i, 1, 3)").variables == ("x[1]", "x[2]", "x[3]")
    assert parse("sum(x[i], i, 1, n)", constants={"n": Number(2)}).variables == ("x[1]", "x[2]")
    assert parse("sum(x[i], i, 1, n)").variables == ("n", "x[]")
    assert len(parse("sum(x[i]*x[i+1], i, 1, 10^5)").variables) == 10**5 + 1
    with pytest.raises(ParseError, match="more than 1000000 variables"):
        parse("sum(x[i], i, 1, 10^7)")


def test_systems_share_their_variables() -> None:
    first, second = parse_system("x^2 + y^2 - 1; y - z")
    assert first.variables == second.variables == ("x", "y", "z")
    assert [f.variables for f in parse_system("f(y, x) = x*y; x - 1")] == [("y", "x")] * 2
    assert [f.variables for f in parse_system("x*y; x;", variables=["y", "x"])] == [("y", "x")] * 2


@pytest.mark.parametrize(
    ("pieces", "shape"),
    [
        (("(", ")"), "parentheses"),
        (("sin(", ")"), "calls"),
        (("1/(1+", ")"), "fractions"),
        (("-(", ")"), "signs"),
        (("2^(-", ")"), "powers"),
        (("|", "|"), "bars"),
        (("if(x<1, 1, ", ")"), "choices"),
        (("sum(x[1]+", ", i, 1, 2)"), "sums"),
    ],
)
def test_two_hundred_levels_and_no_more(pieces: tuple[str, str], shape: str) -> None:
    opening, closing = pieces
    deep = parse(opening * 200 + "x" + closing * 200) if shape != "sums" else parse(opening * 20 + "x" + closing * 20)
    assert parse(str(deep.body)).body is deep.body
    with pytest.raises(ParseError):
        parse(opening * 201 + "x" + closing * 201)


def test_sums_and_products_of_any_length() -> None:
    text = " + ".join(f"{k}*x{k}" for k in range(20_000))
    formula = parse(text, max_length=1_000_000)
    assert len(formula.body.args) == 20_000
    assert str(formula.body) == text
    product = parse("*".join(f"x{k}" for k in range(20_000)), max_length=1_000_000)
    assert len(product.body.args) == 20_000


def test_length_is_bounded() -> None:
    assert parse("x" + "+x" * 9999).body
    with pytest.raises(ParseError, match="20001 characters, more than 20000"):
        parse("x" + "+x" * 10_000)


@pytest.mark.parametrize(
    "text",
    [
        "1e9999", "1e-9999", "9" * 10_000, "2^33000", "(2^100)^100", "x^(10^50)", "exp(10^6)", "10^9999 + x",
        "0^(10^10)",        "1^(10^1000)", "(-1)^(10^1000)", "100^0.123456789", "2^(1/3)", "(x + 2)^1000000",
        "sum(i, i, 1, 10^8)", "floor(10^9/7)",
        "+".join(f"1/{k}" for k in range(1, 2000)), "+".join("0.123456789" for _ in range(1000)),
    ],
)  # fmt: skip
def test_within_the_limits(text: str) -> None:
    assert parse(text)


def test_numbers_at_the_limit_are_printed_in_full() -> None:
    digits = "123456789" * 1111
    assert str(parse(digits).body) == digits
    tiny = parse("0." + digits).body
    assert parse(str(tiny)).body is tiny
    assert str(parse("1e9999").body) == "1e9999"


def test_a_choice_in_the_middle_of_a_chain_is_refused() -> None:
    with pytest.raises(ParseError, match="a choice cannot stand in the middle of a chain"):
        parse("if(0 < if(x < 1, 1, 2) < 3, 1, 2)")
    assert parse("if(0 < if(x < 1, 1, 2) and if(x < 1, 1, 2) < 3, 1, 2)")


def test_nodes_are_unique_immutable_and_survive_a_trip() -> None:
    body = parse("sin(x)^2 + x[1] + if(x < 1, 2, 0.5)").body
    assert pickle.loads(pickle.dumps(body)) is body
    assert copy.copy(body) is body
    assert copy.deepcopy(body) is body
    with pytest.raises(AttributeError, match="immutable"):
        body.args = ()
    assert repr(parse("2x").body) == "Mul(Number(Fraction(2, 1)), Symbol('x'))"


@pytest.mark.parametrize("text", ["x⁺", "x²⁻", "x⁻", "xⁿ²"])
def test_superscripts_that_say_nothing(text: str) -> None:
    with pytest.raises(ParseError, match="this superscript cannot be read"):
        parse(text)


def test_too_many_operations_inside_each_other() -> None:
    assert parse("/".join(["x"] * 1000))
    with pytest.raises(ParseError, match="more than 1000 operations inside each other"):
        parse("/".join(["x"] * 1001))
    big = parse_value("/".join(["2"] * 600))
    with pytest.raises(ParseError, match="more than 1000 operations"):
        parse("a" + "/x" * 600, constants={"a": big})


def test_a_let_value_beyond_the_limits_is_blamed_on_the_formula() -> None:
    with pytest.raises(ParseError) as caught:
        parse("1 + 2^a", constants={"a": parse_value("10^10")})
    assert (caught.value.start, caught.value.end) == (0, 7)
