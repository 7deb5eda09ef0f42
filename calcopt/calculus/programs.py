"""Expression trees as postfix programs: formulas of equal *shape* differ in their variables and numbers only.

Variables are slots, in order of appearance, and numbers are occurrences; exponents without variables belong to the
shape, so x² and x³ are different shapes. No recursion on long or deep formulas.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from calcopt.expression.tree import Add, Call, Compare, Constant, Expr, Indexed, Number, Pow, Sum, Symbol

Entry: TypeAlias = "tuple[str, Any, tuple[int, ...]]"

_CONSTANTS = {"pi": math.pi, "e": math.e}
_ENDLESS = 2**60


@dataclass(slots=True)
class Program:
    """A formula as entries ``(operation, detail, positions of arguments)``; the last entry is the result.

    ``variables[s]`` is the leaf (Symbol, Indexed, or an opaque sum) behind slot ``s``; ``numbers[k]`` the leaf (Number,
    or the Symbol of an index of a sum) behind the k-th number.
    """

    entries: list[Entry] = field(default_factory=list)
    variables: list[Expr] = field(default_factory=list)
    numbers: list[Expr] = field(default_factory=list)


def flatten(
    root: Expr,
    *,
    bound: Container[str] = (),
    literal: bool = False,
    longest: int = _ENDLESS,
    rewrite: Callable[[Call], Expr] = lambda node: node,
) -> Program:
    """The program of ``root``; names in ``bound`` are indices of sums, and so are numbers, not variables.

    With ``literal`` numbers are part of the shape. Sums, and additions of more than ``longest`` terms, are opaque: they
    become slots, and the caller says what they are. ``rewrite`` may replace a call by an equal formula.
    """
    program = Program()
    entries, values = program.entries, []  # values: positions of finished arguments, as on a postfix machine's stack
    done: dict[Expr, int] = {}
    opened: set[Expr] = set()
    powers: set[Expr] = set()  # with exponents that belong to the shape
    stack: list[Expr] = [root]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is Number:
            # every occurrence is a number of its own: 0.3·x + 0.3 and 0.3·x + 0.4 have one shape
            values.append(len(entries))
            entries.append(("number", node.fields[0], ()) if literal else _number(program, node))
            continue
        if node in done:
            values.append(done[node])
            continue
        if node in opened:
            count = len(node.args)
            if node in powers:
                values.append(_exponent(entries, node.args[1]))
            positions = tuple(values[-count:])
            del values[-count:]
            entry: Entry = (kind.__name__, node.fields[0] if kind is Call or kind is Compare else None, positions)
        elif kind is Symbol and node.fields[0] not in bound:
            entry = _variable(program, node)
        elif kind is Symbol:
            entry = _number(program, node)
        elif kind is Constant:
            entry = ("number", _CONSTANTS[node.fields[0]], ())
        elif kind is Indexed or kind is Sum or (kind is Add and len(node.args) > longest and node is not root):
            entry = _variable(program, node)
        else:
            if isinstance(node, Call) and (equal := rewrite(node)) is not node:
                stack.append(equal)
                continue
            opened.add(node)
            stack.append(node)
            if kind is Pow and not literal and is_closed(node.args[1]):
                powers.add(node)
                stack.append(node.args[0])
            else:
                stack += node.args[::-1]
            continue
        values.append(len(entries))
        done[node] = len(entries)
        entries.append(entry)
    return program


def _number(program: Program, node: Expr) -> Entry:
    program.numbers.append(node)
    return ("data", len(program.numbers) - 1, ())


def _variable(program: Program, node: Expr) -> Entry:
    program.variables.append(node)
    return ("var", len(program.variables) - 1, ())


def _exponent(entries: list[Entry], exponent: Expr) -> int:
    """Appends an exponent without variables, numbers and all; its position."""
    if type(exponent) is Number:
        entries.append(("number", exponent.value, ()))
        return len(entries) - 1
    start = len(entries)
    for operation, detail, positions in flatten(exponent, literal=True).entries:
        entries.append((operation, detail, tuple(start + position for position in positions)))
    return len(entries) - 1


def is_closed(root: Expr) -> bool:
    """Whether an expression holds no variable, index or sum."""
    if type(root) is Number:
        return True
    stack, seen = [root], set()
    while stack:
        node = stack.pop()
        if isinstance(node, (Symbol, Indexed, Sum)):
            return False
        if node not in seen:
            seen.add(node)
            stack += node.args
    return True
