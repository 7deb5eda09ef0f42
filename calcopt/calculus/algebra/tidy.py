"""The readable form of a derivative, chosen among a few cheap rewritings.

SymPy's ``simplify`` tries everything and may take minutes. Here each candidate is made only where it can help and
only below a size that keeps it fast; the shortest one wins, and the form as derived wins every tie.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sympy
from sympy import S

from calcopt.calculus.algebra import special

FACTOR_LIMIT = 120
"""Largest size (operations) that polynomial factoring is tried on."""
TOGETHER_LIMIT = 250
TRIGONOMETRIC_LIMIT = 30
CLEARLY_SHORTER = 0.6
"""A trigonometric identity must shorten by this much: 2 sin x cos x is better left than turned into sin 2x."""


def tidy(raw: Any) -> Any:
    """An equal expression (where both are defined) that is at most as long as ``raw``."""
    raw = combine_powers(split_sums(raw))
    best, best_cost = raw, cost(raw)
    if best_cost <= 3:
        return raw
    for candidate in _candidates(raw, best_cost):
        price = cost(candidate)
        if price < best_cost:
            best, best_cost = candidate, price
    if best_cost <= TRIGONOMETRIC_LIMIT and _squares_of_trigonometric(best):
        shorter = sympy.trigsimp(best)
        if cost(shorter) < CLEARLY_SHORTER * best_cost:
            best = shorter
    return best


def cost(value: Any) -> int:
    """How much there is to read: a name counts two, a number, an operation, a power or a call one."""
    total = 0
    stack = [value]
    while stack:
        node = stack.pop()
        if node.is_Rational:
            total += (node.p != -1) + (node.q != 1)
        elif node.is_Atom:
            total += 2
        elif node.is_Pow and node.exp.is_Integer and node.exp > 0:
            total += 1
            stack.append(node.base)
        else:
            total += len(node.args) - 1 if node.is_Add or node.is_Mul else 1
            stack.extend(node.args)
    return total


def _candidates(raw: Any, size: int) -> Iterator[Any]:
    factored = sympy.factor_terms(raw)
    yield factored
    if size > TOGETHER_LIMIT:
        return
    if raw.is_Add and _has_quotient(raw):
        joined = combine_powers(sympy.together(raw))
        yield joined
        above, below = joined.as_numer_denom()
        if below != 1:
            yield sympy.factor_terms(sympy.expand(above)) / below
        if size <= FACTOR_LIMIT and raw.is_rational_function():
            yield sympy.factor(raw)
    if size <= FACTOR_LIMIT and raw.is_polynomial(*raw.free_symbols):
        yield sympy.expand(raw)
        yield sympy.factor(raw)
    else:
        yield sympy.Mul(*(_multiplied_out(factor) for factor in sympy.Mul.make_args(factored)))


def _multiplied_out(value: Any) -> Any:
    """The products of a sum multiplied out, functions left whole: (1 − y) σ(z) − y (1 − σ(z)) → σ(z) − y."""
    if not value.is_Add:
        return value
    return sympy.Add(*(sympy.expand_mul(term, deep=False) for term in value.args))


def _has_quotient(value: Any) -> bool:
    return any(node.is_Pow and node.exp.could_extract_minus_sign() for node in sympy.preorder_traversal(value))


def _squares_of_trigonometric(value: Any) -> bool:
    return value.has(sympy.Add) and any(
        node.is_Pow and node.exp.is_Integer and isinstance(node.base, sympy.sin | sympy.cos | sympy.sinh | sympy.cosh)
        for node in sympy.preorder_traversal(value)
    )


def combine_powers(value: Any) -> Any:
    """x^n·x^(−1) → x^(n−1) for a symbolic exponent, and x·x^(−2/3) → x^(1/3) for a real root."""
    if value.has(special.RealPower):
        value = value.replace(lambda node: node.is_Mul and node.has(special.RealPower), _join_roots)
    if any(not node.exp.is_number and not node.base.is_number for node in value.atoms(sympy.Pow)):
        value = sympy.powsimp(value, combine="exp")
    return value


def _join_roots(product: Any) -> Any:
    """The parity of the numerators adds up as the exponents do, so the rule holds for negative bases too."""
    roots = {factor.args[0] for factor in product.args if isinstance(factor, special.RealPower)}
    exponents: dict[Any, Any] = defaultdict(lambda: S.Zero)
    others = []
    for factor in product.args:
        base, exponent = factor.args if isinstance(factor, special.RealPower) else factor.as_base_exp()
        if base in roots and (exponent.is_Integer or isinstance(factor, special.RealPower)):
            exponents[base] += exponent
        else:
            others.append(factor)
    return sympy.Mul(*others, *(special.real_power(base, exponent) for base, exponent in exponents.items()))


def split_sums(value: Any) -> Any:
    """Σ over an index of a sum → the sum of the Σ; what does not depend on the index comes out in front.

    Σ_{i=1}^{n} (2x − 2a[i]) → 2nx − 2 Σ a[i]. For whole bounds with upper ≥ lower − 1, as ``sum`` has them.
    """
    return value.replace(sympy.Sum, _split_sum) if value.has(sympy.Sum) else value


def _split_sum(body: Any, *limits: Any) -> Any:
    (index, lower, upper) = limits[0]
    total = S.Zero
    for term in sympy.Add.make_args(sympy.expand(body)):
        outside, inside = term.as_independent(index, as_Add=False)
        total += outside * (upper - lower + 1 if inside == 1 else sympy.Sum(inside, (index, lower, upper)))
    return total
