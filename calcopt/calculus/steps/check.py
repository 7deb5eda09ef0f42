"""Every step held to two tests: it follows from its parts, and its derivative is what difference quotients tend to.

Numbers have 40 digits and more: the quotient (f(x+h) − f(x−h))/2h with h = 10⁻³⁰ has an error of about f‴·10⁻⁶⁰.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction

from calcopt.calculus.steps.derivation import Derivation
from calcopt.calculus.steps.explain import HIGHER_ORDER
from calcopt.expression.tree import Expr, Indexed, Sum, element_name, free_names, postorder

STEP = Fraction(1, 10**30)
DIGITS = 140
AGREEMENT = 40
"""Digits to which a derivative and its difference quotient agree, relative to the size of the numbers met."""
MISSING = "it has no value there"
POINTS = 6
"""So many random points are tried for one that lies in the domain."""


class WrongStep(AssertionError):
    """A step that does not hold: a fault of calcopt."""


def check(root: Derivation, *, seed: int = 0) -> int:
    """Check every step of the tree; how many were compared with difference quotients. Raises WrongStep."""
    source = random.Random(seed)
    compared = 0
    conditional: set[int] = set()
    for step in root.walk():
        if step.rule == "rewrite" or any(id(part) in conditional for part in step.steps):
            conditional.add(id(step))  # f^g = exp(g·log f) holds for f > 0 only, as the step says
        if step.recompute() is not step.derivative:
            raise WrongStep(f"{step.rule}: {step.derivative} does not follow from the steps below it")
        if step.rule == HIGHER_ORDER:
            continue
        everywhere = id(step) not in conditional
        compared += agrees(step.function, step.derivative, step.variable, source, everywhere=everywhere)
    return compared


def agrees(function: Expr, derivative: Expr, variable: str, source: random.Random, *, everywhere: bool = True) -> bool:
    """True when compared at a point, False when none of the points tried lies in the domain. Raises WrongStep.

    ``everywhere`` asks that the derivative exists wherever the difference quotients converge.
    """
    names = sorted({*free_names(function), *free_names(derivative), variable})
    if any(name.endswith("[]") for name in names) or _has_open_sum(function):
        return False
    for values in _points(names, source):
        difference = _difference(function, derivative, variable, values)
        if difference is None or (difference == MISSING and not everywhere):
            continue
        if not difference:
            return True
        place = ", ".join(f"{name} = {value}" for name, value in values.items())
        raise WrongStep(f"d/d{variable} {function} is not {derivative} at {place}: {difference}")
    return False


def equal(first: Expr, second: Expr, *, seed: int = 0) -> bool:
    """Whether two formulas agree to 40 digits at three random points of their common domain (at one at least)."""
    from mpmath import mpf, workdps

    from calcopt.calculus.precise import evaluate

    names = sorted({*free_names(first), *free_names(second)})
    found = 0
    for values in _points(names, random.Random(seed)):
        with workdps(DIGITS):
            left, right = (evaluate(side, values, digits=DIGITS) for side in (first, second))
            if left is None or right is None:
                continue
            if abs(left - right) > max(abs(left), abs(right)) * mpf(10) ** -AGREEMENT:
                return False
        found += 1
        if found == 3:
            break
    return found > 0


def _points(names: list[str], source: random.Random) -> Iterator[Mapping[str, Fraction]]:
    """Random points, first with all coordinates positive, then of either sign."""
    for attempt in range(POINTS):
        low = -3000 if attempt % 2 else 30
        yield {name: Fraction(source.randint(low, 3000), 1009) for name in names}


def _difference(function: Expr, derivative: Expr, variable: str, values: Mapping[str, Fraction]) -> str | None:
    """Empty where both agree, None where the point does not serve: outside the domain, or at a kink or jump."""
    from mpmath import mpf, workdps

    from calcopt.calculus.precise import evaluate

    with workdps(DIGITS):
        slope = evaluate(derivative, values, digits=DIGITS)
        quotients = []
        for step in (STEP, STEP / 7):
            up, down = ({**values, variable: values[variable] + sign * step} for sign in (1, -1))
            above, below = (evaluate(function, at, digits=DIGITS) for at in (up, down))
            if above is None or below is None:
                return None
            quotients.append((above - below) * step.denominator / (2 * step.numerator))
        first, second = quotients
        scale = max(mpf(1), abs(first), abs(second))
        if scale > mpf(10) ** 15 or abs(first - second) > scale * mpf(10) ** -AGREEMENT:
            return None
        if slope is None:
            return MISSING
        error = abs(slope - second)
        return "" if error <= scale * mpf(10) ** -AGREEMENT else f"off by {float(error):.3g}"


def _has_open_sum(function: Expr) -> bool:
    """Sums whose elements have no value of their own cannot be evaluated at a point of names."""
    return any(isinstance(node, Sum) for node in postorder(function)) and any(
        isinstance(node, Indexed) and element_name(node) is None for node in postorder(function)
    )


__all__ = ["WrongStep", "agrees", "check"]
