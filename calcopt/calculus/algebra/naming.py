"""A derivative in terms of parts of the function it came from: x·(σ(w·x + b) − y) → −x·(y − s), s = σ(w·x + b).

Textbooks state derivatives of losses so: with ŷ for the prediction, or σ' = σ(1 − σ) where σ was typed as a quotient.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from calcopt.calculus.algebra import special
from calcopt.calculus.algebra.into import to_sympy
from calcopt.calculus.algebra.outof import NotExpressible, from_sympy
from calcopt.calculus.algebra.partials import Names, Partials
from calcopt.calculus.algebra.tidy import cost
from calcopt.calculus.steps.forms import minus, over, times
from calcopt.errors import MathError
from calcopt.expression.tree import (
    Add,
    Call,
    Constant,
    Div,
    Expr,
    Indexed,
    Mul,
    Neg,
    Number,
    Pow,
    Symbol,
    element_name,
    free_names,
    postorder,
)

FEWEST_NAMES = 3
"""Only parts that hold so many different names are worth a name of their own."""
MOST_PARTS = 12
LARGEST = 400
"""The size (see ``tidy.cost``) of the largest derivative that is rewritten."""


@dataclass(frozen=True, slots=True)
class Named:
    """``expression`` with ``parts``: pairs (name or σ(u) itself, what was typed), inner parts first."""

    expression: Expr
    parts: tuple[tuple[Expr, Expr], ...]


def in_terms_of_parts(function: Expr, partials: Partials, by: Names) -> Named | None:
    """∂function/∂by with names for parts of ``function``, or None where no part helps. To be verified by the caller."""
    raw = partials.sympy(by)
    if cost(raw) > LARGEST:
        return None
    try:
        logistic = _with_sigmoid(function, raw)
        return logistic if logistic is not None else _with_names(function, raw)
    except (MathError, NotExpressible, sympy.PolynomialError):
        return None


def _with_sigmoid(function: Expr, raw: Any) -> Named | None:
    """1/(1 + e^(−u)) in the function: what is rational in e^(−u) becomes rational in s = σ(u)."""
    typed = {node: inside for node in postorder(function) if (inside := logistic_argument(node)) is not None}
    used: list[tuple[Expr, Expr]] = []
    signs: dict[Any, Any] = {}
    for node, inside in list(typed.items())[:MOST_PARTS]:
        u, s = to_sympy(inside), sympy.Dummy("s", positive=True)
        changed = raw.subs(sympy.exp(-u), (1 - s) / s).subs(sympy.exp(u), s / (1 - s))
        if not changed.has(s) or changed.has(sympy.exp(u), sympy.exp(-u)) or not changed.is_rational_function(s):
            continue
        raw = sympy.factor(sympy.cancel(sympy.together(changed)))
        signs[s] = special.Sigmoid(u)
        used.append((Call("sigmoid", inside), node))
    if not used:
        return None
    return Named(from_sympy(_signs_out(raw, list(signs)).subs(signs)), tuple(used))


def _signs_out(value: Any, names: Sequence[Any]) -> Any:
    """−s(s − 1) → s(1 − s)."""
    factors = list(sympy.Mul.make_args(value))
    for place, factor in enumerate(factors):
        if any(factor == name - 1 for name in names) and sympy.S.NegativeOne in factors:
            factors[place] = -factor
            factors.remove(sympy.S.NegativeOne)
            return sympy.Mul(*factors)
    return value


def logistic_argument(node: Expr) -> Expr | None:
    """u for 1/(1 + exp(−u)) or 1/(1 + e^(−u)), else None."""
    if not (isinstance(node, Div) and node.numerator is Number(1) and isinstance(node.denominator, Add)):
        return None
    terms = node.denominator.args
    if len(terms) != 2 or Number(1) not in terms:
        return None
    power = terms[1] if terms[0] is Number(1) else terms[0]
    if isinstance(power, Pow) and power.base is Constant("e"):
        exponent = power.exponent
    elif isinstance(power, Call) and power.name == "exp":
        exponent = power.args[0]
    else:
        return None
    return exponent.operand if isinstance(exponent, Neg) else Neg(exponent)


def _with_names(function: Expr, raw: Any) -> Named | None:
    """Names for the sigmoids and sums of the function that the derivative holds as well."""
    calls = _worth_a_name(function, Call)
    sums = _worth_a_name(function, Add)
    if not calls and not sums:
        return None
    names = _names([*calls, *sums], function)
    found: dict[Expr, Any] = {}
    for node in [*reversed(calls), *reversed(sums)]:  # outer parts first: what is inside them goes with them
        stands = sympy.Symbol(names[node].name, real=True)
        changed = raw.subs(to_sympy(node), stands)
        if changed.has(stands):
            raw, found[node] = changed, names[node]
    if not found:
        return None
    chosen = _with_inner(found, calls, names)
    place = _first_places(function, names)
    short = oriented(from_sympy(raw), place, names.values())
    parts = tuple((names[node], _written_with(node, names, chosen)) for node in [*calls, *sums] if node in chosen)
    return Named(short, parts)


def _worth_a_name(function: Expr, kind: type[Expr]) -> list[Expr]:
    """Parts that hold several names, inner ones first: calls of σ, or sums that are not the function itself."""
    parts = [
        node
        for node in postorder(function)
        if isinstance(node, kind)
        and node is not function
        and (kind is Add or getattr(node, "name", "") == "sigmoid")
        and len(free_names(node)) >= FEWEST_NAMES
    ]
    return parts[:MOST_PARTS]


def _names(parts: Sequence[Expr], function: Expr) -> dict[Expr, Symbol]:
    """s, or s1, s2, … for sigmoids; r, or r1, r2, … for sums: none that the function uses."""
    taken = {name.partition("[")[0] for name in free_names(function)}
    given: dict[Expr, Symbol] = {}
    for letters, kind in (("sqh", Call), ("rdg", Add)):
        same = [part for part in parts if isinstance(part, kind)]
        stem = next((c for c in letters if not any(name.startswith(c) for name in taken)), letters[0] * 3)
        for number, part in enumerate(same, start=1):
            given[part] = Symbol(stem if len(same) == 1 or (kind is Add and number == len(same)) else f"{stem}{number}")
    return given


def _with_inner(found: Mapping[Expr, Any], calls: Sequence[Expr], names: Mapping[Expr, Symbol]) -> set[Expr]:
    """The parts found, and the named calls inside these."""
    chosen = set(found)
    for node in found:
        chosen |= {inner for inner in postorder(node) if inner in names and inner in calls}
    return chosen


def _written_with(node: Expr, names: Mapping[Expr, Symbol], chosen: set[Expr]) -> Expr:
    """``node`` as typed, with the names of the parts inside it."""
    done: dict[Expr, Expr] = {}
    for inner in postorder(node):
        if inner is not node and inner in chosen:
            done[inner] = names[inner]
        else:
            done[inner] = inner.rebuild(tuple(done[child] for child in inner.args)) if inner.args else inner
    return done[node]


def _first_places(function: Expr, names: Mapping[Expr, Symbol]) -> dict[str, int]:
    """The order in which names, and the named parts, begin in the formula as it was typed."""
    places: dict[str, int] = {}
    stack = [function]
    while stack:
        node = stack.pop()
        if node in names:
            places.setdefault(names[node].name, len(places))
        if isinstance(node, Symbol):
            places.setdefault(node.name, len(places))
        elif (element := _element(node)) is not None:
            places.setdefault(element, len(places))
        stack.extend(reversed(node.args))
    return places


def _element(node: Expr) -> str | None:
    return element_name(node) if isinstance(node, Indexed) else None


def oriented(expr: Expr, places: Mapping[str, int], named: Collection[Expr] = ()) -> Expr:
    """Differences the way round they were typed: x·(s − y) → −x·(y − s) where y comes before s in the function."""
    if isinstance(expr, Neg):
        return minus(oriented(expr.operand, places, named))
    if isinstance(expr, Div):
        return over(oriented(expr.numerator, places, named), expr.denominator)
    factors = expr.args if isinstance(expr, Mul) else (expr,)
    return times(*sorted((_turned(factor, places) for factor in factors), key=lambda factor: _rank(factor, named)))


def _rank(factor: Expr, named: Collection[Expr]) -> int:
    """Letters of the function first, then the new names, then sums."""
    bare = factor.operand if isinstance(factor, Neg) else factor
    return 2 if isinstance(bare, Add) else int(bare in named)


def _turned(factor: Expr, places: Mapping[str, int]) -> Expr:
    if isinstance(factor, Add) and len(factor.args) == 2 and isinstance(factor.args[1], Neg):
        first, second = factor.args[0], factor.args[1].operand
        ends = [places.get(getattr(side, "name", ""), -1) for side in (first, second)]
        if min(ends) >= 0 and ends[1] < ends[0]:
            return Neg(Add(second, Neg(first)))  # type: ignore[no-any-return]
    return factor
