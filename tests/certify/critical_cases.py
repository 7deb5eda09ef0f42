"""Functions whose critical points in a box are known by hand: (formula, box, minima, maxima, saddle points)."""

from __future__ import annotations

Case = tuple[str, str, int, int, int]

ONE_VARIABLE: list[Case] = [
    ("sin(x)*exp(-x/5)", "0..20", 3, 3, 0),
    ("x^5 - 5x^3 + 4x", "-3..3", 2, 2, 0),
    ("sin(x)", "0.1..9.5", 1, 2, 0),
    ("x*exp(-x)", "-1..5", 0, 1, 0),
    ("x^x", "0.1..2", 1, 0, 0),
    ("log(x)/x", "0.5..10", 0, 1, 0),
    ("x*log(x)", "0..3", 1, 0, 0),  # not defined at the box's end
    ("exp(-x^2)", "-3..3", 0, 1, 0),
    ("x + 1/x", "-3..3", 1, 1, 0),  # with a pole inside
    ("1/x^2 + x^2 + 1/(x-2)^2", "-3..3", 3, 0, 0),
    ("cos(x) + x/2", "0..4*pi", 2, 2, 0),
    ("tanh(x) - x/2", "-3..3", 1, 1, 0),
    ("atan(x) - x/2", "-3..3", 1, 1, 0),
    ("x^3*exp(-x)", "0.5..10", 0, 1, 0),
    ("sinh(x) - 2x", "-3..3", 1, 1, 0),
    ("erf(x) - x/2", "-3..3", 1, 1, 0),
    ("sqrt(x) - x", "0.01..4", 0, 1, 0),
    ("asin(x) - 2x", "-0.95..0.95", 1, 1, 0),
    ("log(1 + exp(x)) - x/3", "-5..5", 1, 0, 0),
    ("x^3 - 3x", "-1..1", 1, 1, 0),  # both on the box's edge
    ("x^2 + 1", "1..2", 0, 0, 0),
]
TWO_VARIABLES: list[Case] = [
    ("sin(x)*sin(y)", "0.1..6.2", 2, 2, 1),
    ("x*exp(-x^2 - y^2)", "-3..3", 1, 1, 0),
    ("x*y*exp(-x^2 - y^2)", "-3..3", 2, 2, 1),
    ("exp(x) - x + y^2", "-2..2", 1, 0, 0),
    ("log(1 + x^2 + y^2) - x/2", "-1..5", 1, 0, 1),
    ("cos(x) + cos(y)", "0..2*pi", 1, 4, 4),  # on edges and corners
    ("x^4 + y^4 - 4x*y", "-2..2", 2, 0, 1),
    ("x^3 + y^3 - 3x*y", "-2..2", 1, 0, 1),
    ("x*y*(1 - x - y)", "-2..2", 0, 1, 3),
    ("1/x + 1/y + x*y", "0.2..5", 1, 0, 0),
    ("log(x) + log(y) - x - y", "0.1..5", 0, 1, 0),
    ("20 + x^2 + y^2 - 10cos(2pi*x) - 10cos(2pi*y)", "-1.6..1.6", 9, 16, 24),
]
MORE_VARIABLES: list[Case] = [
    ("x^2 + y^2 + z^2 + x*y*z", "-3..3", 1, 0, 4),
    ("sin(x) + sin(y) + sin(z)", "1..5", 1, 1, 6),
    ("(x + y + z)*exp(-(x^2 + y^2 + z^2))", "-2..2", 1, 1, 0),
    ("cosh(x - 1) + cosh(y) + cosh(z + 1)", "-3..3", 1, 0, 0),
    ("w^2 + x^2 + y^2 + z^2 - w*x*y*z", "-2..2", 1, 0, 8),
    ("(w^2-1)^2 + (x^2-1)^2 + (y^2-1)^2 + (z^2-1)^2", "-2..2", 16, 1, 64),
    ("exp(w) - w + exp(-x) + x + y^2 + z^2", "-2..2", 1, 0, 0),
]
CASES = [*ONE_VARIABLE, *TWO_VARIABLES, *MORE_VARIABLES]
