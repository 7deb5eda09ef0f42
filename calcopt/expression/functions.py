"""The functions of the language: canonical names, spellings, numbers of arguments.

This table is the one place that says which functions exist. What each one *means* is added by the rooms above:
its derivative (``calculus/derivatives.py``), its NumPy code (``numeric/``), its SymPy form (``calculus/algebra.py``).
"""

from __future__ import annotations

from typing import NamedTuple


class Function(NamedTuple):
    """``max_arity`` None means any number from ``min_arity`` on."""

    name: str
    min_arity: int = 1
    max_arity: int | None = 1
    aliases: tuple[str, ...] = ()
    syntax: str = ""


def _circular(name: str) -> list[Function]:
    return [Function(name), Function(f"a{name}", aliases=(f"arc{name}",))]


def _hyperbolic(name: str) -> list[Function]:
    return [Function(name), Function(f"a{name}", aliases=(f"ar{name}", f"arc{name}"))]


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in [
        Function("exp"),
        Function("log", 1, 2, aliases=("ln",), syntax="log(x) or log(x, base)"),
        Function("log10"),
        Function("log2"),
        Function("sqrt"),
        Function("cbrt"),
        Function("abs"),
        Function("sign"),
        Function("floor"),
        Function("ceil"),
        Function("min", 1, None, syntax="min(a, b, …)"),
        Function("max", 1, None, syntax="max(a, b, …)"),
        *[function for name in ("sin", "cos", "tan", "cot", "sec", "csc") for function in _circular(name)],
        *[function for name in ("sinh", "cosh", "tanh", "coth", "sech", "csch") for function in _hyperbolic(name)],
        Function("atan2", 2, 2, aliases=("arctan2",), syntax="atan2(y, x)"),
        Function("sigmoid", aliases=("σ",)),
        Function("relu"),
        Function("softplus"),
        Function("erf"),
        Function("step"),
    ]
}
"""Canonical name → function. ``if``, ``piecewise`` and ``sum`` are syntax of their own (tree nodes of their own)."""

SPELLINGS: dict[str, str] = {
    spelling: function.name for function in FUNCTIONS.values() for spelling in (function.name, *function.aliases)
}
"""Every accepted spelling → canonical name."""

FORMS: dict[str, str] = {
    "if": "if(condition, a, b)",
    "piecewise": "piecewise(condition, a, condition, b, …, otherwise)",
    "sum": "sum(expression, i, from, to)",
}
"""Call-like syntax that is not a plain function, with how to write it."""

CONSTANTS: dict[str, str] = {"pi": "pi", "π": "pi", "e": "e"}
WORDS: tuple[str, ...] = ("and", "or", "not")
