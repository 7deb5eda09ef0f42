"""Which rule applies to a function: sums, multiples, products, quotients; the rest is chosen among the neighbours.

Reference: M. Spivak, Calculus (4th ed., 2008), ch. 10 and 12.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from calcopt.calculus.steps import choices, layers, powers, sums
from calcopt.calculus.steps.derivation import Part, Plan
from calcopt.calculus.steps.forms import ONE, ZERO, minus, over, plus, square, times
from calcopt.calculus.steps.scope import Scope, is_variable
from calcopt.expression.tree import Add, Call, Div, Expr, Mul, Neg, Piecewise, Pow, Sum

LONGEST_PRODUCT = 8
"""Products of more factors are taken apart into two halves: n factors need n·log n terms then, not n²."""


def plan(part: Part, scope: Scope) -> Plan:
    """The rule for ``part``."""
    function, variable = part.function, part.variable
    if is_variable(function, variable):
        return Plan("identity", (), lambda found: ONE)
    if not scope.depends(function, variable):
        return Plan("constant", (), lambda found: ZERO)
    match function:
        case Add(args):
            return _sum(args, part)
        case Neg() | Mul() | Div():
            return _multiple(part, scope) or _product_or_quotient(function, part)
        case Sum():
            return sums.indexed_sum(function, part, scope)
        case Piecewise():
            return choices.piecewise(function, part, scope)
        case Pow():
            return layers.layered(part, scope) or powers.power_of_functions(function, part)
        case Call():
            return layers.layered(part, scope) or choices.several_arguments(function, part, scope)
    raise TypeError(f"no rule for {type(function).__name__}")


def _inner(function: Expr, part: Part) -> Part:
    return Part(function, part.variable, part.names)


def _sum(terms: Sequence[Expr], part: Part) -> Plan:
    """(a ± b)' = a' ± b'. The sign of a term stays outside."""
    negative = [isinstance(term, Neg) for term in terms]
    bare = [term.operand if isinstance(term, Neg) else term for term in terms]

    def combine(found: Sequence[Expr]) -> Expr:
        return plus(minus(slope) if sign else slope for sign, slope in zip(negative, found, strict=True))

    return Plan("sum", tuple(_inner(term, part) for term in bare), combine)


def _multiple(part: Part, scope: Scope) -> Plan | None:
    """(c·f)' = c·f', for a factor c in front, a sign, or a constant below the bar; None where there is none."""
    function = part.function
    outside: list[Callable[[Expr], Expr]] = []
    while True:
        inner = _peeled(function, part.variable, scope)
        if inner is None:
            break
        function, wrapped = inner
        outside.append(wrapped)
    if not outside:
        return None

    def combine(found: Sequence[Expr]) -> Expr:
        slope = found[0]
        for wrapped in reversed(outside):
            slope = wrapped(slope)
        return slope

    return Plan("scalar multiple", (_inner(function, part),), combine)


def _peeled(function: Expr, variable: str, scope: Scope) -> tuple[Expr, Callable[[Expr], Expr]] | None:
    """``function`` without its outermost constant factor, and how that is put back."""
    match function:
        case Neg(operand):
            return operand, minus
        case Div(above, below) if not scope.depends(below, variable):
            return above, lambda slope: over(slope, below)
        case Mul(args):
            varying = [factor for factor in args if scope.depends(factor, variable)]
            if len(varying) == len(args):
                return None
            constants = [factor for factor in args if not scope.depends(factor, variable)]
            return varying[0] if len(varying) == 1 else Mul(*varying), lambda slope: times(*constants, slope)
    return None


def _product_or_quotient(function: Expr, part: Part) -> Plan:
    if isinstance(function, Div):
        return _quotient(function.numerator, function.denominator, part)
    return _product(function.args, part)


def _product(varying: Sequence[Expr], part: Part) -> Plan:
    """(f·g)' = f'·g + f·g'."""
    factors = list(varying)
    if len(factors) > LONGEST_PRODUCT:
        half = len(factors) // 2
        factors = [Mul(*factors[:half]), Mul(*factors[half:])]

    def combine(found: Sequence[Expr]) -> Expr:
        return plus(times(*factors[:place], slope, *factors[place + 1 :]) for place, slope in enumerate(found))

    return Plan("product", tuple(_inner(factor, part) for factor in factors), combine)


def _quotient(above: Expr, below: Expr, part: Part) -> Plan:
    """(f/g)' = (f'·g − f·g')/g²."""

    def combine(found: Sequence[Expr]) -> Expr:
        numerator = plus([times(found[0], below), minus(times(above, found[1]))])
        return over(numerator, square(below))

    return Plan("quotient", (_inner(above, part), _inner(below, part)), combine)
