"""Is a tree safe to hand to exact arithmetic? Decided by predicted size, children before parents."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from calcopt.expression.limits import MAX_BITS, MAX_DIGITS, MAX_HEIGHT, MAX_TERMS, bits
from calcopt.expression.tree import Call, Constant, Div, Expr, Indexed, Mul, Neg, Number, Pow, Sum, Symbol, postorder
from calcopt.expression.values import TooLarge, exact_step, float_step, to_float


@dataclass(frozen=True, slots=True)
class Violation:
    """The first subexpression that goes beyond a limit, and what to say about it."""

    node: Expr
    message: str


@dataclass(frozen=True, slots=True)
class _Size:
    """What exact arithmetic may make of a node.

    ``value``: its exact value, where it is a rational (or a truth value). ``number``: its value as a float, where it
    is closed. ``bits``: a bound on the size of its rational factor when powers and products are multiplied out.
    """

    value: Fraction | bool | None = None
    number: float | None = None
    bits: float = 0.0
    terms: int = 1
    height: int = 1


_VARIABLE = _Size()


def find_violation(root: Expr) -> Violation | None:
    """The first subexpression of ``root`` (children before parents) that is too deep, too large or too long."""
    sizes: dict[Expr, _Size] = {}
    for node in postorder(root):
        if isinstance(node, Symbol):
            sizes[node] = _VARIABLE
            continue
        parts = [sizes[child] for child in node.args]
        try:
            size = sizes[node] = _measure(node, parts)
        except TooLarge:
            return Violation(node, f"a number of more than {MAX_DIGITS} digits")
        if size.height > MAX_HEIGHT:
            return Violation(node, f"more than {MAX_HEIGHT} operations inside each other")
        if size.terms > MAX_TERMS:
            return Violation(node, f"a sum of more than {MAX_TERMS} terms")
    return None


def _measure(node: Expr, parts: list[_Size]) -> _Size:
    if isinstance(node, Number):
        return _Size(node.value, to_float(node.value), bits(node.value))
    if isinstance(node, Constant):
        return _Size(None, float_step(node, ()))
    height = 1 + max([part.height for part in parts])
    terms = max([part.terms for part in parts])
    if isinstance(node, Sum):
        terms = parts[0].terms * _count(parts[1].value, parts[2].value)
        return _Size(height=height, terms=terms)
    numbers = [part.number for part in parts if part.number is not None]
    if len(numbers) < len(parts) or isinstance(node, Indexed):
        return _Size(bits=_factor_bits(node, parts), terms=terms, height=height)
    value = exact_step(node, [part.value for part in parts])
    if isinstance(value, Fraction):
        return _Size(value, to_float(value), bits(value), terms, height)
    number = float(value) if isinstance(value, bool) else float_step(node, numbers)
    if isinstance(node, Call) and node.name in ("floor", "ceil") and not math.isfinite(number):
        raise TooLarge
    return _Size(value, number, _factor_bits(node, parts), terms, height)


def _factor_bits(node: Expr, parts: list[_Size]) -> float:
    """The rational factor of a product or power with variables or irrational numbers inside: (2x)^n has 2^n."""
    if isinstance(node, (Mul, Div)):
        size = math.fsum(part.bits for part in parts)
    elif isinstance(node, Neg):
        size = parts[0].bits
    elif isinstance(node, Pow):
        exponent = parts[1].number
        size = parts[0].bits * abs(exponent) if exponent is not None and parts[0].bits else 0.0
    elif isinstance(node, Call) and node.name in ("sqrt", "cbrt", "abs"):
        size = parts[0].bits
    else:
        return 0.0
    if not size <= MAX_BITS:
        raise TooLarge
    return size


def _count(lower: object, upper: object) -> int:
    """Terms of a sum with literal bounds; 1 when a bound has no value (yet)."""
    if not (isinstance(lower, Fraction) and isinstance(upper, Fraction)):
        return 1
    return max(0, math.floor(upper - lower) + 1)
