"""The variables of a formula, with the elements ``x[1] … x[n]`` that indexed names in sums stand for."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from operator import itemgetter

from calcopt.errors import MathError
from calcopt.expression.exact import TooLarge, exact_step
from calcopt.expression.expand import expand_sums
from calcopt.expression.limits import MAX_ELEMENTS, MAX_INDEX
from calcopt.expression.tree import (
    Add,
    Expr,
    Indexed,
    Mul,
    Neg,
    Sum,
    Symbol,
    free_names,
    natural_key,
)
from calcopt.expression.values import exact_value

_TOO_MANY = f"the formula has more than {MAX_ELEMENTS} variables"
Ranges = Mapping[str, range]
"""The values that each bound index takes."""


def variables_of(body: Expr) -> tuple[str, ...]:
    """The free names of ``body`` in natural order, where ``sum(x[i], i, 1, 3)`` has ``x[1], x[2], x[3]``.

    While a bound has no value (``n`` without ``--let``) the elements are unknown and stand as ``x[]``.
    :class:`MathError` when there are more than :data:`~calcopt.expression.limits.MAX_ELEMENTS`.
    """
    names = free_names(body)
    if not any(name.endswith("[]") for name in names):
        return names
    try:
        chained = _chained(body, [name for name in names if not name.endswith("[]")])
    except _Irregular:
        chained = None
    if chained is not None:
        return chained
    found = {name: natural_key(name) for name in names if not name.endswith("[]")}
    try:
        for base, indices in _elements(body):
            found[f"{base}[{','.join(map(str, indices))}]"] = _element_key(base, indices)
            if len(found) > MAX_ELEMENTS:
                raise MathError(_TOO_MANY)
    except _Irregular:
        try:
            return free_names(expand_sums(body))
        except MathError:
            return names
    return tuple(sorted(found, key=found.__getitem__))


def _chained(body: Expr, scalars: Sequence[str]) -> tuple[str, ...] | None:
    """The same where every indexed name has one index that is linear in one index of the sums around it, found without
    going through the elements one by one; None for other formulas."""
    found: dict[str, set[int]] = {}
    for node, ranges in _indexed(body):
        form = _whole(_affine(node.args[0], ranges)) if len(node.args) == 1 else {}
        names = [name for name in form if name]
        if len(node.args) != 1 or len(names) > 1:
            return None
        offset, factor = form.get("", 0), form[names[0]] if names else 0
        values = ranges[names[0]] if names else range(1)
        if not values:
            continue
        ends = (offset + factor * values[0], offset + factor * values[-1])
        if len(values) > MAX_ELEMENTS:
            raise MathError(_TOO_MANY)
        if min(ends) < 0 or max(ends) > MAX_INDEX:
            return None
        indices = range(ends[0], ends[1] + (1 if factor > 0 else -1), factor) if factor else ends[:1]
        found.setdefault(node.name, set()).update(indices)
    if any("[" in name for name in scalars):
        return None  # elements with literal indices outside of sums: put in order one by one
    if len(scalars) + sum(map(len, found.values())) > MAX_ELEMENTS:
        raise MathError(_TOO_MANY)
    blocks: list[tuple[tuple[object, ...], tuple[str, ...]]] = [(natural_key(name), (name,)) for name in scalars]
    for base, numbers in found.items():
        blocks.append((natural_key(f"{base}[0]"), tuple([f"{base}[{number}]" for number in sorted(numbers)])))
    return tuple(itertools.chain.from_iterable(names for _, names in sorted(blocks, key=itemgetter(0))))


def _element_key(base: str, indices: tuple[int, ...]) -> tuple[object, ...]:
    """What :func:`natural_key` gives for ``base[indices]``, without taking the name apart again."""
    key: list[object] = [(0, 0, f"{base}[")]
    for index in indices:
        key += [(1, index, ""), (0, 0, ",")]
    key[-1] = (0, 0, "]")
    return tuple(key)


class _Irregular(Exception):
    """An index that is not literal even inside its sums, or bounds that depend on an outer index."""


def _elements(root: Expr) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Base and indices of every element below ``root``, some more than once."""
    for node, ranges in _indexed(root):
        for indices in _element_indices(node, ranges):
            yield node.name, indices


def _indexed(root: Expr) -> Iterator[tuple[Indexed, Ranges]]:
    """Every indexed name below ``root``, with the values of the indices of the sums around it."""
    stack: list[tuple[Expr, tuple[tuple[str, range], ...]]] = [(root, ())]
    seen: set[tuple[Expr, tuple[tuple[str, range], ...]]] = set()
    while stack:
        node, ranges = stack.pop()
        if (node, ranges) in seen:
            continue
        seen.add((node, ranges))
        if isinstance(node, Sum):
            lower, upper = exact_value(node.lower), exact_value(node.upper)
            if lower is None or upper is None or lower.denominator != 1 or upper.denominator != 1:
                raise _Irregular
            values = range(lower.numerator, upper.numerator + 1)
            stack.append((node.body, (*ranges, (node.index, values))))
            continue
        if isinstance(node, Indexed):
            yield node, dict(ranges)
        stack.extend((child, ranges) for child in node.args)


def _element_indices(node: Indexed, ranges: Ranges) -> Iterator[tuple[int, ...]]:
    """The indices that one ``x[…]`` takes while the indices of the sums around it run."""
    forms = [_whole(_affine(index, ranges)) for index in node.args]
    used = sorted({name for form in forms for name in form if name})
    if math.prod(len(ranges[name]) for name in used) > MAX_ELEMENTS:
        raise MathError(_TOO_MANY)
    terms = [(form.get("", 0), [(form[name], used.index(name)) for name in form if name]) for form in forms]
    for values in itertools.product(*(ranges[name] for name in used)):
        indices = tuple([constant + sum([factor * values[at] for factor, at in part]) for constant, part in terms])
        if min(indices) < 0 or max(indices) > MAX_INDEX:
            raise _Irregular
        yield indices


def _whole(form: Mapping[str, Fraction]) -> dict[str, int]:
    if any(coefficient.denominator != 1 for coefficient in form.values()):
        raise _Irregular
    return {name: coefficient.numerator for name, coefficient in form.items()}


def _affine(expr: Expr, ranges: Ranges) -> dict[str, Fraction]:
    """Coefficients of ``2*i + j - 1`` by index, the constant under the empty name."""
    if isinstance(expr, Symbol) and expr.name in ranges:
        return {expr.name: Fraction(1)}
    parts = [_affine(part, ranges) for part in expr.args]
    if isinstance(expr, Add):
        total: dict[str, Fraction] = {}
        for name, coefficient in itertools.chain.from_iterable(part.items() for part in parts):
            total[name] = total.get(name, Fraction(0)) + coefficient
        return total
    if isinstance(expr, Neg):
        return {name: -coefficient for name, coefficient in parts[0].items()}
    constants = [part.get("", Fraction(0)) if not set(part) - {""} else None for part in parts]
    if isinstance(expr, Mul) and constants.count(None) == 1:
        factor = Fraction(1)
        for constant in constants:
            factor *= 1 if constant is None else constant
        return {name: factor * coefficient for name, coefficient in parts[constants.index(None)].items()}
    try:
        value = exact_step(expr, constants)
    except TooLarge:
        value = None
    if not isinstance(value, Fraction):
        raise _Irregular
    return {"": value}
