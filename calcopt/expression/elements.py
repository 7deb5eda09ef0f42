"""The variables of a formula, with the elements ``x[1] … x[n]`` that indexed names in sums stand for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from fractions import Fraction

from calcopt.errors import MathError
from calcopt.expression.exact import TooLarge, exact_step
from calcopt.expression.expand import expand_sums
from calcopt.expression.limits import MAX_ELEMENTS, MAX_INDEX
from calcopt.expression.tree import Expr, Indexed, Sum, element_name, free_names, natural_key
from calcopt.expression.values import exact_value

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
    found = {name for name in names if not name.endswith("[]")}
    try:
        for name in _elements(body):
            found.add(name)
            if len(found) > MAX_ELEMENTS:
                raise MathError(f"the formula has more than {MAX_ELEMENTS} variables")
    except _Irregular:
        try:
            return free_names(expand_sums(body))
        except MathError:
            return names
    return tuple(sorted(found, key=natural_key))


class _Irregular(Exception):
    """An index that is not literal even inside its sums, or bounds that depend on an outer index."""


def _elements(root: Expr) -> Iterator[str]:
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
            yield from _element_names(node, dict(ranges))
        stack.extend((child, ranges) for child in node.args)


def _element_names(node: Indexed, ranges: Ranges) -> Iterator[str]:
    literal = element_name(node)
    if literal is not None:
        yield literal
        return
    forms = [_affine(index, ranges) for index in node.args]
    used = sorted({name for form in forms for name in form if name})
    for values in itertools.product(*(ranges[name] for name in used)):
        point = dict(zip(used, values, strict=True))
        indices = []
        for form in forms:
            index = form.get("", Fraction(0)) + sum(form[name] * value for name, value in point.items() if name in form)
            if index.denominator != 1 or not 0 <= index <= MAX_INDEX:
                raise _Irregular
            indices.append(str(index.numerator))
        yield f"{node.name}[{','.join(indices)}]"


def _affine(expr: Expr, ranges: Ranges) -> dict[str, Fraction]:
    """Coefficients of ``2*i + j - 1`` by index, the constant under the empty name."""
    from calcopt.expression.tree import Add, Mul, Neg, Symbol

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
