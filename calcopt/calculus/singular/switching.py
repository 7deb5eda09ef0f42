"""The switching equations of a formula: where each of its parts ends, blows up, bends or jumps.

The list is taken from the tree as typed, so that the removable point of x/x is on it. It may hold too much (the zeros
of x² + 1, or of a factor that cancels): what is smooth there after all is found out by expansion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calcopt.calculus.precise import literal_fraction
from calcopt.expression.tree import (
    Add,
    Call,
    Compare,
    Constant,
    Div,
    Expr,
    Mul,
    Neg,
    Number,
    Piecewise,
    Pow,
    Sum,
    free_names,
    postorder,
)

ZERO_OF = {
    "argument": frozenset(
        ("abs", "sign", "relu", "step", "sqrt", "cbrt", "log", "log10", "log2", "coth", "csch", "acsch", "acot")
    ),
    "sine": frozenset(("cot", "csc")),
    "cosine": frozenset(("tan", "sec")),
    "integer": frozenset(("floor", "ceil")),
}
EDGES = {
    **dict.fromkeys(("asin", "acos", "atanh", "acoth", "asec", "acsc"), (1, -1)),
    "acosh": (1,),
    "asech": (1, 0),
}
SWITCHED = frozenset().union(*ZERO_OF.values(), EDGES, ("min", "max", "atan2"))


class Switch(NamedTuple):
    """A node of the formula and the equation ``equation`` = 0 of its switch."""

    node: Expr
    equation: Expr


def has_switches(body: Expr) -> bool:
    """True where something may end, blow up, bend or jump: a look at the kinds of nodes, nothing else."""
    return any(_equations(node) for node in postorder(body))


def switches(body: Expr, names: Iterable[str]) -> tuple[Switch, ...]:
    """Every switch whose equation holds one of ``names``, once an equation, inner ones first."""
    inside = set(names)
    found: dict[Expr, Switch] = {}
    for node in postorder(body):
        for equation in _equations(node):
            if inside & set(free_names(equation)):
                found.setdefault(_bare(equation), Switch(node, _bare(equation)))
    return tuple(found.values())


def holds_open_sum(body: Expr) -> bool:
    """True where a sum could not be written out: its terms are not looked at."""
    return any(isinstance(node, Sum) for node in postorder(body))


def _bare(equation: Expr) -> Expr:
    """−u = 0 is u = 0."""
    while isinstance(equation, Neg):
        equation = equation.operand
    return equation


def _equations(node: Expr) -> tuple[Expr, ...]:
    match node:
        case Call(name, args) if name in SWITCHED:
            return tuple(_of_call(name, args))
        case Compare(_, left, right):
            return (difference(left, right),)
        case Div(_, denominator) if not _is_constant(denominator):
            return (denominator,)
        case Pow(base, exponent):
            literal = literal_fraction(exponent)
            ends = literal is None or literal < 0 or literal.denominator != 1
            return (base,) if ends and not _is_constant(base) else ()
        case _:
            return ()


def _of_call(name: str, args: tuple[Expr, ...]) -> Iterator[Expr]:
    if name in ("min", "max"):
        for position, left in enumerate(args):
            yield from (difference(left, right) for right in args[position + 1 :])
    elif name == "atan2":
        yield from args
    elif name in EDGES:
        yield from (args[0] if not edge else difference(args[0], Number(1), edge) for edge in EDGES[name])
    elif name in ZERO_OF["sine"]:
        yield Call("sin", args[0])
    elif name in ZERO_OF["cosine"]:
        yield Call("cos", args[0])
    elif name in ZERO_OF["integer"]:
        yield Call("sin", Mul(Constant("pi"), args[0]))
    else:
        yield args[0]
        if name == "log" and len(args) == 2:
            yield args[1]
            yield difference(args[1], Number(1))


def difference(left: Expr, right: Expr, sign: int = 1) -> Expr:
    """left − right, or left + right."""
    if right is Number(0):
        return left
    if left is Number(0):
        return right
    return Add(left, Neg(right) if sign > 0 else right)  # type: ignore[no-any-return]


def _is_constant(node: Expr) -> bool:
    return not free_names(node)


def smooth_branches(tree: Expr, most: int = 256) -> tuple[Expr, ...] | None:
    """Trees without abs, sign, min, max, relu, step and choices, one of which ``tree`` equals at each point.

    Every zero of ``tree`` off its switches is a zero of one of them. None where there are more than ``most``.
    """
    done: dict[Expr, tuple[Expr, ...]] = {}
    for node in postorder(tree):
        if isinstance(node, Compare):
            continue
        combined = _rebuilt(node, done, most)
        if combined is None:
            return None
        done[node] = combined
    return done[tree]


def _rebuilt(node: Expr, done: dict[Expr, tuple[Expr, ...]], most: int) -> tuple[Expr, ...] | None:
    if isinstance(node, Piecewise):
        values = [done[value] for _, value in node.branches] + [done[node.otherwise]]
        found = tuple(dict.fromkeys(tree for group in values for tree in group))
        return found if len(found) <= most else None
    if any(child not in done for child in node.args):
        return (node,)  # a condition: never asked for
    choices: list[tuple[Expr, ...]] = [()]
    for child in node.args:
        choices = [(*chosen, branch) for chosen in choices for branch in done[child]]
        if len(choices) > most:
            return None
    trees = [node.rebuild(args) if args else node for args in choices]
    found = tuple(dict.fromkeys(branch for tree in trees for branch in _branches(tree)))
    return found if len(found) <= most else None


def _branches(node: Expr) -> tuple[Expr, ...]:
    match node:
        case Call("abs", (inner,)):
            return (inner, Neg(inner))
        case Call("sign", (inner,)):
            # 0 counts where the argument is 0 on an interval; single points of it are switches of their own
            flat = (Number(0),) if _is_constant(inner) else ()
            return (Number(1), Neg(Number(1)), *flat)
        case Call("step", _):
            return (Number(0), Number(1))
        case Call("relu", (inner,)):
            return (inner, Number(0))
        case Call("min" | "max", args):
            return args
        case _:
            return (node,)
