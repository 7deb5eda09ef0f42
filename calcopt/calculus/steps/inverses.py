"""The inverse-function rule: where g undoes f, g'(y) = 1/f'(g(y)).

Each entry binds a function of the language to what it undoes, and gives the identities that bring f'(g(y)) into a
form without g where there is one: f(g(y)) = y, and for the trigonometric functions Pythagoras' theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from calcopt.calculus.steps.forms import ONE, TWO, call, minus, plus, power, square, times
from calcopt.expression.tree import Call, Constant, Expr, Number, Pow, postorder

TEN: Expr = Number(10)


@dataclass(frozen=True, slots=True)
class Inverse:
    """``undone(u)`` is f; ``identities(g, y)`` are pairs of equal formulas for g = g(y)."""

    undone: Callable[[Expr], Expr]
    identities: Callable[[Expr, Expr], Mapping[Expr, Expr]]


def _cancels(undone: Callable[[Expr], Expr]) -> Inverse:
    return Inverse(undone, lambda g, y: {undone(g): y})


def _of(name: str, **others: Callable[[Expr], Expr]) -> Inverse:
    """f(g(y)) = y for the function ``name``, and what other functions of g(y) are in terms of y."""

    def identities(g: Expr, y: Expr) -> Mapping[Expr, Expr]:
        return {call(name, g): y, **{call(other, g): form(y) for other, form in others.items()}}

    return Inverse(lambda u: call(name, u), identities)


def _root(inside: Callable[[Expr], Expr]) -> Callable[[Expr], Expr]:
    return lambda y: call("sqrt", inside(y))


def _one_minus_square(y: Expr) -> Expr:
    return plus([ONE, minus(square(y))])


def _one_plus_square(y: Expr) -> Expr:
    return plus([ONE, square(y)])


def _square_minus_one(y: Expr) -> Expr:
    return plus([square(y), minus(ONE)])


def _with_size(name: str, other: str, inside: Callable[[Expr], Expr]) -> Inverse:
    """f'(g(y)) = ± f(g)·other(g), where other(g(y)) = ±√… has the sign of y: the product is |y|·√…."""

    def identities(g: Expr, y: Expr) -> Mapping[Expr, Expr]:
        return {times(call(name, g), call(other, g)): times(call("abs", y), call("sqrt", inside(y)))}

    return Inverse(lambda u: call(name, u), identities)


INVERSES: dict[str, Inverse] = {
    "sqrt": Inverse(square, lambda g, y: {}),
    "cbrt": Inverse(lambda u: power(u, Number(3)), lambda g, y: {}),
    "asin": _of("sin", cos=_root(_one_minus_square)),
    "acos": _of("cos", sin=_root(_one_minus_square)),
    "atan": _of("tan"),
    "acot": _of("cot"),
    "asec": _with_size("sec", "tan", _square_minus_one),
    "acsc": _with_size("csc", "cot", _square_minus_one),
    "asinh": _of("sinh", cosh=_root(_one_plus_square)),
    "acosh": _of("cosh", sinh=_root(_square_minus_one)),
    "atanh": _of("tanh"),
    "acoth": _of("coth"),
    "asech": _of("sech", tanh=_root(_one_minus_square)),
    "acsch": _with_size("csch", "coth", _one_plus_square),
}


def logarithm(base: Expr) -> Inverse:
    """The logarithm to ``base`` undoes base^u."""
    if base is Constant("e"):
        return _cancels(lambda u: call("exp", u))
    return _cancels(lambda u: Pow(base, u))


def base_of(function: Call) -> Expr | None:
    """The base of a logarithm, None for other functions."""
    if function.name == "log":
        return function.args[1] if len(function.args) == 2 else Constant("e")
    return {"log10": TEN, "log2": TWO}.get(function.name)


def replaced(root: Expr, equal: Mapping[Expr, Expr]) -> Expr:
    """``root`` with every node that is a key of ``equal`` replaced by what it is equal to."""
    done: dict[Expr, Expr] = {}
    for node in postorder(root):
        if node in equal:
            done[node] = equal[node]
        elif node.args and any(done[child] is not child for child in node.args):
            done[node] = node.rebuild(tuple(done[child] for child in node.args))
        else:
            done[node] = node
    return done[root]


def domain_note(name: str) -> str:
    """Which branch of f is meant, where f has several."""
    return {
        "sqrt": "for u ≥ 0",
        "asin": "for −π/2 ≤ u ≤ π/2",
        "acos": "for 0 ≤ u ≤ π",
        "atan": "for −π/2 < u < π/2",
        "acosh": "for u ≥ 0",
        "asech": "for u ≥ 0",
    }.get(name, "")
