"""What a person reads after a slip: the whole message, with the carets."""

from __future__ import annotations

import pytest

from calcopt.errors import ParseError
from calcopt.expression import parse, parse_system, parse_value


def report(text: str, variables: list[str] | None = None) -> str:
    with pytest.raises(ParseError) as caught:
        parse(text, variables=variables)
    return caught.value.report()


@pytest.mark.parametrize(
    ("text", "message", "carets"),
    [
        ("3*x + sinn(x)", "unknown function 'sinn'; did you mean 'sin'?", "      ^^^^"),
        ("math.sin(x)", "unexpected name 'math.sin'; type 'sin'", "^^^^^^^^"),
        ("np.exp(-x) + 1", "unexpected name 'np.exp'; type 'exp'", "^^^^^^"),
        ("2*x.y", "unexpected name 'x.y'; a name holds no dots", "  ^^^"),
        ("x +", "expected a number, a name or '(' after '+'", "   ^"),
        ("x ^", "expected a number, a name or '(' after '^'", "   ^"),
        ("", "the formula is empty; type a function such as x^2", "^"),
        ("2*(x + 1", "'(' is never closed", "  ^"),
        ("x + 1)", "')' closes nothing", "     ^"),
        ("(x + 1]", "'(' is closed by ']'; expected ')'", "^^^^^^^"),
        ("x + 2 3", "two numbers side by side; for a product type 2*3", "    ^^^"),
        ("x 2", "a number cannot follow 'x' directly; for a product type x*2", "  ^"),
        ("(x+1) 2", "a number cannot follow '(x+1)' directly; for a product type (x+1)*2", "      ^"),
        (
            "y = x^2",
            "unexpected '='; a head is f(x) = …; for the equation a = b type a - b (newton --root)",
            "  ^",
        ),
        ("x^2 == 4", "unexpected '=='; conditions are built with <, <=, >, >=", "    ^^"),
        ("sin", "the function 'sin' needs an argument; type sin(x)", "^^^"),
        ("sin + 1", "the function 'sin' needs an argument; type sin(x)", "^^^"),
        ("exp - x", "the function 'exp' needs an argument; type exp(x)", "^^^"),
        ("sin()", "'sin' needs an argument; type sin(x)", "^^^^^"),
        ("sin(x, y)", "'sin' cannot take 2 arguments; type sin(x)", "^^^^^^^^^"),
        ("atan2(x)", "'atan2' cannot take 1 argument; type atan2(y, x)", "^^^^^^^^"),
        ("log(x, 2, 3)", "'log' cannot take 3 arguments; type log(x) or log(x, base)", "^^^^^^^^^^^^"),
        ("if(x < 0, 1)", "'if' cannot take 2 arguments; type if(condition, a, b)", "^^^^^^^^^^^^"),
        ("if(x, 1, 2)", "a condition is expected here, not a number; compare with <, <=, > or >=", "   ^"),
        (
            "1 + (x < 1)",
            "a condition cannot be used as a number; type if(condition, a, b) to choose between two values",
            "    ^^^^^^^",
        ),
        ("sum(x, i, 1)", "'sum' cannot take 3 arguments; type sum(expression, i, from, to)", "^^^^^^^^^^^^"),
        ("sum(x[i], 2, 1, 3)", "the index of a sum is a plain name; type sum(expression, i, from, to)", "          ^"),
        (
            "sin^-1 x",
            "'sin^-1' can be read in two ways; type asin(x) for the inverse, 1/sin(x) for the reciprocal",
            "^^^^^^",
        ),
        ("log^-1(x)", "'log^-1' can be read in two ways; type 1/log(x) for the reciprocal", "^^^^^^"),
        ("sin x (x+1)", "'sin x (…' can be read in two ways; type sin(a)*(b) or sin(a*(b))", "^^^^^^^"),
        ("|x - 1", "'|' is never closed; type abs(…) where bars stand inside bars", "^"),
        ("|a|b|c|", "these bars can be read in two ways; type abs(…) instead", "^^^^^"),
        ("f(x) = 1 + f(x-1)", "'f' is the function being defined here", "           ^"),
        ("f(x, x) = x", "the variable 'x' is listed twice", "     ^"),
        ("f(pi) = 3", "'pi' is a constant, not a variable; choose another name", "  ^^"),
        ("f(x,) = 3", "a variable is missing in the head of the function; type f(x, y) = …", "    ^"),
        ("f(x y) = 3", "expected ',' in the head of the function, not 'y'; type f(x, y) = …", "    ^"),
        ("sin(x) = 3", "'sin' has a meaning already; name the function f, g …", "^^^"),
        ("f(x) =", "expected a number, a name or '(' after '='", "      ^"),
        ("x + 0,5", "unexpected ','; for a decimal number type 0.5", "    ^^^"),
        ("g(x, y) + 1", "'g' is no function; commas stand between the arguments of a function", "^"),
        ("x[1.5]", "an index is a whole number from 0 to 1000000000", "  ^^^"),
        ("(x+1)[2]", "unexpected '['; only a name has an index, as in x[i]", "     ^"),
        ("x***2", "expected a number, a name or '(', not '*'; a power is ^ or **", "   ^"),
        ("x*/y", "expected a number, a name or '(', not '/'", "  ^"),
        ("x²^3", "two powers in a row can be read in two ways; type (a^b)^c or a^(b^c)", "^^^"),
        ("5!", "unexpected character '!'; there is no factorial and no '!='", " ^"),
        ("√x + 1", "unexpected character '√'; type sqrt(…)", "^"),
        ("a && b", "unexpected character '&'; type 'and' between conditions", "  ^"),
        ("x > 0 ? 1 : 2", "unexpected character '?'; type if(condition, a, b) for a choice", "      ^"),
        ("Sin(x)", "unknown function 'Sin'; did you mean 'sin'?", "^^^"),
        ("sgn(x)", "unknown function 'sgn'; did you mean 'sign'?", "^^^"),
        ("log_2(x)", "unknown function 'log_2'; did you mean 'log2'?", "^^^^^"),
        ("sigma(x)", "unknown function 'sigma'; did you mean 'sigmoid'?", "^^^^^"),
        ("rate(x)", "unknown function 'rate'; for a product type rate*(…)", "^^^^"),
        ("x*sinx", "unknown name 'sinx'; did you mean 'sin(x)'?", "  ^^^^"),
        ("1e99999", "a number of more than 10000 digits", "^^^^^^^"),
        ("9^9^9", "a number of more than 10000 digits", "^^^^^"),
        ("2*x and y", "a condition is expected here, not a number; compare with <, <=, > or >=", "^^^"),
        (
            "if(x < 1 > y, 1, 2)",
            "the signs of a chain must point the same way; join two comparisons with 'and'",
            "         ^",
        ),
        ("٣ + x", "numbers are written with the digits 0-9; type 3 with the digits 0-9", "^"),
        ("x + аb", "unexpected character 'а' (U+0430 CYRILLIC SMALL LETTER A)", "    ^"),
        ("x\u200by", "unexpected character (U+200B ZERO WIDTH SPACE)", " ^"),
        ("x − y;", "unexpected character ';'; several functions, separated by ';', are for newton --root", "     ^"),
        ("f'(x)", "unexpected quote; a formula holds no quotes; for a derivative use the command diff", " ^"),
        ("()", "nothing between the parentheses; expected a number, a name or '('", "^^"),
        ("sin(, x)", "an argument is missing: expected a number, a name or '('", "    ^"),
        ("max(1,)", "an argument is missing: expected a number, a name or '('", "      ^"),
        ("{x}", "unexpected character '{'; type parentheses ( )", "^"),
        ("5%", "unexpected character '%'; type 0.05 for 5 %", " ^"),
        ("sin^(2)(x)", "after 'sin^' expected a number; type sin(x)^(…)", "^^^^^"),
        ("x[]", "nothing between the brackets; expected a number, a name or '('", " ^^"),
        ("2.5.1", "two numbers side by side; for a product type 2.5*.1", "^^^^^"),
    ],
)
def test_report(text: str, message: str, carets: str) -> None:
    shown = text.replace("\u200b", "\N{REPLACEMENT CHARACTER}")
    assert report(text) == f"{message}\n  {shown}\n  {carets}"


@pytest.mark.parametrize(
    ("text", "variables", "guess"),
    [
        ("xy + 1", ["x", "y"], "x*y"),
        ("f(x, y) = 2xy", None, "x*y"),
        ("f(x, y, z) = xyz", None, "x*y*z"),
        ("f(alpha, x) = alphax", None, "alpha*x"),
        ("f(x) = cosx", None, "cos(x)"),
        ("sum(ii, i, 1, 3)", None, "i*i"),
    ],
)
def test_names_run_together(text: str, variables: list[str] | None, guess: str) -> None:
    assert f"did you mean '{guess}'?" in report(text, variables)


def test_a_name_of_several_letters_is_one_variable() -> None:
    assert parse("xy + x + y").variables == ("x", "xy", "y")
    assert parse("f(xy, x, y) = xy").variables == ("xy", "x", "y")


def test_a_long_line_is_cut_around_the_place() -> None:
    text = "+".join(f"x{i}" for i in range(100)) + " + sinn(x)"
    lines = report(text).splitlines()
    assert len(lines) == 3
    assert len(lines[1]) <= 80
    column = lines[2].index("^")
    assert lines[1][column:].startswith("sinn")


def test_the_line_of_a_text_of_several_lines() -> None:
    assert report("x +\n  sinn(y) +\n  z") == ("unknown function 'sinn'; did you mean 'sin'?\n    sinn(y) +\n    ^^^^")


def test_json_fields() -> None:
    with pytest.raises(ParseError) as caught:
        parse("3*x + sinn(x)")
    assert caught.value.as_dict() == {
        "kind": "parse",
        "message": "unknown function 'sinn'",
        "hint": "did you mean 'sin'?",
        "position": 6,
        "end": 10,
    }


def test_a_place_in_a_system_is_a_place_in_the_whole_text() -> None:
    with pytest.raises(ParseError) as caught:
        parse_system("x + y; sinn(x); y")
    assert (caught.value.start, caught.value.text) == (7, "x + y; sinn(x); y")


@pytest.mark.parametrize("text", ["x + y;; x", "", ";", "f(x, y) = x; g(y, x) = y"])
def test_systems_that_are_refused(text: str) -> None:
    with pytest.raises(ParseError):
        parse_system(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 + a", "expected a number, found the name 'a'"),
        ("inf", "expected a finite number"),
        ("-nan", "expected a finite number"),
        ("x[1]", "expected a number, found the name 'x[1]'"),
        ("", "the formula is empty; type a function such as x^2"),
        ("1 < 2", "a condition cannot be used as a number; type if(condition, a, b) to choose between two values"),
    ],
)
def test_values_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_value(text)
    assert caught.value.report().splitlines()[0] == message
