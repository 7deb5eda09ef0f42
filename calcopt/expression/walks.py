"""Walks over expression trees; none recurses, so that no tree is too deep.

Import them from :mod:`calcopt.expression.tree`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from calcopt.expression.nodes import Expr, Indexed, Number, Sum, Symbol


def postorder(*roots: Expr) -> Iterator[Expr]:
    """Every distinct node below the roots once, children before parents; no recursion, so any depth."""
    seen: set[Expr] = set()
    stack: list[tuple[Expr, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node.args) if child not in seen)


def natural_key(name: str) -> tuple[object, ...]:
    """Sort key: alphabetical, digits by value: x, x1, x2, x10, x[1], y."""
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in re.split(r"(\d+)", name) if part)


def free_names(root: Expr) -> tuple[str, ...]:
    """The names of free variables in natural order; ``x[1]`` for an element with literal indices, ``x[]`` for one
    whose index is not literal (an index of a sum is bound, and no variable)."""
    found: set[str] = set()
    stack: list[tuple[Expr, frozenset[str]]] = [(root, frozenset())]
    seen: set[tuple[Expr, frozenset[str]]] = set(stack)
    while stack:
        node, bound = stack.pop()
        inner = bound
        if isinstance(node, Symbol):
            if node.name not in bound:
                found.add(node.name)
        elif isinstance(node, Indexed):
            found.add(element_name(node) or f"{node.name}[]")
        elif isinstance(node, Sum):
            inner = bound | {node.index}
        for position, child in enumerate(node.args):
            item = (child, inner if position == 0 else bound)  # of a sum only the body sees the index
            if item not in seen:
                seen.add(item)
                stack.append(item)
    return tuple(sorted(found, key=natural_key))


def element_name(node: Indexed) -> str | None:
    """``x[3]`` or ``x[1,2]`` when every index is a literal integer, else None."""
    indices = [index.value for index in node.args if isinstance(index, Number) and index.value.denominator == 1]
    return f"{node.name}[{','.join(map(str, indices))}]" if len(indices) == len(node.args) else None


def substitute(root: Expr, values: Mapping[str, Expr]) -> Expr:
    """``root`` with free symbols (and elements, by ``element_name``) replaced; indices of sums are left alone."""
    if not values:
        return root
    done: dict[tuple[Expr, frozenset[str]], Expr] = {}
    start = (root, frozenset[str]())
    stack = [start]
    while stack:
        key = stack[-1]
        if key in done:
            stack.pop()
            continue
        node, bound = key
        inner = bound | {node.index} if isinstance(node, Sum) else bound
        children = [(child, inner if position == 0 else bound) for position, child in enumerate(node.args)]
        waiting = [child for child in children if child not in done]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        done[key] = _substituted(node, bound, tuple(done[child] for child in children), values)
    return done[start]


def _substituted(node: Expr, bound: frozenset[str], args: tuple[Expr, ...], values: Mapping[str, Expr]) -> Expr:
    if isinstance(node, Symbol):
        return node if node.name in bound else values.get(node.name, node)
    result = node.rebuild(args) if args else node
    if isinstance(result, Indexed):
        name = element_name(result)
        return values.get(name, result) if name else result
    return result
