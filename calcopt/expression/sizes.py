"""Is a tree safe to hand to exact arithmetic? Decided by predicted size, children before parents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from calcopt.expression.exact import MAX_WORK, TooLarge, exact_step, to_float
from calcopt.expression.floats import float_step
from calcopt.expression.limits import MAX_BITS, MAX_DIGITS, MAX_HEIGHT, MAX_LEVELS, MAX_TERMS, bits
from calcopt.expression.tokens import Token
from calcopt.expression.tree import Call, Constant, Div, Expr, Indexed, Mul, Neg, Number, Pow, Sum, Symbol, postorder


class Violation(NamedTuple):
    """The first subexpression that goes beyond a limit, and what to say about it."""

    node: Expr
    message: str


class _Size(NamedTuple):
    """What exact arithmetic may make of a node.

    ``bits`` bounds the size of its rational factor when powers and products are multiplied out: 2^n in (2x)^n.
    """

    closed: bool
    value: Fraction | bool | None
    """Its exact value, where it has one."""
    bits: float
    terms: int
    height: int


_VARIABLE = _Size(closed=False, value=None, bits=0.0, terms=1, height=1)
_IRRATIONAL = _Size(closed=True, value=None, bits=0.0, terms=1, height=1)


def is_plainly_small(tokens: Sequence[Token]) -> bool:
    """True when a short look at the tokens proves that nothing can go beyond a limit; False proves nothing.

    The bits of all numbers together, times all exponents, bound the size of every exact result. It spares most
    formulas the walk of :func:`find_violation`, a quarter of the time of reading them.
    """
    total, growth = 0.0, 1.0
    for position, token in enumerate(tokens):
        if token.kind == "number":
            if len(token.text) > 12 or "e" in token.text or "E" in token.text:
                return False
            total += 4.0 * len(token.text)
        elif token.kind == "^":
            exponent = tokens[position + 1].text
            if not (len(exponent) == 1 and exponent.isdecimal()) or tokens[position + 2].kind == "^":
                return False
            growth *= max(1, int(exponent))
        elif token.kind == "superscript" or token.text in ("sum", "floor", "ceil"):
            return False
    return total * growth < MAX_BITS and len(tokens) < MAX_LEVELS


def find_violation(root: Expr) -> Violation | None:
    """The first subexpression of ``root`` (children before parents) that is too deep, too large or too long."""
    sizes: dict[Expr, _Size] = {}
    work = 0.0
    for node in postorder(root):
        if isinstance(node, Symbol):
            sizes[node] = _VARIABLE
            continue
        try:
            size = sizes[node] = _measure(node, [sizes[child] for child in node.args])
        except TooLarge:
            return Violation(node, f"a number of more than {MAX_DIGITS} digits")
        if size.bits > 1000:
            work += len(node.args) * size.bits**2
            if work > MAX_WORK:
                return Violation(root, "too many numbers of thousands of digits")
        if size.height > MAX_HEIGHT:
            return Violation(node, f"more than {MAX_HEIGHT} operations inside each other")
        if size.terms > MAX_TERMS:
            return Violation(node, f"a sum of more than {MAX_TERMS} terms")
    return None


def _measure(node: Expr, parts: Sequence[_Size]) -> _Size:
    if isinstance(node, Number):
        return _Size(True, node.value, bits(node.value), 1, 1)
    if isinstance(node, Constant):
        return _IRRATIONAL
    height, terms, closed = 1, 1, not isinstance(node, (Indexed, Sum))
    for part in parts:
        closed = closed and part.closed
        height, terms = max(height, part.height + 1), max(terms, part.terms)
    if not closed:
        if isinstance(node, Sum):
            terms = parts[0].terms * _count(parts[1].value, parts[2].value)
        return _Size(False, None, _factor_bits(node, parts), terms, height)
    value = exact_step(node, [part.value for part in parts])
    if isinstance(value, Fraction):
        return _Size(True, value, bits(value), terms, height)
    if value is None and isinstance(node, Call) and node.name in ("floor", "ceil"):
        _check_float(node)
    return _Size(True, value, _factor_bits(node, parts), terms, height)


def _factor_bits(node: Expr, parts: Sequence[_Size]) -> float:
    """The rational factor of a product or power with variables or irrational numbers inside."""
    if isinstance(node, (Mul, Div)):
        size = math.fsum([part.bits for part in parts])
    elif isinstance(node, Neg):
        return parts[0].bits
    elif isinstance(node, Pow):
        if not (parts[0].bits and parts[1].closed):
            return 0.0
        exponent = parts[1].value
        size = parts[0].bits * abs(_float(node.exponent) if exponent is None else to_float(Fraction(exponent)))
    elif isinstance(node, Call) and node.name in ("sqrt", "cbrt", "abs"):
        return parts[0].bits
    else:
        return 0.0
    if size > MAX_BITS:
        raise TooLarge
    return size


def _check_float(node: Expr) -> None:
    """``floor(exp(10^6))`` would be written out: refuse what is larger than any float."""
    if math.isinf(_float(node)):
        raise TooLarge


def _float(root: Expr) -> float:
    """The float value of a closed expression that has no exact one."""
    values: dict[Expr, float] = {}
    for node in postorder(root):
        values[node] = float_step(node, [values[child] for child in node.args])
    return values[root]


def _count(lower: object, upper: object) -> int:
    """Terms of a sum with literal bounds; 1 when a bound has no value (yet)."""
    if not (isinstance(lower, Fraction) and isinstance(upper, Fraction)):
        return 1
    return max(0, math.floor(upper - lower) + 1)
