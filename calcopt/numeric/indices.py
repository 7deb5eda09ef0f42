"""Index arithmetic of sums, exactly, for all instances at once: ``x[2*i-1]`` with i = 1 … 10⁶ is one array operation.

A value is an int64 array (or an int) over a positive denominator, so that ``floor(i/2)`` works and ``x[i/2]`` is
refused where i is odd.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from calcopt.errors import MathError
from calcopt.expression.tree import Add, Call, Div, Expr, Mul, Neg, Number, Pow, Sum, Symbol, postorder

Integers: TypeAlias = "NDArray[np.int64]"
Ratio: TypeAlias = "tuple[Any, int]"  # numerator (int or int64 array), denominator

_LARGEST = 2**40

MOST_TERMS = 50_000_000
"""More terms than this would not fit in memory with their derivatives."""


@dataclass(frozen=True, slots=True, eq=False)
class Instances:
    """The values of the indices of the enclosing sums: ``count`` instances, an array of values for each name."""

    count: int = 1
    values: Mapping[str, Integers] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.values)


def integers(expr: Expr, instances: Instances, what: str) -> Integers | int:
    """The values of an index or bound: an int, or one for each instance; a MathError when not all are integers."""
    numerator, denominator = _evaluate(expr, instances, what)
    if denominator != 1:
        quotient, remainder = numerator // denominator, numerator % denominator
        if np.any(remainder != 0):
            raise MathError(f"{what} is not an integer: '{expr}'", hint="use floor(…) to round down")
        numerator = quotient
    if isinstance(numerator, int) and abs(numerator) > _LARGEST:
        raise MathError(f"{what} is too large: '{expr}'")
    return numerator  # type: ignore[no-any-return]


def enumerate_sum(node: Sum, outer: Instances) -> tuple[Instances, Integers | None]:
    """The instances of a sum's body inside ``outer``, and for each the number of its outer instance (None: all 0)."""
    lower = integers(node.lower, outer, f"the lower bound of the sum over {node.index}")
    upper = integers(node.upper, outer, f"the upper bound of the sum over {node.index}")
    lengths = np.maximum(np.asarray(upper) - np.asarray(lower) + 1, 0)
    total = int(lengths.sum()) if lengths.ndim else int(lengths) * outer.count
    if total > MOST_TERMS:
        raise MathError(f"the sum over {node.index} has {total:,} terms", hint=f"at most {MOST_TERMS:,} fit in memory")
    if outer.count == 1 and not outer.values:
        start = int(np.asarray(lower).reshape(-1)[0])
        return Instances(total, {node.index: np.arange(start, start + total, dtype=np.int64)}), None
    lengths = np.broadcast_to(lengths, (outer.count,))
    owner = np.repeat(np.arange(outer.count, dtype=np.int64), lengths)
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    inner = np.broadcast_to(np.asarray(lower, dtype=np.int64), (outer.count,))[owner] + np.arange(total) - first
    return Instances(
        total, {**{name: column[owner] for name, column in outer.values.items()}, node.index: inner}
    ), owner


def _evaluate(root: Expr, instances: Instances, what: str) -> Ratio:
    done: dict[Expr, Ratio] = {}
    for node in postorder(root):
        if isinstance(node, Number):
            done[node] = (node.value.numerator, node.value.denominator)
        elif isinstance(node, Symbol):
            if node.name not in instances.values:
                raise MathError(
                    f"{what} depends on '{node.name}', which is not an integer known beforehand",
                    hint=f"write the number, or give it with --let {node.name}=…",
                )
            done[node] = (instances.values[node.name], 1)
        else:
            done[node] = _combine(node, [done[arg] for arg in node.args], what)
    return done[root]


def _combine(node: Expr, args: list[Ratio], what: str) -> Ratio:
    if isinstance(node, Add):
        total: Ratio = (0, 1)
        for n, d in args:
            total = (total[0] * d + n * total[1], total[1] * d)
        return _reduced(total)
    if isinstance(node, Mul):
        product: Ratio = (1, 1)
        for n, d in args:
            product = (product[0] * n, product[1] * d)
        return _reduced(product)
    (n, d), *others = args
    if isinstance(node, Neg):
        return (-n, d)
    if isinstance(node, Div):
        m, e = others[0]
        if isinstance(m, int) and m != 0:
            return _reduced((n * e * (1 if m > 0 else -1), d * abs(m)))
    if isinstance(node, Pow):
        m, e = others[0]
        if isinstance(m, int) and e == 1 and 0 <= m <= 64:
            return _reduced((n**m, d**m))
    if isinstance(node, Call) and node.name == "floor":
        return (n // d, 1)
    if isinstance(node, Call) and node.name == "ceil":
        return (-(-n // d), 1)
    if isinstance(node, Call) and node.name == "abs":
        return (abs(n), d)
    raise MathError(
        f"{what} is not integer arithmetic: '{node}'", hint="use + - * /, powers, floor, ceil and abs of indices"
    )


def _reduced(ratio: Ratio) -> Ratio:
    """A plain number in lowest terms (arrays stay as they are, ``integers`` divides at the end)."""
    n, d = ratio
    if isinstance(n, int) and d != 1:
        exact = Fraction(n, d)
        return (exact.numerator, exact.denominator)
    return ratio
