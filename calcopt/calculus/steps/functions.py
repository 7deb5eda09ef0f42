"""The derivative of each function of one argument, as a formula in that argument, and the name of its rule.

Inverse functions are not here but in ``inverses``: their derivatives follow from those of what they undo.
"""

from __future__ import annotations

from collections.abc import Callable

from calcopt.calculus.steps.forms import ONE, TWO, ZERO, call, log, minus, over, plus, power, square, times
from calcopt.expression.tree import Constant, Expr
from calcopt.expression.values import exact_value

Slope = Callable[[Expr], Expr]


def _tangent(u: Expr) -> Expr:
    return plus([ONE, square(call("tan", u))])


def _gauss(u: Expr) -> Expr:
    return times(over(TWO, call("sqrt", Constant("pi"))), call("exp", minus(square(u))))


SLOPES: dict[str, tuple[str, Slope]] = {
    "exp": ("exponential", lambda u: call("exp", u)),
    "sin": ("sine", lambda u: call("cos", u)),
    "cos": ("cosine", lambda u: minus(call("sin", u))),
    "tan": ("tangent", _tangent),
    "cot": ("cotangent", lambda u: minus(plus([ONE, square(call("cot", u))]))),
    "sec": ("secant", lambda u: times(call("sec", u), call("tan", u))),
    "csc": ("cosecant", lambda u: minus(times(call("csc", u), call("cot", u)))),
    "sinh": ("hyperbolic sine", lambda u: call("cosh", u)),
    "cosh": ("hyperbolic cosine", lambda u: call("sinh", u)),
    "tanh": ("hyperbolic tangent", lambda u: plus([ONE, minus(square(call("tanh", u)))])),
    "coth": ("hyperbolic cotangent", lambda u: plus([ONE, minus(square(call("coth", u)))])),
    "sech": ("hyperbolic secant", lambda u: minus(times(call("sech", u), call("tanh", u)))),
    "csch": ("hyperbolic cosecant", lambda u: minus(times(call("csch", u), call("coth", u)))),
    "sigmoid": ("sigmoid", lambda u: times(call("sigmoid", u), plus([ONE, minus(call("sigmoid", u))]))),
    "softplus": ("softplus", lambda u: call("sigmoid", u)),
    "erf": ("error function", _gauss),
    "abs": ("absolute value", lambda u: call("sign", u)),
    "relu": ("relu", lambda u: call("step", u)),
}
"""Function → (the rule's name, the derivative at u)."""

NOTES = {
    "abs": "the slope is −1 for {u} < 0 and 1 for {u} > 0; at {u} = 0 there is a corner and no slope",
    "relu": "the slope is 0 for {u} < 0 and 1 for {u} > 0; at {u} = 0 there is a corner and no slope",
}

FLAT = {
    "sign": ("sign", "constant on both sides of 0, where it jumps: there it has no slope"),
    "step": ("step", "constant on both sides of 0, where it jumps: there it has no slope"),
    "floor": ("floor", "constant between whole numbers, where it jumps: there it has no slope"),
    "ceil": ("ceiling", "constant between whole numbers, where it jumps: there it has no slope"),
}
"""Functions that are constant between their jumps."""


def exponential_slope(base: Expr, u: Expr) -> Expr:
    """d/du base^u = base^u · log(base); 0^u is 0 for all u > 0."""
    if exact_value(base) == 0:
        return ZERO
    return times(power(base, u), log(base))
