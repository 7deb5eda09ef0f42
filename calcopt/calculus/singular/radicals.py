"""Equations that hold one linear formula under several roots: with u = t^n all of them are whole powers of t."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from calcopt.calculus.precise import literal_fraction
from calcopt.calculus.singular.lines import closed_line, fraction
from calcopt.expression.tree import Add, Call, Div, Expr, Neg, Number, Pow, Symbol, free_names, postorder

HIGHEST_ROOT = 12


class InOneRoot(NamedTuple):
    """``equation`` in t, written with the name of x: a·x + b = t^degree."""

    equation: Expr
    line: tuple[Expr, Expr]
    degree: int

    def back(self, t: Expr) -> Expr:
        """x = (t^n − b)/a."""
        a, b = self.line
        return Div(Add(Pow(t, Number(self.degree)), Neg(b)), a)  # type: ignore[no-any-return]


def in_one_root(tree: Expr, name: str) -> InOneRoot | None:
    """The equation in t, or None where the roots are not all of one linear formula.

    For an even n and t < 0 it may have zeros that ``tree`` has not.
    """
    roots = [(base, power) for node in postorder(tree) for base, power in _root(node) if name in free_names(base)]
    bases = {base for base, _ in roots}
    if len(bases) != 1:
        return None
    (base,) = bases
    line = closed_line(base, name)
    degree = math.lcm(*(power.denominator for _, power in roots))
    if line is None or degree > HIGHEST_ROOT:
        return None
    t = Symbol(name)
    done: dict[Expr, Expr] = {}
    x = Div(Add(Pow(t, Number(degree)), Neg(line[1])), line[0]) if base is not t else Pow(t, Number(degree))
    for node in postorder(tree):
        found = _root(node)
        if found and found[0][0] is base:
            done[node] = Pow(t, fraction(found[0][1] * degree))
        elif node is t:
            done[node] = x
        else:
            done[node] = node.rebuild(tuple(done[child] for child in node.args)) if node.args else node
    return InOneRoot(done[tree], line, degree)


def _root(node: Expr) -> list[tuple[Expr, Fraction]]:
    match node:
        case Pow(base, exponent):
            literal = literal_fraction(exponent)
            return [(base, literal)] if literal is not None and literal.denominator > 1 else []
        case Call("sqrt" | "cbrt" as name, (base,)):
            return [(base, Fraction(1, 2 if name == "sqrt" else 3))]
        case _:
            return []
