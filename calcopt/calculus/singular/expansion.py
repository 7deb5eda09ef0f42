"""A tree along one direction: its germ, its value at the point itself, and the check of both against plain numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from mpmath import mp, mpf, workdps

from calcopt.calculus.precise import evaluate, literal_fraction
from calcopt.calculus.singular.elementary import exponential, logarithm, power, reciprocal
from calcopt.calculus.singular.functions import FUNCTIONS
from calcopt.calculus.singular.germs import (
    DIGITS,
    ONE,
    Germ,
    NoValues,
    Undecided,
    add,
    constant,
    monomial,
    multiply,
    negative,
)
from calcopt.calculus.singular.roots import number
from calcopt.expression.tree import (
    Add,
    And,
    Call,
    Compare,
    Constant,
    Div,
    Expr,
    Mul,
    Neg,
    Not,
    Number,
    Or,
    Piecewise,
    Pow,
    Symbol,
)

WIDTHS = (Fraction(6), Fraction(14))
"""How far above its leading term an expansion is taken; the second is tried where the first does not decide."""
CHECKED_AT = (20, 40)
"""Powers of ten at which germs are compared with values: f(a + 10^-20), f(a + 10^-40)."""
COARSELY_AT = (6, 3)
"""Where exp(10^20) makes it impossible there."""
HARDEST = Fraction(3)

Env = Mapping[str, Germ]


def expand(tree: Expr, env: Env, width: Fraction) -> Germ:
    """The germ of ``tree`` where each name has the germ ``env[name]``. Raises Undecided and NoValues."""
    memo: dict[Expr, Germ] = {}

    def value(node: Expr) -> Germ:
        found = memo.get(node)
        if found is None:
            found = memo[node] = _node(node, env, value, width)
        return found

    return value(tree)


def _node(node: Expr, env: Env, value: Callable[[Expr], Germ], width: Fraction) -> Germ:
    match node:
        case Number(number):
            return constant(mpf(number.numerator) / number.denominator)
        case Constant(name):
            return constant(+(mp.pi if name == "pi" else mp.e))
        case Symbol(name) if name in env:
            return env[name]
        case Add(args):
            return add(*map(value, args))
        case Mul(args):
            return _product([value(arg) for arg in args], width)
        case Neg(operand):
            return negative(value(operand))
        case Div(numerator, denominator):
            above, below = value(numerator), reciprocal(value(denominator), width)
            return multiply(above, below, width)
        case Pow(base, exponent):
            return _power(value(base), exponent, value, width)
        case Call(name, args):
            return FUNCTIONS[name](*map(value, args), width)
        case Piecewise():
            chosen = next((b for c, b in node.branches if _holds(c, value)), node.otherwise)
            return value(chosen)
        case _:
            raise Undecided


def _product(germs: list[Germ], width: Fraction) -> Germ:
    result = germs[0]
    for germ in germs[1:]:
        result = multiply(result, germ, width)
    return result


def _power(base: Germ, exponent: Expr, value: Callable[[Expr], Germ], width: Fraction) -> Germ:
    literal = literal_fraction(exponent)
    if literal is not None:
        return power(base, literal, width)
    raised = value(exponent)
    level = raised.terms.get((Fraction(0), 0), mpf(0))
    whole = len(raised.terms) <= 1 and raised.order is None and not raised.flat and level == mp.nint(level)
    if whole and (not raised.terms or level) and abs(level) < 1000:
        return power(base, Fraction(int(level)), width)
    if base.is_zero:
        if raised.sign() > 0:
            return Germ()
        raise NoValues
    return exponential(multiply(raised, logarithm(base, width), width), width)


def _holds(condition: Expr, value: Callable[[Expr], Germ]) -> bool:
    match condition:
        case Compare(operator, left, right):
            difference = add(value(left), negative(value(right)))
            sign = 0 if difference.is_zero else difference.sign()
            return {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[operator]
        case And(args):
            return all(_holds(part, value) for part in args)
        case Or(args):
            return any(_holds(part, value) for part in args)
        case Not(operand):
            return not _holds(operand, value)
        case _:
            raise Undecided


Line = Mapping[str, tuple[Any, Any]]
"""A line through a point: name → (coordinate of the point, component of the direction), each a closed tree or mpf."""


def germ_along(tree: Expr, line: Line) -> Germ:
    """The germ of h ↦ f(a + h·v), checked at h = 10^-20 and 10^-40. Raises Undecided and NoValues."""
    with workdps(DIGITS):
        env = {name: add(constant(number(a)), monomial(ONE, v) if v else Germ()) for name, (a, v) in line.items()}
        for width in WIDTHS:
            try:
                germ = expand(tree, env, width)
            except Undecided:
                if width == WIDTHS[-1]:
                    raise
                continue
            if germ.order is None or germ.order > 1 or width == WIDTHS[-1]:
                break
        _check(tree, line, germ)
        return germ


def value_at(tree: Expr, point: Mapping[str, Any]) -> Any:
    """f at the point itself, zero being zero. Raises NoValues where it is undefined, Undecided where unclear."""
    with workdps(DIGITS):
        germ = expand(tree, {name: constant(number(a)) for name, a in point.items()}, WIDTHS[0])
        if germ.huge or germ.flat:
            raise Undecided
        return germ.terms.get((Fraction(0), 0), mpf(0))


def _check(tree: Expr, line: Line, germ: Germ) -> None:
    """Two independent ways to one number: what the germ says at small h against the formula evaluated there."""
    with workdps(DIGITS):
        sought = [d for d in CHECKED_AT if _agrees(tree, line, germ, d) is not None]
        if not sought and not any(_agrees(tree, line, germ, d) for d in COARSELY_AT) and not germ.huge:
            raise Undecided  # (a huge germ overflows wherever it is evaluated)


def _agrees(tree: Expr, line: Line, germ: Germ, digits: int) -> bool | None:
    """True where the formula has the germ's value at h = 10^-digits, None where it has none; Undecided otherwise."""
    h = mpf(10) ** -digits
    found = evaluate(tree, {name: number(a) + h * v for name, (a, v) in line.items()}, digits=DIGITS)
    if found is None:
        return None
    if germ.huge:
        if found * germ.huge < 1 / h:
            raise Undecided
        return True
    said = _value_of(germ, h)
    order = HARDEST if germ.order is None else min(germ.order, HARDEST)
    slack = mpf(10) ** (8 if digits >= CHECKED_AT[0] else 3)
    allowed = slack * mp.power(h, mpf(order.numerator) / order.denominator * mpf("0.95"))
    if abs(found - said) > allowed + mpf(10) ** -60 * (1 + abs(said)):
        raise Undecided
    return True


def _value_of(germ: Germ, h: Any) -> Any:
    logs = -mp.log(h)
    return mp.fsum(c * mp.power(h, mpf(e.numerator) / e.denominator) * logs**b for (e, b), c in germ.terms.items())
