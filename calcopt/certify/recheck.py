"""A certificate checked again, and refined to any number of digits, in the arithmetic of another library.

Existence and uniqueness by Krawczyk's operator at high precision; the kind by LDLᵀ (every pivot of one sign) or, for a
saddle point, by two directions in which the second derivative has opposite signs. None of it shares code with the
search: rounding, functions, linear algebra and the test of the kind are others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf, workprec

from calcopt.certify.scalars import Scalars, Unsure, evaluate

if TYPE_CHECKING:
    from calcopt.expression.tree import Expr
    from calcopt.records import Classification

BITS = 200
Ends = Mapping[str, tuple[float, float]]
Sides = list[tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether one certificate holds; ``reason`` says why not. ``root`` encloses the point, as pairs of mpf."""

    holds: bool
    reason: str
    root: tuple[tuple[Any, Any], ...] = ()


class Rechecker:
    """The gradient and Hessian of f over single boxes, in the arithmetic ``field``."""

    def __init__(self, expr: Expr, names: Sequence[str], field: Scalars) -> None:
        from calcopt.calculus.derivatives import gradient, hessian
        from calcopt.calculus.lowering import lower
        from calcopt.numeric.intervals.exact import ExactGraph

        self.names, self.field = tuple(names), field
        self.graph = ExactGraph()
        _, self.root = lower(expr, {name: slot for slot, name in enumerate(self.names)}, self.graph)
        n = len(self.names)
        found = gradient(self.graph, self.root, n)
        second = hessian(self.graph, found)
        zero = self.graph.constant(0)
        self._slopes = [zero if node is None else node for node in found]
        self._bends = [[second.get((max(i, j), min(i, j)), zero) for j in range(n)] for i in range(n)]

    # -- derivatives ---------------------------------------------------------------------------------------------

    def _gradient(self, box: Sequence[Any]) -> list[Any]:
        return evaluate(self.field, self.graph, self._slopes, box)

    def _hessian(self, box: Sequence[Any]) -> list[list[Any]]:
        evaluate(self.field, self.graph, [self.root], box)  # f itself must be smooth there
        flat = evaluate(self.field, self.graph, [node for row in self._bends for node in row], box)
        n = len(self.names)
        return [flat[k * n : (k + 1) * n] for k in range(n)]

    # -- one certificate -----------------------------------------------------------------------------------------

    def check(self, enclosure: Ends, kind: Classification | None, *, bits: int = BITS) -> Checked:
        """Whether exactly one critical point lies in the enclosure, and is of that kind."""
        with workprec(2 * bits), self.field.working(bits):
            claimed = [(mpf(enclosure[name][0]), mpf(enclosure[name][1])) for name in self.names]
            try:
                root = self._root(_wider(claimed), bits)
                if root is None:
                    return Checked(False, "Krawczyk's test does not prove a critical point near the enclosure")
                outside = any(b < low or a > high for (a, b), (low, high) in zip(root, claimed, strict=True))
                if outside:
                    return Checked(False, "the critical point lies outside the enclosure")
                if not all(low <= a and b <= high for (a, b), (low, high) in zip(root, claimed, strict=True)):
                    return Checked(False, "whether the critical point lies in the enclosure is not decided")
                if kind not in (None, "degenerate") and not self._is_of_kind(root, str(kind)):
                    return Checked(False, f"that it is a {kind} is not proved")
            except (Unsure, ZeroDivisionError, ValueError) as error:
                return Checked(False, str(error) or "the arithmetic gives no answer there")
            return Checked(True, "", tuple(root))

    def digits(self, enclosure: Ends, count: int) -> dict[str, str] | None:
        """The coordinates of the one critical point near the enclosure to ``count`` significant digits, all proved."""
        bits = int(3.33 * count) + 80
        for _ in range(3):
            with workprec(2 * bits), self.field.working(bits):
                claimed = [(mpf(enclosure[name][0]), mpf(enclosure[name][1])) for name in self.names]
                try:
                    root = self._root(_wider(claimed), bits)
                except (Unsure, ZeroDivisionError, ValueError):
                    return None
                texts = None if root is None else [_digits(low, high, count) for low, high in root]
                if texts is not None and None not in texts:
                    return {name: text or "" for name, text in zip(self.names, texts, strict=True)}
            bits *= 2
        return None

    def _root(self, sides: Sides, bits: int) -> Sides | None:
        """K applied until it shrinks no more; None where it proves nothing on the first box."""
        proved = False
        for _ in range(60):
            image = self._krawczyk(sides)
            if not proved:
                proved = all(a < low and high < b for (a, b), (low, high) in zip(sides, image, strict=True))
                if not proved:
                    return None
            smaller = [(max(a, low), min(b, high)) for (a, b), (low, high) in zip(sides, image, strict=True)]
            shrunk = any(b - a < (d - c) / 2 for (a, b), (c, d) in zip(smaller, sides, strict=True))
            sides = smaller
            if not shrunk:
                break
        return sides

    def _krawczyk(self, sides: Sides) -> Sides:
        field, n = self.field, len(self.names)
        box = [field.between(*side) for side in sides]
        middle = [(a + b) / 2 for a, b in sides]
        points = [field.between(m, m) for m in middle]
        slope, bend = self._gradient(points), self._hessian(box)
        centre = mp.matrix([[_middle(field.ends(entry)) for entry in row] for row in bend])
        inverse = centre**-1
        y = [[field.between(inverse[i, j], inverse[i, j]) for j in range(n)] for i in range(n)]
        image = []
        for i in range(n):
            total = points[i] - _sum(y[i][j] * slope[j] for j in range(n))
            for j in range(n):
                rest = (1 if i == j else 0) - _sum(y[i][k] * bend[k][j] for k in range(n))
                total = total + rest * (box[j] - points[j])
            image.append(field.ends(total))
        return image

    # -- the kind ------------------------------------------------------------------------------------------------

    def _is_of_kind(self, root: Sides, kind: str) -> bool:
        bend = self._hessian([self.field.between(*side) for side in root])
        if kind == "saddle point":
            return self._bends_both_ways(bend)
        sign = 1 if kind == "local minimum" else -1
        return all(self.field.ends(sign * pivot)[0] > 0 for pivot in _pivots(bend, self.field))

    def _bends_both_ways(self, bend: list[list[Any]]) -> bool:
        n = len(bend)
        _, vectors = mp.eigsy(mp.matrix([[_middle(self.field.ends(entry)) for entry in row] for row in bend]))
        ends = []
        for column in (0, n - 1):
            v = [self.field.between(vectors[k, column], vectors[k, column]) for k in range(n)]
            ends.append(self.field.ends(_sum(v[i] * bend[i][j] * v[j] for i in range(n) for j in range(n))))
        return bool(ends[0][1] < 0 < ends[1][0])


def _pivots(matrix: list[list[Any]], field: Scalars) -> list[Any]:
    """The diagonal of LDLᵀ; ends with the first pivot that may be zero."""
    rows = [list(row) for row in matrix]
    pivots = []
    for k in range(len(rows)):
        pivots.append(rows[k][k])
        low, high = field.ends(rows[k][k])
        if low <= 0 <= high:
            break
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            for j in range(k + 1, len(rows)):
                rows[i][j] = rows[i][j] - factor * rows[k][j]
    return pivots


def _wider(sides: Sides) -> Sides:
    """The box in which the point is to be alone: the enclosure and a margin around it."""
    margins = [4 * (b - a) + mpf(2) ** -40 * max(1, abs(a), abs(b)) for a, b in sides]
    return [(a - margin, b + margin) for (a, b), margin in zip(sides, margins, strict=True)]


def _sum(terms: Any) -> Any:
    total = None
    for term in terms:
        total = term if total is None else total + term
    return total


def _middle(ends: tuple[Any, Any]) -> Any:
    return (ends[0] + ends[1]) / 2


def _digits(low: Any, high: Any, count: int) -> str | None:
    """The digits that both ends round to; a number that is zero to ``count`` places is written so."""
    if low <= 0 <= high:
        return "0." + "0" * count if max(-low, high) < mpf(10) ** -count / 2 else None
    texts = {mp.nstr(end, count, strip_zeros=False, min_fixed=-6, max_fixed=count) for end in (low, high)}
    return texts.pop() if len(texts) == 1 else None
