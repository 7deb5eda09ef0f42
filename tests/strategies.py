"""Hypothesis strategies: random expressions of the language, as trees that the parser can make."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st

from calcopt.expression.functions import FUNCTIONS
from calcopt.expression.sizes import find_violation
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
    Pow,
    Sum,
    Symbol,
)

ALL_FUNCTIONS: tuple[str, ...] = tuple(FUNCTIONS)
KINKED_FUNCTIONS: tuple[str, ...] = ("abs", "sign", "floor", "ceil", "min", "max", "relu", "step")
"""Functions with a corner or a jump somewhere inside their domain."""
SMOOTH_FUNCTIONS: tuple[str, ...] = tuple(name for name in FUNCTIONS if name not in KINKED_FUNCTIONS)

Strategy = st.SearchStrategy[Expr]


def numbers() -> Strategy:
    """Literal numbers as the parser makes them: decimals ≥ 0, mostly small."""
    small = st.integers(0, 12).map(Number)
    decimals = st.builds(lambda n, places: Number(Fraction(n, 10**places)), st.integers(0, 9999), st.integers(1, 5))
    return st.one_of(small, small, decimals)


def literals() -> Strategy:
    """Literal numbers of every size, for the printer and the parser."""
    wide = st.builds(
        lambda n, e: Number(Fraction(n) * Fraction(10) ** e), st.integers(0, 10**12), st.integers(-200, 200)
    )
    return st.one_of(numbers(), wide)


def leaves(variables: Sequence[str]) -> Strategy:
    """Variables most of all, numbers and the two constants."""
    names = st.sampled_from([Symbol(name) for name in variables])
    return st.one_of(names, names, numbers(), st.sampled_from([Constant("pi"), Constant("e")]))


def exponents(inner: Strategy) -> Strategy:
    """Mostly small literals, of either sign, and fractions with odd and even denominators; sometimes anything."""
    whole = st.integers(0, 5).map(Number)
    fraction = st.builds(Div, st.integers(1, 7).map(Number), st.integers(2, 5).map(Number))
    literal = st.one_of(whole, whole, fraction, st.just(Number(Fraction(1, 2))))
    return st.one_of(literal, literal, literal.map(Neg), inner)


def calls(inner: Strategy, functions: Sequence[str]) -> Strategy:
    """Calls of the named functions with every number of arguments they take."""

    def arguments(name: str) -> Strategy:
        function = FUNCTIONS[name]
        most = function.max_arity if function.max_arity is not None else function.min_arity + 2
        lists = st.lists(inner, min_size=function.min_arity, max_size=most)
        return lists.map(lambda args: Call(name, *args))

    return st.sampled_from(list(functions)).flatmap(arguments)


def arithmetic(inner: Strategy) -> Strategy:
    """Sums, products, quotients, signs and powers."""
    several = st.lists(inner, min_size=2, max_size=4)
    return st.one_of(
        several.map(lambda args: Add(*args)),
        several.map(lambda args: Mul(*args)),
        st.builds(Div, inner, inner),
        st.builds(Neg, inner),
        st.builds(Pow, inner, exponents(inner)),
    )


def conditions(inner: Strategy) -> Strategy:
    """Comparisons, and two levels of ``and``, ``or``, ``not`` over them."""
    compare = st.builds(Compare, st.sampled_from(Compare.operators), inner, inner)

    def joined(parts: Strategy) -> Strategy:
        several = st.lists(parts, min_size=2, max_size=3)
        return st.one_of(
            parts,
            st.builds(Not, parts),
            several.map(lambda args: And(*args)),
            several.map(lambda args: Or(*args)),
            st.builds(_chain, inner, inner, inner, st.booleans()),
        )

    return joined(joined(compare))


def _chain(low: Expr, middle: Expr, high: Expr, strict: bool) -> Expr:
    """``low < middle <= high``."""
    return And(Compare("<" if strict else "<=", low, middle), Compare("<=", middle, high))


def choices(inner: Strategy) -> Strategy:
    """``if`` and ``piecewise`` with one to three conditions."""
    branch = st.tuples(conditions(inner), inner)
    return st.builds(
        lambda branches, otherwise: Piecewise(*[part for pair in branches for part in pair], otherwise),
        st.lists(branch, min_size=1, max_size=3),
        inner,
    )


def sums(inner: Strategy) -> Strategy:
    """Sums over ``i`` with a few terms, whose body holds ``w[i]`` and ``w[i+1]``."""
    elements = st.sampled_from([Indexed("w", Symbol("i")), Indexed("w", Add(Symbol("i"), Number(1))), Symbol("i")])
    body = st.builds(lambda kind, element, rest: kind(element, rest), st.sampled_from([Add, Mul, Pow]), elements, inner)
    bounds = st.tuples(st.integers(0, 2), st.integers(0, 4))
    return st.builds(
        lambda body, bounds: Sum("i", body, Number(bounds[0]), Number(bounds[0] + bounds[1])), body, bounds
    )


def within_limits(expr: Expr) -> bool:
    """True for trees that the language allows (a random tower of powers may be too large)."""
    return find_violation(expr) is None


def expressions(
    variables: Sequence[str] = ("x", "y"),
    functions: Sequence[str] = ALL_FUNCTIONS,
    *,
    max_leaves: int = 12,
    with_choices: bool = True,
    with_sums: bool = False,
) -> Strategy:
    """Expressions over every function of the language, ``if``/``piecewise`` included.

    ``with_sums`` adds ``sum(…)`` with elements ``w[0] … w[7]`` as further variables.
    """

    def extend(inner: Strategy) -> Strategy:
        options = [arithmetic(inner), arithmetic(inner), calls(inner, functions)]
        if with_choices:
            options.append(choices(inner))
        if with_sums:
            options.append(sums(inner))
        return st.one_of(options)

    return st.recursive(leaves(variables), extend, max_leaves=max_leaves).filter(within_limits)


def smooth_expressions(
    variables: Sequence[str] = ("x", "y"), functions: Sequence[str] = SMOOTH_FUNCTIONS, *, max_leaves: int = 8
) -> Strategy:
    """Expressions that have all derivatives wherever they are defined (but for roots at zero)."""
    return expressions(variables, functions, max_leaves=max_leaves, with_choices=False)
