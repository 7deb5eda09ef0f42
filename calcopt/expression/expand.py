"""Sums with literal bounds, written out term by term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from calcopt.errors import MathError
from calcopt.expression.exact import TooLarge, exact_step
from calcopt.expression.limits import MAX_INDEX
from calcopt.expression.tree import Add, Div, Expr, Indexed, Mul, Neg, Number, Pow, Sum, Symbol, postorder, substitute
from calcopt.expression.values import exact_value


def expand_sums(expr: Expr, *, limit: int = 100_000) -> Expr:
    """``expr`` with every ``sum(body, i, a, b)`` replaced by body(a) + … + body(b), inner sums first.

    Indices are folded to literal integers: ``x[i+1]`` becomes ``x[3]``. An empty sum is 0, one of one term is that
    term. :class:`MathError` when a bound is no literal integer or when all terms together are more than ``limit``.
    """
    return _Expansion(limit).expand(expr)


def put_in(expr: Expr, constants: Mapping[str, Expr]) -> Expr:
    """``expr`` with the values of ``--let`` for their names.

    Values of elements (``a[1]=2``) are put in where a sum runs over them, and the sum is written out for that.
    """
    if not constants:
        return expr
    body = fold_indices(substitute(expr, constants))
    if any("[" in name for name in constants) and any(isinstance(node, Sum) for node in postorder(body)):
        body = substitute(expand_sums(body), constants)
    return body


class _Expansion:
    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.written = 0

    def expand(self, expr: Expr) -> Expr:
        """Outer sums first, because the bounds of an inner sum may hold the outer index."""
        if not any(isinstance(node, Sum) for node in postorder(expr)):
            return expr
        done: dict[Expr, Expr] = {}
        for node in _outside_in(expr):
            if isinstance(node, Sum):
                done[node] = self.write_out(node)
            else:
                done[node] = node.rebuild(tuple(done[child] for child in node.args)) if node.args else node
        return done[expr]

    def write_out(self, node: Sum) -> Expr:
        lower, upper = literal_bounds(node)
        count = max(0, upper - lower + 1)
        self.written += count
        if self.written > self.limit:
            raise MathError(f"a sum of more than {self.limit} terms cannot be written out")
        values = range(lower, upper + 1)
        if any(isinstance(inner, Sum) for inner in postorder(node.body)):
            bodies = (substitute(node.body, {node.index: literal(value)}) for value in values)
            terms = [self.expand(fold_indices(body)) for body in bodies]
        else:
            terms = list(_instances(node.body, node.index, values))
        if not terms:
            return Number(0)  # type: ignore[no-any-return]
        return terms[0] if len(terms) == 1 else Add(*terms)


def _instances(body: Expr, index: str, values: range) -> Iterator[Expr]:
    """``body`` (without sums inside) for each value of the index; what does not depend on it is shared."""
    symbol = Symbol(index)
    varying: list[Expr] = []
    varies = {symbol}
    for node in postorder(body):
        if not varies.isdisjoint(node.args):
            varies.add(node)
            varying.append(node)
    constant = fold_indices(body)
    for value in values:
        done: dict[Expr, Expr] = {symbol: literal(value)}
        for node in varying:
            args = tuple([done.get(child, child) for child in node.args])
            if isinstance(node, Indexed):
                args = tuple(_folded(arg) for arg in args)
            done[node] = node.rebuild(args)
        yield done.get(body, constant)


def _outside_in(root: Expr) -> list[Expr]:
    """Post-order that does not enter sums: their bodies are expanded once their index has a value."""
    order: list[Expr] = []
    seen: set[Expr] = set()
    stack: list[tuple[Expr, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            if not isinstance(node, Sum):
                stack.extend((child, False) for child in node.args)
    return order


def literal(value: int) -> Expr:
    """A literal integer as the parser makes it: the minus sign is a node of its own."""
    return Number(value) if value >= 0 else Neg(Number(-value))  # type: ignore[no-any-return]


def literal_bounds(node: Sum) -> tuple[int, int]:
    """Both bounds as integers; :class:`MathError` when one has no value or is no integer."""
    found: list[int] = []
    for bound in (node.lower, node.upper):
        value = exact_value(bound)
        if value is None or value.denominator != 1:
            hint = "give the names in it a value with --let" if value is None else None
            raise MathError(f"the bound '{bound}' of a sum is not a whole number", hint=hint)
        found.append(value.numerator)
    return found[0], found[1]


def fold_indices(expr: Expr) -> Expr:
    """``x[2+1]`` → ``x[3]`` for every index that is a literal; other subexpressions stay as they are."""
    if not any(isinstance(node, Indexed) for node in postorder(expr)):
        return expr
    done: dict[Expr, Expr] = {}
    for node in postorder(expr):
        args = tuple(done[child] for child in node.args)
        if isinstance(node, Indexed):
            args = tuple(_folded(index) for index in args)
        done[node] = node.rebuild(args) if args else node
    return done[expr]


def _folded(index: Expr) -> Expr:
    value = _small_value(index)
    if value is None:
        return index
    if value.denominator != 1 or not 0 <= value <= MAX_INDEX:
        raise MathError(f"the index '{index}' is not a whole number from 0 to {MAX_INDEX}")
    return Number(value.numerator)  # type: ignore[no-any-return]


def _small_value(index: Expr) -> Fraction | None:
    """The exact value of an index, with a short way for the usual ``i + 1``."""
    if isinstance(index, Number):
        return index.value
    if isinstance(index, (Add, Mul, Neg, Div, Pow)):
        parts = [_small_value(part) for part in index.args]
        try:
            value = exact_step(index, parts)
        except TooLarge:
            return None
        return value if isinstance(value, Fraction) else None
    return exact_value(index)
