"""The part of a formula that has no finite value at a point: what a user has to look at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from calcopt.expression.floats import float_step
from calcopt.expression.tree import (
    And,
    Call,
    Compare,
    Constant,
    Indexed,
    Not,
    Number,
    Or,
    Piecewise,
    Place,
    Pow,
    Sum,
    Symbol,
    free_names,
)
from calcopt.expression.values import exact_value
from calcopt.records.culprits import Culprit

MOST_TERMS = 100_000
"""Terms of a sum that are looked at."""
LONGEST_ARGUMENT = 60
"""Characters of an operand that are repeated in a sentence."""

Values = Mapping[str, float]


class Found(Exception):
    """The innermost part that fails, with the values of the names there."""

    def __init__(self, place: Place, values: Values, children: list[float], fails: str) -> None:
        super().__init__()
        self.place, self.values, self.children, self.fails = place, values, children, fails


class _Search(NamedTuple):
    """What is looked for: a value that is not finite, or a slope."""

    slopes: bool

    def value(self, place: Place, values: Values) -> float:
        """The value of the part at ``place``; raises :class:`Found` at the first innermost part that fails."""
        node = place.node
        if isinstance(node, Symbol):
            return values[node.name]
        if isinstance(node, Piecewise):
            return self._chosen(place, values)
        if isinstance(node, Sum):
            return self._sum(place, values)
        children = [self.value(child, values) for child in place.children]
        if isinstance(node, Indexed):
            return values[f"{node.name}[{','.join(str(int(index)) for index in children)}]"]
        if isinstance(node, (And, Or, Not, Compare)):
            return float_step(node, children)
        exact = exact_value(node.args[1]) if isinstance(node, Pow) else None
        found = float_step(node, children, exact)
        if not math.isfinite(found):
            raise Found(place, values, children, "overflows" if math.isinf(found) else "has no value")
        if self.slopes and _is_steep(place, children, found):
            raise Found(place, values, children, "has no finite derivative")
        return found

    def _chosen(self, place: Place, values: Values) -> float:
        """Only the branch that is taken counts."""
        *pairs, otherwise = place.children
        for condition, branch in zip(pairs[0::2], pairs[1::2], strict=True):
            if self.value(condition, values):
                return self.value(branch, values)
        return self.value(otherwise, values)

    def _sum(self, place: Place, values: Values) -> float:
        body, lower, upper = place.children
        first, last = int(self.value(lower, values)), int(self.value(upper, values))
        total = 0.0
        for i in range(first, min(last, first + MOST_TERMS) + 1):
            total += self.value(body, {**values, place.node.fields[0]: float(i)})
        return total


_AT_ZERO = ("sqrt", "cbrt")
_AT_ONE = ("asin", "acos")


def _is_steep(place: Place, children: list[float], found: float) -> bool:
    """An infinite slope at a finite value: a root at 0, the ends of arcsine."""
    node = place.node
    if isinstance(node, Call):
        return (node.name in _AT_ZERO and children[0] == 0) or (node.name in _AT_ONE and abs(children[0]) == 1)
    return isinstance(node, Pow) and children[0] == 0 and 0 < children[1] < 1


def find_culprit(text: str, root: Place, values: Values, *, slopes: bool = False) -> Culprit | None:
    """The innermost part of the formula ``text`` that has no finite value where its own parts have one.

    ``values`` holds a number for each name (``x[3]`` for elements). With ``slopes`` a part with an infinite slope
    counts, too. None where all is finite, or a name has no value.
    """
    try:
        _Search(slopes).value(root, values)
    except Found as found:
        return _told(text, found)
    except (KeyError, RecursionError, OverflowError, ValueError):
        return None
    return None


def _told(text: str, found: Found) -> Culprit:
    place, node = found.place, found.place.node
    names = [name for name in free_names(node) if name in found.values]
    inputs = {name: found.values[name] for name in names}
    inputs |= {
        name: value
        for name, value in found.values.items()
        if "[" in name and name.partition("[")[0] + "[]" in free_names(node) and _read(place, name, found.values)
    }
    arguments = {}
    for child, value in zip(place.children, found.children, strict=True):
        written = " ".join(text[child.start : child.end].split())
        if not isinstance(child.node, (Symbol, Number, Constant, Indexed)) and len(written) <= LONGEST_ARGUMENT:
            arguments[written] = value
    return Culprit(text, place.start, place.end, found.fails, inputs, arguments)  # type: ignore[arg-type]


def _read(place: Place, element: str, values: Values) -> bool:
    """Whether the part reads this element."""
    stack = [place]
    while stack:
        one = stack.pop()
        if isinstance(one.node, Indexed):
            try:
                at = ",".join(str(int(_Search(slopes=False).value(child, values))) for child in one.children)
            except (Found, KeyError, ValueError, OverflowError):
                return False
            if f"{one.node.name}[{at}]" == element:
                return True
        stack.extend(one.children)
    return False
